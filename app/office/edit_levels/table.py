"""The rows of edit levels as plain values: read once a process until somebody changes them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import select

from app.core.db import db
from app.core.level_rules import Cell, Limits, Standing
from app.office.edit_levels.models import EditLevel, LevelTable
from app.org.delegations.queries import principals_of
from app.org.posts.queries import posts_of

Mark = tuple[str, ...]
NO_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Who:
    """Whom a row names: exactly one of a role, a post, or a level of the chart (1 is the top)."""

    role_id: int | None = None
    post_id: int | None = None
    rank: int | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a cell."""

    cell: Cell
    who: Who
    limits: Limits = NO_LIMITS


@dataclass(frozen=True, slots=True)
class Places:
    """What of a person rows may name. `rank` is the highest level of the held posts (1 is the top)."""

    role_ids: frozenset[int] = frozenset()
    post_ids: frozenset[int] = frozenset()
    rank: int | None = None

    def are_named(self, who: Who) -> bool:
        """Whether a row names the person."""
        if who.rank is not None:
            return self.rank is not None and self.rank <= who.rank
        return who.role_id in self.role_ids or who.post_id in self.post_ids


def mark_now() -> Mark:
    """A mark of all tables, another one after every change in any process; one small statement."""
    return tuple(db.session.scalars(select(LevelTable.mark).order_by(LevelTable.id)))


@lru_cache(maxsize=4)
def _rows(_mark: Mark) -> tuple[Row, ...]:
    """By the mark, which is drawn at random, so that no other table can have the same."""
    query = select(EditLevel, LevelTable.kind).join(LevelTable).order_by(EditLevel.id)
    return tuple(row_of(level, kind) for level, kind in db.session.execute(query))


def row_of(level: EditLevel, kind: str) -> Row:
    """A stored row as a value."""
    return Row(
        Cell(kind, level.state, level.action),
        Who(level.role_id, level.post_id, level.rank),
        Limits(level.max_amount_rials, level.max_discount_percent, level.max_age_days),
    )


def standing_by(rows: Iterable[Row], places: Places) -> Standing:
    """What rows say of somebody with these roles and posts."""
    cells: dict[Cell, list[Limits]] = {}
    for row in rows:
        own = cells.setdefault(row.cell, [])
        if places.are_named(row.who):
            own.append(row.limits)
    return frozenset((cell, tuple(dict.fromkeys(own))) for cell, own in cells.items())


def standing_of(user_id: int, role_ids: Collection[int]) -> Standing:
    """What the table says of a user of these roles today, with the posts that are held or stood in for.

    The same object for the same answer, so that whatever is kept by it is found without comparing cells.
    """
    mark = mark_now()
    rows = _rows(mark) if mark else ()
    if not rows:
        return frozenset()
    names_posts = any(row.who.role_id is None for row in rows)
    return _standing(mark, places_of(user_id, role_ids) if names_posts else Places(frozenset(role_ids)))


@lru_cache(maxsize=1024)
def _standing(mark: Mark, places: Places) -> Standing:
    return standing_by(_rows(mark), places)


def places_of(user_id: int, role_ids: Collection[int]) -> Places:
    """The roles and posts of a user; during leave a delegate has the posts of whom they stand in for."""
    people = [user_id, *(person.id for person in principals_of(user_id))]
    posts = [post for person in people for post in posts_of(person)]
    depths = [post.depth + 1 for post in posts]
    return Places(frozenset(role_ids), frozenset(post.id for post in posts), min(depths, default=None))
