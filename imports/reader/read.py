"""Workbooks as values: the parent's side of the limited child."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import IO, Any

from flask_babel import lazy_gettext as _l

from app.core.csv_guard import unguarded
from app.core.errors import DomainError
from imports.reader.facts import address, column_letters
from imports.reader.limits import DEFAULT, Limits
from imports.reader.wire import read_column

__all__ = ["Cell", "Sheet", "Workbook", "WorkbookRefused", "address", "column_letters", "file_sha256", "read_workbook"]

logger = logging.getLogger(__name__)
ROOT = Path(__file__).resolve().parents[2]

Cell = str | int | float | bool | date | datetime | None
"""A cell as it was stored: text is kept exactly, whole numbers are int, blank is None."""

REASONS: dict[str, Any] = {
    "empty": _l("The file is empty. Choose the workbook again."),
    "missing": _l("The file was not found."),
    "not_workbook": _l("This is not a workbook. Save it in Excel as .xlsx and upload that file."),
    "unsupported": _l("This kind of workbook cannot be read. Save it in Excel as .xlsx and upload that file."),
    "damaged": _l("The file is damaged or was cut off. Open it in Excel, save it again and upload it."),
    "password": _l("The workbook is protected by a password. Remove the password in Excel and upload it again."),
    "archive": _l("This is an archive. Unpack it and upload the workbook inside."),
    "zip_bomb": _l("The file unpacks to far more than a workbook should, so it was not opened."),
    "too_large": _l("The file is %(megabytes)d MB; at most %(most)d MB can be read. Split it and upload the parts."),
    "too_many_parts": _l("The file has more than %(most)d parts inside, so it was not opened."),
    "too_many_sheets": _l("The workbook has more than %(most)d sheets. Split it and upload the parts."),
    "too_many_rows": _l("A sheet has more than %(most)d rows. Split it and upload the parts."),
    "too_many_cells": _l(
        "A sheet reaches as far as cell %(cell)s. Delete the unused rows and columns up to there, or split the sheet."
    ),
    "text_too_long": _l(
        "The text in row %(row)d is too long for a cell; perhaps a quotation mark is not closed there."
    ),
    "unclosed_quote": _l(
        "A quotation mark opened in row %(row)d is not closed, so the rows after it cannot be told apart. "
        "Close it or save the list as .xlsx."
    ),
    "mixed_encoding": _l(
        "The letters of row %(row)d are written in another encoding than the others. "
        "Open the list in Excel, repair the row and save it as .xlsx."
    ),
    "lost_letters": _l(
        "The letters of this file were lost when it was saved: it holds question marks instead. "
        "Save the list again as .xlsx or as CSV UTF-8."
    ),
    "control_characters": _l(
        "Row %(row)d holds characters that no list has, so the file is damaged. Save the list again as .xlsx."
    ),
    "entities": _l("The file contains declarations that a workbook never has, so it was not opened."),
    "no_sheets": _l("The workbook has no sheet that can be read."),
    "no_table": _l("The page contains no table."),
    "timeout": _l("Reading the file took too long and was stopped. Split it and upload the parts."),
    "memory": _l("Reading the file needs too much memory. Delete unused rows and columns, or split it."),
}
BY_SIGNAL = {signal.SIGXCPU: "timeout", signal.SIGABRT: "memory", signal.SIGKILL: "memory", signal.SIGSEGV: "damaged"}


class WorkbookRefused(DomainError):
    """The file was not read; `code` says why, the message what to do about it."""

    def __init__(self, code: str, **detail: Any) -> None:
        message = REASONS.get(code, REASONS["damaged"])
        super().__init__(_l(message._args[0], **detail) if detail else message, **detail)
        self.code = code


@dataclass(slots=True)
class Sheet:
    """One sheet. `columns[c][r]` is the cell in row r and column c, both from 0.

    `rows` and `width` are the used size. `errors` maps (row, column) to the error's text,
    `valueless` holds formulas stored without a value: both look blank in `columns`. The counts
    are whole even where the lists were cut. `hidden` are (first row, last row). `origins` says of
    columns that came from another sheet (imports.joined) where each cell stands there: (sheet, row,
    column), by (row, column) of this one.
    """

    name: str
    state: str = "visible"
    rows: int = 0
    width: int = 0
    columns: list[list[Cell]] = field(default_factory=list, repr=False)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list, repr=False)
    errors: dict[tuple[int, int], str] = field(default_factory=dict, repr=False)
    error_count: int = 0
    valueless: set[tuple[int, int]] = field(default_factory=set, repr=False)
    valueless_count: int = 0
    formula_count: int = 0
    hidden: list[tuple[int, int]] = field(default_factory=list, repr=False)
    is_filtered: bool = False
    origins: dict[tuple[int, int], tuple[str, int, int]] = field(default_factory=dict, repr=False)

    @property
    def hidden_count(self) -> int:
        return sum(last - first + 1 for first, last in self.hidden)

    def hidden_runs(self) -> list[tuple[int, int]]:
        """Which rows are hidden, from 1: (first, last) of every run."""
        return [(first + 1, last + 1) for first, last in self.hidden]

    def row(self, place: int) -> list[Cell]:
        """The cells of a row."""
        return [column[place] if place < len(column) else None for column in self.columns]


@dataclass(slots=True)
class Workbook:
    """What the child read: its kind, its sheets, what it cost."""

    kind: str = ""
    sheets: list[Sheet] = field(default_factory=list)
    seconds: float = 0.0
    peak_mb: float = 0.0

    def sheet(self, name: str) -> Sheet:
        """The sheet of that name. Raises KeyError."""
        for sheet in self.sheets:
            if sheet.name == name:
                return sheet
        raise KeyError(name)


def file_sha256(path: str | os.PathLike[str]) -> str:
    """The SHA-256 of a file, in hex."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_workbook(
    path: str | os.PathLike[str],
    *,
    name: str | None = None,
    sheets: Sequence[str] | None = None,
    head: int | None = None,
    limits: Limits = DEFAULT,
) -> Workbook:
    """Read a workbook in a limited child process.

    `name` is the file's name as the person knows it (a stored upload has none of its own);
    `sheets` limits which sheets' cells are sent, `head` how many rows of each. Sizes and survey
    are always of whole sheets.

    Raises:
        WorkbookRefused: whatever the file is or does; the parent never fails because of it.
    """
    path = Path(path).resolve()
    if not path.is_file():
        raise WorkbookRefused("missing")
    request = {
        "path": str(path), "suffix": Path(name or path.name).suffix, "limits": asdict(limits),
        "sheets": None if sheets is None else list(sheets), "head": head,
    }  # fmt: skip
    started = time.perf_counter()
    book = _Book()
    with _child(json.dumps(request), limits) as (output, status):
        try:
            for line in output:
                message = json.loads(line)
                book.take(message, [output.read(size) for size in message.get("sizes", ())])
        except ValueError:
            pass  # it died amid a message, which its status tells
    if book.refused is not None:
        raise WorkbookRefused(*book.refused[:1], **book.refused[1])
    if not book.is_complete:
        code = status()
        logger.warning("the sheet reader ended with %s: %s", code, path.name)
        raise WorkbookRefused(code)
    workbook = book.workbook()
    if workbook.kind == "text":
        for sheet in workbook.sheets:
            sheet.columns = [unguarded(column) for column in sheet.columns]
    workbook.seconds = round(time.perf_counter() - started, 3)
    return workbook


