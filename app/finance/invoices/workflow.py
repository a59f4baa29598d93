"""How an invoice moves: draft → issued → void. The number is taken in the step itself, last before the flush."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

from app.core.calendar import fiscal_year
from app.core.clock import now
from app.core.db import db
from app.core.errors import GuardRefused
from app.core.levels import Measures
from app.core.numbering import take_number
from app.core.workflow import Step, Transition, Workflow
from app.finance.invoices.kinds import POLICIES, InvoiceKind
from app.finance.invoices.models import CLASS_OF, Invoice
from app.finance.invoices.returned import live_returns
from app.finance.invoices.states import STATE_LABELS, InvoiceState
from app.finance.years.services import require_open


def has_lines(step: Step) -> None:
    """Raises GuardRefused for an invoice without lines."""
    if not step.document.lines:
        raise GuardRefused(_l("An invoice without lines cannot be issued."), path="lines")


def year_is_open(step: Step) -> None:
    """Raises YearClosed for a date in a closed year or before the day up to which books are locked."""
    require_open(step.document.invoice_on)


def instalments_add_up(step: Step) -> None:
    """Raises GuardRefused where a schedule does not sum to the payable."""
    invoice: Invoice = step.document
    if invoice.instalments and sum(one.amount_rials for one in invoice.instalments) != invoice.payable_rials:
        raise GuardRefused(_l("The instalments do not add up to the payable amount."), path="instalments")


def is_no_counter(step: Step) -> None:
    """Raises GuardRefused for a counter document: what it undid stays undone."""
    if step.document.voids_id is not None:
        raise GuardRefused(_l("A counter document cannot be voided. Make a new invoice instead."))


def has_no_returns(step: Step) -> None:
    """Raises GuardRefused while issued returns hang on the invoice, and names them."""
    found = live_returns(step.document.id)
    if found:
        names = ", ".join(one.number_text for one in found)
        raise GuardRefused(_l("Void the returns of this invoice first: %(names)s.", names=names))


def counter_is_not_earlier(step: Step) -> None:
    """Raises GuardRefused for a counter document that would be dated before its invoice."""
    on = step.data.get("on")
    if on is not None and on < step.document.invoice_on:
        raise GuardRefused(_l("A counter document is not dated before its invoice."), path="on")


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


def buyer_block(document: Any) -> dict[str, Any]:
    """The other party of an invoice or a proforma as the official form has it."""
    customer = document.customer
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


def _flow(kind: InvoiceKind) -> Workflow:
    subject = POLICIES[kind].subject
    return Workflow(
        name=subject,
        subject=subject,
        model=CLASS_OF[kind],
        states=InvoiceState,
        initial=InvoiceState.DRAFT,
        state_labels=STATE_LABELS,
        measures=Measures(amount="payable_rials", discount=("discount_rials", "gross_rials"), day="invoice_on"),
        transitions=(
            Transition(
                name="issue",
                sources=(InvoiceState.DRAFT,),
                target=InvoiceState.ISSUED,
                action="issue",
                label=_l("Issue"),
                icon="check2-circle",
                guards=(has_lines, year_is_open, instalments_add_up),
                before=(keep_buyer, give_number),
                seals=True,
            ),
            Transition(
                name="void",
                sources=(InvoiceState.ISSUED,),
                target=InvoiceState.VOID,
                action="cancel",
                label=_l("Void"),
                icon="slash-circle",
                style="danger",
                guards=(is_no_counter, has_no_returns, counter_is_not_earlier),
                needs_reason=True,
                asks_day=_l("Date of the counter document"),
                confirm=_l("Void this invoice? A counter document with a number of its own will undo it."),
            ),
        ),
    )


FLOWS = {kind: _flow(kind) for kind in InvoiceKind}
"""The workflow of each kind: the same steps, under the rights of the kind's own subject."""


def flow_of(invoice: Invoice) -> Workflow:
    """The workflow that an invoice moves by."""
    return FLOWS[invoice.kind]
