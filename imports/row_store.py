"""Reading the kept rows of a batch: windows of them, their errors, and what corrections change."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from flask_babel import lazy_gettext as _l

from app.core.calendar import format_date
from app.core.errors import DomainError
from app.core.raw_cells import as_text
from imports.layout import Header
from imports.overlay import Stored
from imports.plans import Plan, Verdict
from imports.rows import SheetColumn, as_json, write_plan


class RowsGone(DomainError):
    """The rows of a batch are not kept any more."""

    code = "rows_gone"
    default_message = _l("The rows of this file are no longer kept. Upload it again.")


@dataclass(frozen=True, slots=True)
class KeptRow:
    """One row: `cells` as stored, in the order of the columns; errors with the column they stand in."""

    place: int
    row: int
    cells: list[Stored]
    verdict: str
    group: int | None
    errors: list[tuple[int | None, str, str]]  # column of the sheet, code, message


@dataclass(frozen=True, slots=True)
class ErrorKind:
    """All errors of one kind in one column."""

    name: str
    header: str
    code: str
    message: str
    count: int


class RowStore:
    """Reads the kept rows, and writes what corrections change. Use in a `with`; leaving it saves."""

    def __init__(self, path: Path) -> None:
        """Raises RowsGone."""
        if not path.is_file():
            raise RowsGone
        self._db = sqlite3.connect(path, isolation_level="IMMEDIATE", timeout=20)
        facts = {name: json.loads(value) for name, value in self._db.execute("SELECT name, value FROM meta")}
        self.sheet: str = facts["sheet"]
        self.header_rows: tuple[int, int] = tuple(facts["header_rows"])
        self.left_out: dict[str, int] = facts["left_out"]
        self.warnings: list[dict[str, Any]] = facts["warnings"]
        self.columns = [SheetColumn(at, letter, head, tuple(names)) for at, letter, head, names in facts["columns"]]
        self.headers = tuple(Header(column, words, group) for column, words, group in facts["headers"])

    def save(self) -> None:
        """Keep what was written since the last save."""
        self._db.commit()

    def close(self) -> None:
        """Forget what was not saved."""
        self._db.close()

    # --- reading

    def counts(self) -> dict[str, int]:
        """Rows by verdict; they add up to `rows`."""
        found = dict(self._db.execute("SELECT verdict, count(*) FROM row GROUP BY verdict").fetchall())
        return {"rows": sum(found.values()), **{one.value: found.get(one.value, 0) for one in Verdict}}

    def document_counts(self) -> dict[str, int] | None:
        """Documents by verdict; None where each row is a record of its own."""
        statement = "SELECT verdict, count(DISTINCT grp) FROM row WHERE grp IS NOT NULL GROUP BY verdict"
        found = dict(self._db.execute(statement).fetchall())
        if not found:
            return None
        return {"documents": sum(found.values()), **{one.value: found.get(one.value, 0) for one in Verdict}}

    def error_count(self) -> int:
        """Bad cells."""
        return int(self._db.execute("SELECT count(*) FROM error").fetchone()[0])

    def kinds(self) -> list[ErrorKind]:
        """The errors by column and code, the most frequent first."""
        statement = (
            "SELECT name, header, code, min(message), count(*) FROM error GROUP BY name, code ORDER BY 5 DESC, 1, 3"
        )
        return [ErrorKind(*row) for row in self._db.execute(statement)]

    def errors(self) -> Iterator[dict[str, Any]]:
        """Every bad cell, by row and column, as `import --json` names them."""
        letters = {column.at: column.letter for column in self.columns}
        statement = (
            "SELECT r.row, e.at, e.header, e.code, e.message FROM error e JOIN row r USING (place) ORDER BY 1, 2"
        )
        for row, at, header, code, message in self._db.execute(statement):
            yield {
                "sheet": self.sheet, "row": row + 1, "column": letters.get(at, ""), "header": header,
                "code": code, "message": message,
            }  # fmt: skip

    def page(self, show: Show, *, offset: int, limit: int) -> tuple[int, list[KeptRow]]:
        """How many rows are shown in all, and a window of them."""
        where, values = show.condition()
        counting = f"SELECT count(*) FROM row WHERE {where}"  # noqa: S608 the words are Show's own
        total = int(self._db.execute(counting, values).fetchone()[0])
        statement = f"SELECT place FROM row WHERE {where} ORDER BY place LIMIT ? OFFSET ?"  # noqa: S608
        places = [place for (place,) in self._db.execute(statement, (*values, limit, offset))]
        return total, self.rows(places)

    def rows(self, places: Iterable[int]) -> list[KeptRow]:
        """Rows by place, in order."""
        found = []
        for place in sorted(places):
            row, cells, verdict, group = self._db.execute(
                "SELECT row, cells, verdict, grp FROM row WHERE place = ?", (place,)
            ).fetchone()
            errors = self._db.execute("SELECT at, code, message FROM error WHERE place = ? ORDER BY at", (place,))
            found.append(KeptRow(place, row, json.loads(cells), verdict, group, errors.fetchall()))
        return found

    def offset_of(self, row: int, show: Show) -> int:
        """How many shown rows stand before a row of the sheet."""
        where, values = show.condition()
        statement = f"SELECT count(*) FROM row WHERE {where} AND row < ?"  # noqa: S608 the words are Show's own
        return int(self._db.execute(statement, (*values, row)).fetchone()[0])

    def scan(self, may_hold: Callable[[str], bool], *, only_bad: bool = False) -> Iterator[tuple[int, list[Stored]]]:
        """Rows of the sheet with their cells, or those with errors; `may_hold` looks at a row's JSON first."""
        statement = "SELECT row, cells FROM row WHERE is_bad" if only_bad else "SELECT row, cells FROM row"
        yield from ((row, json.loads(cells)) for row, cells in self._db.execute(statement) if may_hold(cells))

    def places_of(self, rows: Iterable[int]) -> dict[int, int]:
        """Places by row of the sheet; rows without a record are left out."""
        found = {}
        for row in rows:
            answer = self._db.execute("SELECT place FROM row WHERE row = ?", (row,)).fetchone()
            if answer is not None:
                found[row] = int(answer[0])
        return found

    def same_keys(self, places: Iterable[int]) -> set[int]:
        """Rows that share a key with these, as they were kept; these too."""
        found = set(places)
        keys: set[tuple[int, str]] = set()
        for place in found:
            keys.update(self._db.execute("SELECT number, value FROM key WHERE place = ?", (place,)))
        return found | self.with_keys(keys)

    def with_keys(self, keys: Iterable[tuple[int, str]]) -> set[int]:
        """Rows that have one of these keys (number, value)."""
        statement = "SELECT place FROM key WHERE value = ? AND number = ?"
        return {place for number, value in keys for (place,) in self._db.execute(statement, (value, number))}

    def documents_of(self, places: Iterable[int], *, above: bool = False) -> set[int]:
        """All rows of the documents of these rows; with `above`, of the one over each of them too."""
        groups: set[int] = set()
        for place in places:
            statement = "SELECT DISTINCT grp FROM row WHERE place IN (?, ?) AND grp IS NOT NULL"
            groups.update(group for (group,) in self._db.execute(statement, (place, place - 1 if above else place)))
        return {
            place for group in groups for (place,) in self._db.execute("SELECT place FROM row WHERE grp = ?", (group,))
        }

    # --- writing

    def set_cells(self, texts: Mapping[tuple[int, int], str | None]) -> set[int]:
        """Correct cells by (row, column); None brings the file's cell back. Answers the places."""
        at = {column.at: index for index, column in enumerate(self.columns)}
        by_row: dict[int, dict[int, str | None]] = {}
        for (row, column), text in texts.items():
            if column in at:
                by_row.setdefault(row, {})[at[column]] = text
        places = self.places_of(by_row)
        for row, place in places.items():
            cells = json.loads(self._db.execute("SELECT cells FROM row WHERE place = ?", (place,)).fetchone()[0])
            for index, text in by_row[row].items():
                first = original(cells[index])
                cells[index] = first if text is None else ["c", text, first]
            is_corrected = any(is_correction(cell) for cell in cells)
            values = (as_json(cells), is_corrected, place)
            self._db.execute("UPDATE row SET cells = ?, is_corrected = ? WHERE place = ?", values)
        return set(places.values())

    def take_plan(self, plan: Plan, places: list[int]) -> None:
        """Replace what is kept of some rows by what a new check says; `places` are the frame's."""
        for statement in (
            "DELETE FROM error WHERE place = ?",
            "DELETE FROM key WHERE place = ?",
            "UPDATE row SET is_bad = 0 WHERE place = ?",
        ):
            self._db.executemany(statement, ((place,) for place in places))
        write_plan(self._db, plan, places)


