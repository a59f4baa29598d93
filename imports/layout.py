"""Where the table is on a sheet: below which titles, under which header, without which rows.

Found for the person and shown to them; nothing is left out without being named.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.core import text
from app.core.digits import to_ascii
from app.core.sheets import HELP_MARK, header_key, header_unit
from imports.reader.read import Cell, Sheet, column_letters

SEARCHED_ROWS = 60
LONGEST_HEADER = 120
TOTALS = re.compile(
    r"^(?:جمع|جمع کل|مجموع|جمع صفحه|جمع ستون|جمع نهایی|جمع جزء|جمع تا این صفحه|نقل از صفحه قبل|مانده کل|"
    r"grand total|total|totals|sub ?total|sum)(?: (?:به )?(?:ریال|تومان|rials?|tomans?))?[\s:.\-]*$"
)
NUMBER_LIKE = re.compile(r"[\s\d.,/:+\-()%٪٬٫،]*\d[\s\d.,/:+\-()%٪٬٫،]*", re.ASCII)


class Hidden(StrEnum):
    """What becomes of rows that a person does not see in the spreadsheet."""

    INCLUDE = "include"
    LEAVE = "leave"


class Skipped(StrEnum):
    """Why a row under the header is not read as data."""

    BLANK = "blank"
    TOTALS = "totals"
    NOTE = "note"
    REPEATED_HEADER = "repeated_header"
    HELP = "help"
    HIDDEN = "hidden"


@dataclass(frozen=True, slots=True)
class Header:
    """The words over one column, from 0: its own, and those of a group above it."""

    column: int
    text: str
    group: str = ""

    @property
    def letter(self) -> str:
        return column_letters(self.column)

    @property
    def full(self) -> str:
        """Both lines of a two-row header."""
        return f"{self.group} {self.text}".strip() if self.group != self.text else self.text

    @property
    def unit(self) -> str | None:
        """The unit of money that the header names."""
        return header_unit(self.text) or header_unit(self.group)

    def keys(self) -> tuple[str, ...]:
        """Folded forms to compare with aliases, the most exact first."""
        return tuple(dict.fromkeys((header_key(self.full), header_key(self.text))))


@dataclass(slots=True)
class Layout:
    """A table found on a sheet; rows count from 0. `data` are the rows that hold records.

    `hidden_count` of the records stand in rows that are hidden or filtered out, read or not.
    """

    header_rows: tuple[int, int] | None = None
    headers: tuple[Header, ...] = ()
    data: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    hidden_count: int = 0
    skipped: dict[int, Skipped] = field(default_factory=dict)
    unnamed: tuple[int, ...] = ()

    def left_out(self) -> dict[str, int]:
        """How many filled rows under the header are no records, by why."""
        counts = Counter(why.value for why in self.skipped.values() if why is not Skipped.BLANK)
        return {why.value: counts[why.value] for why in Skipped if counts[why.value]}

    def skipped_count(self, why: Skipped) -> int:
        return sum(1 for found in self.skipped.values() if found is why)


def find_layout(
    sheet: Sheet,
    words: Collection[str] = (),
    *,
    header_row: int | None = None,
    hidden: Hidden = Hidden.INCLUDE,
) -> Layout:
    """The table on a sheet; `words` are folded headers to expect.

    `header_row` (from 0) and `hidden` are a person's choice.
    """
    found = _find_header(sheet, words, header_row)
    if found is None:
        return Layout()
    first, last, headers = found
    layout = Layout((first, last), headers)
    _sort_rows(sheet, layout)
    _part_hidden(sheet, layout, hidden)
    named = {header.column for header in headers}
    layout.unnamed = tuple(
        column
        for column in range(len(sheet.columns))
        if column not in named and _has_any(sheet.columns[column], layout.data)
    )
    _fill_merged(sheet, last + 1)
    return layout


def _has_any(values: list[Cell], rows: NDArray[np.int64]) -> bool:
    return any(values[row] is not None for row in rows.tolist() if row < len(values))


# --- the header


def _find_header(
    sheet: Sheet, words: Collection[str], chosen: int | None
) -> tuple[int, int, tuple[Header, ...]] | None:
    best: tuple[float, int, int, tuple[Header, ...]] | None = None
    rows = [chosen] if chosen is not None else range(min(SEARCHED_ROWS, sheet.rows))
    for first in rows:
        for last, headers in _candidates(sheet, first):
            score = _score(sheet, headers, last, words)
            if score > 0 and (best is None or score > best[0] + 1e-9):
                best = (score, first, last, headers)
    return None if best is None else best[1:]


def _candidates(sheet: Sheet, row: int) -> Iterator[tuple[int, tuple[Header, ...]]]:
    """The row alone, and the row with the next one where they form a two-row header."""
    top = [_word(value) for value in sheet.row(row)]
    if not any(top):
        return
    single = tuple(Header(column, word) for column, word in enumerate(top) if word)
    if row + 1 < sheet.rows and (pair := _pair(sheet, row, top)) is not None:
        yield row + 1, pair
    yield row, single


def _pair(sheet: Sheet, row: int, top: list[str]) -> tuple[Header, ...] | None:
    below = [_word(value) for value in sheet.row(row + 1)]
    spans = [(a, b, c, d) for a, b, c, d in sheet.merged if a == row and c <= row + 1 and (c > a or d > b)]
    down = {column for a, b, c, d in spans if c == row + 1 for column in range(b, d + 1)}
    across = [(b, d) for a, b, c, d in spans if c == a and d > b and any(below[b : d + 1])]
    groups = dict.fromkeys(range(len(top)), "")
    if across:
        for first, last in across:
            groups |= dict.fromkeys(range(first, last + 1), top[first])
    elif not down or not any(below):
        if not _fits_under(top, below):
            return None
        group = ""
        for column, word in enumerate(top):
            group = word or group
            groups[column] = group if below[column] else ""
    if any(below[column] for column in down) or any(_is_number(word) for word in below if word):
        return None
    headers = []
    for column, word in enumerate(top):
        own = below[column] or word
        if own:
            headers.append(Header(column, own, groups[column] if below[column] else ""))
    return tuple(headers)


def _fits_under(top: list[str], below: list[str]) -> bool:
    """Without merges: the lower row fills the gaps of the upper one, which names groups over them."""
    gaps = [column for column, word in enumerate(top) if not word]
    filled = [column for column, word in enumerate(below) if word]
    first = next((column for column, word in enumerate(top) if word), len(top))
    inner = [column for column in gaps if column > first]
    covered = bool(inner) and all(below[column] for column in inner)
    alone = [column for column in filled if top[column] and (column + 1 >= len(top) or top[column + 1])]
    return covered and not alone and sum(map(bool, top)) > 1


def _word(value: Cell) -> str:
    if value is None or isinstance(value, bool):
        return ""
    if isinstance(value, int | float | date):
        return to_ascii(str(value))
    return re.sub(r"\s+", " ", text.clean(value)).strip()


def _is_number(word: str) -> bool:
    return NUMBER_LIKE.fullmatch(to_ascii(word)) is not None


def _score(sheet: Sheet, headers: tuple[Header, ...], last: int, words: Collection[str]) -> float:
    """How much a row looks like a header: known words, texts, all different, as wide as the table."""
    known = sum(1 for header in headers if any(key in words for key in header.keys()))  # noqa: SIM118
    texts = [header for header in headers if not _is_number(header.text) and len(header.text) <= LONGEST_HEADER]
    distinct = len({header.full for header in headers})
    width = _width_below(sheet, last)
    if not texts or (len(headers) == 1 and width > 2):
        return 0.0
    share = len(texts) / len(headers)
    if share < 0.5 and known < 2:
        return 0.0
    below = [value for value in sheet.row(last + 1) if value is not None] if last + 1 < sheet.rows else []
    plainer = sum(1 for value in below if not isinstance(value, str) or _is_number(value)) > 0
    coverage = min(1.0, len(headers) / width) if width else 0.3
    nothing_below = 0 if below else -0.5
    looks = 3.5 * share - 1.5 + distinct / len(headers) + 0.5 * plainer + nothing_below
    return max(3.0 * known + coverage * (1 + 0.5 * share) + looks - 0.01 * last, 0.0)


def _width_below(sheet: Sheet, last: int) -> int:
    widths = [
        sum(1 for value in sheet.row(row) if value is not None) for row in range(last + 1, min(last + 16, sheet.rows))
    ]
    return max(widths, default=0)


# --- the rows under it


def _sort_rows(sheet: Sheet, layout: Layout) -> None:
    """Tell data from blank rows, totals, notes and repeated headers."""
    assert layout.header_rows is not None
    start = layout.header_rows[1] + 1
    if start >= sheet.rows:
        return
    filled = np.array([_filled(column, start, sheet.rows) for column in sheet.columns], dtype=bool)
    _mark_named_cells(sheet, filled, start)
    counts = filled.sum(axis=0)
    keep = counts > 0
    used_end = int(np.flatnonzero(keep)[-1]) + 1 if keep.any() else 0
    for offset in np.flatnonzero(~keep[:used_end]).tolist():
        layout.skipped[start + offset] = Skipped.BLANK
    for offset, why in _odd_rows(sheet, layout, filled, counts, start):
        keep[offset] = False
        layout.skipped[start + offset] = why
    for offset in _notes(sheet, layout, filled, counts, start, keep):
        keep[offset] = False
        layout.skipped[start + offset] = Skipped.NOTE
    layout.skipped = {
        row: why for row, why in sorted(layout.skipped.items()) if why is not Skipped.BLANK or row <= start + used_end
    }
    layout.data = np.flatnonzero(keep).astype(np.int64) + start


def _filled(column: list[Cell], start: int, end: int) -> NDArray[np.bool_]:
    """Which cells hold something; text of spaces only is nothing."""
    found = np.zeros(end - start, dtype=bool)
    part = column[start:end]
    blank = {value for value in set(part) if value is None or (value.__class__ is str and str(value).isspace())}
    found[: len(part)] = [value not in blank for value in part] if blank else True
    return found


def _mark_named_cells(sheet: Sheet, filled: NDArray[np.bool_], start: int) -> None:
    """A cell with an error or a formula without value is not blank: its row must be told."""
    for row, column in [*sheet.errors, *sheet.valueless]:
        if row >= start and column < len(filled) and row - start < filled.shape[1]:
            filled[column, row - start] = True


def _odd_rows(
    sheet: Sheet, layout: Layout, filled: NDArray[np.bool_], counts: NDArray[Any], start: int
) -> Iterator[tuple[int, Skipped]]:
    """Totals and help by the first filled cell; headers by being the header again."""
    firsts = filled.argmax(axis=0).tolist()
    first_header = layout.headers[0]
    titles = _titles(sheet, layout, first_header)
    for offset, value in enumerate(sheet.columns[first_header.column][start:]):
        if value in titles and firsts[offset] == first_header.column and _repeats(sheet, layout, start + offset):
            yield offset, Skipped.REPEATED_HEADER
        elif value.__class__ is str and str(value).startswith(HELP_MARK):
            yield offset, Skipped.HELP
    most = max(len(layout.headers) - 1, 1)
    for offset in np.flatnonzero((counts > 0) & (counts <= most)).tolist():
        column = sheet.columns[firsts[offset]]
        value = column[start + offset] if start + offset < len(column) else None
        if value.__class__ is not str:
            continue
        if str(value).startswith(HELP_MARK):
            yield offset, Skipped.HELP
        elif len(str(value)) <= LONGEST_HEADER and _is_totals(str(value)):
            yield offset, Skipped.TOTALS


def _titles(sheet: Sheet, layout: Layout, header: Header) -> set[Cell]:
    """What stands over a column, as it is written and as it is read."""
    assert layout.header_rows is not None
    written = {sheet.columns[header.column][row] for row in layout.header_rows}
    return (written | {header.text, header.group}) - {None, ""}


def _is_totals(value: str) -> bool:
    head = value.lstrip()[:1].lower()
    return head in "جمنgts" and TOTALS.match(text.search_key(value)) is not None


def _repeats(sheet: Sheet, layout: Layout, row: int) -> bool:
    words = [_word(cell) for cell in sheet.row(row)]
    same = sum(1 for header in layout.headers if words[header.column] in (header.text, header.group))
    return same >= max(1, (len(layout.headers) + 1) // 2) and same >= min(2, len(layout.headers))


def _notes(
    sheet: Sheet,
    layout: Layout,
    filled: NDArray[np.bool_],
    counts: NDArray[Any],
    start: int,
    keep: NDArray[np.bool_],
) -> Iterator[int]:
    """Single texts after the last record: remarks, signatures, the name of who printed it."""
    if len(layout.headers) < 3:
        return
    tail: list[int] = []
    for offset in np.flatnonzero(keep)[::-1].tolist():
        if counts[offset] != 1:
            break
        tail.append(offset)
    apart = False
    for offset in reversed(tail):
        column = int(filled[:, offset].argmax())
        values = sheet.columns[column]
        value = values[start + offset] if start + offset < len(values) else None
        apart = apart or (offset > 0 and not keep[offset - 1])
        if isinstance(value, str) and (apart or value.lstrip().startswith("*")):
            yield offset


def _part_hidden(sheet: Sheet, layout: Layout, hidden: Hidden) -> None:
    """Count the records that nobody sees, and leave them out where that is wanted."""
    if not sheet.hidden:
        return
    is_hidden = np.zeros(max(sheet.rows, 1), dtype=bool)
    for first, last in sheet.hidden:
        is_hidden[first : last + 1] = True
    unseen = is_hidden[layout.data]
    layout.hidden_count = int(unseen.sum())
    if hidden is Hidden.LEAVE and layout.hidden_count:
        layout.skipped |= dict.fromkeys(layout.data[unseen].tolist(), Skipped.HIDDEN)
        layout.skipped = dict(sorted(layout.skipped.items()))
        layout.data = layout.data[~unseen]


def _fill_merged(sheet: Sheet, start: int) -> None:
    """A cell merged over several rows of the table speaks for all of them; ranges that overlap are nonsense."""
    filled: dict[int, int] = {}
    for first, left, last, _ in sorted(sheet.merged):
        last = min(last, sheet.rows - 1)
        if first < max(start, filled.get(left, 0)) or last <= first or left >= len(sheet.columns):
            continue
        filled[left] = last + 1
        column = sheet.columns[left]
        if first < len(column) and column[first] is not None:
            column.extend([None] * (last + 1 - len(column)))
            column[first + 1 : last + 1] = [column[first]] * (last - first)
