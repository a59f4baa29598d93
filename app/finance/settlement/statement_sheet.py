"""A statement of account as a workbook: a row an item, the running balance as a formula with its value."""

from __future__ import annotations

import io
from typing import Any

import xlsxwriter
from flask_babel import gettext as _

from app.core.calendar import format_date
from app.core.formats import lang
from app.core.raw_cells import EXACT_DIGITS
from app.finance.settlement.statement import Statement

WIDTHS = (12, 44, 30, 12, 20, 20, 22)
FIRST = 3
"""The row of the first item, counted from 0: title and heads stand above."""


def workbook(statement: Statement, *, title: str) -> bytes:
    """The workbook; dates are Jalali text, amounts numbers of whole rials."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as file:
        sheet = file.add_worksheet(_("Statement of account")[:31])
        if lang() == "fa":
            sheet.right_to_left()
        bold = file.add_format({"bold": True, "bg_color": "#E8EEEC", "border": 1})
        number = file.add_format({"num_format": "#,##0"})
        total = file.add_format({"num_format": "#,##0", "bold": True, "top": 1})
        for at, width in enumerate(WIDTHS):
            sheet.set_column(at, at, width)
        sheet.write_string(0, 0, title, file.add_format({"bold": True, "font_size": 13}))
        heads = (_("Date"), _("Description"), _("Details"), _("Due date"), _("Debits (rials)"), _("Credits (rials)"),
                 _("Balance (rials)"))  # fmt: skip
        for at, head in enumerate(heads):
            sheet.write_string(FIRST - 2, at, head, bold)
        sheet.freeze_panes(FIRST - 1, 0)
        sheet.write_string(FIRST - 1, 1, _("Carried over"))
        _amount(sheet, FIRST - 1, 6, statement.before, number)
        _rows(sheet, statement, number)
        last = FIRST + len(statement.rows)
        sheet.write_string(last, 1, _("Total"), total)
        for at, amount in ((4, statement.debit), (5, statement.credit), (6, statement.after)):
            _amount(sheet, last, at, amount, total)
    return out.getvalue()


def _rows(sheet: Any, statement: Statement, number: Any) -> None:
    for at, row in enumerate(statement.rows, start=FIRST):
        sheet.write_string(at, 0, format_date(row.on, "en"))
        sheet.write_string(at, 1, row.title)
        sheet.write_string(at, 2, row.detail)
        sheet.write_string(at, 3, format_date(row.item.due_on, "en"))
        for place, amount in ((4, row.debit), (5, row.credit)):
            if amount:
                _amount(sheet, at, place, amount, number)
        if _is_exact(row.balance):
            sheet.write_formula(at, 6, f"=G{at}+E{at + 1}-F{at + 1}", number, row.balance)
        else:
            _amount(sheet, at, 6, row.balance, number)


def _is_exact(amount: int) -> bool:
    """Whether a spreadsheet holds every digit of it."""
    return len(str(abs(amount))) <= EXACT_DIGITS


def _amount(sheet: Any, row: int, column: int, amount: int, look: Any) -> None:
    if _is_exact(amount):
        sheet.write_number(row, column, amount, look)
    else:
        sheet.write_string(row, column, f"{amount:,}", look)
