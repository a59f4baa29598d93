"""Invoices made from orders and proformas, and what their life does to the ledger of their source."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

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
from app.sales.proformas import kinds as proformas
from app.sales.proformas.kinds import INVOICING
from app.sales.proformas.models import Proforma, PurchaseProforma, SalesProforma


def invoice_of(source: Order | Proforma, taken: Sequence[Taken], *, kind: InvoiceKind) -> Invoice:
    """A draft of what is taken of an order or a proforma, dated today, for who makes it."""
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
        source="order" if isinstance(source, Order) else "proforma",
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


ROUTES = (
    (SalesOrder, SalesInvoice, InvoiceKind.SALES, BILLING, LIVE),
    (PurchaseOrder, PurchaseInvoice, InvoiceKind.PURCHASE, BILLING, LIVE),
    (SalesProforma, SalesInvoice, InvoiceKind.SALES, INVOICING, proformas.LIVE),
    (PurchaseProforma, PurchaseInvoice, InvoiceKind.PURCHASE, INVOICING, proformas.LIVE),
)
"""From what, to what, of which kind, on which lane, in which states of the source."""


def install() -> None:
    """Let orders and proformas become invoices, and their ledgers follow the invoices."""
    for source, target, kind, lane, states in ROUTES:
        conversions.register(
            Route(
                name=f"{source.__subject__}-{target.__subject__}",
                source=source,
                target=target,
                lane=lane,
                label=POLICIES[kind].label,
                icon="receipt",
                states=frozenset(states),
                make=lambda found, taken, kind=kind: invoice_of(found, taken, kind=kind),  # type: ignore[misc]
            )
        )
        progress.register_final(target.__subject__, issued_quantities)
    for flow in FLOWS.values():
        transition_applied.connect(_follow, sender=flow)
