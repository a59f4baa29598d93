"""What is asked of production: the lines of a process, and the board by stage."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from flask_babel import gettext as _
from sqlalchemy import or_, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from app.core.board import Column
from app.core.db import db
from app.core.listing import Count
from app.sales.catalog.models import Product
from app.sales.production.models import (
    MaterialUse,
    Production,
    ProductionLine,
    ProductionState,
    Stage,
    StageRun,
)

MOST_CARDS = 50
"""Lines that one column of the board shows."""
OPEN = (ProductionState.PLANNED, ProductionState.RUNNING)
"""States of a process on which people work."""


def lines_of(production_id: int, *, is_fresh: bool = False) -> Sequence[ProductionLine]:
    """The lines of a visible process with all that belongs to them; `is_fresh` reads them anew."""
    query = (
        select(ProductionLine)
        .where(ProductionLine.production_id == production_id)
        .options(
            joinedload(ProductionLine.product),
            joinedload(ProductionLine.unit),
            joinedload(ProductionLine.stage),
            selectinload(ProductionLine.runs).joinedload(StageRun.stage),
            selectinload(ProductionLine.uses).joinedload(MaterialUse.component).joinedload(Product.unit),
        )
        .order_by(ProductionLine.position)
    )
    return db.session.scalars(query.execution_options(populate_existing=is_fresh)).all()


def board() -> list[Column]:
    """What waits for a stage, then each stage in use with what stands there; at most `MOST_CARDS` lines each."""
    open_lines = (
        select(ProductionLine)
        .join(Production)
        .where(Production.state.in_(OPEN), ~ProductionLine.is_done)
        .options(
            contains_eager(ProductionLine.production),
            selectinload(ProductionLine.runs),
            joinedload(ProductionLine.product),
            joinedload(ProductionLine.unit),
        )
        .order_by(Production.due_on.is_(None), Production.due_on, ProductionLine.id)
        .limit(MOST_CARDS + 1)
    )
    columns = []
    for stage in (None, *_stages_in_use()):
        here = ProductionLine.stage_id.is_(None) if stage is None else ProductionLine.stage_id == stage.id
        found = db.session.scalars(open_lines.where(here)).all()
        cards = found[:MOST_CARDS]
        columns.append(
            Column(
                of=stage,
                key=str(stage.id) if stage else "waiting",
                title=stage or _("Waiting"),
                cards=cards,
                count=Count(len(cards), len(found) > MOST_CARDS),
                hint=stage.category if stage else "",
            )
        )
    return columns


def _stages_in_use() -> Iterable[Stage]:
    """Active stages, and those taken out of use at which something still stands."""
    standing = (
        select(ProductionLine.stage_id)
        .join(Production)
        .where(Production.state.in_(OPEN), ProductionLine.stage_id.is_not(None), ~ProductionLine.is_done)
    )
    query = select(Stage).where(or_(Stage.is_active, Stage.id.in_(standing))).options(joinedload(Stage.category))
    return db.session.scalars(query.order_by(Stage.category_id, Stage.position, Stage.id)).all()
