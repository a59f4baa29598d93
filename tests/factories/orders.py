"""Orders, entered as people enter them."""

from __future__ import annotations

from typing import Any

from app.core.actor import Actor, acting_as
from app.core.db import db
from app.sales.orders import services
from app.sales.orders.kinds import POLICIES, OrderKind
from app.sales.orders.models import Order
from app.sales.orders.workflow import flow_of
from tests.factories.crm import CustomerFactory
from tests.factories.finance import line

BY = Actor.system("test")


def order_entry(
    customer: Any = None, lines: Any = None, *, kind: OrderKind = OrderKind.SALES, **head: Any
) -> dict[str, Any]:
    """An order as the editor sends it."""
    return {
        "customer_id": (customer or CustomerFactory(is_supplier=POLICIES[kind].is_bought)).id,
        "order_on": "1405/09/01",
        "policy": "line_floor",
        "lines": lines or [line()],
        **head,
    }


def draft_order(customer: Any = None, lines: Any = None, *, kind: OrderKind = OrderKind.SALES, **head: Any) -> Order:
    """A stored draft in the customer's department."""
    with acting_as(BY):
        order = services.save_draft(order_entry(customer, lines, kind=kind, **head), kind=kind)
        db.session.flush()
    return order


def approved_order(customer: Any = None, lines: Any = None, **head: Any) -> Order:
    """An order that something may be made from."""
    order = draft_order(customer, lines, **head)
    with acting_as(BY):
        for step in ("submit", "approve"):
            flow_of(order).apply(order, step, actor=BY)
    return order
