"""The files that we write, opened by other programs."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from python_calamine import CalamineWorkbook

from reports.tabular import workbook
from reports.tabular.workbook import Head, WorkbookWriter, column_letters

HOSTILE = ("=1+1", "+98 21", "-5", "@SUM(A1)", "\t=2", '=HYPERLINK("http://x","y")', "{=1}", "<&>\"'", "_x0041_")


def written(*columns: Sequence[Any], heads: Sequence[Head] = (), is_rtl: bool = True) -> bytes:
    file = io.BytesIO()
    heads = heads or [Head(f"ستون {place}") for place in range(len(columns))]
    with WorkbookWriter(file, "مشتریان", heads, is_rtl=is_rtl) as book:
        book.write(columns)
    return file.getvalue()


def openpyxl_rows(content: bytes) -> list[tuple[Any, ...]]:
    book = openpyxl.load_workbook(io.BytesIO(content))
    sheet = book.worksheets[0]
    return list(sheet.iter_rows(values_only=True))


def calamine_rows(content: bytes) -> list[list[Any]]:
    return CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()


def test_both_readers_get_every_kind_of_value_back() -> None:
    content = written(
        ["علی رضایی", None, "خط ۱\nخط ۲"],
        [1_250_000, -3, None],
        [Decimal("2.125"), 0.5, Decimal("1e-4")],
        ["0012345678", "1405/09/02", "  میان  "],
        heads=[Head("نام"), Head("مبلغ", is_amount=True), Head("مقدار"), Head("کد")],
    )

    assert openpyxl_rows(content)[1:] == [
        ("علی رضایی", 1_250_000, 2.125, "0012345678"),
        (None, -3, 0.5, "1405/09/02"),
        ("خط ۱\nخط ۲", None, 0.0001, "  میان  "),
    ]
    assert calamine_rows(content) == [
        ["نام", "مبلغ", "مقدار", "کد"],
        ["علی رضایی", 1_250_000.0, 2.125, "0012345678"],
        ["", -3.0, 0.5, "1405/09/02"],
        ["خط ۱\nخط ۲", "", 0.0001, "  میان  "],
    ]


def test_text_never_becomes_a_formula() -> None:
    content = written(list(HOSTILE))

    sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    cells = [row[0] for row in sheet.iter_rows(min_row=2)]
    assert {cell.data_type for cell in cells} <= {"s", "inlineStr"}
    assert {cell.number_format for cell in cells} == {"@"}
    assert b"<f>" not in zipfile.ZipFile(io.BytesIO(content)).read("xl/worksheets/sheet1.xml")
    formulas = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
    assert [row[0] for row in formulas.to_python()][1:-1] == list(HOSTILE)[:-1]


@pytest.mark.office
def test_libreoffice_opens_it_and_shows_the_same(tmp_path: Path, office: Callable[..., Path]) -> None:
    source = tmp_path / "list.xlsx"
    source.write_bytes(written([*HOSTILE, "1234567890123456789"], [*range(len(HOSTILE)), 10**15]))

    converted = office(source, to="xlsx", folder=_folder(tmp_path / "back"))
    sheet = openpyxl.load_workbook(converted).worksheets[0]
    rows = openpyxl_rows(converted.read_bytes())

    assert sheet.sheet_view.rightToLeft
    assert b"<f" not in zipfile.ZipFile(converted).read("xl/worksheets/sheet1.xml")
    assert [row[0] for row in rows[1:]] == [*HOSTILE, "1234567890123456789"]
    assert [row[1] for row in rows[1:]] == [*range(len(HOSTILE)), "1000000000000000"]


def _folder(path: Path) -> Path:
    path.mkdir()
    return path


def test_the_sheet_runs_from_right_to_left_with_a_frozen_heading() -> None:
    heads = [Head("نام", 24), Head("مبلغ", 18, is_amount=True)]
    sheet = openpyxl.load_workbook(io.BytesIO(written(["الف"], [12], heads=heads))).worksheets[0]

    assert sheet.title == "مشتریان"
    assert sheet.sheet_view.rightToLeft
    assert sheet.freeze_panes == "A2"
    assert (sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width) == (24, 18)
    assert sheet["A1"].font.bold
    assert sheet["B2"].number_format == "#,##0"


def test_an_english_sheet_runs_from_left_to_right() -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(written(["a"], is_rtl=False))).worksheets[0]

    assert not sheet.sheet_view.rightToLeft


def test_numbers_of_more_than_fifteen_digits_stay_whole_as_text() -> None:
    content = written([10**15, -(10**18), 999_999_999_999_999, Decimal("0.1234567890123456")])

    assert [row[0] for row in openpyxl_rows(content)[1:]] == [
        "1000000000000000",
        "-1000000000000000000",
        999_999_999_999_999,
        "0.1234567890123456",
    ]


def test_characters_that_xml_cannot_hold_are_left_out() -> None:
    content = written(["a\x00b\x0bc\ud800\uffff", "a\r\nb\rc", "x" * 40_000])

    rows = [row[0] for row in openpyxl_rows(content)[1:]]
    assert rows == ["abc", "a\nb\nc", "x" * 32_767]
    assert [row[0] for row in calamine_rows(content)][1:] == rows


def test_a_full_sheet_goes_on_in_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "MAX_ROWS", 4)

    book = openpyxl.load_workbook(io.BytesIO(written([1, 2, 3, 4, 5, 6, 7])))

    assert book.sheetnames == ["مشتریان", "مشتریان 2", "مشتریان 3"]
    assert [[row[0] for row in sheet.iter_rows(min_row=2, values_only=True)] for sheet in book] == [
        [1, 2, 3],
        [4, 5, 6],
        [7],
    ]


def test_an_empty_list_is_a_sheet_with_its_heading() -> None:
    assert calamine_rows(written([], [])) == [["ستون 0", "ستون 1"]]


@pytest.mark.parametrize(("place", "letters"), [(1, "A"), (26, "Z"), (27, "AA"), (702, "ZZ"), (703, "AAA")])
def test_columns_are_lettered_as_spreadsheets_do(place: int, letters: str) -> None:
    assert column_letters(place) == letters
