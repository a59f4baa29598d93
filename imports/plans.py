"""What an import would do, row by row, before anything is written."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import inspect

from app.core.raw_cells import Problem
from app.core.sheets import SheetSpec
from imports.pipeline import Checked


class Mode(StrEnum):
    """Which rows are written: new ones, known ones or both. The others are left alone."""

    ADD = "add"
    UPDATE = "update"
    BOTH = "both"

    @property
    def label(self) -> Any:
        return {"add": _l("Add new rows only"), "update": _l("Update known rows only"), "both": _l("Add and update")}[
            self.value
        ]


class Verdict(StrEnum):
    """What becomes of a row (or a document)."""

    NEW = "new"
    UPDATED = "updated"
    SAME = "same"
    SKIPPED = "skipped"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Change:
    """A stored record that will change: all its values that were loaded, and the new ones."""

    record_id: int
    place: int
    old: dict[str, Any]
    new: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Redraft:
    """A stored draft of a table that will be written over: its entry of now, and the new one."""

    table: str
    record_id: int
    before: dict[str, Any]
    entry: dict[str, Any]


@dataclass(slots=True)
class Plan:
    """`verdicts` by row, for documents by document in order of appearance.

    `new` holds the values of new rows, a list by attribute; for documents `drafts` and `redrafts` stand instead.
    """

    checked: Checked
    mode: Mode
    verdicts: list[Verdict]
    new: dict[str, list[Any]] = field(default_factory=dict)
    changed: list[Change] = field(default_factory=list)
    drafts: list[Any] = field(default_factory=list)
    redrafts: list[Redraft] = field(default_factory=list)

    def count(self, verdict: Verdict) -> int:
        return sum(1 for one in self.verdicts if one is verdict)


def blanks(spec: SheetSpec) -> dict[str, Any]:
    """By column that may be cleared: what stands in the record then, None or empty text."""
    found: dict[str, Any] = {}
    keys = spec.key_columns() if spec.lines is not None else set()
    for column in spec.columns:
        stored = inspect(spec.model).columns.get(column.path)
        if stored is None or not column.writable or column.required or column.name in keys:
            continue
        if stored.nullable:
            found[column.name] = None
        elif stored.default is not None and stored.default.is_scalar and stored.default.arg == "":
            found[column.name] = ""
    return found


TAKEN = Problem("taken", _l("Another record has this value already."))
FROZEN = Problem("frozen", _l("Something else is stored here, and a sheet cannot change it."))
TWICE = Problem("duplicate_in_file", _l("Another row of this file means the same record."))
AMBIGUOUS_ROW = Problem("ambiguous_record", _l("Several records fit this row. Give its code."))
