"""The credit check at approval: what the customer owes, has ordered and has not cleared, against its limit."""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from app.core.db import db
from app.core.errors import GuardRefused
from app.core.scope import unscoped
from app.core.workflow import Step
from app.crm.customers import credit
from app.crm.customers.models import Customer
from app.sales.documents.conversion_models import Conversion, ConversionLine
from app.sales.orders.kinds import BILLING, OPEN, POLICIES
from app.sales.orders.models import Order, OrderLine, SalesOrder


class OverCredit(GuardRefused):
    """The order would take its customer over the credit limit; who may approve that says so by a right."""

    code = "over_credit"


def within_credit(step: Step) -> None:
    """Raises OverCredit with the parts of the sum; the right `over_credit` lets it pass."""
    order: Order = step.document
    if not POLICIES[order.kind].has_credit or order.customer_id is None:
        return
    limit = _limit(order.customer_id)
    if limit is None:
        return
    shares = credit.shares_of(order.customer_id)
    used = sum(share.rials for share in shares)
    if used <= limit or step.actor.can("over_credit", POLICIES[order.kind].subject):
        return
    raise OverCredit(
        _l(
            "The credit limit of %(name)s is %(limit)s rials; with this order %(used)s would be used: %(parts)s.",
            name=order.customer_name,
            limit=f"{limit:,}",
            used=f"{used:,}",
            parts=", ".join(f"{share.label} {share.rials:,}" for share in shares if share.rials),
        )
    )


def _limit(customer_id: int) -> int | None:
    """The credit limit in rials, also of a customer whom the one who approves may not see."""
    with unscoped("a customer's limit binds whoever approves"):
        return db.session.scalar(select(Customer.credit_limit_rials).where(Customer.id == customer_id))


def open_orders(customer_id: int) -> int:
    """Rials of what is left to bill of a customer's open sales orders, the submitted ones too."""
    billed = (
        select(ConversionLine.source_line_id, func.sum(ConversionLine.quantity).label("quantity"))
        .join(Conversion)
        .where(Conversion.source_subject == SalesOrder.__subject__, Conversion.lane == BILLING, Conversion.is_live)
        .where(Conversion.source_id.in_(select(SalesOrder.id).where(*_open_of(customer_id))))
        .group_by(ConversionLine.source_line_id)
        .subquery()
    )
    query = (
        select(OrderLine.payable_rials, OrderLine.quantity, billed.c.quantity)
        .join(SalesOrder, SalesOrder.id == OrderLine.order_id)
        .outerjoin(billed, billed.c.source_line_id == OrderLine.id)
        .where(*_open_of(customer_id))
    )
    with unscoped("a customer's credit is one in the whole company"):
        rows = db.session.execute(query).all()
    return sum(_left(payable, quantity, Decimal(taken or 0)) for payable, quantity, taken in rows)


def _open_of(customer_id: int) -> tuple[Any, ...]:
    return SalesOrder.customer_id == customer_id, SalesOrder.state.in_(OPEN)


def _left(payable: int, quantity: Decimal, taken: Decimal) -> int:
    """The share of a line's payable that is not billed, rounded up."""
    rest = max(quantity - taken, Decimal(0))
    return int((payable * rest / quantity).to_integral_value(ROUND_CEILING)) if quantity else 0


def install() -> None:
    """Count open orders against a customer's credit."""
    credit.register("open_orders", _l("Open orders"), open_orders)
