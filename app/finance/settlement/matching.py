"""Settling without money: a return against an invoice, an advance against a new invoice, and back again."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.core.actor import require_current
from app.core.db import db
from app.core.errors import DomainError, NotFound
from app.core.workflow import ReasonRequired
from app.finance.settlement import axis, ledger
from app.finance.settlement.models import SUBJECT, Match, OpenItem
from app.finance.settlement.queries import open_items
from app.finance.settlement.states import MatchKind, Method, Side


class WrittenOff(DomainError):
    """What was written off settles only what it was written off for."""

    code = "written_off"
    default_message = _l("This amount is written off. Reverse the document that wrote it off.")


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


def match_oldest(customer_id: int) -> int:
    """Everything open of a party settled against each other, the oldest due first; answers the rials.

    What the actor does not see stays as it is. Raises NotAllowed.
    """
    require_current().require("match", SUBJECT)
    debits = [item.id for item in open_items(customer_id, side=Side.DEBIT)]
    credits_ = [item.id for item in open_items(customer_id, side=Side.CREDIT)]
    settled = 0
    with ledger.bookkeeping():
        held = ledger.locked((*debits, *credits_))
        waiting = [held[key] for key in credits_]
        for debit in (held[key] for key in debits):
            for credit in waiting:
                amount = min(debit.open_rials, credit.open_rials)
                if amount > 0:
                    ledger.match(debit, credit, amount)
                    settled += amount
        axis.refresh(held.values())
    return settled


def unmatch(match_id: int, *, reason: str) -> Match:
    """A match taken back: both sides are open again by its amount, and money of a receipt stays a credit.

    Raises NotFound, MatchReversed, WrittenOff, ReasonRequired, NotAllowed.
    """
    require_current().require("match", SUBJECT)
    if not reason.strip():
        raise ReasonRequired(path="reason")
    made = db.session.scalar(select(Match).where(Match.id == match_id, Match.kind != MatchKind.UNDONE))
    if made is None:
        raise NotFound(match_id=match_id)
    with ledger.bookkeeping():
        held = ledger.locked((made.debit_id, made.credit_id))
        db.session.refresh(made, with_for_update=True)
        if any(item.line is not None and item.line.method is Method.WRITE_OFF for item in (made.debit, made.credit)):
            raise WrittenOff(match=made)
        ledger.take_back(made, reason=reason)
        axis.refresh(held.values())
    return made
