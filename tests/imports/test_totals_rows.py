"""Rows of totals are never stored, and one that does not fit its rows is named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from openpyxl import Workbook, load_workbook

from app.core.actor import Actor, acting_as
from app.core.cells import RIALS
from app.core.formats import num
from app.core.raw_cells import Parsed
from app.core.sheets import sheet_named
from imports.apply import Order, Report, run_import
from imports.layout import Layout, Skipped
from imports.mapping import ColumnMapping
from imports.reader.read import Sheet
from imports.returned import Marks, marked_workbook
from imports.totals_rows import differing_totals

HEAD = ["کد", "نام", "اعتبار"]


def report_of(folder: Path, *rows: list[Any]) -> tuple[Path, Report]:
    book = Workbook()
    sheet: Any = book.active
    for row in [HEAD, *rows]:
        sheet.append(row)
    path = folder / "totals.xlsx"
    book.save(path)
    with acting_as(Actor.system("test")):
        return path, run_import(path, Order(sheet_named("customers")), dry_run=True)


@pytest.mark.parametrize("total", [600, "۶۰۰", "600 ریال", None])
def test_a_total_that_fits_is_silent(session: Any, tmp_path: Path, total: Any) -> None:
    _path, report = report_of(
        tmp_path, ["A1", "علی", 100], ["A2", "رضا", 200], ["A3", "مریم", 300], [None, "جمع", total]
    )
    assert (report.verdict, report.warnings, report.left_out) == ("accept", [], {"totals": 1})
    assert report.rows == 3


def test_parts_and_the_whole_may_be_summed(session: Any, tmp_path: Path) -> None:
    rows = [["A1", "علی", 100], [None, "جمع", 100], ["A2", "رضا", 200], ["A3", "مریم", 5], [None, "جمع", 205]]
    assert report_of(tmp_path, *rows, [None, "جمع کل", 305])[1].warnings == []


def test_a_total_that_differs_is_named_and_marked(session: Any, tmp_path: Path) -> None:
    path, report = report_of(tmp_path, ["A1", "علی", 100], ["A2", "رضا", 200], [None, "جمع", 900])
    (warning,) = report.warnings
    assert (warning.row, warning.column, warning.code) == (4, "C", "totals_differ")
    assert num(900) in str(warning.message)
    assert num(300) in str(warning.message)
    assert (report.verdict, report.errors) == ("accept_with_warnings", [])
    assert report.as_json()["warnings"] == [warning.as_json()]

    marks = Marks(warning.sheet, 0, [], {}, {"batch": 1, "act": 0}, [warning.as_json()])
    back = tmp_path / "back.xlsx"
    back.write_bytes(marked_workbook(path, marks, name=path.name))
    cell = load_workbook(back).active["C4"]
    assert cell.fill.fgColor.rgb.endswith("FFEB9C")
    assert num(900) in cell.comment.text


def test_a_column_that_could_not_be_read_has_no_sum(session: Any, tmp_path: Path) -> None:
    _path, report = report_of(tmp_path, ["A1", "علی", "صد"], ["A2", "رضا", 200], [None, "جمع", 900])
    assert report.warnings == []
    assert len(report.errors) == 1


@pytest.mark.parametrize(("total", "fits"), [(150, True), (200, True), (250, False)])
def test_a_header_of_a_document_may_count_once(total: int, fits: bool) -> None:
    """Two invoices of 50 and 100, the first with two lines that both say 50."""
    cells: list[Any] = ["total", 50, 50, 100, total]
    sheet = Sheet("A", rows=5, width=1, columns=[cells])
    layout = Layout((0, 0), (), np.array([1, 2, 3], dtype=np.int64))
    layout.skipped = {4: Skipped.TOTALS}
    group = np.array([0, 0, 1], dtype=np.int64)
    read = {"paid": (RIALS, Parsed([50, 50, 100]))}
    found = differing_totals(sheet, layout, ColumnMapping(sources={"paid": 0}), read, group)
    assert (found == []) is fits
