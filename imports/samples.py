"""How the first cells of a file are read, shown before anything is stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from app.core import calendar, formats
from app.core.cells import Reference
from app.core.db import db
from app.core.raw_cells import Parsed, as_text
from app.core.sheets import Column, SheetSpec
from imports.layout import Header, Layout
from imports.mapping import ColumnMapping, Origin, Suggestion
from imports.missing import Answers
from imports.pipeline import ASKED, Lookup, read_cells, resolve
from imports.reader.read import Cell, Sheet
from imports.transforms import cells_of

SHOWN = 4
LONGEST = 60


@dataclass(frozen=True, slots=True)
class Sample:
    """One cell as it stands and as it is read; `problem` says why not, `asked` that a person can say what it means."""

    raw: str
    read: Any = ""
    problem: Any = ""
    asked: bool = False

    @property
    def direction(self) -> str:
        """Numbers and codes read left to right wherever they stand."""
        return "auto" if any(letter.isalpha() for letter in self.raw) else "ltr"


@dataclass(frozen=True, slots=True)
class FileColumn:
    """A column of the file on the mapping page.

    `names` are the spec columns it is read into (several where a name is taken apart), `target`
    is the value of its select. `bad` of `seen` cells cannot be read.
    """

    header: Header
    names: tuple[str, ...]
    target: str
    samples: tuple[Sample, ...]
    origin: Origin | None = None
    suggestion: Suggestion | None = None
    unit: str | None = None
    seen: int = 0
    bad: int = 0
    asked: int = 0


def file_columns(sheet: Sheet, layout: Layout, mapping: ColumnMapping, spec: SheetSpec) -> list[FileColumn]:
    """Every column of the table, with its first cells as they are read. `sheet` is the head of a sheet."""
    answers = Answers(spec, mapping)
    suggestions = {one.header.column: one for one in mapping.suggestions}
    names_at: dict[int, list[str]] = {}
    for name, at in mapping.sources.items():
        # What is put together of several columns is shown by itself, not at one of them.
        if len(mapping.recipes[name].columns) < 2 if name in mapping.recipes else True:
            names_at.setdefault(at, []).append(name)
    return [
        _column(
            header, tuple(names_at.get(header.column, ())), sheet, layout, mapping, spec, answers,
            suggestions.get(header.column),
        )
        for header in layout.headers
    ]  # fmt: skip


def _column(
    header: Header, names: tuple[str, ...], sheet: Sheet, layout: Layout, mapping: ColumnMapping, spec: SheetSpec,
    lookup: Lookup, suggestion: Suggestion | None,
) -> FileColumn:  # fmt: skip
    raw = cells_of(sheet, layout, header.column)
    readings = [(spec.column(name), read_column(sheet, layout, mapping, spec.column(name), lookup)) for name in names]
    problems = {place: problem for _column, parsed in readings for place, problem in parsed.problems.items()}
    asked = {place for place, problem in problems.items() if problem.code in ASKED}
    seen = [place for place, value in enumerate(raw) if as_text(value).strip()]
    shown = {
        place: Sample(
            as_text(raw[place])[:LONGEST],
            _together(readings, place),
            problems[place].message if place in problems else "",
            place in asked,
        )
        for place in _telling(raw, seen, problems.keys() - asked, asked)
    }
    money = [name for name in names if spec.column(name).kind.name == "rials"]
    return FileColumn(
        header, names, _target(names, mapping, spec), tuple(shown[place] for place in sorted(shown)),
        origin=mapping.origins.get(header.column), suggestion=suggestion if not names else None,
        unit=mapping.units.get(money[0], "rial") if money else None,
        seen=len(seen), bad=len(problems.keys() - asked), asked=len(asked),
    )  # fmt: skip


def read_column(sheet: Sheet, layout: Layout, mapping: ColumnMapping, column: Column, lookup: Lookup) -> Parsed:
    """A spec column as it would be read."""
    cells = read_cells(sheet, layout, mapping, column.name)
    parsed = column.kind.parse(cells, unit=mapping.units.get(column.name))
    if isinstance(column.kind, Reference):
        resolve(column, column.kind, parsed, lookup)
        parsed.values = list(_names(column.kind, parsed.values, lookup))
    return parsed


def _names(kind: Reference, ids: Sequence[int | None], lookup: Lookup) -> Sequence[Any]:
    """The records behind ids, by what they are called; what will be made says so."""
    found: dict[int, str] = {}
    stored = {one for one in ids if one is not None and one > 0}
    if stored:
        records = db.session.scalars(select(kind.model).where(kind.model.id.in_(stored))).unique()
        found = {record.id: str(record) for record in records}
    for number, stand_in in getattr(lookup, "stand_ins", {}).items():
        found[number] = _("New: %(name)s", name=stand_in.name)
    return [None if one is None else found.get(one, "") for one in ids]


def _telling(raw: Sequence[Cell], seen: Sequence[int], bad: set[int], asked: set[int]) -> list[int]:
    """The places to show: different cells, those with problems first."""
    places: list[int] = []
    met: set[str] = set()
    for place in (*sorted(bad)[:SHOWN], *sorted(asked)[:2], *seen):
        words = as_text(raw[place])
        if words not in met and len(places) < SHOWN:
            met.add(words)
            places.append(place)
    return places


def _together(readings: Sequence[tuple[Column, Parsed]], place: int) -> Any:
    parts = [shown(column, parsed.values[place]) for column, parsed in readings]
    if len(parts) > 2:  # a whole name taken apart: the parts tell
        parts = parts[1:]
    return " | ".join(map(str, parts)) if len(parts) > 1 else (parts[0] if parts else "")


def shown(column: Column, value: Any) -> Any:
    """A value as the reader's language writes it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, Enum):
        return formats.label_of(value)
    if isinstance(value, datetime):
        return formats.jdatetime(value)
    if isinstance(value, date):
        return calendar.format_date_long(value, formats.lang())
    if column.kind.name == "rials":
        return _("%(amount)s rials", amount=formats.num(value))
    if isinstance(value, int):
        return formats.num(value, grouped=False)
    if isinstance(value, Decimal):
        return formats.num(value)
    return formats.phone_text(value) if column.kind.name == "phone" else value


def _target(names: Sequence[str], mapping: ColumnMapping, spec: SheetSpec) -> str:
    if len(names) < 2 or spec.names is None:
        return names[0] if names else ""
    recipe = mapping.recipes.get(spec.names.given) or mapping.recipes.get(spec.names.family)
    return f"names:{'family_first' if recipe and recipe.part.value.endswith(('after', 'before')) else 'given_first'}"
