"""What a person or a program enters of an invoice, checked whole: every bad field is named.

The JSON is that of a preview (see docs/cli.md) with the header beside it: `customer_id`,
`invoice_on`, `due_on`, `terms`, `branch_id`, `reference`, `note`, and per line `product_id`,
`description`, `unit_id`. References are looked up in bulk under the actor's scope.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.core import totals
from app.core.calendar import InvalidDate, parse_date
from app.core.clock import today
from app.core.db import db
from app.core.errors import DomainError, FieldError, Invalid
from app.core.money import MAX_RIALS, parse_rials
from app.core.row_numbers import row_number
from app.core.text import clean
from app.crm.customers.models import Customer
from app.finance.invoices.kinds import POLICIES, InvoiceKind, Terms
from app.finance.invoices.models import Branch
from app.sales.catalog.models import Product, Unit

MOST_LINES = 2_000
LONGEST = {"description": 300, "note": 1000, "reference": 60, "supplier_number": 60}
MOST_INSTALMENTS = 120
FREE = [{"percent": "100"}]


@dataclass(frozen=True, slots=True)
class LineEntry:
    """What one entered line is of; its terms are the document's line of the same place."""

    product: Product | None
    unit: Unit | None
    description: str
    is_free: bool = False


@dataclass(frozen=True, slots=True)
class InvoiceEntry:
    """A whole entered invoice with everything looked up and its totals computed."""

    customer: Customer
    branch: Branch
    invoice_on: date
    due_on: date | None
    terms: Terms
    prices_include_tax: bool
    reference: str | None
    note: str
    lines: tuple[LineEntry, ...]
    document: totals.Document
    totals: totals.Totals
    supplier_number: str | None = None
    instalments: tuple[tuple[date, int], ...] = ()


@dataclass(slots=True)
class _Reader:
    """Collects values and errors of one entry."""

    data: Mapping[str, Any]
    errors: list[FieldError] = field(default_factory=list)

    def bad(self, path: str, code: str, message: Any) -> None:
        self.errors.append(FieldError(path, code, message))

    def day(self, path: str, *, default: date | None = None) -> date | None:
        try:
            return parse_date(self.data.get(path) or "") or default
        except InvalidDate as error:
            self.bad(path, "date", error.message)
            return default

    def words(self, path: str) -> str:
        value = self.data.get(path) or ""
        if not isinstance(value, str) or len(value) > LONGEST[path]:
            self.bad(path, "text", _l("This text is not valid or is too long."))
            return ""
        return clean(value)

    def one_of(self, path: str, members: type[StrEnum], default: Any) -> Any:
        value = self.data.get(path) or default
        try:
            return members(value)
        except ValueError:
            self.bad(path, "choice", _l("This choice is not known."))
            return default

    def record(self, path: str, model: type[Any], value: Any) -> Any:
        """The row of an id, or None with an error; the session's scope hides what may not be seen."""
        if value in (None, ""):
            return None
        number = row_number(value)
        found = None if number is None else db.session.scalar(select(model).where(model.id == number))
        if found is None:
            self.bad(path, "reference", _l("This record was not found."))
        return found


def read_entry(data: Mapping[str, Any], *, kind: InvoiceKind = InvoiceKind.SALES) -> InvoiceEntry:
    """The entry as checked values. Raises Invalid with every error, header, lines and totals."""
    reader = _Reader(data)
    customer = _read_party(reader, kind)
    branch = reader.record("branch_id", Branch, data.get("branch_id")) or _main_branch()
    invoice_on = reader.day("invoice_on", default=today()) or today()
    due_on = reader.day("due_on")
    if due_on is not None and due_on < invoice_on:
        reader.bad("due_on", "order", _l("The due date is before the invoice date."))
    terms = reader.one_of("terms", Terms, Terms.CASH)
    lines = _read_lines(reader)
    document = _read_document(reader)
    computed = None
    if document is not None:
        try:
            computed = totals.compute(document)
        except Invalid as error:
            reader.errors.extend(error.errors)
    reference, note = reader.words("reference") or None, reader.words("note")
    supplier_number = reader.words("supplier_number") if POLICIES[kind].is_bought else ""
    instalments = _read_instalments(reader, terms, invoice_on)
    if computed is not None and instalments and sum(amount for _day, amount in instalments) != computed.payable:
        reader.bad("instalments", "sum", _l("The instalments do not add up to the payable amount."))
    if reader.errors or document is None or computed is None or customer is None:
        raise Invalid(reader.errors)
    return InvoiceEntry(
        customer=customer,
        branch=branch,
        invoice_on=invoice_on,
        due_on=due_on,
        terms=terms,
        prices_include_tax=bool(data.get("prices_include_tax")),
        reference=reference,
        note=note,
        lines=lines,
        document=document,
        totals=computed,
        supplier_number=supplier_number or None,
        instalments=instalments,
    )


