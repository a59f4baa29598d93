"""A sheet whose plain rows were put together tells the survey what all of its rows told."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from lxml import etree

from imports.reader import ods_rows, survey_ods
from imports.reader.limits import DEFAULT

HEAD = (
    '<?xml version="1.0"?><office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
    ' xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
    ' xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'
    ' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>'
)
TAIL = "</office:spreadsheet></office:body></office:document-content>"
BLANK = '<table:table-cell table:number-columns-repeated="7"/>'


def cell(text: str = "x", more: str = "") -> str:
    return f'<table:table-cell office:value-type="string"{more}><text:p>{text}</text:p></table:table-cell>'


def row(*cells: str, more: str = "") -> str:
    return f'<table:table-row table:style-name="ro1"{more}>{"".join(cells)}</table:table-row>'


def table(*rows: str, name: str = "A") -> str:
    return f'<table:table table:name="{name}"><table:table-column/>{"".join(rows)}</table:table>'


PLAIN = row(cell(), cell(), cell())
SHEETS = {
    "plain": table(*[PLAIN] * 50),
    "blanks_at_the_end": table(PLAIN, row(cell(), cell(), BLANK), PLAIN),
    "blanks_amid": table(PLAIN, row(cell(), BLANK, "<table:table-cell/>", cell(), BLANK), PLAIN),
    "repeated_value": table(PLAIN, row(cell(more=' table:number-columns-repeated="40"')), PLAIN),
    "empty_rows": table(PLAIN, row(BLANK, more=' table:number-rows-repeated="900000"'), PLAIN, row(BLANK)),
    "repeated_rows": table(PLAIN, row(cell(), more=' table:number-rows-repeated="30"'), PLAIN),
    "hidden": table(PLAIN, row(cell(), more=' table:visibility="collapse"'), PLAIN),
    "filtered": table(PLAIN, row(cell(), more=' table:visibility="filter"'), PLAIN, PLAIN),
    "formula": table(PLAIN, row(cell(), '<table:table-cell table:formula="of:=1+1"/>'), PLAIN),
    "error": table(PLAIN, row(cell(), cell("#N/A", ' calcext:value-type="error"')), PLAIN),
    "single_quotes": table(PLAIN, row("<table:table-cell office:value-type='string' calcext:value-type='error'/>")),
    "merged": table(row(cell(more=' table:number-rows-spanned="2"')), row("<table:covered-table-cell/>", cell())),
    "two_sheets": table(*[PLAIN] * 5) + table(*[row(cell())] * 9, name="B"),
    "header_rows": table("<table:table-header-rows>", PLAIN, "</table:table-header-rows>", *[PLAIN] * 4),
    "nested": table(
        PLAIN, row(f'<table:table-cell office:value-type="string">{table(PLAIN, PLAIN)}</table:table-cell>')
    )
    + table(PLAIN, name="B"),
    "comment": table(PLAIN, f"<!-- {PLAIN}{PLAIN} -->", PLAIN),
    "text_like_a_row": table(PLAIN, row(cell("&lt;table:table-row&gt; table:formula")), PLAIN),
    "no_style": table("<table:table-row>" + cell() * 4 + "</table:table-row>", PLAIN),
    "wide": table(row(*[cell()] * 1_200), PLAIN),
}


def told(path: Path) -> object:
    with zipfile.ZipFile(path) as archive:
        return survey_ods.survey_ods(archive, DEFAULT)


@pytest.mark.parametrize("size", [1 << 20, 700, 90])
@pytest.mark.parametrize("name", SHEETS)
def test_the_survey_of_shortened_rows_is_that_of_all(
    name: str, size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "book.ods"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("content.xml", HEAD + SHEETS[name] + TAIL)
    with zipfile.ZipFile(path) as archive:
        raw = archive.read("content.xml")
    parts = [raw[start : start + size] for start in range(0, len(raw), size)]
    monkeypatch.setattr(survey_ods, "pieces", lambda *_: iter(parts))
    found = told(path)
    monkeypatch.setattr(survey_ods, "shortened", lambda pieces: pieces)
    assert found == told(path)


def test_plain_rows_leave_little_to_parse() -> None:
    raw = (HEAD + table(*[PLAIN] * 10_000) + TAIL).encode()
    short = b"".join(ods_rows.shortened([raw]))
    assert len(short) < 2_000
    rows = etree.fromstring(short).findall(f".//{survey_ods.ROW}")
    assert [one.get(f"{survey_ods.TABLE}number-rows-repeated") for one in rows] == [None, "9999"]
