"""Pages cut before an engine runs: rows dealt out, sums carried, closing blocks kept together.

wkhtmltopdf cuts rows in half and repeats no head, so no engine is asked to break a page: each
page ends with the sum up to it, the next begins with that sum, and no page is fuller than the
paper is high.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from reports.documents.layout import Sheet, line_row, split_field, split_row, sum_row
from reports.documents.pages import FieldRow, Page, TableRow
from reports.documents.values import PrintLine, PrintSums

_LINES_WORTH_A_PIECE = 4
_ROWS_TAKEN_ALONG = 3


@dataclass(frozen=True, slots=True)
class Heights:
    """What stands around the rows, in millimetres: page heads, table head, signatures."""

    first_top: float
    next_top: float
    table_head: float
    signatures: float


@dataclass(slots=True)
class _Draft:
    """A page being filled; each row comes with what it adds to the sums."""

    room: float
    rows: list[tuple[TableRow, PrintSums]] = field(default_factory=list)
    tail: list[TableRow] = field(default_factory=list)
    fields: list[FieldRow] = field(default_factory=list)
    signs: bool = False


class Paginator:
    """Deals the parts of one paper out over pages: lines first, then `close`, then `pages`."""

    def __init__(self, sheet: Sheet, heights: Heights) -> None:
        self._sheet = sheet
        self._border = sheet.form.border_mm
        self._heights = heights
        self._sum_mm = sheet.row_height(1) + self._border
        self._pages = [_Draft(self._room(heights.first_top) - heights.table_head - self._sum_mm)]

    def _room(self, top: float) -> float:
        return self._sheet.form.body_height_mm - top

    @property
    def _full_room(self) -> float:
        """Room for rows on a page after the first: heads, carried sum and page sum taken off."""
        return self._room(self._heights.next_top) - self._heights.table_head - 2 * self._sum_mm

    @property
    def _page(self) -> _Draft:
        return self._pages[-1]

    def _mm(self, row: TableRow | FieldRow) -> float:
        return row.height_mm + self._border

    def add_lines(self, lines: Sequence[PrintLine]) -> None:
        """Set the lines one after the other, opening pages as they fill."""
        for position, line in enumerate(lines, start=1):
            self._add_row(line_row(self._sheet, line, position=position), PrintSums() + line)

    def add_blank(self, row: TableRow) -> None:
        """Set a row that counts for nothing, where a document has no lines."""
        self._add_row(row, PrintSums())

    def _add_row(self, row: TableRow, amount: PrintSums) -> None:
        while self._mm(row) > self._page.room:
            worth = self._sheet.row_height(_LINES_WORTH_A_PIECE) + self._border
            if self._mm(row) > self._full_room and self._page.room >= worth:
                piece, row = split_row(self._sheet, row, room_mm=self._page.room - self._border)
                self._place(piece, amount)
                amount = PrintSums()
            self._pages.append(_Draft(self._full_room))
        self._place(row, amount)

    def _place(self, row: TableRow, amount: PrintSums) -> None:
        self._page.rows.append((row, amount))
        self._page.room -= self._mm(row)

    def close(self, *, tail: Sequence[TableRow], fields: Sequence[FieldRow]) -> None:
        """Set the sums, the fields under the table and the signatures, together where they fit."""
        whole = sum(map(self._mm, tail)) - self._sum_mm + self._fields_mm(fields) + self._heights.signatures
        if whole > self._page.room:
            self._take_rows_along(whole)
        self._page.room += self._sum_mm
        for row in tail:
            self._make_room(self._mm(row))
            self._page.tail.append(row)
        self._add_fields(fields)
        self._make_room(self._heights.signatures)
        self._page.signs = True

    def _fields_mm(self, fields: Sequence[FieldRow]) -> float:
        return sum(map(self._mm, fields)) + self._sheet.form.gap_mm + self._border

    def _take_rows_along(self, whole: float) -> None:
        """Open a page for the closing with the last rows of the table on it, if they can be spared."""
        rows = self._page.rows
        count = min(_ROWS_TAKEN_ALONG, max(1, len(rows) // 3)) if len(rows) > 1 else 0
        while count and whole + sum(self._mm(row) for row, _ in rows[-count:]) > self._full_room:
            count -= 1
        if count:
            taken = rows[-count:]
            del rows[-count:]
            self._pages.append(_Draft(self._full_room))
            for row, amount in taken:
                self._place(row, amount)

    def _make_room(self, needed: float) -> None:
        if needed > self._page.room:
            self._pages.append(_Draft(self._room(self._heights.next_top)))
        self._page.room -= needed

    def _add_fields(self, fields: Sequence[FieldRow]) -> None:
        if not fields:
            return
        edge = self._sheet.form.gap_mm + self._border
        worth = self._sheet.row_height(_LINES_WORTH_A_PIECE) + self._border
        if edge + min(self._mm(fields[0]), worth) > self._page.room:
            self._pages.append(_Draft(self._room(self._heights.next_top)))
        self._page.room -= edge
        for row in fields:
            while self._mm(row) > self._page.room and len(row.cells) == 1:
                if self._page.room >= worth:
                    piece, row = split_field(self._sheet, row, room_mm=self._page.room - self._border)
                    self._page.fields.append(piece)
                self._pages.append(_Draft(self._room(self._heights.next_top) - edge))
            self._make_room(self._mm(row))
            self._page.fields.append(row)

    def pages(self) -> tuple[Page, ...]:
        """The pages with their carried sums."""
        last = max(at for at, page in enumerate(self._pages) if page.rows)
        out, sums = [], PrintSums()
        for at, page in enumerate(self._pages):
            rows = [row for row, _ in page.rows]
            has_sums = self._sheet.form.has_sums
            if rows and at and has_sums:
                rows.insert(0, sum_row(self._sheet, self._sheet.labels["carried_in"], sums, css="carried"))
            for _, amount in page.rows:
                sums = sums + amount
            if rows and at < last and has_sums:
                rows.append(sum_row(self._sheet, self._sheet.labels["carried_out"], sums, css="carried"))
            out.append(Page(at + 1, (*rows, *page.tail), tuple(page.fields), page.signs))
        return tuple(out)