def _read_party(reader: _Reader, kind: InvoiceKind) -> Customer | None:
    found: Customer | None = reader.record("customer_id", Customer, reader.data.get("customer_id"))
    if found is None:
        if not any(e.path == "customer_id" for e in reader.errors):
            message = _l("Choose a supplier.") if POLICIES[kind].is_bought else _l("Choose a customer.")
            reader.bad("customer_id", "required", message)
    elif POLICIES[kind].is_bought and not found.is_supplier:
        reader.bad("customer_id", "not_supplier", _l("This party is not marked as a supplier."))
    return found


def _read_instalments(reader: _Reader, terms: Any, invoice_on: date) -> tuple[tuple[date, int], ...]:
    """The schedule of an invoice to be paid in instalments; of any other terms none."""
    raw = reader.data.get("instalments") or []
    if terms is not Terms.INSTALMENTS or not raw:
        return ()
    if not isinstance(raw, list) or len(raw) > MOST_INSTALMENTS:
        reader.bad("instalments", "type", _l("This schedule of instalments is not valid."))
        return ()
    found = [one for place, row in enumerate(raw) if (one := _read_instalment(reader, place, row, invoice_on))]
    if sorted(found, key=lambda one: one[0]) != found:
        reader.bad("instalments", "order", _l("The instalments are not in order of their dates."))
    return tuple(found)


def _read_instalment(reader: _Reader, place: int, row: Any, invoice_on: date) -> tuple[date, int] | None:
    row = row if isinstance(row, Mapping) else {}
    path = f"instalments[{place}]"
    try:
        due_on, amount = parse_date(row.get("due_on") or ""), parse_rials(str(row.get("amount") or ""))
    except InvalidDate as error:
        reader.bad(f"{path}.due_on", "date", error.message)
        return None
    except DomainError as error:
        reader.bad(f"{path}.amount", error.code, error.message)
        return None
    if due_on is None or due_on < invoice_on:
        reader.bad(f"{path}.due_on", "order", _l("Give a due date that is not before the invoice date."))
        return None
    if not 0 < amount <= MAX_RIALS:
        reader.bad(f"{path}.amount", "range", _l("Give an amount in rials above zero."))
        return None
    return due_on, amount


def _main_branch() -> Branch:
    return db.session.scalars(select(Branch).order_by(Branch.id).limit(1)).one()


def document_part(data: Mapping[str, Any]) -> dict[str, Any]:
    """Of an entry only what the engine reads; wrong shapes go through for it to name."""
    part = {name: data[name] for name in ("policy", "discounts", "additions") if name in data}
    lines = data.get("lines")
    if isinstance(lines, list):
        lines = [_terms(row) if isinstance(row, Mapping) else row for row in lines]
    return {**part, "lines": lines}


def _terms(row: Mapping[str, Any]) -> dict[str, Any]:
    terms = {name: row[name] for name in ("quantity", "unit_price", "discounts", "taxes") if name in row}
    return {**terms, "discounts": FREE} if row.get("is_free") is True else terms


def _read_document(reader: _Reader) -> totals.Document | None:
    try:
        return totals.parse(document_part(reader.data))
    except Invalid as error:
        reader.errors.extend(error.errors)
        return None


def _read_lines(reader: _Reader) -> tuple[LineEntry, ...]:
    raw = reader.data.get("lines")
    if not isinstance(raw, list) or not raw:
        reader.bad("lines", "required", _l("An invoice needs at least one line."))
        return ()
    if len(raw) > MOST_LINES:
        reader.bad("lines", "too_many", _l("An invoice can have at most %(most)d lines.", most=MOST_LINES))
        return ()
    rows = [row if isinstance(row, Mapping) else {} for row in raw]
    products = _by_id(Product, {row.get("product_id") for row in rows})
    units = _by_id(Unit, {row.get("unit_id") for row in rows})
    return tuple(_read_line(reader, place, row, products, units) for place, row in enumerate(rows))


def _read_line(
    reader: _Reader, place: int, row: Mapping[str, Any], products: dict[str, Product], units: dict[str, Unit]
) -> LineEntry:
    product = products.get(str(row.get("product_id")))
    if row.get("product_id") and product is None:
        reader.bad(f"lines[{place}].product_id", "reference", _l("This product was not found."))
    unit = units.get(str(row.get("unit_id"))) or (product.unit if product else None)
    text = row.get("description")
    description = clean(text) if isinstance(text, str) else ""
    if not description and product is not None:
        description = product.name
    if not description:
        reader.bad(f"lines[{place}].description", "required", _l("Choose a product or write a description."))
    if len(description) > LONGEST["description"]:
        reader.bad(f"lines[{place}].description", "too_long", _l("This text is too long."))
    return LineEntry(product, unit, description, is_free=row.get("is_free") is True)


def _by_id(model: type[Any], values: set[Any]) -> dict[str, Any]:
    ids = {number for number in map(row_number, values) if number is not None}
    if not ids:
        return {}
    return {str(row.id): row for row in db.session.scalars(select(model).where(model.id.in_(ids)))}
