"""What a document does to the open items: an invoice issued or voided, a cheque that takes a step.

Every road to these steps goes through a workflow, alone or in bulk, so its signal misses none.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.core.db import db
from app.core.errors import GuardRefused
from app.core.workflow import Step, transition_applied
from app.finance.cheques.models import Cheque
from app.finance.cheques.workflow import CHEQUE_FLOW
from app.finance.invoices.models import Invoice
from app.finance.invoices.states import InvoiceState
from app.finance.invoices.workflow import FLOWS
from app.finance.settlement import axis
from app.finance.settlement.cheque_postings import cheque_moved, refuse_without_receipt
from app.finance.settlement.ledger import bookkeeping, close, live_matches, locked
from app.finance.settlement.models import OpenItem
from app.finance.settlement.states import Side


def items_of(invoice: Invoice) -> list[OpenItem]:
    """The open items that an invoice makes: one, or one for each instalment; none where nothing is payable."""
    parts = [(one.due_on, one.amount_rials) for one in invoice.instalments]
    parts = parts or [(invoice.due_on or invoice.invoice_on, invoice.payable_rials)]
    return [
        OpenItem(
            customer_id=invoice.customer_id,
            side=Side.DEBIT if invoice.sign > 0 else Side.CREDIT,
            amount_rials=amount,
            settled_rials=0,
            covered_rials=0,
            booked_on=invoice.invoice_on,
            due_on=due_on,
            position=position,
            invoice_id=invoice.id,
            department_id=invoice.department_id,
            owner_id=invoice.owner_id,
        )
        for position, (due_on, amount) in enumerate(parts)
        if amount > 0
    ]


def stored_items(invoice_id: int) -> Sequence[OpenItem]:
    """The items of an invoice, by due date."""
    query = select(OpenItem).where(OpenItem.invoice_id == invoice_id).order_by(OpenItem.due_on, OpenItem.id)
    return db.session.scalars(query).all()


def _invoice_issued(invoice: Invoice) -> None:
    made = items_of(invoice)
    db.session.add_all(made)
    db.session.flush()
    axis.begin(invoice, made)
    if invoice.voids_id is not None and made:
        held = locked(item.id for item in stored_items(invoice.voids_id))
        for item in sorted(held.values(), key=lambda one: one.id):
            close(item, made[0])
        axis.refresh(held.values())


def refuse_void_of_settled(step: Step) -> None:
    """Raises GuardRefused while settlements hold of an invoice that is to be voided, and names them."""
    if step.transition.name != "void" or step.document.state is not InvoiceState.ISSUED:
        return
    with bookkeeping():
        ids = [item.id for item in stored_items(step.document.id)]
        others = [made.credit if made.debit_id in ids else made.debit for made in (live_matches(ids) if ids else ())]
    if others:
        names = ", ".join(dict.fromkeys(str(one) for one in others))
        raise GuardRefused(_l("Take back what settles this invoice first: %(names)s.", names=names))


# Wiring ------------------------------------------------------------------------------------------


def on_transition(_sender: Any, *, step: Step) -> None:
    """Book what a step of an invoice or a cheque does to the open items."""
    if isinstance(step.document, Invoice):
        if step.transition.name == "issue":
            with bookkeeping():
                _invoice_issued(step.document)
        elif step.transition.name == "void":
            with bookkeeping():
                axis.refresh_invoices([step.document.id])
    elif isinstance(step.document, Cheque):
        with bookkeeping():
            cheque_moved(step)


def install() -> None:
    """Listen to the workflows below; safe to repeat."""
    transition_applied.connect(on_transition)
    for flow in FLOWS.values():
        if refuse_void_of_settled not in flow.policies:
            flow.policies.append(refuse_void_of_settled)
    if refuse_without_receipt not in CHEQUE_FLOW.policies:
        CHEQUE_FLOW.policies.append(refuse_without_receipt)
