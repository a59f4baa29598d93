"""The limited child: reads one workbook and writes its cells to standard output as JSON lines.

Started as `python -m imports.reader.child` with one JSON request on standard input (path, suffix,
limits, sheets, head). Answers in lines: `book`, then per sheet one `sheet` and its `block`s, then
`end`; or `refused` with a code. It may also die (a reader that aborts, a limit that kills): the
parent reads that as a refusal too. Imports nothing of the application but this package.
"""

from __future__ import annotations

import json
import resource
import sys
import time
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from math import isfinite
from pathlib import Path
from typing import Any

from imports.reader import formats, gate, survey
from imports.reader.gate import Refused
from imports.reader.limits import Limits

BLOCK_ROWS = 4_000
MOST_MERGED = 50_000
ZIP_SUFFIXES = {".xlsx", ".xlsm", ".xlsb", ".ods", ".xltx", ".xltm"}
STATES = {"Visible": "visible", "Hidden": "hidden", "VeryHidden": "veryHidden"}


def main() -> None:
    """Serve one request."""
    request = json.loads(sys.stdin.readline())
    limits = Limits(**request["limits"])
    _limit(limits)
    started = time.perf_counter()
    try:
        _serve(request, limits)
    except Refused as refusal:
        _emit(refused=refusal.code, detail=refusal.detail)
    except MemoryError:
        _emit(refused="memory", detail={})
    except BaseException as error:  # noqa: BLE001 - a panic of the reader is not an Exception
        _emit(refused="damaged", detail={"fault": type(error).__name__})
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    _emit(end=True, seconds=round(time.perf_counter() - started, 3), peak_mb=round(peak, 1))
    sys.stdout.flush()


def _limit(limits: Limits) -> None:
    for what, most in (
        (resource.RLIMIT_AS, limits.memory_bytes),
        (resource.RLIMIT_CPU, limits.cpu_seconds),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 32),
    ):
        resource.setrlimit(what, (most, most))


def _emit(**message: Any) -> None:
    sys.stdout.write(json.dumps(message, ensure_ascii=False, separators=(",", ":"), allow_nan=False))
    sys.stdout.write("\n")


def _serve(request: dict[str, Any], limits: Limits) -> None:
    path, suffix = request["path"], request["suffix"].lower()
    kind = gate.check(path, limits)
    if kind in ("text", "html") and suffix in ZIP_SUFFIXES:
        raise Refused("not_workbook")
    wanted = set(request["sheets"]) if request["sheets"] is not None else None
    if kind == "text":
        _serve_tables([formats.HtmlTable(formats.read_text(path, limits))], "text", wanted, request["head"])
    elif kind == "html":
        _serve_tables(formats.read_html(path, limits), "html", wanted, request["head"])
    else:
        _serve_workbook(path, kind, wanted, request["head"], limits)


def _serve_tables(tables: list[formats.HtmlTable], kind: str, wanted: set[str] | None, head: int | None) -> None:
    _emit(book=kind)
    for place, table in enumerate(tables, start=1):
        name = f"{kind}{place}"
        width = max(map(len, table.rows), default=0)
        _emit(sheet=name, state="visible", rows=len(table.rows), columns=width, merged=table.merged, surveyed=True)
        if wanted is None or name in wanted:
            _blocks(table.rows[:head], 0)


def _serve_workbook(path: str, kind: str, wanted: set[str] | None, head: int | None, limits: Limits) -> None:
    surveys = _surveys(path, limits) if kind in ("xlsx", "xlsm") else {}
    import python_calamine

    with Path(path).open("rb") as file:
        try:
            book = python_calamine.load_workbook(file)
        except python_calamine.PasswordError as error:
            raise Refused("password") from error
        _emit(book=kind)
        for place, meta in enumerate(book.sheets_metadata):
            if str(meta.typ).rpartition(".")[2] != "WorkSheet":
                continue
            sheet = book.get_sheet_by_index(place)
            found = surveys.get(meta.name)
            _announce(sheet, meta, found)
            start = sheet.start
            if start is not None and (wanted is None or meta.name in wanted):
                rows = sheet.to_python(nrows=head, skip_empty_area=True) if head else sheet.iter_rows()
                _blocks(rows, start[0], column=start[1], skip=0 if head else start[0])


