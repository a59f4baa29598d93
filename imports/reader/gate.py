"""The door check: what kind of file this is, and whether it is safe to open at all.

Runs in the child before any reader touches the file. Looks at the first bytes and, for a zip, at
its directory: parts, sizes, ratio, overlaps. Nothing is trusted that the name of the file says.
"""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

from app.core.archives import Refused, checked_archive, open_zip, pieces
from imports.reader.limits import Limits

__all__ = ["DECLARATION", "Refused", "check", "open_zip", "pieces", "wide_encoding"]

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")

CONTENT_TYPES = (
    (b"spreadsheetml.sheet.main+xml", "xlsx"),
    (b"spreadsheetml.template.main+xml", "xlsx"),
    (b"ms-excel.sheet.macroenabled.main+xml", "xlsm"),
    (b"ms-excel.template.macroenabled.main+xml", "xlsm"),
    (b"ms-excel.sheet.binary.macroenabled.main", "xlsb"),
)
ODS_TYPE = b"application/vnd.oasis.opendocument.spreadsheet"
BINARY_HEADS = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"{\\rtf", b"MZ")
OTHER_SHEETS = (b"ID;P", b"TABLE\r\n0,1", b"TABLE\n0,1", b"\x09\x08", b"\x09\x04", b"\x09\x02", b"\x09\x00")
"""SYLK, DIF, and xls of before 1993, which has no compound file around it."""
PARSED_PARTS = re.compile(r"(^|/)(_rels/[^/]+\.rels|\[Content_Types\]\.xml|xl/[^/]+\.xml|content\.xml|manifest\.xml)$")
DECLARATION = re.compile(rb"<!(?:DOCTYPE|ENTITY)|<\x00!\x00D\x00|\x00<\x00!\x00D")


def check(path: str, limits: Limits) -> str:
    """The format: xlsx, xlsm, xlsb, ods, xls, html or text. Raises Refused."""
    size = Path(path).stat().st_size
    if size == 0:
        raise Refused("empty")
    if size > limits.file_bytes:
        raise Refused("too_large", megabytes=size >> 20, most=limits.file_bytes >> 20)
    with Path(path).open("rb") as file:
        head = file.read(4096)
    if head.startswith(ZIP):
        return _check_zip(path, limits)
    if head.startswith(OLE):
        return _check_ole(path)
    return _check_text(head)


def _check_ole(path: str) -> str:
    import olefile

    try:
        with olefile.OleFileIO(path) as file:
            if file.exists("EncryptedPackage"):
                raise Refused("password")
            if not (file.exists("Workbook") or file.exists("Book")):
                raise Refused("not_workbook")
    except Refused:
        raise
    except Exception as error:  # the library trips over broken files in many ways
        is_locked = "EncryptedPackage".encode("utf-16-le") in Path(path).read_bytes()
        raise Refused("password" if is_locked else "damaged") from error
    return "xls"


def _check_text(head: bytes) -> str:
    if head.startswith(BINARY_HEADS):
        raise Refused("not_workbook")
    if head.startswith(OTHER_SHEETS):
        raise Refused("unsupported")
    if wide_encoding(head):
        return "text"
    if b"\0" in head:
        raise Refused("not_workbook")
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype html", b"<html", b"<table", b"<head", b"<body", b"<div", b"<style", b"<meta")):
        return "html"
    if start.startswith(b"<"):
        raise Refused("html" if b"<table" in start or b"<html" in start else "unsupported")
    if not start:
        raise Refused("empty")
    return "text"


def wide_encoding(head: bytes) -> str | None:
    """UTF-16 by its mark, or by the zeros that digits and separators have in one half only."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    high, low = head[1::2], head[::2]
    if high.count(0) * 8 > len(high) and not low.count(0):
        return "utf-16-le"
    return "utf-16-be" if low.count(0) * 8 > len(low) and not high.count(0) else None


def _check_zip(path: str, limits: Limits) -> str:
    with Path(path).open("rb") as file, checked_archive(file, limits) as archive:
        kind = _kind(archive)
        if kind != "xlsb":
            _check_declarations(archive)
        return kind


def _kind(archive: zipfile.ZipFile) -> str:
    names = set(archive.namelist())
    if "mimetype" in names and _part(archive, "mimetype", 200).strip().startswith(ODS_TYPE):
        if "META-INF/manifest.xml" in names and b"encryption-data" in _part(archive, "META-INF/manifest.xml"):
            raise Refused("password")
        return "ods"
    if "[Content_Types].xml" in names:
        types = _part(archive, "[Content_Types].xml").lower()
        for mark, kind in CONTENT_TYPES:
            if mark in types:
                return kind
        raise Refused("not_workbook")
    if any(name.lower().endswith((".xlsx", ".xls", ".xlsm", ".ods", ".csv", ".zip")) for name in names):
        raise Refused("archive")
    raise Refused("not_workbook")


def _part(archive: zipfile.ZipFile, name: str, most: int = 4 << 20) -> bytes:
    return b"".join(pieces(archive, name, most=most))


def _check_declarations(archive: zipfile.ZipFile) -> None:
    """No part that is parsed may declare entities: spreadsheets never do."""
    for name in archive.namelist():
        if not PARSED_PARTS.search(name):
            continue
        carry = b""
        for piece in pieces(archive, name):
            # The quick look first: few parts hold the mark at all.
            if (b"!" in piece or b"!" in carry) and DECLARATION.search(carry + piece):
                raise Refused("entities")
            carry = piece[-16:]
