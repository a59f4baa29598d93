"""Whether somebody may do something with a document of these figures: values and one pure function.

A cell is a kind of document in a state (or any) and an action. A cell without rows is decided by
the role alone; one with rows is open to those whom a row names, within that row's limits.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache

ANY = ""
"""Any state: holds where the state itself has no rows."""
VIEW, EDIT, PRINT, EXPORT = "view", "edit", "print", "export"


@dataclass(frozen=True, slots=True)
class Cell:
    """A kind of document, a state of it (or ANY) and an action."""

    kind: str
    state: str
    action: str


@dataclass(frozen=True, slots=True)
class Limits:
    """How far one row goes: rials, percent of the gross, days since the document's day; None is no limit."""

    amount_rials: int | None = None
    discount_percent: Decimal | None = None
    age_days: int | None = None

    @property
    def is_open(self) -> bool:
        return self.amount_rials is None and self.discount_percent is None and self.age_days is None


@dataclass(frozen=True, slots=True)
class Figures:
    """What of a document the limits look at; None where its kind has no such figure."""

    amount_rials: int | None = None
    discount_rials: int | None = None
    gross_rials: int | None = None
    day: date | None = None

    @property
    def discount_percent(self) -> Decimal:
        """The discounts as percent of the gross; 0 for a gross of 0."""
        if not self.gross_rials:
            return Decimal(0)
        return (self.discount_rials or 0) * Decimal(100) / self.gross_rials


NO_LIMITS = Limits()
Standing = frozenset[tuple[Cell, tuple[Limits, ...]]]
"""Of every cell that has rows: the limits of those that name the person. An empty tuple shuts the person out."""


class Barrier(StrEnum):
    """What stands against somebody."""

    NOT_NAMED = "not_named"
    AMOUNT = "amount"
    DISCOUNT = "discount"
    AGE = "age"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Allowed, or what stands against it and, of a limit, which row came nearest."""

    barrier: Barrier | None = None
    limits: Limits = NO_LIMITS

    @property
    def is_allowed(self) -> bool:
        return self.barrier is None


ALLOWED = Verdict()


def decide(standing: Standing, cell: Cell, figures: Figures, *, on: date) -> Verdict:
    """Whether a person of this standing may do the cell's action with a document of these figures on a day.

    One row that admits all figures is enough; else the row with the widest limits says what is missing.
    """
    rows = rows_for(standing, cell)
    if rows is None:
        return ALLOWED
    barriers = [(row, barrier_of(row, figures, on=on)) for row in rows]
    if any(barrier is None for _row, barrier in barriers):
        return ALLOWED
    if not barriers:
        return Verdict(Barrier.NOT_NAMED)
    widest, barrier = max(barriers, key=lambda pair: _width(pair[0]))
    return Verdict(barrier, widest)


def rows_for(standing: Standing, cell: Cell) -> tuple[Limits, ...] | None:
    """The limits of the rows that name the person, the state's own before those of any state; None without rows."""
    known = _by_cell(standing)
    own = known.get(cell)
    return own if own is not None else known.get(Cell(cell.kind, ANY, cell.action))


def barrier_of(limits: Limits, figures: Figures, *, on: date) -> Barrier | None:
    """The first limit that the figures exceed; one is reached, not exceeded, by an equal figure."""
    if limits.amount_rials is not None and (figures.amount_rials or 0) > limits.amount_rials:
        return Barrier.AMOUNT
    if limits.discount_percent is not None and figures.discount_percent > limits.discount_percent:
        return Barrier.DISCOUNT
    if limits.age_days is not None and figures.day is not None and figures.day < earliest(limits, on):
        return Barrier.AGE
    return None


def earliest(limits: Limits, on: date) -> date:
    """The earliest day of a document within an age."""
    return on - timedelta(days=limits.age_days or 0)


def _width(limits: Limits) -> tuple[bool, int, bool, Decimal, bool, int]:
    return (
        limits.amount_rials is None, limits.amount_rials or 0,
        limits.discount_percent is None, limits.discount_percent or Decimal(0),
        limits.age_days is None, limits.age_days or 0,
    )  # fmt: skip


@lru_cache(maxsize=512)
def _by_cell(standing: Standing) -> dict[Cell, tuple[Limits, ...]]:
    return dict(standing)