def _surveys(path: str, limits: Limits) -> dict[str, survey.Survey]:
    found = {}
    with zipfile.ZipFile(path) as archive:
        parts, uncalculated = survey.sheet_parts(archive)
        if not parts:
            raise Refused("no_sheets")
        if len(parts) > limits.sheets:
            raise Refused("too_many_sheets", most=limits.sheets)
        names = set(archive.namelist())
        for sheet in parts:
            if sheet.part in names and "chartsheet" not in sheet.part:
                found[sheet.name] = survey.survey_sheet(archive, sheet.part, limits, uncalculated=uncalculated)
    return found


def _announce(sheet: Any, meta: Any, found: survey.Survey | None) -> None:
    state = STATES.get(str(meta.visible).rpartition(".")[2], "visible")
    end = sheet.end
    rows, columns = (end[0] + 1, end[1] + 1) if end is not None else (0, 0)
    facts: dict[str, Any] = {"surveyed": found is not None}
    if found is not None:
        facts |= {
            "errors": found.errors, "error_count": found.error_count, "formulas": found.formula_count,
            "valueless": found.valueless, "valueless_count": found.valueless_count,
            "hidden": list(_ranges(found.hidden_rows)), "filtered": found.is_filtered,
        }  # fmt: skip
    merged = [(a, b, c, d) for (a, b), (c, d) in (sheet.merged_cell_ranges or [])[:MOST_MERGED]]
    _emit(sheet=meta.name, state=state, rows=rows, columns=columns, merged=merged, **facts)


def _ranges(rows: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Runs of rows as (first, last)."""
    first = last = None
    for row in rows:
        if last is not None and row == last + 1:
            last = row
            continue
        if first is not None and last is not None:
            yield first, last
        first = last = row
    if first is not None and last is not None:
        yield first, last


def _blocks(rows: Iterable[list[Any]], first: int, *, column: int = 0, skip: int = 0) -> None:
    """Write rows as blocks of columns; the first `skip` rows are padding of the reader."""
    block: list[list[Any]] = []
    for place, row in enumerate(rows):
        if place < skip:
            continue
        block.append(row)
        if len(block) == BLOCK_ROWS:
            _block(block, first, column)
            first += BLOCK_ROWS
            block = []
    if block:
        _block(block, first, column)


def _block(rows: list[list[Any]], first: int, column: int) -> None:
    width = max(map(len, rows))
    if any(len(row) != width for row in rows):
        rows = [[*row, *[""] * (width - len(row))] for row in rows]
    columns, days, bad = [], {}, []
    for place, values in enumerate(zip(*rows, strict=True)):
        plain, dated, spoiled = _plain(values)
        columns.append(plain)
        if dated:
            days[str(place)] = dated
        bad += [(offset, place) for offset in spoiled]
    _emit(block=first, column=column, columns=columns, days=days, bad=bad)


def _plain(values: Sequence[Any]) -> tuple[list[Any], list[int], list[int]]:
    """A column as JSON values (None for blank), which of them are dates, which are not numbers at all."""
    kinds = set(map(type, values))
    if kinds == {str}:
        return [value or None for value in values], [], []
    if kinds == {float}:
        try:
            return [int(value) if value.is_integer() else value for value in values], [], []
        except (OverflowError, ValueError):  # infinity, not a number
            pass
    plain: list[Any] = []
    dated, spoiled = [], []
    for place, value in enumerate(values):
        kind = type(value)
        if kind is float and not isfinite(value):
            spoiled.append(place)
        elif kind is datetime or kind is date:
            dated.append(place)
        plain.append(_one(value, kind))
    return plain, dated, spoiled


def _one(value: Any, kind: type) -> Any:
    if kind is str:
        return value or None
    if kind is float:
        if not isfinite(value):
            return None
        return int(value) if value.is_integer() else value
    if kind is timedelta:
        return _duration(value)
    return value.isoformat() if hasattr(value, "isoformat") else value


def _duration(value: timedelta) -> str:
    seconds = round(value.total_seconds())
    sign, seconds = ("-", -seconds) if seconds < 0 else ("", seconds)
    return f"{sign}{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


if __name__ == "__main__":
    main()
