"""What the order screens ask: which orders wait for their approval, the first to be delivered first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import func, select

from app.core.db import db
from app.core.listing import Count
from app.sales.orders.kinds import OrderKind, OrderState
from app.sales.orders.models import CLASS_OF, Order


def waiting_orders(kind: OrderKind, limit: int) -> Sequence[Order]:
    """Submitted orders of a kind by delivery; those without a delivery date last. Two walks over one index."""
    model = CLASS_OF[kind]
    query = select(model).where(model.state == OrderState.SUBMITTED)
    dated = query.where(model.deliver_on.is_not(None)).order_by(model.deliver_on, model.id).limit(limit)
    found = list(db.session.scalars(dated))
    if len(found) < limit:
        undated = query.where(model.deliver_on.is_(None)).order_by(model.id).limit(limit - len(found))
        found += db.session.scalars(undated)
    return found


BAND_MOST = 99
"""As far as a band of an inbox is counted."""


def waiting_between(kind: OrderKind, since: date | None, until: date | None) -> Count:
    """How many wait that are to be delivered on days from `since` to `until`, both included; None leaves open."""
    model = CLASS_OF[kind]
    some = select(model.id).where(model.state == OrderState.SUBMITTED, model.deliver_on.is_not(None))
    if since is not None:
        some = some.where(model.deliver_on >= since)
    if until is not None:
        some = some.where(model.deliver_on <= until)
    found = db.session.scalar(select(func.count()).select_from(some.limit(BAND_MOST + 1).subquery())) or 0
    return Count(min(found, BAND_MOST), found > BAND_MOST)


def waiting_count(kind: OrderKind, most: int = 1000) -> int:
    """How many wait, counted to `most` + 1 at the most."""
    model = CLASS_OF[kind]
    some = select(model.id).where(model.state == OrderState.SUBMITTED).limit(most + 1).subquery()
    return db.session.scalar(select(func.count()).select_from(some)) or 0
