"""Which column of a sheet is which column of a spec: found by words, completed by a person."""

from __future__ import annotations

from collections.abc import Mapping as Map
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any

from flask_babel import lazy_gettext as _l

from app.core.errors import DomainError
from app.core.sheets import SheetSpec
from imports.layout import Header, Layout

LIKELY = 0.78
"""From this likeness on a header is suggested for a column; never taken without asking."""


class MissingColumns(DomainError):
    """The sheet has no column for something that every row needs."""

    code = "missing_columns"
    default_message = _l("The sheet has no column for: %(columns)s.")

    def __init__(self, columns: list[Any]) -> None:
        names = ", ".join(str(column) for column in columns)
        super().__init__(_l("The sheet has no column for: %(columns)s.", columns=names), columns=columns)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A header that looks like a column's words; `likeness` is 0 to 1."""

    column: str
    header: Header
    likeness: float


@dataclass(slots=True)
class ColumnMapping:
    """What is read from where. `sources` maps a spec column to a sheet column (from 0).

    `units` says in which unit amounts stand that name none; `constants` stand for columns the
    sheet does not have. `ignored` headers belong to nothing, `doubled` to a column already taken.
    """

    sources: dict[str, int] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)
    constants: dict[str, Any] = field(default_factory=dict)
    suggestions: tuple[Suggestion, ...] = ()
    ignored: tuple[Header, ...] = ()
    doubled: tuple[Header, ...] = ()

    def missing(self, spec: SheetSpec) -> list[Any]:
        """Labels of required columns that nothing stands for."""
        return [
            column.label
            for column in spec.all_columns
            if column.required and column.name not in self.sources and column.name not in self.constants
            and column.default is None
        ]  # fmt: skip

    def require_complete(self, spec: SheetSpec) -> None:
        """Raises MissingColumns."""
        missing = self.missing(spec)
        if missing:
            raise MissingColumns(missing)


def map_headers(layout: Layout, spec: SheetSpec, *, remembered: Map[str, str] | None = None) -> ColumnMapping:
    """The mapping that words alone give.

    `remembered` is what this person chose before: folded header → column name, "" to ignore it.
    """
    words = {column.name: column.words() for column in spec.all_columns}
    mapping = ColumnMapping()
    free = list(layout.headers)
    doubled: list[Header] = []
    for header in layout.headers:
        name = (remembered or {}).get(header.keys()[0])
        if name is not None:
            free.remove(header)
            if name and name in words and name not in mapping.sources:
                _take(mapping, spec, name, header)
    for exact in (True, False):
        for header in list(free):
            keys = header.keys()[:1] if exact else header.keys()
            name = next((n for key in keys for n, known in words.items() if key in known), None)
            if name is None:
                continue
            free.remove(header)
            if name in mapping.sources:
                doubled.append(header)
            else:
                _take(mapping, spec, name, header)
    mapping.doubled, mapping.ignored = tuple(doubled), tuple(free)
    mapping.suggestions = tuple(_suggest(free, words, mapping))
    return mapping


def _take(mapping: ColumnMapping, spec: SheetSpec, name: str, header: Header) -> None:
    mapping.sources[name] = header.column
    if spec.column(name).kind.name == "rials" and header.unit is not None:
        mapping.units[name] = header.unit


def _suggest(free: list[Header], words: dict[str, set[str]], mapping: ColumnMapping) -> list[Suggestion]:
    found = []
    for header in free:
        best = Suggestion("", header, 0.0)
        for name, known in words.items():
            if name in mapping.sources:
                continue
            likeness = max((_likeness(key, word) for key in header.keys() for word in known), default=0.0)  # noqa: SIM118
            if likeness > best.likeness:
                best = Suggestion(name, header, round(likeness, 2))
        if best.likeness >= LIKELY:
            found.append(best)
    return found


def _likeness(left: str, right: str) -> float:
    if not left or not right:
        return 0.0
    if len(right) > 3 and (right in left or left in right):
        return max(0.8, SequenceMatcher(None, left, right).ratio())
    return SequenceMatcher(None, left, right).ratio()
