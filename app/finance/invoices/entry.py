"""What a person or a program enters of an invoice, checked whole: every bad field is named.

The JSON is that of every document (see app.sales.documents.entry) with the head beside it:
`customer_id`, `invoice_on`, `due_on`, `terms`, `branch_id`, `reference`, `note`, `instalments`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l

from app.core.calendar import InvalidDate, parse_date
from app.core.clock import today
from app.core.errors import DomainError, Invalid
from app.core.money import MAX_RIALS, parse_rials
from app.crm.customers.models import Customer
from app.finance.invoices.kinds import POLICIES, InvoiceKind, Terms
from app.org.branches.models import Branch
from app.org.branches.queries import main_branch
from app.sales.documents.entry import LONGEST, Body, Reader

TEXTS = {**LONGEST, "supplier_number": 60}
MOST_INSTALMENTS = 120


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
    body: Body
    supplier_number: str | None = None
    instalments: tuple[tuple[date, int], ...] = ()


def read_entry(data: Mapping[str, Any], *, kind: InvoiceKind = InvoiceKind.SALES) -> InvoiceEntry:
    """The entry as checked values. Raises Invalid with every error, header, lines and totals."""
    reader = Reader(data, TEXTS)
    customer = reader.party(is_bought=POLICIES[kind].is_bought)
    branch = reader.record("branch_id", Branch, data.get("branch_id")) or main_branch()
    invoice_on = reader.day("invoice_on", default=today()) or today()
    due_on = reader.day("due_on")
    if due_on is not None and due_on < invoice_on:
        reader.bad("due_on", "order", _l("The due date is before the invoice date."))
    terms = reader.one_of("terms", Terms, Terms.CASH)
    body = reader.body()
    reference, note = reader.words("reference") or None, reader.words("note")
    supplier_number = reader.words("supplier_number") if POLICIES[kind].is_bought else ""
    instalments = _read_instalments(reader, terms, invoice_on)
    if body is not None and instalments and sum(amount for _day, amount in instalments) != body.totals.payable:
        reader.bad("instalments", "sum", _l("The instalments do not add up to the payable amount."))
    if reader.errors or body is None or customer is None:
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
        body=body,
        supplier_number=supplier_number or None,
        instalments=instalments,
    )


def _read_instalments(reader: Reader, terms: Any, invoice_on: date) -> tuple[tuple[date, int], ...]:
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


def _read_instalment(reader: Reader, place: int, row: Any, invoice_on: date) -> tuple[date, int] | None:
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
