"""The limited child: reads one workbook and writes its cells to standard output.

Started as `python -m imports.reader.child` with one JSON request on standard input (path, suffix,
limits, sheets, head). Answers in messages of `wire`: `book`, then per sheet one `sheet`, its
`block`s and, where its size was not known before, `size`; then `end`; or `refused` with a code.
It may also die (a reader that aborts, a limit that kills): the parent reads that as a refusal too.
Imports nothing of the application but this package.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import json
import re
import resource
import sys
import time
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from imports.reader import formats, gate, wire
from imports.reader.book import Surveys, survey_book
from imports.reader.facts import Survey
from imports.reader.gate import Refused
from imports.reader.limits import Limits

BLOCK_ROWS = 4_000
MOST_MERGED = 50_000
ZIP_SUFFIXES = {".xlsx", ".xlsm", ".xlsb", ".ods", ".xltx", ".xltm"}
STATES = {"Visible": "visible", "Hidden": "hidden", "VeryHidden": "veryHidden"}
HIGHEST_MEMORY = re.compile(r"VmHWM:\s+(\d+) kB")


def main() -> None:
    """Serve one request."""
    request = json.loads(sys.stdin.readline())
    limits = Limits(**request["limits"])
    _limit(limits)
    gc.disable()  # rows in millions and no circles among them
    started = time.perf_counter()
    try:
        _Answer(request, limits).serve()
    except Refused as refusal:
        _emit(refused=refusal.code, detail=refusal.detail)
    except MemoryError:
        _emit(refused="memory", detail={})
    except BaseException as error:  # noqa: BLE001 - a panic of the reader is not an Exception
        _emit(refused="damaged", detail={"fault": type(error).__name__})
    _emit(end=True, seconds=round(time.perf_counter() - started, 3), peak_mb=_peak_mb())
    sys.stdout.buffer.flush()


def _limit(limits: Limits) -> None:
    for what, most in (
        (resource.RLIMIT_AS, limits.memory_bytes),
        (resource.RLIMIT_CPU, limits.cpu_seconds),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 32),
    ):
        resource.setrlimit(what, (most, most))


def _peak_mb() -> float:
    # ru_maxrss would tell the size of the parent that started us, where that was larger.
    found = HIGHEST_MEMORY.search(Path("/proc/self/status").read_text())
    return round(int(found.group(1)) / 1024, 1) if found else 0.0


def _emit(**message: Any) -> None:
    wire.send(sys.stdout.buffer, **message)


class _Answer:
    """One request on its way: which sheets and how many rows of them are wanted."""

    def __init__(self, request: dict[str, Any], limits: Limits) -> None:
        self.path: str = request["path"]
        self.suffix: str = request["suffix"].lower()
        self.wanted: set[str] | None = None if request["sheets"] is None else set(request["sheets"])
        self.head: int | None = request["head"]
        self.limits = limits

    def serve(self) -> None:
        kind = gate.check(self.path, self.limits)
        if kind in ("text", "html") and self.suffix in ZIP_SUFFIXES:
            raise Refused("not_workbook")
        if kind == "text":
            self._text()
        elif kind == "html":
            self._pages()
        else:
            self._workbook(kind)

    def _wants(self, name: str) -> bool:
        return self.wanted is None or name in self.wanted

    def _text(self) -> None:
        rows = formats.read_text(self.path, self.limits)
        _emit(book="text")
        _emit(sheet="text1", state="visible", rows=0, columns=0, merged=[])
        if self._wants("text1"):
            _blocks(islice(rows, self.head), error_words=True)
        for _ in rows:
            pass
        _emit(size=True, rows=rows.count, columns=rows.width)

    def _pages(self) -> None:
        tables = formats.read_html(self.path, self.limits)
        _emit(book="html")
        for place, table in enumerate(tables, start=1):
            name = f"html{place}"
            width = max(map(len, table.rows), default=0)
            hidden = [(row, row) for row in table.hidden]
            _emit(sheet=name, state="visible", rows=len(table.rows), columns=width, merged=table.merged, hidden=hidden)
            if self._wants(name):
                _blocks(table.rows[: self.head], error_words=True)

    def _workbook(self, kind: str) -> None:
        surveys = survey_book(self.path, kind, self.limits)
        import python_calamine

        with Path(self.path).open("rb") as file:
            try:
                book = python_calamine.load_workbook(file)
            except python_calamine.PasswordError as error:
                raise Refused("password") from error
            _emit(book=kind)
            sheets = list(_sheets(book.sheets_metadata, surveys))
            last = max((place for place, meta, _found in sheets if self._wants(meta.name)), default=-1)
            for place, meta, found in sheets:
                sheet = book.get_sheet_by_index(place)
                if place == last == sheets[-1][0]:
                    # The table of strings is no longer needed: give its memory back before rows are made.
                    book.close()
                    _trim_memory()
                _announce(sheet, meta, found)
                start = sheet.start
                if start is not None and self._wants(meta.name):
                    rows = (
                        sheet.to_python(nrows=self.head, skip_empty_area=True)
                        if self.head
                        else islice(sheet.iter_rows(), start[0], None)
                    )
                    _blocks(rows, start[0], column=start[1])


def _sheets(listed: list[Any], surveys: Surveys) -> Iterator[tuple[int, Any, Survey]]:
    """The sheets of cells with their surveys; a sheet that nothing is known of is no sheet we may read."""
    by_name = {name: found for name, found in surveys if name is not None}
    for place, meta in enumerate(listed):
        found = surveys[place][1] if len(surveys) == len(listed) else by_name.get(meta.name)
        if str(meta.typ).rpartition(".")[2] == "WorkSheet":
            if found is None:
                raise Refused("damaged")
            yield place, meta, found


def _trim_memory() -> None:
    with contextlib.suppress(OSError, AttributeError):  # another C library: it costs memory, not answers
        ctypes.CDLL(None).malloc_trim(0)


def _announce(sheet: Any, meta: Any, found: Survey) -> None:
    end = sheet.end
    rows, columns = (end[0] + 1, end[1] + 1) if end is not None else (0, 0)
    merged = found.merged
    if merged is None:
        merged = [(a, b, c, d) for (a, b), (c, d) in sheet.merged_cell_ranges or []]
    _emit(
        sheet=meta.name,
        state=STATES.get(str(meta.visible).rpartition(".")[2], "visible"),
        rows=rows,
        columns=columns,
        merged=merged[:MOST_MERGED],
        errors=found.errors,
        error_count=found.error_count,
        formulas=found.formula_count,
        valueless=found.valueless,
        valueless_count=found.valueless_count,
        hidden=found.hidden,
        filtered=found.is_filtered,
    )


def _blocks(rows: Iterable[list[Any]], first: int = 0, *, column: int = 0, error_words: bool = False) -> None:
    """Write rows as blocks."""
    rows = iter(rows)
    while block := list(islice(rows, BLOCK_ROWS)):
        wire.send_block(sys.stdout.buffer, block, first, column, error_words=error_words)
        first += len(block)


if __name__ == "__main__":
    main()
