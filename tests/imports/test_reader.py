"""What the reader tells of a sheet: values as they were stored, and what values alone do not say."""

from __future__ import annotations

import zipfile
from datetime import date, datetime
from pathlib import Path

import pytest
import xlsxwriter
from openpyxl import Workbook as OpenpyxlBook

from imports.reader.facts import address
from imports.reader.limits import DEFAULT
from imports.reader.read import Sheet, read_workbook
from imports.reader.survey import _unusual, survey_sheet
from tests.imports.workbooks import number_cell, parts, sheet_xml, text_cell, workbook, write

DATA = Path(__file__).parents[1] / "data" / "sheets"
MIDNIGHT = datetime.fromisoformat("2024-05-04T00:00")
NOON = datetime.fromisoformat("2024-05-04T13:45")
ODD_ROWS = (
    '<row r="2" hidden="1"><c r="B2" t="e"><v>#REF!</v></c><c r="C2"><f>1+1</f></c>'
    '<c r="D2"><f>A1*2</f><v></v></c></row>'
    '<row r="3" hidden="false"><c r="B3" t="str"><f>""</f><v></v></c><c r="C3"><f t="shared" si="0"/><v>4</v></c></row>'
    '<row r="5" hidden="true"><c r="A5" s="1"/><c r="E5" t="e"><f>1/0</f><v>#DIV/0!</v></c></row>'
)


def only_sheet(path: Path) -> Sheet:
    return read_workbook(path).sheets[0]


def test_text_is_kept_exactly(tmp_path: Path) -> None:
    text = "  كتاب‌ها \n ۱۲۳ "
    path = workbook(tmp_path / "a.xlsx", f'<row r="1">{text_cell("A1", text)}</row>')

    assert only_sheet(path).columns == [[text]]


