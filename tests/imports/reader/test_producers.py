"""Every kind of file from a program that really writes it: the same cells, and what cells do not say."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import xlsxwriter
from openpyxl import Workbook as OpenpyxlBook

from imports.layout import Hidden, Skipped, find_layout
from imports.reader.read import Sheet, WorkbookRefused, read_workbook
from tests.imports.workbooks import MAIN, REL, STRICT_MAIN, STRICT_REL

FOREIGN = Path(__file__).parents[2] / "data" / "sheets" / "foreign"
HEAD = ["کد", "نام", "مبلغ", "تاریخ", "شرح"]
UTF8 = "csv:Text - txt - csv (StarCalc):{},34,{},1,,0,false,true,false"
MACROS = "xlsm:Calc MS Excel 2007 VBA XML"
BROKEN = {(5, 3): "#DIV/0!", (7, 3): "#N/A"}
NOON = datetime.fromisoformat("2024-05-04T13:45")


def row_of(place: int) -> list[Any]:
    """The cells of a record, as the source has them in sheet row `place` (from 0)."""
    amount = {5: None, 6: 8001, 7: None}.get(place, place * 1000.5)
    return [f"{place:04d}", f"نام {place}", amount, date(2024, 5, place), "x"]


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Titles, an empty first column, error cells, a hidden row, a merged cell, totals, a hidden sheet, a chart."""
    path = tmp_path_factory.mktemp("producers") / "source.xlsx"
    with xlsxwriter.Workbook(path) as book:
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet = book.add_worksheet("مشتریان")
        sheet.merge_range(0, 1, 0, 4, "گزارش مشتریان")
        sheet.write_row(2, 1, HEAD)
        for place in range(3, 13):
            code, name, amount, on, note = row_of(place)
            sheet.write_string(place, 1, code)
            sheet.write_string(place, 2, name)
            if amount is not None:
                sheet.write_number(place, 3, amount)
            sheet.write_datetime(place, 4, on, day)
            sheet.write_string(place, 5, note)
        sheet.write_formula(5, 3, "=1/0", None, "#DIV/0!")
        sheet.write_formula(6, 3, "=D5*2-3", None, 8001)
        sheet.write_formula(7, 3, "=NA()", None, "#N/A")
        sheet.set_row(4, None, None, {"hidden": True})
        sheet.merge_range(9, 5, 11, 5, "x")
        sheet.write_string(13, 1, "جمع کل")
        sheet.write_formula(13, 3, "=SUM(D9:D13)", None, 52526.25)
        sheet.autofilter(2, 1, 12, 5)
        sheet.filter_column(5, "x == x")
        hidden = book.add_worksheet("پنهان")
        hidden.write(0, 0, "y")
        hidden.hide()
        chart = book.add_chart({"type": "column"})
        chart.add_series({"values": "=مشتریان!$D$4:$D$13"})
        book.add_chartsheet("نمودار").set_chart(chart)
    return path


def records(sheet: Sheet) -> list[list[Any]]:
    layout = find_layout(sheet)
    assert [header.full for header in layout.headers] == HEAD
    return [[sheet.columns[header.column][row] for header in layout.headers] for row in layout.data.tolist()]


WANTED = [row_of(place) for place in range(3, 13)]


@pytest.mark.office
@pytest.mark.parametrize("to", ["xlsx", "xls", "ods", MACROS], ids=["xlsx", "xls", "ods", "xlsm"])
def test_workbook_of_libreoffice_tells_the_same(
    source: Path, tmp_path: Path, office: Callable[..., Path], to: str
) -> None:
    book = read_workbook(office(source, to=to, folder=tmp_path))

    sheet = book.sheets[0]
    assert book.kind == to.partition(":")[0]
    assert records(sheet) == WANTED
    assert (sheet.errors, sheet.error_count, sheet.valueless) == (BROKEN, 2, set())
    assert (sheet.hidden, sheet.is_filtered) == ([(4, 4)], True)
    assert set(sheet.merged) == {(0, 1, 0, 4), (9, 5, 11, 5)}
    assert [(one.name, one.state) for one in book.sheets[:2]] == [("مشتریان", "visible"), ("پنهان", "hidden")]
    assert find_layout(sheet).skipped[13] is Skipped.TOTALS
    left = find_layout(sheet, hidden=Hidden.LEAVE)
    assert (left.left_out(), left.hidden_count, 4 in left.data) == ({"totals": 1, "hidden": 1}, 1, False)


