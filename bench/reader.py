"""Reading alone: rows a second of each format, what the library needs of it, and the worst of the hostile files."""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import python_calamine
import xlsxwriter

from bench.ground import Figure
from imports.layout import find_layout
from imports.reader.limits import DEFAULT, MB
from imports.reader.read import WorkbookRefused, read_workbook
from tests.imports.reader.hostile import READ, REFUSED, REFUSED_TEXTS
from tests.services import office_convert

ROWS = 100_000
COLUMNS = 15
LIMITS = replace(DEFAULT, unpacked_bytes=150 * MB)
OTHERS = ("ods", "xls", "csv:Text - txt - csv (StarCalc):44,34,76")


def run(kind: str, scale: float) -> Iterator[Figure | str]:
    """Rows per second of reading and layout, processor and memory; needs no database, so it runs once."""
    if kind != "sqlite":
        return
    count = max(100, int(ROWS * scale))
    with TemporaryDirectory(prefix="kartabl-bench-") as name:
        folder = Path(name)
        for shared in (True, False):
            label = "shared strings" if shared else "inline strings"
            path = _write(folder / f"{'shared' if shared else 'inline'}.xlsx", count, shared=shared)
            yield from _read(path, f"xlsx, {label}", count, alone=_library(path))
        for to in OTHERS:
            fewer = min(count, 60_000)
            path = _write(folder / "office.xlsx", fewer, shared=True)
            made = office_convert(path, to=to, folder=folder)
            alone = None if made.suffix == ".csv" else _library(made)
            yield from _read(made, f"{made.suffix[1:]} of LibreOffice", fewer, alone=alone)
        yield from _hostile(folder)


def _write(path: Path, count: int, *, shared: bool) -> Path:
    with xlsxwriter.Workbook(str(path), {"constant_memory": not shared, "strings_to_numbers": False}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, [f"column {n}" for n in range(COLUMNS)])
        for row in range(1, count + 1):
            sheet.write_row(row, 0, [*_texts(row), row * 1_000, row / 8, f"14{row % 99:02d}/0{row % 9 + 1}/11"])
    return path


def _texts(row: int) -> list[str]:
    return [f"B{row:07d}", f"مشتری آزمون {row}", ("حقیقی", "حقوقی")[row % 2], f"شرکت {row % 5_000}"] + [
        f"{row * 7919 * (n + 3) % 10**10:010d}" for n in range(COLUMNS - 7)
    ]


def _library(path: Path) -> tuple[float, float]:
    """Seconds of the library alone over the same cells, in this process: by the clock and of the processor."""
    started, used = time.perf_counter(), _processor()
    for _row in python_calamine.load_workbook(path).get_sheet_by_index(0).iter_rows():
        pass
    return time.perf_counter() - started, _processor() - used


def _read(path: Path, name: str, count: int, *, alone: tuple[float, float] | None) -> Iterator[Figure | str]:
    used = _processor()
    started = time.perf_counter()
    book = read_workbook(path)
    layout = find_layout(book.sheets[0])
    seconds = time.perf_counter() - started
    if len(layout.data) != count:
        yield f"{name}: {len(layout.data)} of {count} rows"
    note = f"load {os.getloadavg()[0]:.0f}; limit: the library alone, without checks"
    limit, steady = (count / alone[0], count / alone[1]) if alone else (None, None)
    yield Figure("", f"read + layout, {name}, {count} × {COLUMNS}", count / seconds, "rows/s", limit, "30,000", note)
    yield Figure("", f"… per second of processor, {name}", count / (_processor() - used), "rows/s", steady, "30,000")
    yield Figure("", f"… peak of the child, {name}", book.peak_mb, "MB", target="400")


def _processor() -> float:
    return sum(os.times()[:4])


def _hostile(folder: Path) -> Iterator[Figure | str]:
    slowest, largest = (0.0, ""), (0.0, "")
    cases: list[tuple[Callable[[Path], Path], str, Any]] = [
        *((make, "h.xlsx", codes) for make, codes in REFUSED),
        *((make, "h.csv", codes) for make, codes in REFUSED_TEXTS),
        *((make, "h.xlsx", None) for make, _rows, _columns in READ),
    ]
    for make, name, codes in cases:
        path = make(folder / name)
        started = time.perf_counter()
        try:
            read_workbook(path, limits=LIMITS)
            verdict = None
        except WorkbookRefused as refused:
            verdict = refused.code
        seconds = time.perf_counter() - started
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024  # of all so far: only its rise counts
        print(f"  {make.__name__}: {verdict or 'read'}, {seconds:.2f} s", flush=True)
        if (codes is None) != (verdict is None) or (codes and verdict not in codes):
            yield f"{make.__name__}: {verdict}"
        slowest = max(slowest, (seconds, make.__name__))
        largest = (peak, make.__name__) if peak > largest[0] else largest
    yield Figure("", f"slowest of {len(cases)} hostile files", slowest[0], "s", target="90", note=slowest[1])
    yield Figure("", "largest child of a hostile file", largest[0], "MB", target="1,536", note=largest[1])
