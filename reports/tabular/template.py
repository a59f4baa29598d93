"""An empty workbook to fill in: the headings of a sheet, a row of help, and drop-down lists.

Import leaves the row of help out by its mark, wherever it was moved to.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import xlsxwriter
from flask_babel import gettext as _
from sqlalchemy import inspect, select

from app.core import cells
from app.core.cells import Choice, Kind, Reference
from app.core.db import db
from app.core.formats import label_of, lang
from app.core.sheets import HELP_MARK, Column, SheetSpec
from reports.tabular.plan import CODE_WIDTH, WIDTHS
from reports.tabular.workbook import FORBIDDEN_IN_TITLE, column_letters

MOST_IN_LIST = 500
LAST_ROW = 1_048_575
LONGEST_PROMPT, LONGEST_TITLE = 250, 32
FONT = {"font_name": "Tahoma", "font_size": 11}


def template_of(spec: SheetSpec) -> bytes:
    """The workbook in the language of now; its lists hold what the actor of now may choose."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True, "strings_to_formulas": False}) as book:
        page = book.add_worksheet(FORBIDDEN_IN_TITLE.sub(" ", str(spec.label))[:31])
        lists = book.add_worksheet(_("Lists"))
        lists.hide()
        columns = [_as_needed(spec, column) for column in spec.all_columns if column.writable]
        _lay_out(book, page, columns)
        for place, column in enumerate(columns):
            _offer(page, lists, place, column)
    return file.getvalue()


def _as_needed(spec: SheetSpec, column: Column) -> Column:
    """A column as a new row needs it: the lines of a document are told apart by what names it."""
    keys = [one.name for one in spec.columns if one.writable and one.name in spec.key_columns()]
    if spec.lines is None or keys[:1] != [column.name]:
        return column
    words = _("Each document has its own; its lines repeat it, or leave it blank under the first.")
    return replace(column, required=True, help=words)


def _lay_out(book: Any, page: Any, columns: Sequence[Column]) -> None:
    side = {"reading_order": 2, "align": "right"} if lang() == "fa" else {}
    edge = {**side, "bottom": 1, "bottom_color": "#9CA3AF", "valign": "vcenter", "num_format": "@"}
    plain = book.add_format({**FONT, **edge, "bold": True, "bg_color": "#E5E7EB"})
    needed = book.add_format({**FONT, **edge, "bold": True, "bg_color": "#FDE68A"})
    advice = book.add_format(
        {**FONT, **side, "font_size": 9, "font_color": "#6B7280", "text_wrap": True, "valign": "top", "num_format": "@"}
    )
    words = book.add_format({**FONT, "num_format": "@"})
    amount = book.add_format({**FONT, "num_format": "#,##0"})
    number = book.add_format(FONT)
    if lang() == "fa":
        page.right_to_left()
    page.freeze_panes(2, 0)
    page.set_row(0, 22)
    page.set_row(1, 66)
    for place, column in enumerate(columns):
        label = f"{column.label} *" if column.required else str(column.label)
        shape = words if column.kind.is_text else amount if column.kind.name == "rials" else number
        width = max(column.width or WIDTHS.get(column.kind.name, CODE_WIDTH), len(label) * 1.15 + 2, 16)
        page.set_column(place, place, width, shape)
        page.write_string(0, place, label, needed if column.required else plain)
        page.write_string(1, place, f"{HELP_MARK} {help_of(column)}", advice)


def help_of(column: Column) -> str:
    """What belongs into a column, in a few words: whether it is needed, its form, and what else is to be known."""
    needed = _("Required.") if column.required else _("Optional.")
    return " ".join(filter(None, [needed, form_of(column.kind), str(column.help or "")]))


def form_of(kind: Kind) -> str:
    """How a value of a kind is written."""
    if isinstance(kind, Reference):
        by_name = any(name.endswith(("_sort", "_key")) for name in kind.by)
        return _("A code or a name that is known already.") if by_name else _("A code that is known already.")
    if isinstance(kind, cells.Digits):
        return _("%(length)d digits.", length=kind.length)
    if isinstance(kind, cells.Number) and kind.percent:
        return _("Percent: 9 is nine percent.")
    return {
        "rials": _("Amount in rials; for tomans write (toman) in the heading."),
        "date": _("Date: 1404/09/02 or a date of the spreadsheet."),
        "datetime": _("Date and time: 1404/09/02 14:30."),
        "number": _("Number."),
        "bool": _("Yes or no."),
        "choice": _("One of the list."),
        "phone": _("Phone with area code: 02112345678."),
        "email": _("E-mail address."),
        "national_id": _("10 digits, zeros in front included."),
        "legal_id": _("11 digits."),
        "code": _("Code; zeros in front are kept."),
    }.get(kind.name, _("Text."))


def _offer(page: Any, lists: Any, place: int, column: Column) -> None:
    """A drop-down where the choices are few, and the help as soon as a cell is entered."""
    rule: dict[str, Any] = {
        "validate": "any",
        "input_title": str(column.label)[:LONGEST_TITLE],
        "input_message": help_of(column)[:LONGEST_PROMPT],
    }
    choices = choices_of(column.kind)
    if choices:
        letters = column_letters(place + 1)
        lists.write_string(0, place, f"{HELP_MARK} {column.label}")
        lists.write_column(1, place, choices)
        name = lists.get_name().replace("'", "''")
        rule |= {
            "validate": "list",
            "source": f"='{name}'!${letters}$2:${letters}${len(choices) + 1}",
            "error_type": "warning",
            "error_title": str(column.label)[:LONGEST_TITLE],
            "error_message": _("This is not in the list. Keep it all the same?"),
        }
    page.data_validation(2, place, LAST_ROW, place, rule)


def choices_of(kind: Kind) -> list[str]:
    """What a person may choose; empty where it is not a list, or a long one."""
    if isinstance(kind, cells.YesNo):
        return list(kind.write([True, False]))
    if isinstance(kind, Choice):
        return [label_of(member) for member in kind.members]
    return _records(kind) if isinstance(kind, Reference) else []


def _records(kind: Reference) -> list[str]:
    mapper = inspect(kind.model)
    named = "name" if "name_sort" in kind.by else kind.shown
    statement = select(getattr(kind.model, named)).order_by(getattr(kind.model, kind.by[-1])).limit(MOST_IN_LIST + 1)
    active = "is_active" if "is_active" in mapper.columns else "active" if "active" in mapper.columns else ""
    if active:
        statement = statement.where(getattr(kind.model, active).is_(True))
    found = [str(value) for value in db.session.scalars(statement)]
    return found if len(found) <= MOST_IN_LIST and len(set(found)) == len(found) else []
