"""By what the head of a document on a sheet finds a stored one."""

from __future__ import annotations

from typing import Any

from app.finance.invoices.models import Invoice, supplier_key
from app.finance.invoices.states import InvoiceState


def number_of(head: dict[str, Any]) -> tuple[int, int] | None:
    """Fiscal year and number as we give them."""
    year, number = head.get("fiscal_year"), head.get("number")
    if year is None or number is None or not (number.isascii() and number.isdigit()):
        return None
    return int(year), int(number)


def supplier_of(head: dict[str, Any]) -> tuple[int, str] | None:
    """The supplier and the folded number that they gave."""
    key, customer = supplier_key(head.get("supplier_number")), head.get("customer")
    return (customer, key) if key is not None and customer is not None else None


def booked_as(invoice: Invoice) -> tuple[int, str | None] | None:
    """Supplier and folded number of a purchase that stands."""
    return None if invoice.state is InvoiceState.VOID else (invoice.customer_id, invoice.supplier_number_key)


def old_number(head: dict[str, Any]) -> str | None:
    """The number that another system gave is our reference: ours comes with the issue."""
    number, year = head.get("number"), head.get("fiscal_year")
    if number is None:
        return None
    return str(number) if year is None else f"{year}-{number}"
