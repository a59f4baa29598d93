"""The first look at a file: verdict, reason, and what is on its sheets."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from imports.inspection import inspect_file
from tests.imports.test_layout import DATA
from tests.imports.workbooks import parts, sheet_xml, text_cell, workbook, write


@pytest.mark.parametrize(
    ("name", "rows", "columns", "header_rows", "data_rows"),
    [
        ("customers_libreoffice", 41, 8, [1], 40),
        ("invoice_list_merged_header", 20, 8, [4, 5], 12),
        ("mixed_dates", 23, 3, [1], 22),
    ],
)
def test_samples_are_accepted(name: str, rows: int, columns: int, header_rows: list[int], data_rows: int) -> None:
    found = inspect_file(DATA / f"{name}.xlsx")

    (sheet,) = found.sheets
    assert (found.verdict, found.reason) == ("accept", None)
    assert (sheet.rows, sheet.columns, sheet.data_rows) == (rows, columns, data_rows)
    assert (sheet.header_row, sheet.header_rows) == (header_rows[0], header_rows)
    assert (sheet.error_cells, sheet.formulas_without_values, sheet.hidden_rows) == (0, 0, 0)
    assert json.loads(json.dumps(found.as_json()))["verdict"] == "accept"


def test_what_values_alone_do_not_say_is_a_warning(tmp_path: Path) -> None:
    rows = (
        f'<row r="1">{text_cell("A1", "نام")}{text_cell("B1", "مبلغ")}</row>'
        f'<row r="2" hidden="1">{text_cell("A2", "الف")}<c r="B2" t="e"><v>#N/A</v></c></row>'
        f'<row r="3">{text_cell("A3", "ب")}<c r="B3"><f>1+1</f></c></row>'
    )

    found = inspect_file(workbook(tmp_path / "a.xlsx", rows))

    assert found.verdict == "accept_with_warnings"
    assert [warning["code"] for warning in found.warnings] == ["error_cells", "formulas_without_values", "hidden_rows"]
    (sheet,) = found.sheets
    assert (sheet.error_cells, sheet.formulas_without_values, sheet.hidden_rows, sheet.data_rows) == (1, 1, 1, 2)
    assert (sheet.first_errors, sheet.first_formulas_without_values) == (["B2 #N/A"], ["B3"])


def test_file_that_is_no_workbook_is_rejected_with_its_reason(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"")

    found = inspect_file(path)

    assert (found.verdict, found.reason, found.sheets) == ("reject", "empty", [])
    assert found.message


def test_workbook_without_a_filled_cell_is_rejected(tmp_path: Path) -> None:
    found = inspect_file(write(tmp_path / "a.xlsx", parts(sheet_xml(""))))

    assert (found.verdict, found.reason) == ("reject", "no_rows")
