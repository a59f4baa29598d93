"""What the screens of proformas ask: offers that end soon, revisions of one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from app.core.clock import today
from app.core.db import db
from app.sales.proformas.kinds import OFFERED
from app.sales.proformas.models import Proforma, SalesProforma
from app.sales.proformas.rules import rules


def ending_soon(limit: int) -> Sequence[SalesProforma]:
    """Offers to customers that wait for an answer and end within the days of the rules, the next first."""
    query = select(SalesProforma).where(*_soon())
    return db.session.scalars(query.order_by(SalesProforma.valid_until, SalesProforma.id).limit(limit)).all()


def ending_soon_count(most: int = 1000) -> int:
    """How many, counted to `most` + 1 at the most."""
    some = select(SalesProforma.id).where(*_soon()).limit(most + 1).subquery()
    return db.session.scalar(select(func.count()).select_from(some)) or 0


def _soon() -> tuple[Any, ...]:
    until = today() + timedelta(days=rules().soon_days)
    return SalesProforma.state.in_(OFFERED), SalesProforma.valid_until <= until


def revisions_of(proforma: Proforma) -> Sequence[Proforma]:
    """All visible revisions of a proforma's number, the newest first; none for a draft without one."""
    if proforma.number is None:
        return ()
    query = select(Proforma).where(
        Proforma.kind == proforma.kind,
        Proforma.branch_id == proforma.branch_id,
        Proforma.fiscal_year == proforma.fiscal_year,
        Proforma.number == proforma.number,
    )
    return db.session.scalars(query.order_by(Proforma.revision.desc())).all()
