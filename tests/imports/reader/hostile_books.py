"""Workbooks whose container or cells are made to hurt."""

from __future__ import annotations

import struct
import zipfile
import zlib
from pathlib import Path

from tests.imports.workbooks import HEAD, MAIN, parts, sheet_xml, text_cell, workbook, write

GOOD = f'<row r="1">{text_cell("A1", "name")}</row><row r="2">{text_cell("A2", "x")}</row>'


def far_corner(path: Path) -> Path:
    rows = f'<row r="1">{text_cell("A1", "a")}</row><row r="1048576">{text_cell("XFD1048576", "b")}</row>'
    return workbook(path, rows)


def far_corner_in_disguise(path: Path) -> Path:
    """The far address is written so that a quick look misses it; only the limit on memory is left."""
    far = '<row r="1048576"><c s="0" r="&#88;FD1048576"><v>1</v></c></row>'
    return workbook(path, GOOD + far)


def far_cell_before_a_near_one(path: Path) -> Path:
    """Cells out of order: the last one of the row is near, the reader would hold them all."""
    far = '<row r="1048576"><c r="XFD1048576"><v>1</v></c><c r="A1048576"><v>1</v></c></row>'
    return workbook(path, GOOD + far)


def far_column(path: Path) -> Path:
    rows = "".join(f'<row r="{n}"><c r="XFD{n}"><v>1</v></c></row>' for n in range(1, 3_000))
    return workbook(path, rows)


def bomb(path: Path) -> Path:
    made = parts(sheet_xml(GOOD))
    made["xl/media/image1.xml"] = "0" * 60_000_000
    return write(path, made)


def many_bombs(path: Path) -> Path:
    made = parts(sheet_xml(GOOD))
    made |= {f"xl/media/{n}.xml": "0" * 7_900_000 for n in range(20)}
    return write(path, made)


def liar(path: Path) -> Path:
    """The directory says 2,000 bytes, the data unpack to 80 MB."""
    write(path, parts(sheet_xml(GOOD)))
    huge = zlib.compress(b" " * 80_000_000, 9)[2:-4]
    raw = bytearray(path.read_bytes())
    name = b"xl/styles.xml"
    head = struct.pack("<IHHHHHIIIHH", 0x04034B50, 20, 0, 8, 0, 0x21, 1, len(huge), 2000, len(name), 0) + name + huge
    place = raw.rfind(b"PK\x05\x06")
    count, size, start = struct.unpack_from("<HII", raw, place + 10)
    entry = struct.pack(
        "<IHHHHHHIIIHHHHHII", 0x02014B50, 20, 20, 0, 8, 0, 0x21, 1, len(huge), 2000, len(name), 0, 0, 0, 0, 0, start
    )
    directory = bytes(raw[start : start + size]) + entry + name
    end = struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, count + 1, count + 1, len(directory), start + len(head), 0)
    path.write_bytes(bytes(raw[:start]) + head + directory + end)
    return path


def overlapping(path: Path) -> Path:
    """Every entry of the directory points at the same data."""
    write(path, parts(sheet_xml(GOOD)))
    raw = path.read_bytes()
    place = raw.rfind(b"PK\x05\x06")
    count, size, start = struct.unpack_from("<HII", raw, place + 10)
    directory = bytearray(raw[start : start + size])
    first = bytes(directory)
    at = first.find(b"PK\x01\x02", 4)
    length = struct.unpack_from("<H", first, 28)[0]
    copy = bytearray(first[:at])
    copy[46 : 46 + length] = b"z" * length
    directory += copy
    end = struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, count + 1, count + 1, len(directory), start, 0)
    path.write_bytes(raw[:start] + bytes(directory) + end)
    return path


def many_parts(path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for n in range(5_000):
            archive.writestr(f"{n}", "")
    return path


def claims_many_parts(path: Path) -> Path:
    write(path, parts(sheet_xml(GOOD)))
    raw = bytearray(path.read_bytes())
    struct.pack_into("<HHI", raw, raw.rfind(b"PK\x05\x06") + 8, 65_000, 65_000, 0x7FFFFFFF)
    path.write_bytes(raw)
    return path


def truncated(path: Path) -> Path:
    write(path, parts(sheet_xml(GOOD)))
    path.write_bytes(path.read_bytes()[:-200])
    return path


def cut_part(path: Path) -> Path:
    """The directory is whole, the compressed data of a sheet are not."""
    write(path, parts(sheet_xml(GOOD * 2_000)))
    with zipfile.ZipFile(path) as archive:
        info = archive.getinfo("xl/worksheets/sheet1.xml")
    raw = bytearray(path.read_bytes())
    at = info.header_offset + 80
    raw[at : at + 60] = bytes(60)
    path.write_bytes(raw)
    return path


def not_a_zip(path: Path) -> Path:
    path.write_bytes(b"this is not a workbook at all\n" * 10)
    return path


def pdf(path: Path) -> Path:
    path.write_bytes(b"%PDF-1.7\n1 0 obj\n")
    return path


def random_bytes(path: Path) -> Path:
    path.write_bytes(b"PK\x03\x04" + bytes(range(256)) * 40)
    return path


def password(path: Path) -> Path:
    names = "".join(("Root Entry", "EncryptionInfo")).encode("utf-16-le")
    path.write_bytes(
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + names + "EncryptedPackage".encode("utf-16-le") + bytes(600)
    )
    return path


def word_document(path: Path) -> Path:
    made = parts(sheet_xml(GOOD))
    made["[Content_Types].xml"] = made["[Content_Types].xml"].replace(
        "spreadsheetml.sheet", "wordprocessingml.document"
    )
    return write(path, made)


def external_entity(path: Path) -> Path:
    head = f'{HEAD}<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
    return write(path, parts(sheet_xml(f'<row r="1">{text_cell("A1", "&e;")}</row>', head=head)))


def entity_in_strings(path: Path) -> Path:
    made = parts(sheet_xml(GOOD))
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 9))
    made["xl/sharedStrings.xml"] = (
        f'<!DOCTYPE s [<!ENTITY l0 "ha">{laughs}]><sst xmlns="{MAIN}"><si><t>&l8;</t></si></sst>'
    )
    return write(path, made)


def late_doctype(path: Path) -> Path:
    head = f"{HEAD}<!--{'x' * 10_000}--><!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>"
    return write(path, parts(sheet_xml(GOOD, head=head)))


def empty(path: Path) -> Path:
    path.write_bytes(b"")
    return path


def empty_zip(path: Path) -> Path:
    with zipfile.ZipFile(path, "w"):
        pass
    return path


def zipped_workbook(path: Path) -> Path:
    inner = write(path.with_suffix(".inner"), parts(sheet_xml(GOOD)))
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(inner, "customers.xlsx")
    return path


def no_sheets(path: Path) -> Path:
    return write(path, parts())


def broken_xml(path: Path) -> Path:
    made = parts(sheet_xml(GOOD))
    made["xl/workbook.xml"] = made["xl/workbook.xml"].replace("</sheets>", "")
    return write(path, made)


def endless_row(path: Path) -> Path:
    return write(path, parts(sheet_xml('<row r="1">' + '<c r="A1"><v>1</v></c>' * 3_500_000)))


def bad_shared_string(path: Path) -> Path:
    """An index far outside of the table of strings."""
    return workbook(path, '<row r="1"><c r="A1" t="s"><v>4000000000</v></c></row>')
