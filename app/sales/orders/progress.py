"""What the ledger does to an order's state: something made from it starts it, everything delivered completes it.

An order is done when all of its first lane went over and what it became is final, which those who
make documents say by `finals` (an issued invoice; a finished production).
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from app.core.actor import acting_as
from app.core.db import db
from app.core.scope import unscoped
from app.sales.documents import conversions
from app.sales.orders.kinds import LIVE, POLICIES, OrderState
from app.sales.orders.models import Order
from app.sales.orders.workflow import LEDGER, flow_of

Final = Callable[[Any], dict[int, Decimal]]
"""For a document made from an order: how much of each of its lines is final, by the line's id."""
_finals: dict[str, Final] = {}


def register_final(subject: str, final: Final) -> None:
    """Say when what was made of an order counts as delivered; safe to repeat."""
    _finals[subject] = final


def delivered_of(source: Any, lane: str) -> dict[int, Decimal]:
    """How much of each line of a document is delivered for good on a lane, by the line's id."""
    found: dict[int, Decimal] = {}
    for link in conversions.links_from(source):
        final = _finals.get(link.target_subject)
        target = conversions.end_of(link) if link.lane == lane and final is not None else None
        if target is None or final is None:
            continue
        amounts = final(target)
        for row in link.lines:
            done = min(row.quantity, amounts.get(row.target_line_id or 0, Decimal(0)))
            found[row.source_line_id] = found.get(row.source_line_id, Decimal(0)) + done
    return found


def refresh(_subject: str, *, source_id: int) -> None:
    """Bring an order's state in line with its ledger."""
    with acting_as(LEDGER), unscoped("the ledger moves an order whoever made its child"):
        order = db.session.scalar(select(Order).where(Order.id == source_id))
        if order is None:
            return
        flow, lane = flow_of(order), POLICIES[order.kind].lanes[0]
        if order.state is OrderState.APPROVED and conversions.links_from(order):
            flow.apply(order, "start", actor=LEDGER)
        delivered = delivered_of(order, lane)
        is_whole = all(delivered.get(line.id, 0) >= line.quantity for line in order.lines)
        if order.state in LIVE and is_whole:
            flow.apply(order, "complete", actor=LEDGER)
        elif order.state is OrderState.DONE and not is_whole:
            flow.apply(order, "resume_work", actor=LEDGER)


def install() -> None:
    """Listen to the ledger of every kind of order."""
    for policy in POLICIES.values():
        conversions.converted.connect(refresh, sender=policy.subject)
