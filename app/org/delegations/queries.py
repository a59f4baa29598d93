"""Who acts for whom on a day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.core import clock
from app.core.db import db
from app.core.scope import unscoped
from app.org.delegations.models import Delegation
from app.org.employees.models import Employee


def delegates_of(principal_id: int, *, on: date | None = None) -> Sequence[Employee]:
    """The people who act for somebody on a day (today)."""
    day = on or clock.today()
    query = (
        select(Delegation)
        .where(Delegation.principal_id == principal_id, Delegation.from_on <= day, Delegation.until_on >= day)
        .options(joinedload(Delegation.delegate))
        .order_by(Delegation.from_on, Delegation.id)
    )
    with unscoped("whose work goes where is not a secret of the absent person"):
        return [found.delegate for found in db.session.scalars(query)]


def principals_of(delegate_id: int, *, on: date | None = None) -> Sequence[Employee]:
    """The people for whom somebody acts on a day (today)."""
    day = on or clock.today()
    query = (
        select(Delegation)
        .where(Delegation.delegate_id == delegate_id, Delegation.from_on <= day, Delegation.until_on >= day)
        .options(joinedload(Delegation.principal))
        .order_by(Delegation.from_on, Delegation.id)
    )
    with unscoped("a delegate must know for whom to act"):
        return [found.principal for found in db.session.scalars(query)]


def delegations_over(principal_id: int, from_on: date, until_on: date, *, but: int | None) -> Sequence[Delegation]:
    """Delegations of somebody that share a day with the given span, except the row `but`."""
    query = select(Delegation).where(
        Delegation.principal_id == principal_id, Delegation.from_on <= until_on, Delegation.until_on >= from_on
    )
    if but is not None:
        query = query.where(Delegation.id != but)
    return db.session.scalars(query).all()
