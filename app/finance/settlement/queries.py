"""What settlement screens ask: what is open of a party, and its balance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import contains_eager, joinedload

from app.core.db import db
from app.crm.customers.models import Customer
from app.finance.settlement.models import Match, OpeningBalance, OpenItem, PaymentLine
from app.finance.settlement.states import MatchKind, Side

MOST_OPEN = 500


def visible_customer(key: Any) -> Customer | None:
    """The party of a typed id, None for rubbish and for those out of sight."""
    text = str(key or "")
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        return None
    return db.session.scalar(select(Customer).where(Customer.id == int(text)))


def named(*items: Any) -> tuple[Any, ...]:
    """Loading of everything that an item is called by; through loading options of `items`, or for OpenItem."""
    starts = items or (None,)
    options = []
    for start in starts:
        load = start.joinedload if start is not None else joinedload
        options += [load(OpenItem.invoice), load(OpenItem.payment)]
        options += [load(OpenItem.opening).joinedload(OpeningBalance.cheque)]
        options += [load(OpenItem.line).joinedload(PaymentLine.cheque)]
    return tuple(options)


def recent_matches(customer_id: int, *, limit: int = 50) -> Sequence[Match]:
    """What was last settled of a party, taken back or not, without what counter items undid."""
    debit = contains_eager(Match.debit)
    query = (
        select(Match)
        .join(OpenItem, OpenItem.id == Match.debit_id)
        .where(OpenItem.customer_id == customer_id, Match.kind != MatchKind.UNDONE)
        .order_by(Match.id.desc())
        .limit(limit)
        .options(*named(debit, joinedload(Match.credit)))
    )
    return db.session.scalars(query).unique().all()


def open_items(customer_id: int, *, side: Side | None = None, limit: int = MOST_OPEN) -> Sequence[OpenItem]:
    """What is open of a party (of one side), the oldest due first."""
    query = select(OpenItem).where(
        OpenItem.customer_id == customer_id,
        OpenItem.settled_rials + OpenItem.covered_rials < OpenItem.amount_rials,
    )
    if side is not None:
        query = query.where(OpenItem.side == side)
    query = query.order_by(OpenItem.due_on, OpenItem.id).limit(limit).options(*named())
    return db.session.scalars(query).unique().all()


def balance_of(customer_id: int) -> int:
    """What the party owes us in rials by every visible item; negative where we owe."""
    query = select(OpenItem.side, func.sum(OpenItem.amount_rials)).where(OpenItem.customer_id == customer_id)
    return sum(side.sign * int(total) for side, total in db.session.execute(query.group_by(OpenItem.side)))
