"""The workbook that goes back to the person: their own, with bad cells coloured and a column saying why.

It carries the number of its batch, so that it is known when it comes again (imports.again).
"""

from __future__ import annotations

import html
import io
import json
import re
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask import current_app
from flask_babel import force_locale
from flask_babel import gettext as _
from openpyxl import load_workbook
from openpyxl.comments import Comment
from openpyxl.packaging.custom import StringProperty
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import column_index_from_string, get_column_letter
from xlsxwriter import Workbook as PlainWorkbook

from app.core.sheets import SheetSpec
from imports.joined import read_tables
from imports.overlay import Corrections
from imports.reader.read import Sheet, read_workbook

MOST_CELLS = 300_000
"""Larger workbooks, and other kinds of files, come back as their values in a new workbook."""
STAMP = "kartabl"
MOST_STAMP = 64 * 1024
AUTHOR = "Kartabl"
BAD = PatternFill("solid", fgColor="FFC7CE")
DOUBTED = PatternFill("solid", fgColor="FFEB9C")
MENDED = PatternFill("solid", fgColor="E2F0D9")
NOTHING = PatternFill()
HEAD = Font(bold=True, color="9C0006")
WIDTH = 48


@dataclass(frozen=True, slots=True)
class Marks:
    """What is marked: bad and doubtful cells as `import --json` names them, the corrections, and where."""

    sheet: str
    header_row: int  # from 0
    errors: list[dict[str, Any]]
    corrections: Corrections
    stamp: Mapping[str, int]
    warnings: list[dict[str, Any]] = field(default_factory=list)
    spec: SheetSpec | None = None

    def reasons(self) -> dict[int, str]:
        """Why each row is refused or doubted, by row from 1."""
        found: dict[int, list[str]] = {}
        for error in [*self.errors, *self.warnings]:
            found.setdefault(error["row"], []).append(f"{error['header']}: {error['message']}")
        return {row: "; ".join(sentences) for row, sentences in found.items()}


def marked_workbook(path: Path, marks: Marks, *, name: str) -> bytes:
    """The upload as .xlsx (.xlsm stays one), corrected and marked. Raises WorkbookRefused."""
    workbook = read_workbook(path, name=name, sheets=[marks.sheet])
    sheet = workbook.sheet(marks.sheet)
    if workbook.kind == "xlsx" and sheet.rows * max(sheet.width, 1) <= MOST_CELLS:
        origins = _origins(path, marks, sheet.width, name=name)
        return _marked_original(path, marks, origins, has_macros=name.lower().endswith(".xlsm"))
    return _marked_values(sheet, marks)


# --- the person's own workbook


def _origins(path: Path, marks: Marks, width: int, *, name: str) -> dict[tuple[int, int], tuple[str, int, int]]:
    """Where on another sheet of the workbook cells stand that were read as further columns of this one."""
    is_beyond = any(one["column"] and column_index_from_string(one["column"]) > width for one in marks.errors)
    if marks.spec is None or not is_beyond:
        return {}
    return read_tables(path, marks.spec, name=name).sheet(marks.sheet).origins


def _marked_original(
    path: Path, marks: Marks, origins: Mapping[tuple[int, int], tuple[str, int, int]], *, has_macros: bool
) -> bytes:
    book: Any = load_workbook(io.BytesIO(path.read_bytes()), keep_vba=has_macros, rich_text=True)
    sheet = book[marks.sheet]
    column, width = _reason_column(book, sheet, marks), int(sheet.max_column or 0)
    _clean(sheet, column)
    for other in book.worksheets:
        if other is not sheet:
            _clean(other, 0)
    for (row, at), text in marks.corrections.items():
        if at < width:  # columns of another sheet of the workbook stand behind these
            _correct(sheet.cell(row + 1, at + 1), text)
    for found, fill in ((marks.warnings, DOUBTED), (marks.errors, BAD)):
        for one in found:
            at = column_index_from_string(one["column"]) if one["column"] else 0
            title, row, column_there = origins.get((one["row"] - 1, at - 1), (marks.sheet, one["row"] - 1, at - 1))
            if at and (at <= width or title != marks.sheet):
                _mark(book[title].cell(row + 1, column_there + 1), fill, str(one["message"]))
    _write_reasons(sheet, column, marks)
    if STAMP in book.custom_doc_props.names:
        del book.custom_doc_props[STAMP]
    book.custom_doc_props.append(StringProperty(name=STAMP, value=json.dumps({**marks.stamp, "column": column})))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _reason_column(book: Any, sheet: Any, marks: Marks) -> int:
    """The column of an earlier return, else the first one behind the table, from 1."""
    known = read_stamp(book).get("column")
    if isinstance(known, int) and sheet.cell(marks.header_row + 1, known).value in reason_headers():
        return known
    return int(sheet.max_column or 0) + 1


def _clean(sheet: Any, column: int) -> None:
    """Take the marks of an earlier return away."""
    for row in sheet.iter_rows():
        for cell in row:
            if cell.comment is not None and cell.comment.author == AUTHOR:
                cell.comment, cell.fill = None, NOTHING
            if cell.column == column and hasattr(cell, "hyperlink"):
                cell.value, cell.fill = None, NOTHING