def test_whole_numbers_are_int_and_places_are_from_a1(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", f'<row r="3">{number_cell("B3", "1001.0")}{number_cell("C3", "0.5")}</row>')

    sheet = only_sheet(path)

    assert sheet.columns == [[None] * 3, [None, None, 1001], [None, None, 0.5]]
    assert type(sheet.columns[1][2]) is int
    assert (sheet.rows, sheet.width) == (3, 3)


def test_number_that_is_none_is_named_as_an_error(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", f'<row r="1">{number_cell("A1", "1e999")}{number_cell("B1", 1)}</row>')

    sheet = only_sheet(path)

    assert (sheet.columns, sheet.errors) == ([[None], [1]], {(0, 0): "#NUM!"})


@pytest.mark.parametrize("is_1904", [False, True])
def test_dates_respect_the_epoch(tmp_path: Path, is_1904: bool) -> None:
    path = tmp_path / "a.xlsx"
    book = xlsxwriter.Workbook(path, {"date_1904": is_1904})
    sheet = book.add_worksheet()
    sheet.write_datetime(0, 0, MIDNIGHT, book.add_format({"num_format": "yyyy-mm-dd"}))
    sheet.write_datetime(1, 0, NOON, book.add_format({"num_format": "[$-fa-IR,16]yyyy/mm/dd hh:mm"}))
    book.close()

    assert only_sheet(path).columns == [[date(2024, 5, 4), NOON]]


def test_strict_workbook_is_read_whole(tmp_path: Path) -> None:
    made = parts(sheet_xml(f'<row r="1">{text_cell("A1", "نام")}</row>{ODD_ROWS}'), strict=True)

    sheet = only_sheet(write(tmp_path / "a.xlsx", made))

    assert sheet.columns[0][0] == "نام"
    assert (sheet.error_count, sheet.valueless_count) == (2, 2)


def test_survey_names_errors_formulas_and_hidden_rows(tmp_path: Path) -> None:
    sheet = only_sheet(workbook(tmp_path / "a.xlsx", f'<row r="1">{text_cell("A1", "x")}</row>{ODD_ROWS}'))

    assert sheet.errors == {(1, 1): "#REF!", (4, 4): "#DIV/0!"}
    assert sheet.valueless == {(1, 2), (1, 3)}
    assert sheet.formula_count == 5
    assert sheet.hidden == [(1, 1), (4, 4)]


def test_filter_is_told_apart_from_hiding(tmp_path: Path) -> None:
    tail = '<autoFilter ref="A1:A5"><filterColumn colId="0"/></autoFilter>'
    path = write(tmp_path / "a.xlsx", parts(sheet_xml(f'<row r="1">{text_cell("A1", "x")}</row>', tail=tail)))

    assert only_sheet(path).is_filtered


@pytest.mark.parametrize(
    "rewrite",
    [
        lambda xml: xml.replace('"', "'"),
        lambda xml: xml.replace("<sheetData>", "<sheetData><!-- by hand -->"),
        lambda xml: xml.replace("<", "<x:").replace("<x:/", "</x:").replace("<x:?", "<?").replace("xmlns=", "xmlns:x="),
        lambda xml: xml.replace('t="e"', 't = "e"').replace('hidden="', 'hidden = "'),
        lambda xml: xml.replace('<c r="B2" t="e">', '<c t="e" r="B2">'),
    ],
    ids=["single-quotes", "comment", "prefix", "spaces", "order"],
)
def test_unusual_xml_gives_the_same_survey(tmp_path: Path, rewrite) -> None:  # type: ignore[no-untyped-def]
    xml = sheet_xml(f'<row r="1">{text_cell("A1", "x")}</row>{ODD_ROWS}')
    path = write(tmp_path / "a.xlsx", parts(rewrite(xml)))

    with zipfile.ZipFile(path) as archive:
        quick = survey_sheet(archive, "xl/worksheets/sheet1.xml", DEFAULT)
        parsed = _unusual(archive, "xl/worksheets/sheet1.xml", DEFAULT)

    assert quick == parsed
    assert quick.errors == [(1, 1, "#REF!"), (4, 4, "#DIV/0!")]


def test_cells_without_addresses_are_counted(tmp_path: Path) -> None:
    rows = '<row><c><v>1</v></c><c t="e"><v>#N/A</v></c></row><row><c><f>1+1</f></c></row>'

    sheet = only_sheet(workbook(tmp_path / "a.xlsx", rows))

    assert sheet.errors == {(0, 1): "#N/A"}
    assert sheet.valueless == {(1, 0)}


def test_formulas_of_openpyxl_have_no_value(tmp_path: Path) -> None:
    book = OpenpyxlBook()
    book.active.append([1, 2, "=A1+B1"])
    book.save(tmp_path / "a.xlsx")

    assert only_sheet(tmp_path / "a.xlsx").valueless == {(0, 2)}


def test_formulas_that_all_wait_for_their_first_calculation_have_no_value(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(tmp_path / "a.xlsx")
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, [1, 2])
    sheet.write_formula(0, 2, "=A1+B1")
    sheet.write_formula(1, 2, "=SUM(C1)")
    book.close()

    assert only_sheet(tmp_path / "a.xlsx").valueless == {(0, 2), (1, 2)}


def test_formula_with_its_value_is_read_although_a_sister_is_zero(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(tmp_path / "a.xlsx")
    sheet = book.add_worksheet()
    sheet.write_formula(0, 0, "=1+1", value=2)
    sheet.write_formula(1, 0, "=1-1", value=0)
    book.close()

    found = only_sheet(tmp_path / "a.xlsx")

    assert (found.valueless_count, found.columns) == (0, [[2, 0]])


def test_hidden_sheets_are_told(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(tmp_path / "a.xlsx")
    book.add_worksheet("یک").write(0, 0, "x")
    hidden = book.add_worksheet("دو")
    hidden.write(0, 0, "y")
    hidden.very_hidden()
    book.close()

    assert [(s.name, s.state) for s in read_workbook(tmp_path / "a.xlsx").sheets] == [
        ("یک", "visible"),
        ("دو", "veryHidden"),
    ]


def test_only_the_sheets_and_rows_asked_for_are_sent(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(tmp_path / "a.xlsx")
    for name in "ab":
        book.add_worksheet(name).write_column(0, 0, range(50))
    book.close()

    first, second = read_workbook(tmp_path / "a.xlsx", sheets=["b"], head=5).sheets

    assert (first.rows, first.columns) == (50, [[]])
    assert (second.rows, second.columns) == (50, [[0, 1, 2, 3, 4]])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1256"])
@pytest.mark.parametrize("mark", [",", ";", "\t", "|"], ids=["comma", "semicolon", "tab", "pipe"])
def test_delimited_text_is_read_in_any_usual_form(tmp_path: Path, encoding: str, mark: str) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(f'نام{mark}مبلغ\r\n"آريا{mark} پسران"{mark}0912\r\n'.encode(encoding))

    book = read_workbook(path)

    assert book.kind == "text"
    assert book.sheets[0].columns == [["نام", f"آريا{mark} پسران"], ["مبلغ", "0912"]]


@pytest.mark.parametrize(
    ("place", "name"), [((0, 0), "A1"), ((9, 25), "Z10"), ((0, 26), "AA1"), ((1, 701), "ZZ2"), ((0, 702), "AAA1")]
)
def test_addresses_are_those_of_a_spreadsheet(place: tuple[int, int], name: str) -> None:
    assert address(*place) == name


def test_sample_of_libreoffice_is_read(tmp_path: Path) -> None:
    sheet = only_sheet(DATA / "customers_libreoffice.xlsx")

    assert (sheet.name, sheet.rows, sheet.width) == ("مشتریان", 41, 8)
    assert sheet.columns[4][1] == "۰۹۱۲۱۲۳۴۵۶۷"
