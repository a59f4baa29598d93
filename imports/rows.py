"""The rows of a batch as its check saw them, in a file of their own beside the upload.

The preview pages, filters and searches a hundred thousand rows without reading the workbook again,
and the business database holds none of them before the import. The file can be made anew at any
time: what people typed is in `ImportCorrection`.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from imports.layout import Header, Layout
from imports.mapping import ColumnMapping
from imports.overlay import Stored, stored
from imports.pipeline import CellError, Checked
from imports.plans import Plan
from imports.reader.read import Sheet

MOST_COLUMNS = 250
SCHEMA = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE row (place INTEGER PRIMARY KEY, row INTEGER NOT NULL, cells TEXT NOT NULL,
                  verdict TEXT NOT NULL DEFAULT 'same', grp INTEGER, is_bad INTEGER NOT NULL DEFAULT 0,
                  is_corrected INTEGER NOT NULL DEFAULT 0);
CREATE TABLE error (place INTEGER NOT NULL, at INTEGER, name TEXT NOT NULL, header TEXT NOT NULL,
                    code TEXT NOT NULL, message TEXT NOT NULL);
CREATE TABLE key (place INTEGER NOT NULL, number INTEGER NOT NULL, value TEXT NOT NULL);
"""
INDEXES = """
CREATE UNIQUE INDEX row_row ON row (row);
CREATE INDEX row_verdict ON row (verdict, grp);
CREATE INDEX row_group ON row (grp) WHERE grp IS NOT NULL;
CREATE INDEX row_bad ON row (place) WHERE is_bad;
CREATE INDEX row_corrected ON row (place) WHERE is_corrected;
CREATE INDEX error_place ON error (place);
CREATE INDEX error_kind ON error (name, code, place);
CREATE INDEX key_value ON key (value, number);
CREATE INDEX key_place ON key (place);
"""


@dataclass(frozen=True, slots=True)
class SheetColumn:
    """A column of the sheet as the grid shows it; `names` are the spec's columns that it feeds."""

    at: int
    letter: str
    header: str
    names: tuple[str, ...]


