"""Changing edit levels: one cell, or all of a kind like another's. Services flush, the edge commits."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal

from flask_appbuilder.security.sqla.models import Role
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from app.core import levels
from app.core.actor import require_current
from app.core.db import db
from app.core.errors import FieldError, Invalid, NotFound, StaleVersion
from app.core.level_rules import ANY, EDIT, EXPORT, PRINT, VIEW, Cell, Limits
from app.core.levels import Document
from app.office.edit_levels.models import EditLevel, LevelTable
from app.office.edit_levels.table import Row, row_of
from app.org.employees.services import ADMIN
from app.org.posts.models import Post

SUBJECT = "office.edit_levels"
MOST_RIALS, MOST_DAYS, MOST_RANK = 10**15, 36_500, 99
HUNDRED = Decimal(100)


def document_of(kind: str) -> Document:
    """A kind of document by its name. Raises NotFound."""
    for document in levels.documents():
        if document.kind == kind:
            return document
    raise NotFound(kind=kind)


def actions_of(document: Document) -> list[str]:
    """What edit levels say something about, in the order of the table's columns."""
    further = [name for name, _label in document.measures.actions]
    return list(dict.fromkeys([VIEW, EDIT, *document.steps, *further, PRINT, EXPORT]))


def states_with(document: Document, action: str) -> list[str]:
    """The states in which an action is met; every state where it is no step."""
    known = [state.value for state in document.states]
    return [state for state in known if state in document.steps.get(action, known)]


def cell_of(document: Document, state: str, action: str) -> Cell:
    """A cell of the table by name; the state may be ANY. Raises NotFound."""
    if action not in actions_of(document) or state not in (ANY, *states_with(document, action)):
        raise NotFound(kind=document.kind, state=state, action=action)
    return Cell(document.kind, state, action)


def table_of(kind: str) -> LevelTable | None:
    """The stored table of a kind with its rows; None where nothing was set."""
    query = select(LevelTable).where(LevelTable.kind == kind).options(selectinload(LevelTable.rows))
    return db.session.scalars(query).one_or_none()


def rows_of(kind: str) -> tuple[Row, ...]:
    """The rows of a kind as they are stored."""
    table = table_of(kind)
    return tuple(row_of(level, kind) for level in table.rows) if table is not None else ()


def mark_of(kind: str) -> str:
    """What a page shows to be told later whether somebody changed the table since."""
    return db.session.scalar(select(LevelTable.mark).where(LevelTable.kind == kind)) or ""


# What shall be ---------------------------------------------------------------------------------


def with_cell(rows: Iterable[Row], cell: Cell, wanted: Sequence[Row]) -> tuple[Row, ...]:
    """The rows with those of one cell replaced."""
    return (*(row for row in rows if row.cell != cell), *dict.fromkeys(wanted))


def like(document: Document, source: Document) -> tuple[Row, ...]:
    """The rows of another kind as far as this one has the state and the action; limits as far as it has the figure."""
    found = []
    for row in rows_of(source.kind):
        state, action = row.cell.state, row.cell.action
        if action in actions_of(document) and state in (ANY, *states_with(document, action)):
            found.append(replace(row, cell=replace(row.cell, kind=document.kind), limits=_known(document, row.limits)))
    return tuple(dict.fromkeys(found))


def _known(document: Document, limits: Limits) -> Limits:
    measures = document.measures
    return Limits(
        limits.amount_rials if measures.amount else None,
        limits.discount_percent if measures.discount else None,
        limits.age_days if measures.day else None,
    )


def check(document: Document, rows: Sequence[Row]) -> None:
    """Raises Invalid with a `rows[n].field` for each value that cannot be."""
    roles = set(db.session.scalars(select(Role.id).where(Role.name != ADMIN)))
    posts = set(db.session.scalars(select(Post.id)))
    errors: list[FieldError] = []
    for place, row in enumerate(rows):
        errors += [FieldError(f"rows[{place}].{name}", "invalid", words) for name, words in _wrong(row, roles, posts)]
        if row.limits != _known(document, row.limits):
            errors.append(FieldError(f"rows[{place}].limits", "unknown", _l("These documents have no such figure.")))
    if errors:
        raise Invalid(errors)


def _wrong(row: Row, roles: set[int], posts: set[int]) -> list[tuple[str, object]]:
    found: list[tuple[str, object]] = []
    who, limits = row.who, row.limits
    is_known = who.role_id in roles or who.post_id in posts or (who.rank is not None and 1 <= who.rank <= MOST_RANK)
    if sum(one is not None for one in (who.role_id, who.post_id, who.rank)) != 1 or not is_known:
        found.append(("who", _l("Choose a role, a post or a level of the chart.")))
    if limits.amount_rials is not None and not 0 <= limits.amount_rials <= MOST_RIALS:
        found.append(("amount", _l("Enter an amount in rials, or leave it empty for no limit.")))
    percent = limits.discount_percent
    if percent is not None and (not 0 <= percent <= HUNDRED or percent != round(percent, 2)):
        found.append(("discount", _l("Enter a percentage from 0 to 100 with at most two decimals.")))
    if limits.age_days is not None and not 0 <= limits.age_days <= MOST_DAYS:
        found.append(("age", _l("Enter a number of days, or leave it empty for no limit.")))
    return found


# Saving ----------------------------------------------------------------------------------------


def save_rows(document: Document, rows: Sequence[Row], *, seen: str) -> LevelTable:
    """Make the table of a kind exactly these rows; rows that stay are left alone.

    `seen` is the mark of the page. Raises NotAllowed, StaleVersion, Invalid. Flushes.
    """
    require_current().require("edit", SUBJECT)
    if seen != mark_of(document.kind):
        raise StaleVersion(kind=document.kind)
    check(document, rows)
    table = table_of(document.kind)
    if table is None:
        table = LevelTable(kind=document.kind)
        db.session.add(table)
    wanted = Counter(rows)
    for level in list(table.rows):
        row = row_of(level, document.kind)
        if wanted[row]:
            wanted[row] -= 1
        else:
            table.rows.remove(level)
    table.mark = secrets.token_hex(16)
    db.session.flush()  # the key of a new table, which its rows' history is filed under
    table.rows += [_stored(row) for row, count in wanted.items() for _again in range(count)]
    db.session.flush()
    return table


def _stored(row: Row) -> EditLevel:
    return EditLevel(
        state=row.cell.state,
        action=row.cell.action,
        role_id=row.who.role_id,
        post_id=row.who.post_id,
        rank=row.who.rank,
        max_amount_rials=row.limits.amount_rials,
        max_discount_percent=row.limits.discount_percent,
        max_age_days=row.limits.age_days,
    )


def lowest_rank() -> int:
    """How many levels the organisation's chart has."""
    return (db.session.scalar(select(func.max(Post.depth))) or 0) + 1
