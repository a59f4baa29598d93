"""Cheques falling due as a workbook: a row a cheque, each month with its sum and mean due date."""

from __future__ import annotations

import io
from typing import Any

import xlsxwriter
from flask_babel import gettext as _

from app.core.calendar import format_date
from app.core.formats import label_of, lang
from app.core.raw_cells import EXACT_DIGITS
from app.finance.cheques.queries import DueCalendar, Month

WIDTHS = (12, 30, 22, 16, 18, 18, 20)
AMOUNT = 6
"""The column of the amounts."""


def workbook(calendar: DueCalendar, *, title: str) -> bytes:
    """The workbook; dates are Jalali text, amounts numbers of whole rials, codes text."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as file:
        sheet = file.add_worksheet(title[:31])
        if lang() == "fa":
            sheet.right_to_left()
        bold = file.add_format({"bold": True, "bg_color": "#E8EEEC", "border": 1})
        looks = file.add_format({"num_format": "#,##0"}), file.add_format({"num_format": "#,##0", "bold": True})
        for at, width in enumerate(WIDTHS):
            sheet.set_column(at, at, width)
        heads = (_("Due date"), _("Party"), _("Sayad number"), _("Serial number"), _("Bank"), _("State"),
                 _("Amount (rials)"))  # fmt: skip
        for at, head in enumerate(heads):
            sheet.write_string(0, at, head, bold)
        sheet.freeze_panes(1, 0)
        row = 1
        for month in calendar.months:
            row = _month(sheet, row, month, looks)
        sheet.write_string(row, 0, _("Total"), looks[1])
        if calendar.mean_due_on is not None:
            sheet.write_string(row, 1, _mean(format_date(calendar.mean_due_on, "en")), looks[1])
        _amount(sheet, row, calendar.total_rials, looks[1])
    return out.getvalue()


def _month(sheet: Any, row: int, month: Month, looks: tuple[Any, Any]) -> int:
    """The rows of a month and the row of its sum; answers the row after them."""
    for cheque in month.cheques:
        words = (
            format_date(cheque.due_on, "en"),
            cheque.customer.name,
            cheque.sayad_id or "",
            cheque.number,
            cheque.bank,
            str(label_of(cheque.state)),
        )
        for at, word in enumerate(words):
            sheet.write_string(row, at, word)
        _amount(sheet, row, cheque.amount_rials, looks[0])
        row += 1
    sheet.write_string(row, 0, month.title, looks[1])
    sheet.write_string(row, 1, _mean(format_date(month.mean_due_on, "en")), looks[1])
    _amount(sheet, row, month.total_rials, looks[1])
    return row + 1


def _mean(day: str) -> str:
    return _("Mean due date %(day)s", day=day)


def _amount(sheet: Any, row: int, amount: int, look: Any) -> None:
    if len(str(amount)) <= EXACT_DIGITS:
        sheet.write_number(row, AMOUNT, amount, look)
    else:
        sheet.write_string(row, AMOUNT, f"{amount:,}", look)
