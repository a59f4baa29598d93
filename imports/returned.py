"""The workbook that goes back to the person: the same one, with the bad cells marked."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from flask_babel import gettext as _
from openpyxl import Workbook as NewWorkbook
from openpyxl import load_workbook
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import column_index_from_string

from imports.reader.read import read_workbook

MOST_CELLS = 1_000_000
BAD = PatternFill("solid", fgColor="FFC7CE")
BOLD = Font(bold=True, color="9C0006")


def marked_workbook(path: Path, errors: Sequence[dict[str, Any]], *, name: str, header_row: int) -> bytes:
    """The uploaded file as .xlsx with bad cells coloured and a column that says why.

    A file that is no .xlsx, or is very large, comes back as its values. `header_row` counts from 0.
    """
    sheet_name = errors[0]["sheet"] if errors else None
    book, sheet = _open(path, name, sheet_name)
    column = (sheet.max_column or 0) + 1
    head = sheet.cell(header_row + 1, column, _("Error"))
    head.fill, head.font = BAD, BOLD
    by_row: dict[int, list[str]] = {}
    for error in errors:
        by_row.setdefault(error["row"], []).append(f"{error['header']}: {error['message']}")
        if error["column"]:
            cell = sheet.cell(error["row"], column_index_from_string(error["column"]))
            if hasattr(cell, "fill"):
                cell.fill = BAD
            if cell.__class__.__name__ == "Cell":
                cell.comment = Comment(str(error["message"]), "Kartabl")
    for row, sentences in by_row.items():
        cell = sheet.cell(row, column)
        cell.value, cell.data_type = "; ".join(sentences), "s"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _open(path: Path, name: str, sheet_name: str | None) -> tuple[Any, Any]:
    workbook = read_workbook(path, name=name)
    sheet = next((one for one in workbook.sheets if one.name == sheet_name), workbook.sheets[0])
    if workbook.kind == "xlsx" and sheet.rows * max(sheet.width, 1) <= MOST_CELLS:
        book = load_workbook(io.BytesIO(path.read_bytes()))
        return book, book[sheet.name]
    book = NewWorkbook()
    active: Any = book.active
    active.title, active.sheet_view.rightToLeft = sheet.name[:31] or "Sheet1", True
    for place in range(sheet.rows):
        for column, value in enumerate(sheet.row(place), start=1):
            if value is not None:
                cell = active.cell(place + 1, column, value)
                if isinstance(value, str):
                    cell.data_type = "s"  # never a formula
    return book, active
