"""A list as a calendar: its records on the days of a Jalali month, the first of each day and how many there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from flask import url_for
from sqlalchemy import select, union_all

from app.core import formats
from app.core.calendar import format_date_long
from app.core.clock import today
from app.core.field_rights import seen
from app.core.listing import Count, ListQuery
from app.core.month_grid import Month

MOST_OF_A_DAY = 99
"""As far as the records of one day are counted."""
SHOWN_OF_A_DAY = 3
_DAY = "ON"
"""Stands for the day in an address that is worked out once for all days."""


@dataclass(frozen=True, slots=True)
class CalendarSpec:
    """How a list stands in a calendar: the column of its day, the states in which something is still to be done."""

    day: str
    states: tuple[StrEnum, ...]
    title: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A record on its day."""

    title: str
    name: str
    url: str
    state: str
    tone: str


@dataclass(frozen=True, slots=True)
class Day:
    """One day: its first records, and how many there are as far as it was counted."""

    on: date
    entries: Sequence[Entry]
    count: Count
    is_late: bool
    url: str = ""

    @property
    def words(self) -> str:
        """The day with its weekday and month: دوشنبه ۲ آذر ۱۴۰۵."""
        return format_date_long(self.on, formats.lang())

    @property
    def more(self) -> int:
        """Records that are not shown."""
        return self.count.number - len(self.entries)


def days_of(view: Any, query: ListQuery, spec: CalendarSpec, month: Month) -> list[Day]:
    """Every day of a month with the list's records; two statements, however many records there are."""
    found = _ids_by_day(query, getattr(query.spec.model, spec.day), month.days)
    shown = [ident for ids in found.values() for ident in ids[:SHOWN_OF_A_DAY]]
    by_id = {row.id: row for row in query.rows(shown)}
    whole = view.days_url(_DAY, _DAY)
    days = []
    for on in month.days:
        ids = found.get(on, [])
        rows = [by_id[ident] for ident in ids[:SHOWN_OF_A_DAY] if ident in by_id]
        is_late = on < today() and any(row.state in spec.states for row in rows)
        count = Count(min(len(ids), MOST_OF_A_DAY), len(ids) > MOST_OF_A_DAY)
        url = whole.replace(_DAY, formats.jdate_input(on)) if ids else ""
        days.append(Day(on, [_entry(view, row, spec, is_late=is_late) for row in rows], count, is_late, url))
    return days


def _entry(view: Any, row: Any, spec: CalendarSpec, *, is_late: bool) -> Entry:
    shown = seen(row)
    return Entry(
        title=str((getattr(shown, spec.title) if spec.title else "") or shown),
        name=str(shown),
        url=url_for(f"{view.endpoint}.show", pk=row.id) if view.may("show") else "",
        state=formats.label_of(row.state),
        tone="bad" if is_late and row.state in spec.states else formats.tone_of(row.state),
    )


def _ids_by_day(query: ListQuery, attribute: Any, days: Sequence[date]) -> dict[date, list[int]]:
    """Ids of each day's records, one more than are counted at the most; each day is a walk over an index."""
    parts = []
    for on in days:
        whole = query.statement(query.id_column.label("id"), attribute.label("day")).where(attribute == on)
        part = whole.order_by(None).limit(MOST_OF_A_DAY + 1).subquery()
        parts.append(select(part.c.id, part.c.day))
    found: dict[date, list[int]] = {}
    for ident, on in query.session.execute(union_all(*parts)):
        found.setdefault(on, []).append(ident)
    return found
