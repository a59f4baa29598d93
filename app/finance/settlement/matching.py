"""Settling without money: a return against an invoice, an advance against a new invoice, and back again."""

from __future__ import annotations

from sqlalchemy import select

from app.core.actor import require_current
from app.core.db import db
from app.core.errors import NotFound
from app.finance.settlement import axis, ledger
from app.finance.settlement.models import SUBJECT, Match, OpenItem
from app.finance.settlement.states import MatchKind


def match_items(one_id: int, other_id: int, *, amount: int | None = None) -> Match:
    """A debit and a credit of one party settled against each other, by `amount` rials or as far as both go.

    Raises NotFound, NotMatchable, NotOpen, NotAllowed.
    """
    require_current().require("match", SUBJECT)
    ids = {one_id, other_id}
    seen = set(db.session.scalars(select(OpenItem.id).where(OpenItem.id.in_(ids))))
    if seen != ids or len(ids) != 2:
        raise NotFound(items=ids)
    with ledger.bookkeeping():
        held = ledger.locked(ids)
        one, other = held[one_id], held[other_id]
        wanted = min(one.open_rials, other.open_rials) if amount is None else amount
        made = ledger.match(one, other, wanted)
        axis.refresh(held.values())
    return made


def unmatch(match_id: int, *, reason: str) -> Match:
    """A match that was made without a payment taken back; a payment's own go with the payment.

    Raises NotFound, MatchReversed, NotAllowed.
    """
    require_current().require("match", SUBJECT)
    made = db.session.scalar(select(Match).where(Match.id == match_id, Match.kind != MatchKind.UNDONE))
    if made is None:
        raise NotFound(match_id=match_id)
    with ledger.bookkeeping():
        held = ledger.locked((made.debit_id, made.credit_id))
        db.session.refresh(made, with_for_update=True)
        ledger.take_back(made, reason=reason)
        axis.refresh(held.values())
    return made
