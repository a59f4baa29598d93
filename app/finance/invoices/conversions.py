"""Invoices made from orders, and what their life does to the ledger of the order."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from flask_babel import lazy_gettext as _l

from app.core.actor import require_current
from app.core.clock import today
from app.core.workflow import Step, Workflow, transition_applied
from app.finance.invoices.kinds import POLICIES, InvoiceKind
from app.finance.invoices.models import (
    CLASS_OF,
    Invoice,
    InvoiceAdjustment,
    InvoiceLine,
    InvoiceLineTax,
    PurchaseInvoice,
    SalesInvoice,
)
from app.finance.invoices.states import InvoiceState
from app.finance.invoices.workflow import FLOWS
from app.sales.documents import conversions
from app.sales.documents.conversions import Route, Taken
from app.sales.documents.copying import body_of
from app.sales.documents.filling import place_lines
from app.sales.orders import progress
from app.sales.orders.kinds import BILLING, LIVE
from app.sales.orders.models import Order, PurchaseOrder, SalesOrder


def invoice_of(source: Order, taken: Sequence[Taken], *, kind: InvoiceKind) -> Invoice:
    """A draft of what is taken of an order, dated today, for who makes it."""
    invoice = CLASS_OF[kind](
        sign=POLICIES[kind].sign,
        state=InvoiceState.DRAFT,
        owner_id=source.owner_id or require_current().user_id,
        customer_id=source.customer_id,
        customer_name=source.customer_name,
        branch_id=source.branch_id,
        department_id=source.department_id,
        invoice_on=today(),
        prices_include_tax=source.prices_include_tax,
        note=source.note,
        source="order",
    )
    place_lines(invoice, body_of(source, taken), InvoiceLine, InvoiceLineTax, InvoiceAdjustment)
    return invoice


def issued_quantities(invoice: Invoice) -> dict[int, Decimal]:
    """What of an invoice is delivered for good, by the line's id: all of an issued one, else nothing."""
    return {line.id: line.quantity for line in invoice.lines} if invoice.state is InvoiceState.ISSUED else {}


def _follow(_flow: Workflow, step: Step) -> None:
    invoice: Invoice = step.document
    if step.transition.name == "void":
        conversions.release(invoice)
    elif (link := conversions.link_to(invoice)) is not None:
        conversions.converted.send(link.source_subject, source_id=link.source_id)


def install() -> None:
    """Let orders become invoices, and their ledgers follow the invoices."""
    for source, target, kind, label in (
        (SalesOrder, SalesInvoice, InvoiceKind.SALES, _l("Sales invoice")),
        (PurchaseOrder, PurchaseInvoice, InvoiceKind.PURCHASE, _l("Purchase invoice")),
    ):
        conversions.register(
            Route(
                name=f"{source.__subject__}-{target.__subject__}",
                source=source,
                target=target,
                lane=BILLING,
                label=label,
                icon="receipt",
                states=frozenset(LIVE),
                make=lambda order, taken, kind=kind: invoice_of(order, taken, kind=kind),  # type: ignore[misc]
            )
        )
        progress.register_final(target.__subject__, issued_quantities)
    for flow in FLOWS.values():
        transition_applied.connect(_follow, sender=flow)
