"""The door check: what kind of file this is, and whether it is safe to open at all.

Runs in the child before any reader touches the file. Looks at the first bytes and, for a zip, at
its directory: parts, sizes, ratio, overlaps. Nothing is trusted that the name of the file says.
"""

from __future__ import annotations

import re
import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path

from imports.reader.limits import Limits

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
END_RECORD = b"PK\x05\x06"
END_REACH = 22 + 65_535
ZIP64_COUNT = 0xFFFF
DIRECTORY_BYTES_PER_PART = 1_024
PIECE = 1 << 20

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


class Refused(Exception):
    """The file is not read; `code` says why, `detail` fills the sentence."""

    def __init__(self, code: str, **detail: object) -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail


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
        return _check_zip(path, size, limits)
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


def _check_zip(path: str, size: int, limits: Limits) -> str:
    _check_end_record(path, size, limits)
    try:
        archive = open_zip(path)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise Refused("damaged") from error
    with archive:
        infos = archive.infolist()
        _check_sizes(infos, limits)
        _check_places(infos, size)
        kind = _kind(archive)
        if kind != "xlsb":
            _check_declarations(archive)
        return kind


def open_zip(path: str) -> zipfile.ZipFile:
    """The archive, its parts named with slashes: some programs of Windows write backslashes."""
    archive = zipfile.ZipFile(path)
    for info in archive.filelist:
        info.filename = info.filename.replace("\\", "/")
        archive.NameToInfo[info.filename] = info
    return archive


def _check_end_record(path: str, size: int, limits: Limits) -> None:
    """Look at the claimed number of parts before a library makes an object of each."""
    with Path(path).open("rb") as file:
        file.seek(max(0, size - END_REACH))
        tail = file.read()
    place = tail.rfind(END_RECORD)
    if place < 0 or len(tail) - place < 22:
        raise Refused("damaged")
    count, directory = struct.unpack_from("<HI", tail, place + 10)
    if count == ZIP64_COUNT or count > limits.parts or directory > count * DIRECTORY_BYTES_PER_PART + 4096:
        raise Refused("too_many_parts", most=limits.parts)


def _check_sizes(infos: list[zipfile.ZipInfo], limits: Limits) -> None:
    names = [info.filename for info in infos]
    if len(infos) > limits.parts:
        raise Refused("too_many_parts", most=limits.parts)
    if len(set(names)) != len(names):
        raise Refused("damaged")
    total = 0
    for info in infos:
        total += info.file_size
        if info.flag_bits & 1:
            raise Refused("password")
        if info.file_size > limits.part_bytes or total > limits.unpacked_bytes:
            raise Refused("zip_bomb", megabytes=total >> 20)
        if info.file_size > limits.ratio_from_bytes and info.file_size > limits.ratio * max(info.compress_size, 1):
            raise Refused("zip_bomb", megabytes=info.file_size >> 20)
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise Refused("unsupported")


def _check_places(infos: list[zipfile.ZipInfo], size: int) -> None:
    """Parts that overlap unpack the same bytes many times over."""
    end = 0
    for info in sorted(infos, key=lambda item: item.header_offset):
        if info.header_offset < end or info.header_offset + info.compress_size > size:
            raise Refused("damaged" if info.header_offset >= end else "zip_bomb", megabytes=0)
        end = info.header_offset + 30 + info.compress_size


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


def pieces(archive: zipfile.ZipFile, name: str, *, most: int | None = None) -> Iterator[bytes]:
    """The unpacked bytes of a part, a megabyte at a time. Raises Refused when it is damaged."""
    read = 0
    try:
        with archive.open(name) as part:
            while piece := part.read(PIECE):
                read += len(piece)
                if most is not None and read > most:
                    raise Refused("zip_bomb", megabytes=read >> 20)
                yield piece
    except (zipfile.BadZipFile, EOFError, OSError, KeyError, NotImplementedError, ValueError) as error:
        raise Refused("damaged") from error
    except Exception as error:
        if type(error).__module__ == "zlib":
            raise Refused("damaged") from error
        raise


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
