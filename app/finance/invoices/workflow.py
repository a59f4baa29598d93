"""How an invoice moves: draft → issued → void. Void needs a counter document and comes with it."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.core.errors import GuardRefused
from app.core.workflow import Transition, Workflow
from app.finance.invoices.models import Invoice
from app.finance.invoices.states import InvoiceState


def has_lines(invoice: Invoice) -> None:
    """Raises GuardRefused for an invoice without lines."""
    if not invoice.lines:
        raise GuardRefused(_l("An invoice without lines cannot be issued."), path="lines")


INVOICE_FLOW: Workflow = Workflow(
    name="finance.invoices",
    subject="finance.invoices",
    states=InvoiceState,
    initial=InvoiceState.DRAFT,
    transitions=(
        Transition(
            name="issue",
            sources=frozenset({InvoiceState.DRAFT}),
            target=InvoiceState.ISSUED,
            action="issue",
            label=_l("Issue"),
            guard=has_lines,
        ),
    ),
)
