"""The official form as a workbook: merged heads, the eleven columns, borders, sums that are formulas.

The sheet prints as the paper does, on A4 lying; the table head repeats on every page.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from types import TracebackType
from typing import IO, Any, Self

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from app.core.calendar import format_date
from app.core.money import Unit
from app.core.raw_cells import EXACT_DIGITS
from reports.documents.bidi import printable
from reports.documents.forms import BY_HAND, LEGAL, SUMMED, UNPRICED, ColumnKey
from reports.documents.labels import Labels
from reports.documents.values import CopyMark, InvoicePrint, PartyBlock, PaymentTerms, PrintLine

WIDTHS = (6, 14, 40, 11, 11, 16, 18, 15, 18, 16, 19)
"""Widths of the eleven columns in characters; together they fill A4 lying."""
LAST = len(WIDTHS) - 1
A4 = 9
_FORBIDDEN = re.compile(r"[\[\]:*?/\\']")
_COLUMNS = LEGAL
_FIRST_SUM = _COLUMNS.index(ColumnKey.GROSS)
_PARTY_ROWS: tuple[tuple[tuple[str, int, int], ...], ...] = (
    (("name", 1, 4), ("economic_code", 5, 6), ("national_id", 7, 8), ("registration_number", 9, LAST)),
    (("province", 1, 1), ("city", 2, 2), ("postal_code", 3, 4), ("address", 5, 8), ("phone", 9, LAST)),
)
"""Fields of a party with their first and last column; the first column names the party."""
_WORKS = dict(zip((*UNPRICED, *BY_HAND), ((0, 0), (1, 1), (2, 4), (5, 5), (6, 6), (7, 8), (9, LAST)), strict=True))
"""The columns of a sheet for the works, each with the first and last column that it spans."""


class SheetForms:
    """Invoices written one by one; closed by the `with` that it stands in."""

    def __init__(self, file: IO[bytes], *, locale: str = "fa", is_one_sheet: bool = False) -> None:
        plain = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
        self._book = xlsxwriter.Workbook(file, {"in_memory": True, **plain})
        self._is_rtl = locale.startswith("fa")
        self._locale = locale
        self._is_one_sheet = is_one_sheet
        self._looks: dict[tuple[tuple[str, Any], ...], Any] = {}
        self._sheet: Worksheet | None = None
        self._titles: set[str] = set()
        self._row = 0
        self._breaks: list[int] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        if self._sheet is None:
            self._next_sheet("-")
        self._close_sheet()
        self._book.close()

    def add(self, value: InvoicePrint, *, name: str = "") -> None:
        """Write one invoice: on a sheet of its own, or below the one before on a new page."""
        if self._sheet is None or not self._is_one_sheet:
            self._close_sheet()
            self._next_sheet(name or value.serial or value.number)
        else:
            self._breaks.append(self._row)
        self._form(value)

    def _next_sheet(self, name: str) -> None:
        sheet = self._book.add_worksheet(self._title(name))
        if self._is_rtl:
            sheet.right_to_left()
        sheet.set_landscape()
        sheet.set_paper(A4)
        sheet.set_margins(left=0.3, right=0.3, top=0.35, bottom=0.45)
        sheet.center_horizontally()
        sheet.fit_to_pages(1, 0)
        sheet.hide_gridlines(2)
        sheet.set_footer("&C&P / &N")
        for at, width in enumerate(WIDTHS):
            sheet.set_column(at, at, width)
        self._sheet, self._row, self._breaks = sheet, 0, []

    def _title(self, name: str) -> str:
        stem = _FORBIDDEN.sub("-", printable(name))[:24].strip() or "-"
        title, turn = stem, 1
        while title.casefold() in self._titles:
            turn += 1
            title = f"{stem} ({turn})"
        self._titles.add(title.casefold())
        return title

    def _close_sheet(self) -> None:
        if self._sheet is not None and self._row:
            self._sheet.print_area(0, 0, self._row - 1, LAST)
            if self._breaks:
                self._sheet.set_h_pagebreaks(self._breaks)

    # --- parts of one form

    def _form(self, value: InvoicePrint) -> None:
        labels = Labels(locale=self._locale, unit=value.unit)
        self._head(value, labels)
        self._party(labels, "seller", value.seller)
        if value.buyer.name:
            self._party(labels, "buyer", value.buyer)
        if not value.is_priced:
            self._works(value, labels)
            return
        self._table(value, labels)
        self._foot(value, labels)

    def _look(self, **properties: Any) -> Any:
        """A cell format, made once for each set of properties."""
        usual = {"font_name": "Vazirmatn", "font_size": 10, "valign": "vcenter", "text_wrap": True}
        key = tuple(sorted({**usual, **properties}.items()))
        if key not in self._looks:
            self._looks[key] = self._book.add_format(dict(key))
        return self._looks[key]

    def _span(self, row: int, first: int, last: int, text: str, **look: Any) -> None:
        sheet = self._of_now()
        if first == last:
            sheet.write_string(row, first, printable(text), self._look(**look))
        else:
            sheet.merge_range(row, first, row, last, printable(text), self._look(**look))

    def _of_now(self) -> Worksheet:
        if self._sheet is None:
            raise RuntimeError("a form is written before there is a sheet")
        return self._sheet

    def _head(self, value: InvoicePrint, labels: Labels) -> None:
        row = self._row
        marks = [labels[f"mark_{one}"] for one in (value.mark, value.copy) if one is not CopyMark.NONE]
        related = [labels.relation(relation, number) for relation, number in value.relations]
        under = " · ".join([labels["currency_note"].replace("{unit}", labels.unit), *marks, *related])
        serial = ("supplier_number", value.supplier_number) if value.supplier_number else ("serial", value.serial)
        issued = format_date(value.issued_on, self._locale) if value.issued_on else ""
        self._span(row, 0, 7, labels.title(value.title), bold=True, font_size=15, align="center")
        self._span(row, 8, LAST, f"{labels[serial[0]]}: {serial[1]}", bold=True)
        self._span(row + 1, 0, 7, under, align="center", font_color="#444444")
        days = [f"{labels['date']}: {issued}"]
        if value.deliver_on is not None:
            days.append(f"{labels['deliver_on']}: {format_date(value.deliver_on, self._locale)}")
        self._span(row + 1, 8, LAST, " · ".join(days), bold=True)
        self._of_now().set_row(row, 26)
        self._row += 2

    def _party(self, labels: Labels, side: str, block: PartyBlock) -> None:
        sheet, row = self._of_now(), self._row
        band = self._look(bold=True, align="center", bg_color="#E8EEEC", border=1)
        sheet.merge_range(row, 0, row + len(_PARTY_ROWS) - 1, 0, labels[side], band)
        for at, fields in enumerate(_PARTY_ROWS):
            sheet.set_row(row + at, 30)
            for name, first, last in fields:
                text = f"{labels[name]}: {getattr(block, name)}"
                self._span(row + at, first, last, text, border=1, border_color="#999999")
        self._row += len(_PARTY_ROWS)

    def _table(self, value: InvoicePrint, labels: Labels) -> None:
        sheet = self._of_now()
        head = self._look(bold=True, align="center", bg_color="#E8EEEC", border=1)
        for at, key in enumerate(_COLUMNS):
            sheet.write_string(self._row, at, labels[f"col_{key}"], head)
        sheet.set_row(self._row, 48)
        if not self._is_one_sheet:
            sheet.repeat_rows(self._row)
        self._row += 1
        first = self._row
        for position, line in enumerate(value.lines, start=1):
            self._line(position, line, value.unit)
        self._sums(value, labels, first)

    def _works(self, value: InvoicePrint, labels: Labels) -> None:
        """The lines without prices, with two columns that the works fill in, and a place to sign."""
        head: dict[str, Any] = {"bold": True, "align": "center", "bg_color": "#E8EEEC", "border": 1}
        for key, (first, last) in _WORKS.items():
            self._span(self._row, first, last, labels[f"col_{key}"], **head)
        self._row += 1
        for position, line in enumerate(value.lines, start=1):
            texts = {ColumnKey.CODE: line.code, ColumnKey.DESCRIPTION: line.description, ColumnKey.UNIT: line.unit}
            for key, (first, last) in _WORKS.items():
                self._span(self._row, first, last, texts.get(key, ""), border=1, border_color="#777777")
            self._number(self._row, 0, Decimal(position), align="center", border=1, border_color="#777777")
            at = _WORKS[ColumnKey.QUANTITY][0]
            self._number(self._row, at, line.quantity, num_format="#,##0.###", border=1, border_color="#777777")
            self._row += 1
        self._note_and_signs(value, labels, ("ordered_by", "works"))

    def _line(self, position: int, line: PrintLine, unit: Unit) -> None:
        sheet, row = self._of_now(), self._row
        box: dict[str, Any] = {"border": 1, "border_color": "#777777"}
        sheet.write_number(row, 0, position, self._look(align="center", **box))
        sheet.write_string(row, 1, printable(line.code), self._look(align="center", **box))
        sheet.write_string(row, 2, printable(line.description), self._look(**box))
        self._number(row, 3, line.quantity, num_format="#,##0.###", **box)
        sheet.write_string(row, 4, printable(line.unit), self._look(align="center", **box))
        self._number(row, 5, line.unit_price / unit_size(unit), num_format="#,##0.####", **box)
        for at, key in enumerate(SUMMED, start=_FIRST_SUM):
            self._number(row, at, Decimal(getattr(line, f"{key}_rials")) / unit_size(unit), **box)
        self._row += 1

    def _number(self, row: int, column: int, value: Decimal, formula: str = "", **look: Any) -> None:
        """A number; one that a spreadsheet would round is written as text."""
        sheet, shown = self._of_now(), self._look(**{"num_format": "#,##0.#" if value % 1 else "#,##0", **look})
        if len(value.as_tuple().digits) > EXACT_DIGITS:
            sheet.write_string(row, column, format(value, ",f"), self._look(**{**look, "align": "right"}))
        elif formula:
            sheet.write_formula(row, column, formula, shown, float(value) if value % 1 else int(value))
        else:
            sheet.write_number(row, column, value, shown)

    def _sums(self, value: InvoicePrint, labels: Labels, first: int) -> None:
        row, size = self._row, unit_size(value.unit)
        box: dict[str, Any] = {"border": 1, "bold": True, "bg_color": "#F3F6F5"}
        self._span(row, 0, _FIRST_SUM - 1, labels["sum"], align="right", **box)
        for at, key in enumerate(SUMMED, start=_FIRST_SUM):
            letter = xl_col_to_name(at)
            formula = f"=SUM({letter}{first + 1}:{letter}{row})" if value.lines else ""
            self._number(row, at, Decimal(getattr(value.sums, f"{key}_rials")) / size, formula, **box)
        self._row += 1
        letter = xl_col_to_name(LAST)
        for adjustment in value.adjustments:
            self._span(self._row, 0, LAST - 1, adjustment.label, align="right", border=1)
            self._number(self._row, LAST, Decimal(adjustment.amount_rials) / size, border=1)
            self._row += 1
        if value.adjustments:
            self._span(self._row, 0, LAST - 1, f"{labels['payable']} ({labels.unit})", align="right", **box)
            formula = f"=SUM({letter}{row + 1}:{letter}{self._row})"
            self._number(self._row, LAST, Decimal(value.payable_rials) / size, formula, **box)
            self._row += 1

    def _foot(self, value: InvoicePrint, labels: Labels) -> None:
        chosen = labels[value.terms] if value.terms is not PaymentTerms.UNKNOWN else ""
        due = f" · {labels['due']}: {format_date(value.due_on, self._locale)}" if value.due_on else ""
        words = f"{labels['in_words']}: {value.amount_in_words} {labels.unit}" if value.amount_in_words else ""
        self._span(self._row, 0, 6, words, border=1, bold=True)
        self._span(self._row, 7, LAST, f"{labels['terms']}: {chosen}{due}", border=1)
        self._of_now().set_row(self._row, 24)
        self._row += 1
        self._note_and_signs(value, labels, ("seller_sign", "buyer_sign"))

    def _note_and_signs(self, value: InvoicePrint, labels: Labels, signs: tuple[str, str]) -> None:
        self._span(self._row, 0, LAST, f"{labels['note']}: {value.note}", border=1)
        top = {"border": 1, "valign": "top", "align": "center", "font_color": "#444444"}
        self._span(self._row + 1, 0, 4, labels[signs[0]], **top)
        self._span(self._row + 1, 5, LAST, labels[signs[1]], **top)
        for row, height in zip(range(self._row, self._row + 2), (30, 64), strict=True):
            self._of_now().set_row(row, height)
        self._row += 2


def unit_size(unit: Unit) -> int:
    """How many rials one of the unit is."""
    return 10 if unit is Unit.TOMAN else 1


def columns() -> Sequence[ColumnKey]:
    """The columns of the form in their order, as they stand from A to K."""
    return _COLUMNS