def _correct(cell: Any, text: str) -> None:
    if not hasattr(cell, "hyperlink"):  # inside a merged range only its first cell can be written
        return
    before = cell.value
    is_number = isinstance(before, int | float) and not isinstance(before, bool)
    if not text:
        cell.value = None
    elif is_number and text.isascii() and text.isdigit() and len(text) <= 15:
        cell.value = int(text)
    else:
        cell.value, cell.data_type = text, "s"
    _mark(cell, MENDED, _("Corrected. Before: %(before)s", before="" if before is None else str(before)))


def _mark(cell: Any, fill: PatternFill, words: str) -> None:
    cell.fill = fill
    if hasattr(cell, "hyperlink"):
        cell.comment = Comment(words, AUTHOR, width=260, height=90)


def _write_reasons(sheet: Any, column: int, marks: Marks) -> None:
    head = sheet.cell(marks.header_row + 1, column, _("Error"))
    head.fill, head.font = BAD, HEAD
    sheet.column_dimensions[get_column_letter(column)].width = WIDTH
    for row, words in marks.reasons().items():
        cell = sheet.cell(row, column)
        cell.value, cell.data_type = words, "s"  # never a formula
        cell.alignment = Alignment(wrap_text=True, vertical="top")


# --- its values in a new workbook


def _marked_values(sheet: Sheet, marks: Marks) -> bytes:
    out = io.BytesIO()
    book = PlainWorkbook(out, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    page = book.add_worksheet(sheet.name[:31])
    page.right_to_left()
    page.freeze_panes(marks.header_row + 1, 0)
    page.set_column(0, max(sheet.width - 1, 0), 16)
    page.set_column(sheet.width, sheet.width, WIDTH)
    doubted, bad = _places(marks.warnings), _places(marks.errors)
    reasons = marks.reasons()
    styles = _styles(book)
    for row in range(sheet.rows):
        kind = "head" if row == marks.header_row else ""
        for column, value in enumerate(sheet.row(row)):
            text = marks.corrections.get((row, column))
            where = (row, column)
            marked = "bad" if where in bad else "doubted" if where in doubted else ""
            style = marked or ("mended" if text is not None else kind)
            _put(page, row, column, value if text is None else text, styles, style)
            if marked:
                page.write_comment(row, column, bad.get(where) or doubted[where], {"author": AUTHOR})
        if row == marks.header_row:
            page.write_string(row, sheet.width, _("Error"), styles["bad head"])
        elif row + 1 in reasons:
            page.write_string(row, sheet.width, reasons[row + 1], styles["why"])
    book.set_custom_property(STAMP, json.dumps({**marks.stamp, "column": sheet.width + 1}), "text")
    book.close()
    return out.getvalue()


def _places(found: list[dict[str, Any]]) -> dict[tuple[int, int], str]:
    """What is said of each cell, by row and column from 0."""
    return {
        (one["row"] - 1, column_index_from_string(one["column"]) - 1): str(one["message"])
        for one in found
        if one["column"]
    }


def _styles(book: Any) -> dict[str, Any]:
    looks: dict[str, dict[str, Any]] = {
        "": {},
        "head": {"bold": True, "bottom": 1},
        "bad": {"bg_color": "#FFC7CE"},
        "doubted": {"bg_color": "#FFEB9C"},
        "mended": {"bg_color": "#E2F0D9"},
        "bad head": {"bold": True, "bg_color": "#FFC7CE", "font_color": "#9C0006"},
        "why": {"text_wrap": True, "valign": "top"},
    }
    days = {f"{name} day": {**look, "num_format": "yyyy/mm/dd"} for name, look in looks.items()}
    return {name: book.add_format(look) for name, look in {**looks, **days}.items()}


def _put(page: Any, row: int, column: int, value: Any, styles: Mapping[str, Any], style: str) -> None:
    if value is None:
        if style:
            page.write_blank(row, column, None, styles[style])
    elif isinstance(value, bool):
        page.write_boolean(row, column, value, styles[style])
    elif isinstance(value, int | float):
        page.write_number(row, column, value, styles[style])
    elif isinstance(value, str):
        page.write_string(row, column, value[:32_767], styles[style])
    else:
        page.write_datetime(row, column, value, styles[f"{style} day"])


# --- the stamp


def read_stamp(book: Any) -> dict[str, int]:
    """What a returned workbook says of itself: batch, act and column; empty for any other."""
    for found in book.custom_doc_props.props:
        if found.name == STAMP:
            return parse_stamp(str(found.value))
    return {}


def stamp_of(path: Path) -> dict[str, int]:
    """The same of a file that was read before, without opening it as a workbook."""
    try:
        with zipfile.ZipFile(path) as archive, archive.open("docProps/custom.xml") as part:
            content = part.read(MOST_STAMP).decode("utf-8", "replace")
    except (OSError, KeyError, zipfile.BadZipFile, NotImplementedError, RuntimeError, zlib.error, EOFError):
        return {}
    found = re.search(rf'name="{STAMP}"[^>]*>\s*<(?:\w+:)?lpwstr[^>]*>([^<]*)<', content)
    return parse_stamp(html.unescape(found[1])) if found else {}


def parse_stamp(text: str) -> dict[str, int]:
    """The stamp's numbers; empty where it is none."""
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    if not isinstance(found, dict):
        return {}
    return {name: value for name, value in found.items() if value.__class__ is int and 0 <= value < 1 << 31}


def reason_headers() -> set[str]:
    """The header of the column of reasons in every language."""
    found = set()
    for locale in current_app.config["LANGUAGES"]:
        with force_locale(locale):
            found.add(_("Error"))
    return found