@dataclass(frozen=True, slots=True)
class Show:
    """Which rows are shown: all, those with errors (of one kind), of one verdict, or corrected ones."""

    what: str = "all"
    name: str = ""
    code: str = ""

    def condition(self) -> tuple[str, tuple[str, ...]]:
        """As SQL over `row`."""
        if self.what == "errors" and self.code:
            return "place IN (SELECT place FROM error WHERE name = ? AND code = ?)", (self.name, self.code)
        if self.what == "errors":
            return "is_bad", ()
        if self.what == "corrected":
            return "is_corrected", ()
        return ("verdict = ?", (self.what,)) if self.what in set(Verdict) else ("1", ())


@contextmanager
def open_rows(path: Path) -> Iterator[RowStore]:
    """The kept rows for reading. Raises RowsGone."""
    store = RowStore(path)
    try:
        yield store
    finally:
        store.close()


def is_correction(cell: Stored) -> bool:
    """Whether a person typed this."""
    return isinstance(cell, list) and cell[0] == "c"


def original(cell: Stored) -> Stored:
    """The cell of the file, below a correction."""
    return cell[2] if is_correction(cell) else cell


def shown(cell: Stored) -> str:
    """A stored cell as people read and type it; dates in Jalali."""
    if not isinstance(cell, list):
        return as_text(cell)
    if cell[0] in ("e", "c"):
        return str(cell[1])
    if cell[0] == "f":
        return ""
    if cell[0] == "t":
        return as_text(datetime.fromisoformat(cell[1]))
    return format_date(date.fromisoformat(cell[1]), "en")
