"""What a person or a program enters of a document with lines, checked whole: every bad field is named.

The JSON is that of a preview (see docs/cli.md), each line with `product_id`, `description` and
`unit_id` beside. References are looked up in bulk under the actor's scope. Each document's own
module reads its head with the same `Reader`.
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
from app.core.db import db
from app.core.errors import FieldError, Invalid
from app.core.row_numbers import row_number
from app.core.text import clean
from app.crm.customers.models import Customer
from app.sales.catalog.models import Product, Unit

MOST_LINES = 2_000
LONGEST = {"description": 300, "note": 1000, "reference": 60}
FREE = [{"percent": "100"}]


@dataclass(frozen=True, slots=True)
class LineEntry:
    """What one entered line is of; its terms are the document's line of the same place.

    `line_id` says which stored line it was, where a document keeps its lines through a change.
    """

    product: Product | None
    unit: Unit | None
    description: str
    is_free: bool = False
    line_id: int | None = None

    @property
    def product_id(self) -> int | None:
        return self.product.id if self.product else None

    @property
    def product_code(self) -> str:
        return self.product.code if self.product else ""

    @property
    def unit_id(self) -> int | None:
        return self.unit.id if self.unit else None


@dataclass(frozen=True, slots=True)
class Body:
    """The lines of an entry with their terms and computed totals."""

    lines: tuple[LineEntry, ...]
    document: totals.Document
    totals: totals.Totals


@dataclass(slots=True)
class Reader:
    """Collects values and errors of one entry; `longest` caps its texts by field."""

    data: Mapping[str, Any]
    longest: Mapping[str, int] = field(default_factory=lambda: LONGEST)
    errors: list[FieldError] = field(default_factory=list)

    def bad(self, path: str, code: str, message: Any) -> None:
        """Note that a field is wrong, and why."""
        self.errors.append(FieldError(path, code, message))

    def day(self, path: str, *, default: date | None = None) -> date | None:
        """A Jalali or ISO date."""
        try:
            return parse_date(self.data.get(path) or "") or default
        except InvalidDate as error:
            self.bad(path, "date", error.message)
            return default

    def words(self, path: str) -> str:
        """A cleaned text; empty where it is missing or wrong."""
        value = self.data.get(path) or ""
        if not isinstance(value, str) or len(value) > self.longest[path]:
            self.bad(path, "text", _l("This text is not valid or is too long."))
            return ""
        return clean(value)

    def one_of(self, path: str, members: type[StrEnum], default: Any) -> Any:
        """A member of a closed set."""
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

    def party(self, *, is_bought: bool) -> Customer | None:
        """The customer of a sale or the supplier of a purchase."""
        found: Customer | None = self.record("customer_id", Customer, self.data.get("customer_id"))
        if found is None:
            if not any(e.path == "customer_id" for e in self.errors):
                message = _l("Choose a supplier.") if is_bought else _l("Choose a customer.")
                self.bad("customer_id", "required", message)
        elif is_bought and not found.is_supplier:
            self.bad("customer_id", "not_supplier", _l("This party is not marked as a supplier."))
        return found

    def body(self) -> Body | None:
        """Lines, discounts and additions, computed; None with every error named."""
        lines = _read_lines(self)
        try:
            document = totals.parse(document_part(self.data))
            computed = totals.compute(document)
        except Invalid as error:
            self.errors.extend(error.errors)
            return None
        return Body(lines, document, computed)


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


def _read_lines(reader: Reader) -> tuple[LineEntry, ...]:
    raw = reader.data.get("lines")
    if not isinstance(raw, list) or not raw:
        reader.bad("lines", "required", _l("A document needs at least one line."))
        return ()
    if len(raw) > MOST_LINES:
        reader.bad("lines", "too_many", _l("A document can have at most %(most)d lines.", most=MOST_LINES))
        return ()
    rows = [row if isinstance(row, Mapping) else {} for row in raw]
    products = _by_id(Product, {row.get("product_id") for row in rows})
    units = _by_id(Unit, {row.get("unit_id") for row in rows})
    return tuple(_read_line(reader, place, row, products, units) for place, row in enumerate(rows))


def _read_line(
    reader: Reader, place: int, row: Mapping[str, Any], products: dict[str, Product], units: dict[str, Unit]
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
    return LineEntry(product, unit, description, row.get("is_free") is True, row_number(row.get("line_id")))


def _by_id(model: type[Any], values: set[Any]) -> dict[str, Any]:
    ids = {number for number in map(row_number, values) if number is not None}
    if not ids:
        return {}
    return {str(row.id): row for row in db.session.scalars(select(model).where(model.id.in_(ids)))}
