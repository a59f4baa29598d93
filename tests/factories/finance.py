"""Invoices, entered as people enter them."""

from __future__ import annotations

from typing import Any

from app.core.actor import Actor, acting_as
from app.core.db import db
from app.finance.invoices import services
from app.finance.invoices.kinds import POLICIES, InvoiceKind
from app.finance.invoices.models import Invoice
from tests.factories.crm import CustomerFactory


def line(quantity: str = "2", unit_price: str = "1000", **terms: Any) -> dict[str, Any]:
    """One line of an entry with 10 % VAT."""
    return {
        "description": "کالای آزمایشی",
        "quantity": quantity,
        "unit_price": unit_price,
        "taxes": [{"name": "VAT", "percent": "10"}],
        **terms,
    }


def entry(
    customer: Any = None, lines: Any = None, *, kind: InvoiceKind = InvoiceKind.SALES, **head: Any
) -> dict[str, Any]:
    """An invoice as the editor sends it."""
    return {
        "customer_id": (customer or CustomerFactory(is_supplier=POLICIES[kind].is_bought)).id,
        "invoice_on": "1405/09/01",
        "policy": "line_floor",
        "lines": lines or [line()],
        **head,
    }


def draft_invoice(
    customer: Any = None, lines: Any = None, *, kind: InvoiceKind = InvoiceKind.SALES, **head: Any
) -> Invoice:
    """A stored draft in the customer's department."""
    with acting_as(Actor.system("test")):
        invoice = services.save_draft(entry(customer, lines, kind=kind, **head), kind=kind)
        db.session.flush()
    return invoice


def issued_invoice(customer: Any = None, lines: Any = None, **head: Any) -> Invoice:
    """An issued invoice in the customer's department."""
    invoice = draft_invoice(customer, lines, **head)
    with acting_as(Actor.system("test")):
        return services.issue_invoice(invoice.id)
