"""What a document does to the open items: an invoice issued or voided, a cheque cleared or bounced.

Every road to these steps goes through a workflow, alone or in bulk, so its signal misses none.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.core.clock import today
from app.core.db import db
from app.core.errors import GuardRefused
from app.core.workflow import Step, transition_applied
from app.finance.cheques.models import Cheque
from app.finance.cheques.states import ChequeState, Direction
from app.finance.invoices.models import Invoice
from app.finance.invoices.states import InvoiceState
from app.finance.invoices.workflow import FLOWS
from app.finance.settlement import axis
from app.finance.settlement.ledger import (
    bookkeeping,
    clear,
    close,
    is_live,
    live_matches,
    locked,
    match,
    undo,
)
from app.finance.settlement.models import Match, OpenItem, PaymentLine
from app.finance.settlement.states import MatchKind, PaymentState, Side


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


# Cheques -----------------------------------------------------------------------------------------


def items_of_cheque(cheque: Cheque) -> Sequence[OpenItem]:
    """The items that stand on a cheque and are not undone, oldest first."""
    undone = select(OpenItem.undoes_id).where(OpenItem.undoes_id.is_not(None)).scalar_subquery()
    query = (
        select(OpenItem)
        .join(PaymentLine, PaymentLine.id == OpenItem.line_id)
        .where(PaymentLine.cheque_id == cheque.id, OpenItem.undoes_id.is_(None), OpenItem.id.not_in(undone))
    )
    return db.session.scalars(query.order_by(OpenItem.id)).all()


def _cheque_moved(step: Step) -> None:
    cheque: Cheque = step.document
    reason = step.reason or str(step.transition.label)
    if cheque.state is ChequeState.CLEARED:
        clear(items_of_cheque(cheque))
    elif cheque.state in (ChequeState.BOUNCED, ChequeState.RETURNED):
        undo(items_of_cheque(cheque), on=today(), reason=reason)
    elif step.from_state is ChequeState.BOUNCED and cheque.direction is Direction.RECEIVED:
        _cover_again(cheque)


def _cover_again(cheque: Cheque) -> None:
    """A bounced cheque that is taken to the bank once more covers again what is still open of it."""
    query = (
        select(OpenItem)
        .join(PaymentLine, PaymentLine.id == OpenItem.line_id)
        .where(PaymentLine.cheque_id == cheque.id, OpenItem.undoes_id.is_(None), OpenItem.side == Side.CREDIT)
        .order_by(OpenItem.id.desc())
        .limit(1)
    )
    old = db.session.scalars(query).one_or_none()
    if old is None or old.payment is None or old.payment.state is not PaymentState.POSTED:
        return
    fresh = OpenItem(
        **{
            name: getattr(old, name)
            for name in (
                *("customer_id", "side", "amount_rials", "due_on", "payment_id", "line_id"),
                *("department_id", "owner_id"),
            )
        },
        settled_rials=0,
        covered_rials=0,
        is_pending=True,
        booked_on=today(),
    )
    db.session.add(fresh)
    db.session.flush()
    before = db.session.execute(
        select(Match.debit_id, Match.amount_rials)
        .where(Match.credit_id == old.id, ~is_live(), Match.kind == MatchKind.COVERED)
        .order_by(Match.id)
    ).all()
    held = locked([fresh.id, *(debit_id for debit_id, _amount in before)])
    for debit_id, amount in before:
        amount = min(amount, held[debit_id].open_rials, held[fresh.id].open_rials)
        if amount > 0:
            match(held[debit_id], held[fresh.id], amount, payment_id=old.payment_id)
    axis.refresh(held.values())


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
            _cheque_moved(step)


def install() -> None:
    """Listen to the workflows below; safe to repeat."""
    transition_applied.connect(on_transition)
    for flow in FLOWS.values():
        if refuse_void_of_settled not in flow.policies:
            flow.policies.append(refuse_void_of_settled)
