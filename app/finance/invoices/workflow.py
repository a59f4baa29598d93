"""How an invoice moves: draft → issued. The number is taken in the step itself, last before the flush."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

from app.core.calendar import fiscal_year
from app.core.clock import now
from app.core.db import db
from app.core.errors import GuardRefused
from app.core.numbering import take_number
from app.core.workflow import Step, Transition, Workflow
from app.finance.invoices.kinds import POLICIES
from app.finance.invoices.models import Invoice
from app.finance.invoices.states import STATE_LABELS, InvoiceState


def has_lines(step: Step) -> None:
    """Raises GuardRefused for an invoice without lines."""
    if not step.document.lines:
        raise GuardRefused(_l("An invoice without lines cannot be issued."), path="lines")


def keep_buyer(step: Step) -> None:
    """The buyer as printed on the form stays with the invoice, since customers change later."""
    step.document.buyer = buyer_block(step.document)


def give_number(step: Step) -> None:
    """Number, fiscal year and moment of issue."""
    invoice: Invoice = step.document
    invoice.issued_at, invoice.issued_by_id = now(), step.actor.user_id
    invoice.fiscal_year = fiscal_year(invoice.invoice_on)
    invoice.number = take_number(
        db.session(),
        kind=POLICIES[invoice.kind].series,
        branch_id=invoice.branch_id,
        fiscal_year=invoice.fiscal_year,
        on=invoice.invoice_on,
    )
    invoice.fill_search_text()


def buyer_block(invoice: Invoice) -> dict[str, Any]:
    """The buyer's block of the official form."""
    customer = invoice.customer
    return {
        "name": customer.company_name or customer.name,
        "economic_code": customer.economic_code or "",
        "national_id": customer.legal_id or customer.national_id or "",
        "registration_no": customer.registration_no or "",
        "province": customer.province or "",
        "city": customer.city or "",
        "postal_code": customer.postal_code or "",
        "address": customer.address or "",
        "phone": customer.phone or customer.mobile or "",
    }


INVOICE_FLOW = Workflow(
    name="finance.invoices",
    subject="finance.invoices",
    model=Invoice,
    states=InvoiceState,
    initial=InvoiceState.DRAFT,
    state_labels=STATE_LABELS,
    transitions=(
        Transition(
            name="issue",
            sources=(InvoiceState.DRAFT,),
            target=InvoiceState.ISSUED,
            action="issue",
            label=_l("Issue"),
            icon="check2-circle",
            guards=(has_lines,),
            before=(keep_buyer, give_number),
            seals=True,
        ),
    ),
)
