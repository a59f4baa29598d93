"""Voiding: an issued invoice stays as it is, and a counter document undoes it."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import select

from app.core.actor import require_current
from app.core.clock import today
from app.core.db import db
from app.core.workflow import Step, Workflow, transition_applied
from app.finance.invoices.kinds import POLICIES
from app.finance.invoices.models import (
    CLASS_OF,
    Invoice,
    InvoiceAdjustment,
    InvoiceLine,
    InvoiceLineTax,
)
from app.finance.invoices.services import open_invoice
from app.finance.invoices.states import InvoiceState
from app.finance.invoices.workflow import FLOWS, flow_of

HEAD = (
    "branch_id", "customer_id", "customer_name", "terms", "policy", "prices_include_tax", "department_id",
    "gross_rials", "discount_rials", "net_rials", "tax_rials", "additions_rials", "payable_rials",
)  # fmt: skip
LINE = (
    "position", "product_id", "product_code", "description", "unit_id", "quantity", "unit_price", "discounts",
    "is_free", "condition", "gross_rials", "discount_rials", "document_discount_rials", "net_rials", "tax_rials",
    "payable_rials",
)  # fmt: skip
TAX = ("position", "name", "percent", "included", "base", "base_rials", "amount_rials")
ADJUSTMENT = ("position", "is_discount", "name", "percent", "amount_rials", "of", "sign", "taxed")


def void_invoice(invoice_id: int, *, reason: str, on: date | None = None) -> Invoice:
    """An issued invoice made void; returns the counter document, issued on `on`.

    Without a day it is today, or the invoice's own day where the clock stands before it. Both carry
    each other's number from then on. Raises NotFound, NotAllowed, ReasonRequired, IllegalTransition,
    GuardRefused (returns or settlements hang on it) and what issuing raises.
    """
    invoice = open_invoice(invoice_id, for_change=True)
    flow_of(invoice).apply(invoice, "void", actor=require_current(), reason=reason, on=on)
    return db.session.scalars(select(Invoice).where(Invoice.voids_id == invoice_id)).one()


def _undo(_flow: Workflow, step: Step) -> None:
    """Issue the counter document of an invoice that was just made void, by whatever road."""
    if step.transition.name != "void":
        return
    invoice: Invoice = step.document
    on = step.data.get("on") or max(today(), invoice.invoice_on)
    counter = _counter_of(invoice, reason=step.reason or "", on=on)
    db.session.add(counter)
    db.session.flush()
    flow_of(counter).apply(counter, "issue", actor=step.actor)


def install() -> None:
    """Let every void make its counter document."""
    for flow in FLOWS.values():
        transition_applied.connect(_undo, sender=flow)


def _counter_of(invoice: Invoice, *, reason: str, on: date) -> Invoice:
    return CLASS_OF[invoice.kind](
        **_copied(invoice, HEAD),
        state=InvoiceState.DRAFT,
        sign=-POLICIES[invoice.kind].sign,
        voids_id=invoice.id,
        original_id=invoice.original_id,
        owner_id=require_current().user_id,
        invoice_on=on,
        reason=reason.strip(),
        source="void",
        lines=[
            InvoiceLine(
                **_copied(line, LINE),
                original_line_id=line.original_line_id,
                taxes=[InvoiceLineTax(**_copied(tax, TAX)) for tax in line.taxes],
            )
            for line in invoice.lines
        ],
        adjustments=[InvoiceAdjustment(**_copied(one, ADJUSTMENT)) for one in invoice.adjustments],
    )


def _copied(record: Any, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(record, name) for name in names}
