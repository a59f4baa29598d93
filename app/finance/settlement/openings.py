"""Opening balances: one is an open item from the moment it is entered, and goes only untouched."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.core.clock import today
from app.core.db import db
from app.core.errors import DomainError, FieldError, Invalid
from app.finance.settlement import ledger
from app.finance.settlement.models import OpeningBalance, OpenItem
from app.finance.years.services import require_open


class OpeningTouched(DomainError):
    """Something is settled against the opening balance."""

    code = "in_use"
    default_message = _l("Something is settled against this opening balance. Take that back first.")


def book_opening(opening: OpeningBalance) -> None:
    """A filled, new opening balance stored with its open item. Raises Invalid, YearClosed. Flushes."""
    if opening.amount_rials is None or opening.amount_rials <= 0:
        raise Invalid([FieldError("amount_rials", "amount", _l("Enter an amount above zero."))])
    opening.booked_on = opening.booked_on or today()
    require_open(opening.booked_on, path="booked_on")
    db.session.add(opening)
    db.session.flush()
    db.session.add(_item_of(opening))
    db.session.flush()


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
    """An opening balance undone by a counter item of today. Raises OpeningTouched, YearClosed."""
    require_open(today(), path="")
    with ledger.bookkeeping():
        query = select(OpenItem).where(OpenItem.opening_id == opening.id, OpenItem.undoes_id.is_(None))
        items = db.session.scalars(query).all()
        if ledger.live_matches([item.id for item in items]):
            raise OpeningTouched(opening=opening)
        ledger.undo(items, on=today(), reason=reason)
