"""Which stages a line goes through, where it stands, and how much comes to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import select

from app.core.db import db
from app.sales.production.models import ProductionLine, Stage


@dataclass(frozen=True, slots=True)
class StagePlan:
    """The active stages of every family, read once; the family None is that of all without their own."""

    by_family: Mapping[int | None, Sequence[Stage]]

    @classmethod
    def read(cls) -> StagePlan:
        """The plan as it stands."""
        found: dict[int | None, list[Stage]] = {}
        for stage in db.session.scalars(select(Stage).where(Stage.is_active).order_by(Stage.position, Stage.id)):
            found.setdefault(stage.category_id, []).append(stage)
        return cls(found)

    def stages_of(self, line: ProductionLine) -> Sequence[Stage]:
        """The stages of a line: those of its product's family, else the general ones, in order."""
        family = line.product.category_id if line.product is not None else None
        return self.by_family.get(family) or self.by_family.get(None, ())

    def next_of(self, line: ProductionLine) -> Stage | None:
        """The stage that comes next for a line; None when it went through all, or is done."""
        if line.is_done:
            return None
        gone = {run.stage_id for run in line.runs}
        return next((stage for stage in self.stages_of(line) if stage.id not in gone), None)

    def is_through(self, line: ProductionLine) -> bool:
        """Whether nothing is left to do on a line, also because a later stage was taken out of use."""
        return line.is_done or (bool(line.runs) and line.stage_id is None and self.next_of(line) is None)


def coming_to(line: ProductionLine) -> Decimal:
    """How much came to the stage at which a line stands: what the one before let through."""
    done = [run for run in line.runs if run.finished_at is not None]
    return done[-1].good_quantity if done else line.quantity


def close(line: ProductionLine) -> None:
    """A line that went through: what its last stage let through is its good quantity."""
    line.is_done, line.good_quantity = True, coming_to(line)
