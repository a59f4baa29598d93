"""From a sales order to a production order, and from that into production; and what comes back."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.core.actor import acting_as, require_current
from app.core.clock import today
from app.core.db import db
from app.core.errors import Invalid
from app.core.scope import unscoped
from app.core.workflow import Step, Workflow, transition_applied
from app.sales.documents import conversions
from app.sales.documents.conversions import Route, Taken
from app.sales.documents.entry import Reader
from app.sales.documents.filling import place_lines, plain
from app.sales.orders import progress
from app.sales.orders.kinds import LIVE, MAKING, OrderKind, OrderSource, OrderState
from app.sales.orders.models import (
    Order,
    OrderAdjustment,
    OrderLine,
    OrderLineTax,
    ProductionOrder,
    SalesOrder,
)
from app.sales.orders.workflow import FLOWS, LEDGER
from app.sales.production.models import SUBJECT, Production
from app.sales.production.services import finished_quantities, production_of
from app.sales.production.workflow import FLOW


def production_order_of(source: Order, taken: Sequence[Taken]) -> Order:
    """A draft production order of what is taken of a sales order; it carries no prices."""
    reader = Reader({"lines": [_unpriced(one) for one in taken]})
    body = reader.body()
    if body is None or reader.errors:
        raise Invalid(reader.errors)
    order = ProductionOrder(
        state=OrderState.DRAFT,
        source=OrderSource.AUTOMATION,
        owner_id=require_current().user_id,
        customer_id=source.customer_id,
        customer_name=source.customer_name,
        branch_id=source.branch_id,
        department_id=source.department_id,
        order_on=today(),
        deliver_on=source.deliver_on,
        note=source.note,
    )
    place_lines(order, body, OrderLine, OrderLineTax, OrderAdjustment)
    return order


def _unpriced(taken: Taken) -> dict[str, object]:
    line = taken.line
    return {
        "product_id": line.product_id,
        "unit_id": line.unit_id,
        "description": line.description,
        "quantity": plain(taken.quantity),
        "unit_price": "0",
    }


def _follow_production(_flow: Workflow, step: Step) -> None:
    """What was not made, or went to waste, is left of the order again."""
    production: Production = step.document
    if step.transition.name == "cancel":
        conversions.release(production)
    elif step.transition.name == "finish":
        conversions.release(production, keep=finished_quantities(production))


def _follow_order(_flow: Workflow, step: Step) -> None:
    """What a production order will not have made is left of the sales order again, until it opens again."""
    order: Order = step.document
    if step.transition.name == "cancel":
        conversions.release(order)
    elif step.transition.name == "close_short":
        conversions.release(order, keep=conversions.taken_of(order, MAKING))
    elif step.transition.name == "reopen":
        conversions.move(order, order, {line.id: line for line in order.lines})


def _follow_ledger(_subject: str, *, source_id: int) -> None:
    """What goes to waste after a production order was closed short is left of the sales order too."""
    with acting_as(LEDGER), unscoped("the ledger follows whoever ended the production"):
        order = db.session.scalar(select(Order).where(Order.id == source_id))
        if order is not None and order.state is OrderState.CLOSED_SHORT:
            conversions.release(order, keep=conversions.taken_of(order, MAKING))


def _made_of(order: Order) -> dict[int, Decimal]:
    """What of a production order is made for good, by the line's id."""
    return progress.delivered_of(order, MAKING)


def install() -> None:
    """Let orders go into production, and their ledgers follow it."""
    live = frozenset(LIVE)
    conversions.register(
        Route("sales.orders-sales.production_orders", SalesOrder, ProductionOrder, MAKING,
              _l("Production order"), "gear", live, production_order_of)
    )  # fmt: skip
    conversions.register(
        Route(f"sales.production_orders-{SUBJECT}", ProductionOrder, Production, MAKING,
              _l("Production"), "gear-wide-connected", live, production_of, makes_draft=False)
    )  # fmt: skip
    progress.register_final(SUBJECT, finished_quantities)
    progress.register_final(ProductionOrder.__subject__, _made_of)
    conversions.converted.connect(_follow_ledger, sender=ProductionOrder.__subject__)
    transition_applied.connect(_follow_production, sender=FLOW)
    transition_applied.connect(_follow_order, sender=FLOWS[OrderKind.PRODUCTION])
