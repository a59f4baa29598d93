"""What is asked of the register: which uncleared cheques fall due when, and on which day on the average."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.core.calendar import jalali_month_name, to_jalali
from app.core.db import db
from app.core.digits import localize
from app.core.formats import lang
from app.core.money import mean_due_date
from app.finance.cheques.models import Cheque
from app.finance.cheques.states import UNCLEARED, ChequeState, Direction

MOST = 2_000


@dataclass(frozen=True, slots=True)
class Month:
    """The uncleared cheques of a Jalali month, the first due first."""

    year: int
    month: int
    cheques: tuple[Cheque, ...]
    mean_due_on: date

    @property
    def title(self) -> str:
        """The month in words: آذر ۱۴۰۵."""
        return localize(f"{jalali_month_name(self.month, lang())} {self.year}", lang())

    @property
    def total_rials(self) -> int:
        return sum(cheque.amount_rials for cheque in self.cheques)


@dataclass(frozen=True, slots=True)
class DueCalendar:
    """All months with the mean due date (راس) of the whole; None where nothing is uncleared.

    `is_cut` says that there are more cheques than are here.
    """

    months: tuple[Month, ...]
    mean_due_on: date | None
    total_rials: int
    late_count: int
    is_cut: bool = False


def mean_due(cheques: Sequence[Cheque], *, base: date) -> date | None:
    """The mean due date (راس) of cheques, None for none. Source: IRAN.md, cheques and instalments."""
    items = [(cheque.amount_rials, cheque.due_on) for cheque in cheques]
    return mean_due_date(base, items=items) if items else None


@dataclass(frozen=True, slots=True)
class Asked:
    """Which uncleared cheques are asked for; None and empty mean all."""

    direction: Direction
    since: date | None = None
    until: date | None = None
    customer_id: int | None = None
    bank: str = ""
    state: ChequeState | None = None


def uncleared(asked: Asked) -> Sequence[Cheque]:
    """The uncleared cheques that are asked for, the first due first; 2,000 at the most."""
    conditions = [Cheque.direction == asked.direction, Cheque.state.in_([asked.state] if asked.state else UNCLEARED)]
    if asked.since is not None:
        conditions.append(Cheque.due_on >= asked.since)
    if asked.until is not None:
        conditions.append(Cheque.due_on <= asked.until)
    if asked.customer_id is not None:
        conditions.append(Cheque.customer_id == asked.customer_id)
    if asked.bank:
        conditions.append(Cheque.bank == asked.bank)
    query = select(Cheque).where(*conditions).options(joinedload(Cheque.customer))
    return db.session.scalars(query.order_by(Cheque.due_on, Cheque.id).limit(MOST)).all()


def due_calendar(asked: Asked, *, base: date) -> DueCalendar:
    """The uncleared cheques that are asked for by Jalali month; mean due dates count from `base`."""
    cheques = uncleared(asked)
    by_month: dict[tuple[int, int], list[Cheque]] = {}
    for cheque in cheques:
        by_month.setdefault(to_jalali(cheque.due_on)[:2], []).append(cheque)
    months = tuple(
        Month(year, month, tuple(rows), mean_due(rows, base=base) or base) for (year, month), rows in by_month.items()
    )
    return DueCalendar(
        months=months,
        mean_due_on=mean_due(cheques, base=base),
        total_rials=sum(cheque.amount_rials for cheque in cheques),
        late_count=sum(cheque.due_on < base for cheque in cheques),
        is_cut=len(cheques) == MOST,
    )
