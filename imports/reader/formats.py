"""Tables that are not workbooks: delimited text, and HTML tables that some systems name .xls.

Text is UTF-8 with or without a mark, UTF-16 with one, or Windows-1256; the delimiter is the one
that cuts the first lines most evenly.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

from imports.reader.gate import Refused
from imports.reader.limits import Limits

DELIMITERS = ",;\t|،؛"
SAMPLE_LINES = 60
CONTROL = re.compile(r"[\x01-\x08\x0b\x0e-\x1f\x7f]")
CHARSET = re.compile(rb"charset\s*=\s*[\"']?([A-Za-z0-9_-]+)", re.IGNORECASE)
MOST_SPAN = 1_000

Rows = list[list[str]]
Merge = tuple[int, int, int, int]


def decode(raw: bytes, declared: str | None = None) -> str:
    """The text of a file in an encoding found by its marks and its bytes. Raises Refused."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    else:
        encodings = ["utf-8-sig", *([declared] if declared else []), "cp1256"]
    for encoding in encodings:
        try:
            text = raw.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
        if CONTROL.search(text[:100_000]):
            break
        return text
    raise Refused("not_workbook")


def read_text(path: str, limits: Limits) -> Rows:
    """The rows of a delimited text file. Raises Refused."""
    with Path(path).open("rb") as file:
        text = decode(file.read())
    delimiter = _delimiter(text)
    csv.field_size_limit(limits.text_length * 4)
    rows: Rows = []
    cells = 0
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            rows.append(row)
            cells += len(row)
            if len(rows) > limits.rows:
                raise Refused("too_many_rows", most=limits.rows)
            if cells > limits.cells:
                raise Refused("too_many_cells", cell=f"A{len(rows)}", most=limits.cells)
    except csv.Error as error:
        raise Refused("text_too_long", row=len(rows) + 1) from error
    return rows


def _delimiter(text: str) -> str:
    """The mark that cuts most lines into the same number of pieces, more than one."""
    first = text[:200_000].splitlines()[:SAMPLE_LINES]
    if first and (named := re.fullmatch(r"sep=(.)", first[0].strip())):
        return named.group(1)
    best, best_score = ",", 0.0
    for mark in DELIMITERS:
        try:
            counts = Counter(len(row) for row in csv.reader(first, delimiter=mark) if row)
        except csv.Error:
            continue
        wide = {width: seen for width, seen in counts.items() if width > 1}
        if wide:
            width, seen = max(wide.items(), key=lambda item: item[1])
            score = seen / counts.total() + width / 1_000
            if score > best_score:
                best, best_score = mark, score
    return best


@dataclass(slots=True)
class HtmlTable:
    """One table: its rows and its merged ranges (first row, first column, last row, last column)."""

    rows: Rows = field(default_factory=list)
    merged: list[Merge] = field(default_factory=list)


def read_html(path: str, limits: Limits) -> list[HtmlTable]:
    """Every outermost table with cells. Raises Refused when there is none."""
    with Path(path).open("rb") as file:
        raw = file.read()
    declared = CHARSET.search(raw[:4096])
    parser = _Tables(limits)
    parser.feed(decode(raw, declared.group(1).decode() if declared else None))
    parser.close()
    tables = [table for table in parser.tables if any(any(row) for row in table.rows)]
    if not tables:
        raise Refused("no_table")
    return tables


class _Tables(HTMLParser):
    """Collects the cells of outermost tables; spans leave blanks and a merged range."""

    def __init__(self, limits: Limits) -> None:
        super().__init__(convert_charrefs=True)
        self.limits = limits
        self.tables: list[HtmlTable] = []
        self.depth = 0
        self.skipping = 0
        self.text: list[str] | None = None
        self.span = (1, 1)
        self.taken: set[tuple[int, int]] = set()
        self.cells = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self.depth += 1
            if self.depth == 1:
                self.tables.append(HtmlTable())
                self.taken = set()
        elif tag in ("style", "script"):
            self.skipping += 1
        elif self.depth == 1 and tag == "tr":
            self._close_cell()
            self.tables[-1].rows.append([])
        elif self.depth == 1 and tag in ("td", "th"):
            self._close_cell()
            given = dict(attrs)
            self.span = (_span(given.get("rowspan")), _span(given.get("colspan")))
            self.text = []
        elif tag == "br" and self.text is not None:
            self.text.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == "table":
            if self.depth == 1:
                self._close_cell()
            self.depth = max(0, self.depth - 1)
        elif tag in ("style", "script"):
            self.skipping = max(0, self.skipping - 1)
        elif tag in ("td", "th", "tr") and self.depth == 1:
            self._close_cell()

    def handle_data(self, data: str) -> None:
        if self.text is not None and not self.skipping:
            self.text.append(data)

    def _close_cell(self) -> None:
        if self.text is None:
            return
        table, text = self.tables[-1], "".join(self.text).strip()
        self.text = None
        if not table.rows:
            table.rows.append([])
        row, place = table.rows[-1], len(table.rows) - 1
        while (place, len(row)) in self.taken:
            row.append("")
        column = len(row)
        down, across = self.span
        row += [text, *[""] * (across - 1)]
        if down > 1:
            self.taken.update((place + d, column + a) for d in range(1, down) for a in range(across))
        if down > 1 or across > 1:
            table.merged.append((place, column, place + down - 1, column + across - 1))
        self.cells += down * across
        if self.cells > self.limits.cells:
            raise Refused("too_many_cells", cell=f"A{place + 1}", most=self.limits.cells)


def _span(value: str | None) -> int:
    return min(int(value), MOST_SPAN) if value and value.isascii() and value.isdigit() and int(value) > 0 else 1
