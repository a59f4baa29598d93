"""Processes of production, made of orders as people make them."""

from __future__ import annotations

from typing import Any

from app.core.actor import Actor, acting_as
from app.core.db import db
from app.sales.documents import conversions
from app.sales.orders.kinds import OrderKind
from app.sales.orders.models import Order
from app.sales.production.models import Production, Stage
from tests.factories.orders import approved_order

BY = Actor.system("test")
TO_ORDER = "sales.orders-sales.production_orders"
TO_WORK = "sales.production_orders-sales.production"


def set_up_stages(*names: str) -> list[Stage]:
    """These as the only general stages, in this order."""
    for old in db.session.query(Stage):
        old.is_active = False
    found = [Stage(name=name, position=place) for place, name in enumerate(names, start=1)]
    db.session.add_all(found)
    db.session.flush()
    return found


def planned_production(customer: Any = None, lines: Any = None, **head: Any) -> Production:
    """A process that nobody has begun, of a production order of its own."""
    order = approved_order(customer, lines, kind=OrderKind.PRODUCTION, **head)
    return production_from(order)


def production_from(order: Order, *, key: str = "to-work-01") -> Production:
    """A process of all that is left of a production order."""
    with acting_as(BY):
        made: Production = conversions.convert(TO_WORK, order.id, key=key)
    return made
