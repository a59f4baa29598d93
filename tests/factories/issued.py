"""Issued documents of every kind, with everything that a document can have."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from app.core.actor import Actor, acting_as
from app.finance.invoices import returns, services, voids
from app.finance.invoices.kinds import InvoiceKind
from app.finance.invoices.models import Invoice
from tests.factories.finance import issued_invoice, line

TERMS: dict[str, Any] = {
    "lines": [line("2", "1000", taxes=[{"name": "VAT", "percent": "10"}])],
    "additions": [{"name": "freight", "amount": "100", "sign": 1, "taxed": False}],
    "terms": "instalments",
    "instalments": [{"due_on": "1405/10/01", "amount": "1150"}, {"due_on": "1405/11/01", "amount": "1150"}],
}
KINDS = [*(kind.value for kind in InvoiceKind), "void", "counter"]
PATHS = {
    InvoiceKind.SALES: "invoices",
    InvoiceKind.SALES_RETURN: "sales-returns",
    InvoiceKind.PURCHASE: "purchases",
    InvoiceKind.PURCHASE_RETURN: "purchase-returns",
}


def frozen(kind: str) -> Invoice:
    """An issued document of a kind, or one that was voided, or what voided it."""
    with acting_as(Actor.system("test")):
        if kind in ("void", "counter"):
            sold = issued_invoice(**TERMS)
            counter = voids.void_invoice(sold.id, reason="x", on=sold.invoice_on)
            return sold if kind == "void" else counter
        of = {"sales_return": InvoiceKind.SALES, "purchase_return": InvoiceKind.PURCHASE}.get(kind)
        if of is None:
            return issued_invoice(kind=InvoiceKind(kind), **TERMS)
        original = issued_invoice(kind=of, **TERMS)
        rows = [{"original_line_id": original.lines[0].id, "quantity": "1"}]
        freight = [{"name": "freight", "amount": "10"}]
        draft = returns.save_return({"original_id": original.id, "reason": "x", "lines": rows, "additions": freight})
        return services.issue_invoice(draft.id)


def content_of(invoice: Any) -> bytes:
    """The content that the seal covers, and the state."""
    content: bytes = invoice.canonical_content()
    return content + invoice.state.value.encode()


def other(value: Any) -> Any:
    """Another value of the same type; a number for what is empty."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, str):
        return next((one for one in type(value) if one is not value), "x") if type(value) is not str else value + "x"
    if isinstance(value, date):
        return value + timedelta(days=1)
    if isinstance(value, dict | list):
        return {"x": 1}
    return 1 if value is None else value + 1 if isinstance(value, int | Decimal) else value
