"""A book as a workbook: the groups, the sums, and a chart that the spreadsheet draws."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import xlsxwriter

from app.core.formats import lang
from app.core.raw_cells import EXACT_DIGITS
from app.finance.books.queries import Book, Sums

AMOUNTS = ("discount_rials", "net_rials", "vat_rials", "duty_rials", "additions_rials", "payable_rials")
IN_CHART = 24


def workbook(book: Book, *, title: str, heads: Sequence[str]) -> bytes:
    """The workbook of a book; `heads` are the words over its columns."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as file:
        sheet = file.add_worksheet(title[:31])
        if lang() == "fa":
            sheet.right_to_left()
        bold = file.add_format({"bold": True, "bg_color": "#E8EEEC", "border": 1, "text_wrap": True})
        number = file.add_format({"num_format": "#,##0"})
        total = file.add_format({"num_format": "#,##0", "bold": True, "top": 1})
        sheet.set_column(0, 0, 32)
        sheet.set_column(1, len(heads) - 1, 18)
        sheet.freeze_panes(1, 1)
        for at, head in enumerate(heads):
            sheet.write_string(0, at, head, bold)
        for at, row in enumerate(book.rows, start=1):
            sheet.write_string(at, 0, row.label)
            _write(sheet, at, row.sums, number)
        last = len(book.rows) + 1
        sheet.write_string(last, 0, "Σ", total)
        _write(sheet, last, book.total, total)
        if book.rows:
            _chart(file, sheet, min(len(book.rows), IN_CHART), len(heads) - 1, last)
    return out.getvalue()


def figures(sums: Sums) -> tuple[int, ...]:
    """The figures of a row in the order of the columns."""
    return (sums.count, sums.returns, *(getattr(sums, name) for name in AMOUNTS))


def _write(sheet: Any, row: int, sums: Sums, look: Any) -> None:
    for at, value in enumerate(figures(sums), start=1):
        if len(str(abs(value))) > EXACT_DIGITS:
            sheet.write_string(row, at, f"{value:,}", look)
        else:
            sheet.write_number(row, at, value, look)


def _chart(file: Any, sheet: Any, count: int, column: int, last: int) -> None:
    chart = file.add_chart({"type": "column"})
    name = sheet.get_name()
    chart.add_series({"categories": [name, 1, 0, count, 0], "values": [name, 1, column, count, column]})
    chart.set_legend({"none": True})
    sheet.insert_chart(last + 2, 0, chart, {"x_scale": 2})