@pytest.mark.office
@pytest.mark.parametrize("mark", [44, 59, 9, 124], ids=["comma", "semicolon", "tab", "pipe"])
@pytest.mark.parametrize("charset", [76, 65535], ids=["utf-8", "utf-16"])
def test_text_of_libreoffice_tells_the_same(
    source: Path, tmp_path: Path, office: Callable[..., Path], mark: int, charset: int
) -> None:
    sheet = read_workbook(office(source, to=UTF8.format(mark, charset), folder=tmp_path)).sheets[0]

    assert sheet.errors == BROKEN
    rows = records(sheet)
    assert [row[:2] for row in rows] == [row[:2] for row in WANTED]
    assert [row[2] for row in rows] == [None if row[2] is None else f"{row[2]:g}" for row in WANTED]
    assert [row[3] for row in rows] == [str(row[3]) for row in WANTED]


@pytest.mark.office
def test_page_of_libreoffice_named_xls_tells_the_same(
    source: Path, tmp_path: Path, office: Callable[..., Path]
) -> None:
    path = office(source, to="html", folder=tmp_path).rename(tmp_path / "list.xls")

    book = read_workbook(path)

    # LibreOffice leaves filtered rows out of a page, and the empty first column.
    assert book.kind == "html"
    assert set(book.sheets[0].errors.values()) == set(BROKEN.values())
    rows = records(book.sheets[0])
    assert [row[:2] for row in rows] == [row[:2] for row in WANTED if row[0] != "0004"]
    assert rows[0][2] == "3001.5"


@pytest.mark.office
def test_flat_document_is_refused_by_name(source: Path, tmp_path: Path, office: Callable[..., Path]) -> None:
    for to in ("fods", "slk", "dif"):
        with pytest.raises(WorkbookRefused) as refused:
            read_workbook(office(source, to=to, folder=tmp_path))
        assert refused.value.code == "unsupported", to


def test_strict_workbook_tells_the_same(source: Path, tmp_path: Path) -> None:
    path = tmp_path / "strict.xlsx"
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            text = old.read(name).decode().replace(MAIN, STRICT_MAIN).replace(REL, STRICT_REL)
            new.writestr(name, text)

    sheet = read_workbook(path).sheets[0]

    assert records(sheet) == WANTED
    assert (sheet.errors, sheet.hidden, sheet.is_filtered) == (BROKEN, [(4, 4)], True)


@pytest.mark.parametrize("engine", ["openpyxl", "xlsxwriter"])
def test_workbook_of_pandas_tells_the_same(tmp_path: Path, engine: Any) -> None:
    path = tmp_path / "a.xlsx"
    pd.DataFrame(WANTED, columns=HEAD).to_excel(path, index=False, engine=engine, startcol=1)

    assert records(read_workbook(path).sheets[0]) == WANTED


def test_formulas_of_openpyxl_are_named(tmp_path: Path) -> None:
    book = OpenpyxlBook()
    sheet: Any = book.active
    for row in (["کد", "مبلغ"], ["1", "=1+1"], ["2", 5]):
        sheet.append(row)
    book.save(tmp_path / "a.xlsx")

    assert read_workbook(tmp_path / "a.xlsx").sheets[0].valueless == {(1, 1)}


# --- files of Excel itself


def test_binary_workbook_of_excel_is_read() -> None:
    book = read_workbook(FOREIGN / "any_sheets.xlsb")

    assert (book.kind, [(one.name, one.state) for one in book.sheets]) == (
        "xlsb", [("Visible", "visible"), ("Hidden", "hidden"), ("VeryHidden", "veryHidden")],
    )  # fmt: skip
    assert book.sheets[0].columns[0][:3] == [1, 3, 5]
    assert read_workbook(FOREIGN / "issue_182.xlsb").sheets[0].columns == [[3, "Ab", False]]
    assert read_workbook(FOREIGN / "issue_182.xlsb").sheets[0].formula_count == 3


def test_dates_from_1904_in_a_binary_workbook_are_the_same_days() -> None:
    sheet = read_workbook(FOREIGN / "date_1904.xlsb").sheets[0]

    assert sheet.columns[0][:2] == [date(2021, 1, 1), date(2021, 1, 2)]


def test_dates_written_as_text_of_iso_are_dates() -> None:
    sheet = read_workbook(FOREIGN / "date_iso.xlsx").sheets[0]

    assert sheet.columns[0][:2] == [date(2021, 1, 1), datetime.fromisoformat("2021-01-01T10:10:10")]


