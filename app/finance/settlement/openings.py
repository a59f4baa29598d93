"""Opening balances: one is an open item from the moment it is entered, and goes only untouched."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.core.actor import require_current
from app.core.clock import today
from app.core.db import db
from app.core.errors import DomainError, FieldError, Invalid
from app.core.levels import Measures
from app.core.workflow import Step, Transition, Workflow
from app.finance.settlement import ledger
from app.finance.settlement.models import SUBJECT, OpeningBalance, OpenItem
from app.finance.settlement.states import OPENING_LABELS, OpeningState
from app.finance.years.services import require_open


class OpeningTouched(DomainError):
    """Something is settled against the opening balance."""

    code = "in_use"
    default_message = _l("Something is settled against this opening balance. Take that back first.")


class OpeningKnown(DomainError):
    """Another opening balance carries this reference."""

    code = "duplicate"
    default_message = _l("Another opening balance already has this reference.")


def book_opening(opening: OpeningBalance) -> None:
    """A filled, new opening balance stored with its open item. Raises Invalid, OpeningKnown, YearClosed. Flushes."""
    if opening.amount_rials is None or opening.amount_rials <= 0:
        raise Invalid([FieldError("amount_rials", "amount", _l("Enter an amount above zero."))])
    opening.booked_on = opening.booked_on or today()
    require_open(opening.booked_on, path="booked_on")
    _refuse_known(opening)
    db.session.add(opening)
    db.session.flush()
    db.session.add(_item_of(opening))
    db.session.flush()


def _refuse_known(opening: OpeningBalance) -> None:
    if not opening.reference:
        opening.reference = None
        return
    query = select(OpeningBalance.id).where(
        OpeningBalance.reference == opening.reference, OpeningBalance.state == OpeningState.BOOKED
    )
    with ledger.bookkeeping(), db.session.no_autoflush:
        if db.session.scalar(query) is not None:
            raise OpeningKnown(path="reference")


def _item_of(opening: OpeningBalance) -> OpenItem:
    return OpenItem(
        customer_id=opening.customer_id,
        side=opening.side,
        amount_rials=opening.amount_rials,
        settled_rials=0,
        covered_rials=0,
        booked_on=opening.booked_on,
        due_on=opening.due_on or opening.booked_on,
        opening_id=opening.id,
        department_id=opening.department_id,
        owner_id=opening.owner_id,
    )


def undo_opening(opening: OpeningBalance, *, reason: str) -> None:
    """An opening balance undone by a counter item of today.

    Raises OpeningTouched, YearClosed, IllegalTransition, NotAllowed.
    """
    OPENING_FLOW.apply(opening, "undo", actor=require_current(), reason=reason)


def items_of_opening(opening_id: int) -> Sequence[OpenItem]:
    """The item that an opening balance made, without the counter item of an undone one."""
    query = select(OpenItem).where(OpenItem.opening_id == opening_id, OpenItem.undoes_id.is_(None))
    return db.session.scalars(query).all()


def today_is_open(_step: Step) -> None:
    """Raises YearClosed where today's books are closed: the counter item is of today."""
    require_open(today(), path="")


def is_untouched(step: Step) -> None:
    """Raises OpeningTouched while something is settled against it."""
    with ledger.bookkeeping():
        if ledger.live_matches([item.id for item in items_of_opening(step.document.id)]):
            raise OpeningTouched(opening=step.document)


def close_item(step: Step) -> None:
    """The counter item of today."""
    with ledger.bookkeeping():
        ledger.undo(items_of_opening(step.document.id), on=today(), reason=step.reason or "")


OPENING_FLOW = Workflow(
    name="finance.openings",
    subject=SUBJECT,
    model=OpeningBalance,
    states=OpeningState,
    initial=OpeningState.BOOKED,
    state_labels=OPENING_LABELS,
    measures=Measures(amount="amount_rials", day="booked_on"),
    transitions=(
        Transition(
            name="undo",
            sources=(OpeningState.BOOKED,),
            target=OpeningState.UNDONE,
            action="reverse",
            label=_l("Undo"),
            icon="arrow-counterclockwise",
            style="danger",
            guards=(today_is_open, is_untouched),
            before=(close_item,),
            needs_reason=True,
        ),
    ),
)
