"""What a step of a cheque does to the open items: cleared, bounced, given back, in hand again.

A cheque that came with a receipt stands behind that receipt's items. One that was in the register
before the books began stands behind none; when it comes to nothing, its party owes again by an
opening balance of that day.
"""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import lazy_gettext as _l
from sqlalchemy import exists, select

from app.core.actor import Actor
from app.core.clock import today
from app.core.db import db
from app.core.errors import GuardRefused
from app.core.workflow import Step
from app.finance.cheques.models import Cheque
from app.finance.cheques.states import ChequeState, Direction
from app.finance.settlement import axis
from app.finance.settlement.ledger import bookkeeping, clear, is_live, locked, match, unclear, undo
from app.finance.settlement.models import Match, OpeningBalance, OpenItem, Payment, PaymentLine
from app.finance.settlement.openings import OPENING_FLOW, book_opening
from app.finance.settlement.states import MatchKind, OpeningState, PaymentKind, PaymentState, Side

ENDED = (ChequeState.BOUNCED, ChequeState.RETURNED)
"""What came to nothing: nobody is paid by it."""


def items_of_cheque(cheque: Cheque) -> Sequence[OpenItem]:
    """The items that stand on a cheque and are not undone, oldest first."""
    undone = select(OpenItem.undoes_id).where(OpenItem.undoes_id.is_not(None)).scalar_subquery()
    query = (
        select(OpenItem)
        .join(PaymentLine, PaymentLine.id == OpenItem.line_id)
        .where(PaymentLine.cheque_id == cheque.id, OpenItem.undoes_id.is_(None), OpenItem.id.not_in(undone))
    )
    return db.session.scalars(query.order_by(OpenItem.id)).all()


def cheque_moved(step: Step) -> None:
    """Book what the step that a cheque took does to the open items."""
    cheque: Cheque = step.document
    reason = step.reason or str(step.transition.label)
    if cheque.state is ChequeState.CLEARED:
        clear(items_of_cheque(cheque))
    elif step.from_state is ChequeState.CLEARED:
        unclear(items_of_cheque(cheque))
    elif cheque.state in ENDED:
        undo(items_of_cheque(cheque), on=today(), reason=reason)
        if step.from_state not in ENDED and not _came_with_payment(cheque):
            _owe_again(cheque, reason)
    elif step.from_state is ChequeState.BOUNCED and cheque.direction is Direction.RECEIVED:
        if _came_with_payment(cheque):
            _cover_again(cheque)
        else:
            _owe_no_more(cheque)


def refuse_without_receipt(step: Step) -> None:
    """Raises GuardRefused for a bounced cheque taken back in hand whose receipt was reversed meanwhile."""
    if step.transition.name != "take_back" or step.document.state is not ChequeState.BOUNCED:
        return
    with bookkeeping():
        if _came_with_payment(step.document) and not _came_with_payment(step.document, PaymentState.POSTED):
            raise GuardRefused(_l("The receipt of this cheque is reversed. Give the cheque back."))


def _came_with_payment(cheque: Cheque, state: PaymentState | None = None) -> bool:
    """Whether a receipt brought a received cheque in, or a payment gave one of ours."""
    kind = PaymentKind.RECEIPT if cheque.direction is Direction.RECEIVED else PaymentKind.PAYMENT
    of_kind = Payment.kind == kind if state is None else (Payment.kind == kind) & (Payment.state == state)
    query = exists().where(PaymentLine.cheque_id == cheque.id, Payment.id == PaymentLine.payment_id, of_kind)
    return bool(db.session.scalar(select(query)))


def _owe_again(cheque: Cheque, reason: str) -> None:
    """The party of a cheque from before the books owes its amount again; of one of ours, we do."""
    book_opening(
        OpeningBalance(
            customer_id=cheque.customer_id,
            side=Side.DEBIT if cheque.direction is Direction.RECEIVED else Side.CREDIT,
            amount_rials=cheque.amount_rials,
            booked_on=today(),
            cheque_id=cheque.id,
            note=reason[:300],
            department_id=cheque.department_id,
            owner_id=cheque.owner_id,
        )
    )


def _owe_no_more(cheque: Cheque) -> None:
    """Back in hand, the cheque stands for the debt again. Raises OpeningTouched where something is settled with it."""
    query = select(OpeningBalance).where(
        OpeningBalance.cheque_id == cheque.id, OpeningBalance.state == OpeningState.BOOKED
    )
    for opening in db.session.scalars(query):
        OPENING_FLOW.apply(opening, "undo", actor=Actor.system("settlement"), reason=str(_l("In hand again")))


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
    if old is None:
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
