"""Files made to hurt, and what the reader has to say of each."""

from __future__ import annotations

import gzip
import random
import struct
from collections.abc import Callable
from pathlib import Path

from tests.imports.reader.hostile_books import (
    GOOD,
    bomb,
    broken_xml,
    claims_many_parts,
    cut_part,
    empty,
    empty_zip,
    endless_row,
    entity_in_strings,
    external_entity,
    far_cell_before_a_near_one,
    far_column,
    far_corner,
    far_corner_in_disguise,
    late_doctype,
    liar,
    many_bombs,
    many_parts,
    no_sheets,
    not_a_zip,
    overlapping,
    password,
    pdf,
    random_bytes,
    truncated,
    word_document,
    zipped_workbook,
)
from tests.imports.workbooks import MAIN, parts, sheet_xml, workbook, write

Maker = Callable[[Path], Path]


# --- refused


def quadratic_strings(path: Path) -> Path:
    """One string of 32,000 letters that a million cells point at: 32 GB once it is copied for each."""
    made = parts(sheet_xml("".join(
        f'<row r="{n}">' + "".join(f'<c r="{c}{n}" t="s"><v>0</v></c>' for c in "ABCDEFGHIJ") + "</row>"
        for n in range(1, 100_001)
    )))  # fmt: skip
    made["xl/sharedStrings.xml"] = f'<sst xmlns="{MAIN}"><si><t>{"x" * 32_000}</t></si></sst>'
    relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"
    made["xl/_rels/workbook.xml.rels"] = made["xl/_rels/workbook.xml.rels"].replace(
        "</Relationships>", f'<Relationship Id="rId9" Type="{relation}" Target="sharedStrings.xml"/></Relationships>'
    )
    return write(path, made)


def deep_workbook_part(path: Path) -> Path:
    made = parts(sheet_xml(GOOD))
    made["xl/workbook.xml"] = "<a>" * 300_000
    return write(path, made)


def deep_document(path: Path) -> Path:
    return document(path, "<text:p>" + "<text:span>" * 100_000)


def repeated_cells_of_a_document(path: Path) -> Path:
    """One cell that says it stands 16,384 times in each of 1,048,576 rows."""
    cell = '<table:table-cell table:number-columns-repeated="16384" office:value-type="float" office:value="1"/>'
    return document(path, f'<table:table-row table:number-rows-repeated="1048576">{cell}</table:table-row>')


def document(path: Path, rows: str) -> Path:
    """An OpenDocument sheet of these rows."""
    names = {"office": "office", "table": "table", "text": "text"}
    spaces = " ".join(f'xmlns:{n}="urn:oasis:names:tc:opendocument:xmlns:{v}:1.0"' for n, v in names.items())
    content = (
        f'<office:document-content {spaces}><office:body><office:spreadsheet><table:table table:name="a">{rows}'
        "</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    return write(path, {
        "mimetype": "application/vnd.oasis.opendocument.spreadsheet", "META-INF/manifest.xml": "<manifest/>",
        "content.xml": content,
    })  # fmt: skip


def entities_in_a_document(path: Path) -> Path:
    write(path, {})
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 9))
    return write(path, {
        "mimetype": "application/vnd.oasis.opendocument.spreadsheet", "META-INF/manifest.xml": "<manifest/>",
        "content.xml": f'<!DOCTYPE x [<!ENTITY l0 "ha">{laughs}]><x>&l8;</x>',
    })  # fmt: skip


def two_million_rows(path: Path) -> Path:
    path.write_text("کد,نام\n" + "1,x\n" * 2_000_000, encoding="utf-8")
    return path


def million_columns(path: Path) -> Path:
    path.write_text(",".join(map(str, range(1_000_000))) + "\n" + "1,2\n" * 20)
    return path


def unclosed_quote_at_the_end(path: Path) -> Path:
    path.write_text('کد,نام,شهر\n1,"الف\nب",تهران\n2,"ج,شیراز\n3,د,یزد\n', encoding="utf-8")
    return path


def unclosed_quote_that_another_closes(path: Path) -> Path:
    """Rows 3 to 5 would go into one cell, with nobody told."""
    rows = ["کد,نام,شهر,مبلغ", "1,الف,تهران,5", '2,"ب,شیراز,6', "3,ج,یزد,7", "4,د,قم,8", '5,ه"ی,اراک,9', "6,و,ری,1"]
    path.write_text("\n".join(rows), encoding="utf-8")
    return path


def endless_text(path: Path) -> Path:
    path.write_text('کد,نام\n1,"' + "x" * 3_000_000, encoding="utf-8")
    return path


def two_encodings(path: Path) -> Path:
    lines = [f"{n},نام شماره {n}".encode() for n in range(500)]
    lines[300] = "300,نام ديگر".encode("cp1256")
    path.write_bytes(b"\n".join(lines))
    return path


def zeros_amid_text(path: Path) -> Path:
    path.write_bytes("کد,نام\n".encode() + b"1,x\n" * 5_000 + b"2,a\0b\n")
    return path


def lost_letters(path: Path) -> Path:
    path.write_bytes("کد,نام,شهر\n".encode("ascii", "replace") + "۱,آریا,تهران\n".encode("ascii", "replace") * 20)
    return path


def half_a_wide_letter(path: Path) -> Path:
    path.write_bytes("کد\tنام\n".encode("utf-16")[:-1])
    return path


def packed_text(path: Path) -> Path:
    path.write_bytes(gzip.compress(b"1,2\n" * 1_000))
    return path


def junk(path: Path) -> Path:
    path.write_bytes(random.Random(7).randbytes(200_000))
    return path


def junk_in_a_compound_file(path: Path) -> Path:
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + random.Random(7).randbytes(200_000))
    return path


