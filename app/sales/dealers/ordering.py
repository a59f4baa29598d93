"""A basket becomes a submitted sales order, once, however often the request comes."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from app.core.actor import require_current
from app.core.clock import now
from app.core.db import db
from app.core.errors import DomainError, NotFound
from app.crm.customers.models import Customer
from app.sales.catalog.models import Product
from app.sales.dealers.baskets import POLICY, read
from app.sales.dealers.models import Basket, BasketLine
from app.sales.orders.kinds import OrderKind, OrderSource
from app.sales.orders.models import Order
from app.sales.orders.services import open_order, save_draft
from app.sales.orders.workflow import flow_of


class NothingToOrder(DomainError):
    """The basket is empty, or some of its rows need a correction."""

    code = "nothing_to_order"


class BasketChanged(DomainError):
    """The basket or a price is not what the page showed."""

    code = "basket_changed"
    default_message = _l("The basket or a price changed since this page was made. Look at it again, then order.")


def place(dealer: Customer, *, key: str, shown: str, note: str = "", deliver_on: str = "") -> Order:
    """The order of the basket of that key; a request that comes again gets the first one's order.

    `shown` is the payable amount in rials that the person agreed to. Raises NotFound, NothingToOrder,
    BasketChanged, Invalid with what is wrong of the note or the date.
    """
    basket = _basket_of(key)
    if basket.order_id is not None:
        return open_order(basket.order_id)
    reading = read(basket, dealer)
    if reading.bad:
        raise NothingToOrder(_l("Correct the marked rows first."))
    if not reading.entry:
        raise NothingToOrder(_l("The basket is empty."))
    if shown != str(reading.payable):
        raise BasketChanged
    entry = {
        "customer_id": dealer.id,
        "policy": POLICY,
        "prices_include_tax": reading.has_included_tax,
        "note": note,
        "deliver_on": deliver_on,
        "lines": list(reading.entry),
    }
    order = save_draft(entry, kind=OrderKind.SALES, source=OrderSource.DEALER)
    order.owner_id = dealer.owner_id or order.owner_id  # whoever looks after the dealer works on it
    db.session.flush()
    flow_of(order).apply(order, "submit", actor=require_current())
    basket.order_id, basket.ordered_at, basket.lines = order.id, now(), []
    db.session.flush()
    return order


def _basket_of(key: str) -> Basket:
    """The present person's basket of a key, ordered or not, locked on PostgreSQL. Raises NotFound."""
    who = require_current()
    query = (
        select(Basket)
        .where(Basket.key == key[:32], Basket.user_id == who.user_id)
        .options(selectinload(Basket.lines).joinedload(BasketLine.product).joinedload(Product.unit))
        .with_for_update(of=Basket)
        .execution_options(populate_existing=True)
    )
    found = db.session.scalars(query).one_or_none()
    if found is None:
        raise NotFound(key=key)
    return found