class RowWriter:
    """Keeps the rows of a check; the file appears whole, when the block is left without a failure."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._draft = path.with_suffix(".writing")
        self._draft.unlink(missing_ok=True)
        self._draft.touch(0o600)
        self._is_given_up = False
        self._db = sqlite3.connect(self._draft, isolation_level=None)
        self._db.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;" + SCHEMA)
        self._db.execute("BEGIN")

    def __enter__(self) -> RowWriter:
        return self

    def __exit__(self, failure: type[BaseException] | None, *_rest: object) -> None:
        if failure is None and not self._is_given_up:
            self._db.execute("COMMIT")
            self._db.executescript(INDEXES)
            self._db.close()
            self._draft.replace(self.path)
            return
        self._db.close()
        self._draft.unlink(missing_ok=True)

    def give_up(self) -> None:
        """Keep nothing: the file was refused."""
        self._is_given_up = True

    def take_rows(
        self, sheet: Sheet, layout: Layout, mapping: ColumnMapping, originals: Mapping[tuple[int, int], Stored]
    ) -> None:
        """Every data row of a sheet, corrected already; `originals` are the cells under corrections."""
        columns = _columns(layout, mapping)
        facts = {
            "sheet": sheet.name,
            "header_rows": layout.header_rows,
            "columns": [[c.at, c.letter, c.header, list(c.names)] for c in columns],
            "headers": [[h.column, h.text, h.group] for h in layout.headers],
            "left_out": _left_out(layout),
        }
        self._db.executemany("INSERT INTO meta VALUES (?, ?)", ((n, as_json(v)) for n, v in facts.items()))
        corrected = {row for row, _column in originals}
        self._db.executemany(
            "INSERT INTO row (place, row, cells, is_corrected) VALUES (?, ?, ?, ?)",
            (
                (place, row, as_json(_cells(sheet, row, columns, originals)), row in corrected)
                for place, row in enumerate(layout.data.tolist())
            ),
        )

    def take_plan(self, plan: Plan) -> None:
        """What the check and the plan say of the rows taken before."""
        write_plan(self._db, plan, range(len(plan.checked.frame)))
        warnings = as_json([warning.as_json() for warning in plan.checked.warnings])
        self._db.execute("INSERT INTO meta VALUES ('warnings', ?)", (warnings,))


# --- what is written


def _columns(layout: Layout, mapping: ColumnMapping) -> list[SheetColumn]:
    names: dict[int, list[str]] = {}
    for name, at in mapping.sources.items():
        recipe = mapping.recipes.get(name)
        for column in recipe.columns if recipe else (at,):
            names.setdefault(column, []).append(name)
    headers = {header.column: header for header in layout.headers}
    used = sorted({*names, *list(headers)[:MOST_COLUMNS]})
    return [
        SheetColumn(at, Header(at, "").letter, headers[at].full if at in headers else "", tuple(names.get(at, ())))
        for at in used
    ]


def _left_out(layout: Layout) -> dict[str, int]:
    counts: dict[str, int] = {}
    for why in layout.skipped.values():
        counts[why.value] = counts.get(why.value, 0) + 1
    return counts


def _cells(
    sheet: Sheet, row: int, columns: list[SheetColumn], originals: Mapping[tuple[int, int], Stored]
) -> list[Stored]:
    cells = [stored(sheet, row, column.at) for column in columns]
    if originals:
        for index, column in enumerate(columns):
            if (row, column.at) in originals:
                cells[index] = ["c", cells[index] or "", originals[(row, column.at)]]
    return cells


def write_plan(db: sqlite3.Connection, plan: Plan, places: Iterable[int]) -> None:
    """Verdicts, errors and keys; `places` are the kept places of the frame's rows."""
    checked, places = plan.checked, list(places)
    errors = checked.errors()
    place_of = {int(row): place for row, place in zip(checked.rows.tolist(), places, strict=True)}
    start = (db.execute("SELECT max(grp) FROM row").fetchone()[0] or 0) + 1
    groups = [None] * len(places) if checked.group is None else [start + int(group) for group in checked.group]
    verdicts = plan.verdicts if checked.group is None else [plan.verdicts[int(group)] for group in checked.group]
    db.executemany(
        "UPDATE row SET verdict = ?, grp = ? WHERE place = ?",
        ((verdict.value, group, place) for verdict, group, place in zip(verdicts, groups, places, strict=True)),
    )
    db.executemany("INSERT INTO error VALUES (?, ?, ?, ?, ?, ?)", (_error(one, place_of) for one in errors))
    bad = {place_of[error.row - 1] for error in errors}
    db.executemany("UPDATE row SET is_bad = 1 WHERE place = ?", ((place,) for place in bad))
    for number, values in enumerate(row_keys(checked)):
        db.executemany(
            "INSERT INTO key VALUES (?, ?, ?)",
            ((place, number, value) for place, value in zip(places, values, strict=True) if value is not None),
        )


def _error(error: CellError, place_of: Mapping[int, int]) -> tuple[Any, ...]:
    at = column_number(error.column)
    return (place_of[error.row - 1], at, error.name, error.header, error.code, str(error.message))


def row_keys(checked: Checked) -> list[list[str | None]]:
    """What tells rows apart, key by key: rows with the same text must be checked together."""
    spec, frame = checked.spec, checked.frame
    if checked.group is not None:
        names = [name for key in spec.keys for name in key if name in frame]
        firsts: dict[int, str] = {}
        for group, *values in zip(checked.group.tolist(), *(frame[name] for name in names), strict=True):
            firsts.setdefault(group, "\x1f".join(map(str, values)))
        return [[firsts[group] for group in checked.group.tolist()]]
    keys = [*spec.keys, *((name,) for name in spec.unique)]
    found = []
    for key in dict.fromkeys(keys):
        columns = [frame[name].tolist() for name in key if name in frame]
        if len(columns) == len(key):
            rows = zip(*columns, strict=True)
            found.append([None if None in row else "\x1f".join(map(str, row)) for row in rows])
        else:
            found.append([None] * len(frame))
    return found


def column_number(letters: str) -> int | None:
    """A column's number from 0 by its letters; None for none."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1 if letters else None


def as_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
