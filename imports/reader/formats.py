"""Tables that are not workbooks: delimited text, and HTML tables that some systems name .xls.

Text is UTF-8 with or without a mark, UTF-16 with one, or Windows-1256; the delimiter is the one
that cuts the first lines most evenly.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import chain
from pathlib import Path

from imports.reader.facts import address
from imports.reader.gate import Refused, wide_encoding
from imports.reader.limits import Limits

DELIMITERS = ",;\t|،؛"
SAMPLE_LINES = 60
SAMPLE_LETTERS = 200_000
FIRST_LOOK = 4_096
CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
PERSIAN_PAIRS = re.compile(rb"[\xd8-\xdb][\x80-\xbf]")
HIGH_BYTES = re.compile(rb"[\x80-\xff]")
LOST = re.compile(r"\?{3,}|\ufffd{2,}")
MOST_LOST = 5
PERSIAN = re.compile(r"[\u0600-\u06ff]")
END = "\ue000end"
FEWEST_MARKS = 3
CHARSET = re.compile(rb"charset\s*=\s*[\"']?([A-Za-z0-9_-]+)", re.IGNORECASE)
MOST_SPAN = 1_000
HIDDEN_STYLE = re.compile(r"display\s*:\s*none|mso-hidden", re.IGNORECASE)
ROUNDED = re.compile(r"-?[\d,]+(?:\.\d+)?", re.ASCII)
"""A number as shown; Excel and LibreOffice keep the exact one beside it."""

Rows = list[list[str]]
Merge = tuple[int, int, int, int]


def decode(raw: bytes, declared: str | None = None) -> str:
    """The text of a file in an encoding found by its marks and its bytes. Raises Refused."""
    wide = wide_encoding(raw[:FIRST_LOOK])
    encodings = [wide] if wide else ["utf-8-sig", *([declared] if declared else []), "cp1256"]
    for encoding in encodings:
        try:
            text = raw.decode(encoding)
        except (UnicodeDecodeError, LookupError) as error:
            if encoding == "utf-8-sig" and isinstance(error, UnicodeDecodeError):
                _refuse_mixture(raw, error.start)
            continue
        if (found := CONTROL.search(text)) is not None:
            if found.start() < FIRST_LOOK:
                break
            raise Refused("control_characters", row=text.count("\n", 0, found.start()) + 1)
        return text
    raise Refused("not_workbook")


def _refuse_mixture(raw: bytes, first_bad: int) -> None:
    """UTF-8 with single bytes of another encoding would be read as Windows-1256 letter salad."""
    high = len(HIGH_BYTES.findall(raw))
    if 4 * len(PERSIAN_PAIRS.findall(raw)) > high:
        raise Refused("mixed_encoding", row=raw.count(b"\n", 0, first_bad) + 1)


class TextRows:
    """The rows of a delimited text file, once. `count` and `width` grow as they are read.

    Iterating raises Refused.
    """

    def __init__(self, text: str, limits: Limits) -> None:
        self.count = 0
        self.width = 0
        self._limits = limits
        self._delimiter = _delimiter(text)
        csv.field_size_limit(limits.text_length * 4)
        # Read as a row of its own only when no quotation mark is open where the file ends.
        self._rows = csv.reader(chain(io.StringIO(text, newline=""), (END,)), delimiter=self._delimiter)

    def __iter__(self) -> Iterator[list[str]]:
        return self

    def __next__(self) -> list[str]:
        while True:
            try:
                row = next(self._rows)
            except csv.Error as error:
                raise Refused("text_too_long", row=self.count + 1) from error
            if row and row[-1].endswith(END):
                if row != [END]:
                    raise Refused("unclosed_quote", row=self.count + 1)
                raise StopIteration
            self._check(row)
            return row

    def _check(self, row: list[str]) -> None:
        self.count += 1
        limits = self._limits
        if self.count > limits.rows:
            raise Refused("too_many_rows", most=limits.rows)
        if len(row) > self.width:
            self.width = len(row)
        if self.count * self.width > limits.cells:
            raise Refused("too_many_cells", cell=address(self.count - 1, self.width - 1), most=limits.cells)
        for cell in row:
            if "\n" in cell and self._swallows_rows(cell):
                raise Refused("unclosed_quote", row=self.count)

    def _swallows_rows(self, cell: str) -> bool:
        """Whether a line inside of the cell is a whole row of the table by itself."""
        marks = self.width - 1
        return marks >= FEWEST_MARKS and any(line.count(self._delimiter) >= marks for line in cell.splitlines()[1:-1])


def read_text(path: str, limits: Limits) -> TextRows:
    """The rows of a delimited text file. Raises Refused."""
    with Path(path).open("rb") as file:
        text = decode(file.read())
    first = text[:SAMPLE_LETTERS]
    if len(LOST.findall(first)) > MOST_LOST and not PERSIAN.search(text):
        raise Refused("lost_letters")
    return TextRows(text, limits)


def _delimiter(text: str) -> str:
    """The mark that cuts most lines into the same number of pieces, more than one."""
    first = text[:SAMPLE_LETTERS].splitlines()[:SAMPLE_LINES]
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
    """One table: its rows, its merged ranges (first row, first column, last row, last column), its hidden rows."""

    rows: Rows = field(default_factory=list)
    merged: list[Merge] = field(default_factory=list)
    hidden: list[int] = field(default_factory=list)


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
        self.exact: str | None = None
        self.taken: dict[int, int] = {}  # by column: the last row that a cell from above reaches
        self.cells = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self.depth += 1
            if self.depth == 1:
                self.tables.append(HtmlTable())
                self.taken = {}
        elif tag in ("style", "script"):
            self.skipping += 1
        elif self.depth == 1 and tag == "tr":
            self._close_cell()
            if HIDDEN_STYLE.search(dict(attrs).get("style") or ""):
                self.tables[-1].hidden.append(len(self.tables[-1].rows))
            self.tables[-1].rows.append([])
        elif self.depth == 1 and tag in ("td", "th"):
            self._close_cell()
            given = dict(attrs)
            self.exact = given.get("sdval") or given.get("x:num")
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
        if self.exact and ROUNDED.fullmatch(text):
            text = self.exact
        if not table.rows:
            table.rows.append([])
        row, place = table.rows[-1], len(table.rows) - 1
        while self.taken.get(len(row), -1) >= place:
            row.append("")
        column = len(row)
        down, across = self.span
        row += [text, *[""] * (across - 1)]
        if down > 1:
            self.taken |= dict.fromkeys(range(column, column + across), place + down - 1)
        if down > 1 or across > 1:
            table.merged.append((place, column, place + down - 1, column + across - 1))
        self.cells += down * across
        if self.cells > self.limits.cells:
            raise Refused("too_many_cells", cell=f"A{place + 1}", most=self.limits.cells)


def _span(value: str | None) -> int:
    return min(int(value), MOST_SPAN) if value and value.isascii() and value.isdigit() and int(value) > 0 else 1
