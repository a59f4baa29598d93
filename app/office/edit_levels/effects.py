"""What a changed table would mean, before it is saved: whom it shuts out or lets in, which documents they lose.

One statement for each group of people who lose the same; documents are counted up to a thousand.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, false, func, not_, select, true

from app.core import levels
from app.core.actor import Actor, acting_as
from app.core.db import db
from app.core.kinds import whole_of
from app.core.level_rules import EDIT, VIEW, Cell, Limits, Standing, rows_for
from app.core.levels import Document
from app.office.edit_levels.people import Person, people
from app.office.edit_levels.services import actions_of, states_with
from app.office.edit_levels.table import Row, standing_by

MOST_COUNTED = 1_000
Reach = tuple[Limits, ...] | None
"""The limits under which somebody may do it; None without any rows, empty for not at all."""


class Turn(StrEnum):
    """What becomes of somebody."""

    LOST = "lost"
    GAINED = "gained"
    TIGHTER = "tighter"
    OTHER = "other"


@dataclass(slots=True)
class Change:
    """What becomes of an action in some states: the people by what becomes of them."""

    action: str
    states: list[str]
    turns: dict[Turn, list[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OutOfReach:
    """Documents in a state that their owners could not see or edit any more; `is_capped` for more than counted."""

    action: str
    state: str
    count: int
    is_capped: bool


@dataclass(frozen=True, slots=True)
class Effect:
    """What a table would change for people and their documents."""

    changes: list[Change]
    lost: list[OutOfReach]

    @property
    def is_empty(self) -> bool:
        return not self.changes and not self.lost


def effect_of(document: Document, before: Sequence[Row], after: Sequence[Row]) -> Effect:
    """The difference that new rows would make for the active people of today."""
    crowd = [person for person in people() if not person.is_admin]
    standings = {person.id: (standing_by(before, person.places), standing_by(after, person.places)) for person in crowd}
    found: dict[tuple[str, tuple[tuple[Turn, tuple[str, ...]], ...]], Change] = {}
    lost: list[OutOfReach] = []
    for action in actions_of(document):
        able = [person for person in crowd if _may(person, document, action)]
        for state in states_with(document, action):
            cell = Cell(document.kind, state, action)
            turns, groups = _turns(able, standings, cell)
            if turns:
                key = (action, tuple((turn, tuple(names)) for turn, names in turns.items()))
                found.setdefault(key, Change(action, [], turns)).states.append(state)
            if action in (VIEW, EDIT) and groups:
                lost += _out_of_reach(document, cell, groups)
    return Effect(list(found.values()), lost)


def _may(person: Person, document: Document, action: str) -> bool:
    """Whether the person's roles give the action at all."""
    wanted = ("list", "show") if action == VIEW else (action,)
    return any((f"can_{name}", document.subject) in person.rights for name in wanted)


def _turns(
    able: Sequence[Person], standings: dict[int, tuple[Standing, Standing]], cell: Cell
) -> tuple[dict[Turn, list[str]], dict[tuple[Reach, Reach], list[int]]]:
    turns: dict[Turn, list[str]] = {}
    groups: defaultdict[tuple[Reach, Reach], list[int]] = defaultdict(list)
    for person in able:
        was, becomes = (rows_for(standing, cell) for standing in standings[person.id])
        turn = _turn(was, becomes)
        if turn is not None:
            turns.setdefault(turn, []).append(person.name)
            if turn is not Turn.GAINED:
                groups[was, becomes].append(person.id)
    return turns, groups


def _turn(was: Reach, becomes: Reach) -> Turn | None:
    was, becomes = _plain(was), _plain(becomes)
    if was == becomes:
        return None
    if becomes == ():
        return Turn.LOST
    if was == ():
        return Turn.GAINED
    return Turn.TIGHTER if was is None else Turn.OTHER


def _plain(reach: Reach) -> Reach:
    """Rows without limits are as good as none."""
    return None if reach is not None and any(limits.is_open for limits in reach) else reach


def _out_of_reach(document: Document, cell: Cell, groups: dict[tuple[Reach, Reach], list[int]]) -> list[OutOfReach]:
    model = whole_of(document.model)
    owner = getattr(model, document.model.__scope_owner__ or "", None)
    if owner is None:
        return []
    count = 0
    for (was, becomes), ids in groups.items():
        gone = and_(_rows(document, cell, was), not_(_rows(document, cell, becomes)))
        query = select(document.model.id).where(owner.in_(ids), model.state == document.states(cell.state), gone)
        with acting_as(Actor.system("edit levels")):
            inner = query.limit(MOST_COUNTED + 1).subquery()
            count += db.session.scalar(select(func.count()).select_from(inner)) or 0
    return [OutOfReach(cell.action, cell.state, min(count, MOST_COUNTED), count > MOST_COUNTED)] if count else []


def _rows(document: Document, cell: Cell, reach: Reach) -> ColumnElement[bool]:
    if reach is None:
        return true()
    if not reach:
        return false()
    found: Any = levels.allowed_rows(frozenset({(cell, reach)}), document, cell.action)
    return true() if found is None else found
