"""Where a row lies in a list of a million, and which row lies where, without counting them.

A few hundred ids drawn evenly over the table are looked up under the list's conditions: those found
tell how many rows the list has (about), and in its order they are anchors for every part of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Any

from sqlalchemy import func, select

from app.core.cursor import Cursor
from app.core.listing import ListQuery

SIZE = 400
"""Ids that are looked up, each a page of the table read: a position is right to a fortieth of the list."""


@dataclass(frozen=True, slots=True)
class Sample:
    """Rows of a list as (id, sort key) in its order, and how many rows it has in all, about."""

    keys: list[tuple[int, Any]]
    estimate: int

    def cursor_at(self, part: float) -> Cursor | None:
        """Where to read on from to begin at a part (0 to 1) of the list; None at its beginning."""
        place = int(len(self.keys) * min(max(part, 0.0), 1.0)) - 1
        if place < 0 or not self.keys:
            return None
        ident, key = self.keys[min(place, len(self.keys) - 1)]
        return Cursor(key=(key, ident), is_back=False)


def sample(query: ListQuery, size: int = SIZE) -> Sample:
    """Rows drawn evenly from a list; a short list is told whole by `query.count()` instead."""
    table = query.spec.model.__table__
    # Of the table, nobody is told; asked apart, since SQLite walks all rows for both together.
    bounds = select(*(select(end(table.c.id)).scalar_subquery() for end in (func.min, func.max)))
    lowest, highest = query.session.connection().execute(bounds).one()
    if lowest is None:
        return Sample([], 0)
    span = highest - lowest + 1
    ids = _spread(lowest, span, size)
    keys = query.keys_of(ids)
    return Sample(keys, round(len(keys) * span / len(ids)))


def _spread(lowest: int, span: int, size: int) -> list[int]:
    """Ids at even distances, each moved a little, so that no rhythm of the data is met."""
    if span <= size:
        return list(range(lowest, lowest + span))
    random = Random(span)  # noqa: S311 - no secret: the same table gives the same anchors
    return [lowest + int((place + random.random()) * span / size) for place in range(size)]