@contextmanager
def _child(request: str, limits: Limits) -> Iterator[tuple[IO[bytes], Any]]:
    """The child's output, and a function that says how it ended without an answer."""
    child = subprocess.Popen(
        [sys.executable, "-s", "-E", "-m", "imports.reader.child"],
        cwd=ROOT,
        env={"LANG": "C.UTF-8", "PATH": os.defpath, "RUST_BACKTRACE": "0"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    overdue = threading.Event()

    def stop() -> None:
        overdue.set()
        child.kill()

    timer = threading.Timer(limits.wall_seconds, stop)
    timer.daemon = True
    timer.start()

    def status() -> str:
        code = child.wait()
        if overdue.is_set():
            return "timeout"
        return BY_SIGNAL.get(signal.Signals(-code), "damaged") if code < 0 else "damaged"

    assert child.stdin is not None
    assert child.stdout is not None
    try:
        try:
            child.stdin.write(request.encode() + b"\n")
            child.stdin.close()
        except BrokenPipeError:
            pass
        yield child.stdout, status
    finally:
        timer.cancel()
        child.kill()
        child.stdout.close()
        child.wait()


class _Book:
    """Puts the child's messages together.

    Cells are kept as they came until the child has ended: two processes that hold all of them at
    once would need the memory twice.
    """

    def __init__(self) -> None:
        self.refused: tuple[str, dict[str, Any]] | None = None
        self.is_complete = False
        self._workbook = Workbook()
        self._blocks: list[tuple[Sheet, dict[str, Any], list[bytes]]] = []

    def take(self, message: dict[str, Any], parts: list[bytes]) -> None:
        if "block" in message:
            self._blocks.append((self._workbook.sheets[-1], message, parts))
        elif "sheet" in message:
            self._workbook.sheets.append(_sheet(message))
        elif "size" in message:
            self._workbook.sheets[-1].rows, self._workbook.sheets[-1].width = message["rows"], message["columns"]
        elif "refused" in message:
            self.refused = (message["refused"], message["detail"])
        elif "book" in message:
            self._workbook.kind = message["book"]
        elif "end" in message:
            self.is_complete = True
            self._workbook.peak_mb = message["peak_mb"]

    def workbook(self) -> Workbook:
        """The sheets with their cells."""
        for sheet in self._workbook.sheets:
            sheet.columns = [[] for _ in range(sheet.width)]
        self._blocks.reverse()
        while self._blocks:
            _fill(*self._blocks.pop())
        for sheet in self._workbook.sheets:
            height = max(map(len, sheet.columns), default=0)
            for column in sheet.columns:
                column.extend([None] * (height - len(column)))
        return self._workbook


def _sheet(facts: dict[str, Any]) -> Sheet:
    return Sheet(
        name=facts["sheet"],
        state=facts["state"],
        rows=facts["rows"],
        width=facts["columns"],
        merged=[tuple(found) for found in facts["merged"]],
        errors={(row, column): text for row, column, text in facts.get("errors", ())},
        error_count=facts.get("error_count", 0),
        valueless={(row, column) for row, column in facts.get("valueless", ())},
        valueless_count=facts.get("valueless_count", 0),
        formula_count=facts.get("formulas", 0),
        hidden=[(first, last) for first, last in facts.get("hidden", ())],
        is_filtered=facts.get("filtered", False),
    )


def _fill(sheet: Sheet, block: dict[str, Any], parts: list[bytes]) -> None:
    """Put a block's cells under those of the blocks before it."""
    first, start, height = block["block"], block["column"], block["height"]
    for row, place, text in block["bad"]:
        sheet.errors[(first + row, start + place)] = text
        sheet.error_count += 1
    for place, (kind, part) in enumerate(zip(block["kinds"], parts, strict=True)):
        target = sheet.columns[start + place]
        if len(target) < first:
            target.extend([None] * (first - len(target)))
        target.extend(read_column(kind, part, height, block["days"].get(str(place), ())))
