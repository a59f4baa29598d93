"""What settlement screens ask: what is open of a party, and its balance."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select

from app.core.db import db
from app.finance.settlement.models import OpenItem
from app.finance.settlement.states import Side

MOST_OPEN = 500


def open_items(customer_id: int, *, side: Side | None = None, limit: int = MOST_OPEN) -> Sequence[OpenItem]:
    """What is open of a party (of one side), the oldest due first."""
    query = select(OpenItem).where(
        OpenItem.customer_id == customer_id,
        OpenItem.settled_rials + OpenItem.covered_rials < OpenItem.amount_rials,
    )
    if side is not None:
        query = query.where(OpenItem.side == side)
    return db.session.scalars(query.order_by(OpenItem.due_on, OpenItem.id).limit(limit)).all()


def balance_of(customer_id: int) -> int:
    """What the party owes us in rials by every visible item; negative where we owe."""
    query = select(OpenItem.side, func.sum(OpenItem.amount_rials)).where(OpenItem.customer_id == customer_id)
    return sum(side.sign * int(total) for side, total in db.session.execute(query.group_by(OpenItem.side)))
