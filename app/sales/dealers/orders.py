"""A dealer's own orders, and what became of each in plain words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.core.db import db
from app.core.errors import NotFound
from app.core.workflow import log_of
from app.crm.customers.models import Customer
from app.sales.orders.models import Order, SalesOrder
from app.sales.orders.services import open_order

SIZE = 20
TOLD = {
    "submit": _l("We have your order."),
    "approve": _l("Your order is approved."),
    "start": _l("We are preparing your order."),
    "complete": _l("Everything of your order is delivered."),
    "resume_work": _l("We are working on your order again."),
    "reopen": _l("We are working on your order again."),
    "hold": _l("Your order waits. We will tell you when it goes on."),
    "resume": _l("Your order goes on."),
    "resume_waiting": _l("Your order goes on."),
    "close_short": _l("Your order is closed; what is left of it will not be delivered."),
    "cancel": _l("Your order is cancelled."),
}
"""What a dealer is told of each step; reasons are the office's own."""


@dataclass(frozen=True, slots=True)
class Moment:
    """One step of an order as the dealer reads it."""

    at: datetime
    words: Any


def placed_orders(dealer: Customer, *, before: int | None = None) -> tuple[Sequence[Order], int | None]:
    """The dealer's orders that have a number, the newest first, 20 a page; and where the next page begins."""
    query = select(SalesOrder).where(SalesOrder.customer_id == dealer.id, SalesOrder.number.is_not(None))
    if before is not None:
        query = query.where(SalesOrder.id < before)
    found = db.session.scalars(query.order_by(SalesOrder.id.desc()).limit(SIZE + 1)).all()
    return found[:SIZE], found[SIZE - 1].id if len(found) > SIZE else None


def last_order(dealer: Customer) -> Order | None:
    """The order that was placed last."""
    found, _next = placed_orders(dealer)
    return found[0] if found else None


def placed_order(dealer: Customer, order_id: int) -> Order:
    """One of the dealer's orders with its lines. Raises NotFound for anybody else's and for drafts."""
    order = open_order(order_id)
    if not isinstance(order, SalesOrder) or order.customer_id != dealer.id or order.number is None:
        raise NotFound(order_id=order_id)
    return order


def timeline(order: Order) -> list[Moment]:
    """What became of an order, the newest first."""
    return [Moment(step.at, TOLD[step.transition]) for step in reversed(log_of(order)) if step.transition in TOLD]
