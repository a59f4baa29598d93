"""Many orders approved in one go, with progress; one refusal does not stop the others."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from app.core.actor import require_current
from app.core.db import db
from app.core.job_runner import JobRun
from app.core.jobs import job
from app.sales.orders.kinds import OrderState
from app.sales.orders.models import Order
from app.sales.orders.services import open_order
from app.sales.orders.workflow import flow_of


@job("sales.approve_orders")
def approve_orders(run: JobRun, *, order_ids: list[int]) -> dict[str, Any]:
    """How many of the submitted orders were approved, and the refusals; the first to be delivered first.

    Each is committed by itself, so that a kill leaves whole steps only and the next run goes on
    with what still waits.
    """
    query = select(Order.id).where(Order.id.in_(order_ids), Order.state == OrderState.SUBMITTED)
    waiting = db.session.scalars(query.order_by(Order.deliver_on.is_(None), Order.deliver_on, Order.id)).all()
    db.session.commit()
    outcome = run.each(waiting, _approve, total=len(waiting))
    return {"approved": outcome.done, "passed_over": len(order_ids) - len(waiting), **outcome.as_json()}


def _approve(order_id: int) -> None:
    order = open_order(order_id, for_change=True)
    flow_of(order).apply(order, "approve", actor=require_current())
