"""What a browser sends of a sheet, read into typed cells: every bad cell of every row is named.

Cells are read by the kinds and checked by the rules of the sheet's spec, as those of a file are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import inspect, select

from app.core.cells import Reference
from app.core.db import db
from app.core.errors import DomainError
from app.core.raw_cells import Parsed, Problem
from app.core.references import find_references
from app.core.sheet_rows import Sheet, SheetColumn, is_hidden
from app.core.sheets import Column

MOST_ROWS = 2_000
"""Rows of one save; more are brought in by a file."""
LONGEST_CELL = 32_767
"""Characters, as in Excel."""
REQUIRED = Problem("required", _l("This must be filled in."))
UNKNOWN = Problem("unknown_reference", _l("No such record was found."))
CLOSED = Problem("closed", _l("This cell cannot be changed here."))
HIDDEN = Problem("hidden", _l("This points to a record that you may not see, so it stays as it is."))
FROZEN = Problem("frozen", _l("In its present state this row cannot be changed here."))


class BadEntry(DomainError):
    """What was sent is no sheet."""

    code = "bad_entry"
    default_message = _l("What was sent cannot be read as rows of this sheet. Reload the page and try again.")


class TooManyRows(BadEntry):
    """More rows than one save takes."""

    code = "too_many_rows"

    def __init__(self) -> None:
        super().__init__(_l("At most %(most)d rows can be saved at once. Bring in more by Import.", most=MOST_ROWS))


@dataclass(slots=True)
class Row:
    """One row that was changed, added or deleted. `key` names it in the browser, `texts` are its new cells."""

    key: str
    texts: dict[str, str] = field(default_factory=dict)
    record_id: int | None = None
    version: str = ""
    is_deleted: bool = False
    record: Any = None
    values: dict[str, Any] = field(default_factory=dict)
    problems: dict[str, Problem] = field(default_factory=dict)
    targets: dict[str, Any] = field(default_factory=dict)

    @property
    def is_new(self) -> bool:
        return self.record_id is None

    def refuse(self, name: str, problem: Problem) -> None:
        """Note a problem of a cell, or of the row with no name; the first stays."""
        self.problems.setdefault(name, problem)


def read_entry(sheet: Sheet, sent: Any) -> list[Row]:
    """The rows of a request. Raises BadEntry, TooManyRows for anything else."""
    raw = sent.get("rows") if isinstance(sent, dict) else None
    if not isinstance(raw, list):
        raise BadEntry
    if len(raw) > MOST_ROWS:
        raise TooManyRows
    rows = [_read_row(sheet, one) for one in raw]
    ids = [row.record_id for row in rows if row.record_id is not None]
    if len(set(ids)) != len(ids) or len({row.key for row in rows}) != len(rows):
        raise BadEntry
    return rows


def _read_row(sheet: Sheet, raw: Any) -> Row:
    if not isinstance(raw, dict):
        raise BadEntry
    key, record_id, cells = raw.get("key"), raw.get("id"), raw.get("cells", {})
    is_key = isinstance(key, str) and len(key) < 40
    is_id = record_id is None or (type(record_id) is int and 0 < record_id < 2**31)
    if not is_key or not is_id or not isinstance(cells, dict):
        raise BadEntry
    texts = {}
    for name, text in cells.items():
        if sheet.column(name) is None or not isinstance(text, str) or len(text) > LONGEST_CELL:
            raise BadEntry(_("There is no column “%(name)s” here, or its cell is too long.", name=str(name)[:60]))
        texts[name] = text
    is_deleted = raw.get("deleted") is True
    if is_deleted and record_id is None:
        raise BadEntry
    return Row(str(key), texts, record_id, str(raw.get("version", ""))[:40], is_deleted)


def check_cells(sheet: Sheet, rows: Sequence[Row]) -> None:
    """Read every cell into `values` (references as ids, their records in `targets`) and note what is bad."""
    for column in sheet.columns:
        named = [row for row in rows if column.name in row.texts]
        if not named:
            continue
        for row in named:
            _check_right(column, row)
        parsed = column.kind.parse([row.texts[column.name] for row in named])
        _check_lengths(sheet, column.column, parsed)
        if column.is_reference:
            _resolve(sheet, column, named, parsed)
        for place, (row, value) in enumerate(zip(named, parsed.values, strict=True)):
            row.values[column.name] = value
            if place in parsed.problems:
                row.refuse(column.name, parsed.problems[place])
    for row in rows:
        for column in sheet.columns:
            _check_required(sheet, column, row)
    _check_together(sheet, [row for row in rows if not row.is_deleted])


def _check_right(column: SheetColumn, row: Row) -> None:
    if not (column.may_add if row.is_new else column.may_edit):
        row.refuse(column.name, CLOSED)
    elif row.record is not None and is_hidden(column, row.record):
        row.refuse(column.name, HIDDEN)


def _check_lengths(sheet: Sheet, column: Column, parsed: Parsed) -> None:
    most = column.most or _stored_length(sheet, column)
    for place, value in enumerate(parsed.values):
        if most is not None and isinstance(value, str) and len(value) > most:
            problem = Problem("too_long", _l("This text is longer than %(most)d characters.", most=most))
            parsed.problems.setdefault(place, problem)


def _stored_length(sheet: Sheet, column: Column) -> int | None:
    stored = inspect(sheet.spec.model).columns.get(column.path)
    length = getattr(stored.type, "length", None) if stored is not None else None
    return length if isinstance(length, int) and not isinstance(column.kind, Reference) else None


def _resolve(sheet: Sheet, column: SheetColumn, rows: Sequence[Row], parsed: Parsed) -> None:
    """Texts become ids, looked up once for all rows among what the form would offer."""
    kind = column.kind
    assert isinstance(kind, Reference)
    model: Any = kind.model
    allowed = sheet.view.choice_filters.get(column.field)
    found = find_references(kind, {value for value in parsed.values if value}, *([allowed()] if allowed else []))
    ids = {answer for answer in found.values() if isinstance(answer, int)}
    records = {one.id: one for one in db.session.scalars(select(model).where(model.id.in_(ids)))} if ids else {}
    for place, (row, text) in enumerate(zip(rows, parsed.values, strict=True)):
        answer = found.get(text, UNKNOWN) if text else None
        if isinstance(answer, Problem):
            parsed.problems.setdefault(place, answer)
            answer = None
        parsed.values[place] = answer
        row.targets[column.name] = records.get(answer)


def _check_required(sheet: Sheet, column: SheetColumn, row: Row) -> None:
    if not column.column.required or row.is_deleted or column.field in sheet.view.optional_columns:
        return
    is_given = column.name in row.texts if not row.is_new else column.may_add
    if is_given and row.values.get(column.name) is None:
        row.refuse(column.name, REQUIRED)


def _check_together(sheet: Sheet, rows: Sequence[Row]) -> None:
    """The spec's rule over whole rows; what a row does not change is as stored."""
    if sheet.spec.check is None or not rows:
        return
    for place, name, problem in sheet.spec.check(_whole(sheet, rows)):
        rows[place].refuse(name, problem)


def _whole(sheet: Sheet, rows: Sequence[Row]) -> Mapping[str, Sequence[Any]]:
    return {column.name: list(_values(column, rows)) for column in sheet.columns}


def _values(column: SheetColumn, rows: Sequence[Row]) -> Iterator[Any]:
    for row in rows:
        if column.name in row.values:
            yield row.values[column.name]
        elif row.record is None:
            yield None
        else:
            yield getattr(row.record, column.column.path) if column.is_reference else column.column.read(row.record)