def old_excel(path: Path) -> Path:
    path.write_bytes(struct.pack("<HHHH", 0x0009, 4, 0x0002, 0x0010) + bytes(2_000))
    return path


def picture(path: Path) -> Path:
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(500))
    return path


def page_of_a_login(path: Path) -> Path:
    path.write_text("<!DOCTYPE html><html><body>Please log in</body></html>")
    return path


def huge_spans(path: Path) -> Path:
    cells = '<td rowspan="1000" colspan="1000">x</td>' * 50
    path.write_text(f"<html><table><tr>{cells}</tr></table></html>")
    return path


REFUSED: list[tuple[Maker, set[str]]] = [
    (far_corner, {"too_many_cells"}),
    (far_corner_in_disguise, {"memory", "damaged"}),
    (far_cell_before_a_near_one, {"memory", "damaged"}),
    (far_column, {"too_many_cells"}),
    (bomb, {"zip_bomb"}),
    (many_bombs, {"zip_bomb"}),
    (liar, {"zip_bomb", "damaged"}),
    (overlapping, {"zip_bomb", "damaged"}),
    (many_parts, {"too_many_parts"}),
    (claims_many_parts, {"too_many_parts"}),
    (truncated, {"damaged"}),
    (cut_part, {"damaged"}),
    (not_a_zip, {"not_workbook"}),
    (pdf, {"not_workbook"}),
    (random_bytes, {"damaged"}),
    (password, {"password"}),
    (word_document, {"not_workbook"}),
    (external_entity, {"entities"}),
    (entity_in_strings, {"entities"}),
    (late_doctype, {"entities"}),
    (empty, {"empty"}),
    (empty_zip, {"not_workbook"}),
    (zipped_workbook, {"archive"}),
    (no_sheets, {"no_sheets", "damaged"}),
    (broken_xml, {"damaged"}),
    (endless_row, {"damaged", "zip_bomb"}),
    (quadratic_strings, {"memory"}),
    (deep_workbook_part, {"damaged"}),
    (deep_document, {"damaged"}),
    (repeated_cells_of_a_document, {"too_many_cells", "too_many_rows"}),
    (entities_in_a_document, {"entities"}),
    (junk, {"not_workbook", "control_characters"}),
    (junk_in_a_compound_file, {"damaged"}),
    (old_excel, {"unsupported"}),
    (picture, {"not_workbook"}),
    (packed_text, {"not_workbook"}),
]

REFUSED_TEXTS: list[tuple[Maker, set[str]]] = [
    (two_million_rows, {"too_many_rows"}),
    (million_columns, {"too_many_cells"}),
    (unclosed_quote_at_the_end, {"unclosed_quote"}),
    (unclosed_quote_that_another_closes, {"unclosed_quote"}),
    (endless_text, {"text_too_long"}),
    (two_encodings, {"mixed_encoding"}),
    (zeros_amid_text, {"control_characters"}),
    (lost_letters, {"lost_letters"}),
    (half_a_wide_letter, {"not_workbook"}),
    (page_of_a_login, {"no_table"}),
    (huge_spans, {"too_many_cells"}),
]


# --- read all the same


def lying_dimension(path: Path) -> Path:
    made = parts(sheet_xml(GOOD))
    made["xl/worksheets/sheet1.xml"] = made["xl/worksheets/sheet1.xml"].replace(
        "<sheetData>", '<dimension ref="A1:XFD1048576"/><sheetData>'
    )
    return write(path, made)


def huge_merges(path: Path) -> Path:
    """The whole sheet merged, and 60,000 tall ranges one over the other."""
    ranges = "".join(f'<mergeCell ref="A{n}:A1048576"/>' for n in range(2, 60_002))
    tail = f'<mergeCells><mergeCell ref="A1:XFD1048576"/>{ranges}</mergeCells>'
    return write(path, parts(sheet_xml(GOOD, tail=tail)))


def far_formats(path: Path) -> Path:
    """Formatted cells without a value in the last corner."""
    return workbook(path, GOOD + '<row r="1048576"><c r="XFD1048576" s="1">\n</c></row>')


def outside_link(path: Path) -> Path:
    made = parts(sheet_xml(GOOD + '<row r="3"><c r="A3"><f>[1]Sheet1!A1</f><v>5</v></c></row>'))
    made["xl/externalLinks/externalLink1.xml"] = f'<externalLink xmlns="{MAIN}"/>'
    return write(path, made)


def deep_sheet(path: Path) -> Path:
    tail = "<x>" * 200_000 + "</x>" * 200_000
    return write(path, parts(sheet_xml(GOOD, tail=f"<extLst>{tail}</extLst>")))


def text_named_like_a_workbook(path: Path) -> Path:
    target = path.with_suffix(".xls")
    target.write_text("کد\tنام\n1\tx\n", encoding="utf-16")
    return target


def wide_text_without_its_mark(path: Path) -> Path:
    target = path.with_suffix(".csv")
    target.write_bytes("code,name\r\n1,x\r\n".encode("utf-16-le"))
    return target


def breaks_inside_of_cells(path: Path) -> Path:
    target = path.with_suffix(".csv")
    target.write_text('کد,نشانی\r\n1,"خیابان\nکوچه، پلاک ""۲""\r\nطبقه"\r\n2,x\r\n', encoding="utf-8-sig")
    return target


READ: list[tuple[Maker, int, int]] = [
    (lying_dimension, 2, 1),
    (huge_merges, 2, 1),
    (far_formats, 2, 1),
    (outside_link, 3, 1),
    (deep_sheet, 2, 1),
    (text_named_like_a_workbook, 2, 2),
    (wide_text_without_its_mark, 2, 2),
    (breaks_inside_of_cells, 3, 2),
]
"""With the rows and columns that are there."""
