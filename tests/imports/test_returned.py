"""The workbook that goes back: the person's own, marked, and known again after Excel or LibreOffice saved it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill

from app.core.actor import Actor, acting_as
from app.core.sheets import sheet_named
from imports.apply import Order, run_import
from imports.reader.read import read_workbook
from imports.returned import Marks, marked_workbook, reason_headers, stamp_of
from tests.services import office_convert

ERRORS = [
    {"sheet": "S", "row": 3, "column": "B", "header": "نام", "code": "x", "message": "bad name"},
    {"sheet": "S", "row": 3, "column": "", "header": "شهر", "code": "y", "message": "no city"},
]
MARKS = Marks("S", 1, ERRORS, {(3, 0): "=1+1", (3, 1): "12"}, {"batch": 7, "act": 9})


def own(path: Path) -> Path:
    """A workbook with a title, colours, a formula, a note of its own and a frozen header."""
    book = Workbook()
    sheet: Any = book.active
    sheet.title = "S"
    for row in (["title"], ["کد", "نام"], [1, "a"], [2, 5], [3, "c"]):
        sheet.append(row)
    sheet["A2"].font, sheet["A2"].fill = Font(bold=True), PatternFill("solid", fgColor="00FF00")
    sheet["A5"].comment, sheet["B5"].value, sheet.freeze_panes = Comment("mine", "Me"), "=A5*2", "A3"
    sheet["B4"].number_format = "#,##0"
    book.save(path)
    return path


def _converted(path: Path, kind: str, folder: Path) -> Path:
    folder.mkdir()
    return office_convert(path, to=kind, folder=folder)


@pytest.fixture
def marked(app: Any, tmp_path: Path) -> Path:
    path = tmp_path / "marked.xlsx"
    path.write_bytes(marked_workbook(own(tmp_path / "own.xlsx"), MARKS, name="own.xlsx"))
    return path


def test_styles_and_formulas_stay_and_bad_cells_say_why(marked: Path) -> None:
    sheet: Any = load_workbook(marked).active
    assert (sheet["A2"].fill.fgColor.rgb, sheet["A2"].font.bold, sheet.freeze_panes) == ("0000FF00", True, "A3")
    assert (sheet["B5"].value, sheet["A5"].comment.text) == ("=A5*2", "mine")
    assert (sheet["B3"].fill.fgColor.rgb, sheet["B3"].comment.text) == ("00FFC7CE", "bad name")
    assert sheet["C2"].value in reason_headers()
    assert sheet["C3"].value == "نام: bad name; شهر: no city"
    assert (sheet["A4"].value, sheet["A4"].data_type) == ("=1+1", "s")
    assert (sheet["B4"].value, sheet["B4"].number_format) == (12, "#,##0")


def test_a_second_return_has_one_column_of_reasons_and_no_old_marks(marked: Path, tmp_path: Path) -> None:
    later = Marks("S", 1, [], {}, {"batch": 7, "act": 12})
    path = tmp_path / "again.xlsx"
    path.write_bytes(marked_workbook(marked, later, name="marked.xlsx"))
    sheet: Any = load_workbook(path).active
    assert (sheet.max_column, sheet["C3"].value, sheet["B3"].comment) == (3, None, None)
    assert sheet["B3"].fill.fill_type is None
    assert sheet["A5"].comment.text == "mine"
    assert stamp_of(path) == {"batch": 7, "act": 12, "column": 3}


def test_libreoffice_keeps_what_tells_the_workbook(marked: Path, tmp_path: Path) -> None:
    saved = _converted(marked, "xlsx", tmp_path / "lo")
    assert stamp_of(saved) == {"batch": 7, "act": 9, "column": 3}


@pytest.mark.parametrize("kind", ["ods", "xls", "csv"])
def test_other_kinds_come_back_as_values_in_a_new_workbook(app: Any, tmp_path: Path, kind: str) -> None:
    path = _converted(own(tmp_path / "own.xlsx"), kind, tmp_path / "lo")
    name = read_workbook(path).sheets[0].name
    marks = Marks(name, 1, [{**one, "sheet": name} for one in ERRORS], {(3, 0): "=1+1"}, {"batch": 7, "act": 0})
    out = tmp_path / "out.xlsx"
    out.write_bytes(marked_workbook(path, marks, name=path.name))
    sheet: Any = load_workbook(out).active
    assert sheet["B3"].comment.text.strip() == "bad name"
    assert sheet["C3"].value == "نام: bad name; شهر: no city"
    assert (sheet["A4"].value, sheet["A4"].data_type) != ("=1+1", "f")
    assert stamp_of(out) == {"batch": 7, "act": 0, "column": 3}


def test_what_is_no_returned_workbook_has_no_stamp(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(b"no zip")
    assert stamp_of(tmp_path / "a.xlsx") == {}
    assert stamp_of(own(tmp_path / "b.xlsx")) == {}
    assert stamp_of(tmp_path / "missing.xlsx") == {}


def test_a_bad_head_is_marked_on_the_sheet_of_heads(session: Any, tmp_path: Path) -> None:
    """Documents of two sheets are read as one table; the cell to repair stands on the other one."""
    book = Workbook()
    heads: Any = book.active
    heads.title = "Heads"
    for row in (["شماره", "تاریخ", "کد مشتری"], ["F-1", "1403/02/01", "NOBODY"], ["F-2", "کی؟", "NOBODY"]):
        heads.append(row)
    lines: Any = book.create_sheet("Lines")
    for row in (["شماره", "کد کالا", "تعداد", "فی"], ["F-1", "P1", 1, 5], ["F-2", "P1", 1, 5], ["F-2", "P1", 2, 5]):
        lines.append(row)
    path, back = tmp_path / "two.xlsx", tmp_path / "back.xlsx"
    book.save(path)
    spec = sheet_named("sales_invoices")
    with acting_as(Actor.system("test")):
        report = run_import(path, Order(spec), dry_run=True)
    errors = [error.as_json() for error in report.errors]
    assert {(one["sheet"], one["code"]) for one in errors} >= {("Lines", "unknown_reference")}

    back.write_bytes(
        marked_workbook(path, Marks("Lines", 0, errors, {}, {"batch": 1, "act": 0}, spec=spec), name="t.xlsx")
    )

    marked = load_workbook(back)["Heads"]
    bad = {cell.coordinate for row in marked.iter_rows() for cell in row if cell.comment is not None}
    assert bad == {"C2", "B3", "C3"}
    assert all(marked[name].fill.fgColor.rgb == "00FFC7CE" for name in bad)