def test_workbook_with_macros_is_read_as_its_cells() -> None:
    book = read_workbook(FOREIGN / "vba.xlsm")

    assert book.kind == "xlsm"
    assert book.sheets


def test_workbook_with_backslashes_in_its_zip_is_read() -> None:
    sheet = read_workbook(FOREIGN / "issue_530.xlsx").sheets[0]

    assert (sheet.rows, sheet.width, sheet.columns[7][3]) == (5, 14, "总人数")


@pytest.mark.parametrize("name", ["pass_protected.xlsx", "pass_protected.xlsb", "pass_protected.ods", "issue_385.xls"])
def test_workbook_with_a_password_is_refused_by_that_name(name: str) -> None:
    with pytest.raises(WorkbookRefused) as refused:
        read_workbook(FOREIGN / name)

    assert refused.value.code == "password"


# --- records by hand, in a container of Excel


def record(kind: int, body: bytes = b"") -> bytes:
    head = bytes([kind]) if kind < 0x80 else bytes([(kind & 0x7F) | 0x80, kind >> 7])
    return head + bytes([len(body)]) + body


def cell(kind: int, column: int, value: bytes) -> bytes:
    return record(kind, struct.pack("<II", column, 0) + value)


def text_of(words: str) -> bytes:
    return struct.pack("<I", len(words)) + words.encode("utf-16-le")


def row_head(place: int, *, hidden: bool = False) -> bytes:
    return record(0, struct.pack("<IIHBBB", place, 0, 300, 0, 0x10 if hidden else 0, 0) + struct.pack("<I", 0))


def binary_workbook(path: Path, cells: Sequence[bytes], size: tuple[int, int]) -> Path:
    rows, columns = size
    body = record(0x81) + record(0x94, struct.pack("<4I", 0, rows - 1, 0, columns - 1)) + record(0x91)
    body += b"".join(cells) + record(0x92)
    body += record(0xA1, struct.pack("<4I", 0, rows - 1, 0, 1)) + record(0xA3, bytes(6)) + record(0xA2)
    body += record(0xB1, struct.pack("<I", 1)) + record(0xB0, struct.pack("<4I", 1, 2, 1, 1)) + record(0xB2)
    with zipfile.ZipFile(FOREIGN / "any_sheets.xlsb") as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            new.writestr(name, body + record(0x82) if name == "xl/worksheets/sheet1.bin" else old.read(name))
    return path


def test_binary_workbook_names_errors_hidden_rows_filters_and_merges(tmp_path: Path) -> None:
    cells = [
        row_head(0), cell(6, 0, text_of("کد")), cell(6, 1, text_of("مبلغ")),
        row_head(1, hidden=True), cell(5, 0, struct.pack("<d", 7)), cell(3, 1, b"\x2a"),
        row_head(2), cell(5, 0, struct.pack("<d", 8)), cell(11, 1, b"\x07" + bytes(10)),
    ]  # fmt: skip

    sheet = read_workbook(binary_workbook(tmp_path / "a.xlsb", cells, (3, 2))).sheets[0]

    assert sheet.columns == [["کد", 7, 8], ["مبلغ", None, None]]
    assert (sheet.errors, sheet.formula_count) == ({(1, 1): "#N/A", (2, 1): "#DIV/0!"}, 1)
    assert (sheet.hidden, sheet.is_filtered, sheet.merged) == ([(1, 1)], True, [(1, 1, 2, 1)])


def test_binary_workbook_that_ends_amid_a_record_is_damaged(tmp_path: Path) -> None:
    path = binary_workbook(tmp_path / "a.xlsb", [row_head(0), b"\x06\x7f\x00"], (1, 1))

    with pytest.raises(WorkbookRefused) as refused:
        read_workbook(path)

    assert refused.value.code == "damaged"


def test_formula_without_its_value_in_a_document_is_named(tmp_path: Path) -> None:
    content = (
        '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
        'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
        'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>'
        '<table:table table:name="a"><table:table-row><table:table-cell table:number-columns-repeated="2"/>'
        '<table:table-cell office:value-type="string"><text:p>x</text:p></table:table-cell>'
        '<table:table-cell table:formula="of:=1+1"/><table:table-cell table:formula="of:=&quot;&quot;"><text:p/>'
        "</table:table-cell></table:table-row></table:table></office:spreadsheet></office:body></office:document-content>"
    )
    path = tmp_path / "a.ods"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
        archive.writestr("content.xml", content)

    sheet = read_workbook(path).sheets[0]

    assert (sheet.valueless, sheet.formula_count, sheet.columns[2][0]) == ({(0, 3)}, 2, "x")
