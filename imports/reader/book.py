"""The sheets of a workbook with what a survey tells of each, whatever its format."""

from __future__ import annotations

import re
import struct
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from imports.reader.facts import Survey
from imports.reader.gate import Refused, open_zip, pieces
from imports.reader.limits import Limits

FULL_CALCULATION = re.compile(rb'fullCalcOnLoad\s*=\s*"(?:1|true)"')
SHEET_RECORD = 156

Surveys = list[tuple[str | None, Survey | None]]
"""By the workbook's order: name and survey; the name is None where places suffice, the survey for charts."""


@dataclass(frozen=True, slots=True)
class SheetPart:
    """A sheet as the workbook lists it: its name and its part in the zip."""

    name: str
    part: str


def survey_book(path: str, kind: str, limits: Limits) -> Surveys:
    """What the reader does not tell of any sheet. Raises Refused."""
    if kind == "xls":
        from imports.reader.survey_binary import survey_xls

        return [(None, found) for found in survey_xls(path, limits)]
    with open_zip(path) as archive:
        if kind == "ods":
            from imports.reader.survey_ods import survey_ods

            return list(survey_ods(archive, limits))
        return list(_survey_parts(archive, kind, limits))


def _survey_parts(archive: zipfile.ZipFile, kind: str, limits: Limits) -> Iterator[tuple[str, Survey | None]]:
    from imports.reader import survey, survey_binary

    read, listed = (survey_binary.survey_xlsb, _xlsb_sheets) if kind == "xlsb" else (survey.survey_sheet, _xlsx_sheets)
    parts, uncalculated = listed(archive)
    if not parts:
        raise Refused("no_sheets")
    if len(parts) > limits.sheets:
        raise Refused("too_many_sheets", most=limits.sheets)
    names = set(archive.namelist())
    for sheet in parts:
        is_table = sheet.part in names and "chartsheet" not in sheet.part
        yield sheet.name, read(archive, sheet.part, limits, uncalculated=uncalculated) if is_table else None


def _xlsx_sheets(archive: zipfile.ZipFile) -> tuple[list[SheetPart], bool]:
    """The sheets in order, and whether the formulas wait for a first calculation."""
    book, targets = _workbook_part(archive)
    raw = b"".join(pieces(archive, book, most=16 << 20))
    sheets = []
    for node in _parse(raw).iter():
        if node.tag.rpartition("}")[2] == "sheet":
            key = next((value for name, value in node.attrib.items() if name.endswith("}id")), "")
            sheets.append(SheetPart(node.get("name", ""), targets.get(key, "")))
    return sheets, FULL_CALCULATION.search(raw) is not None


def _xlsb_sheets(archive: zipfile.ZipFile) -> tuple[list[SheetPart], bool]:
    from imports.reader.survey_binary import is_uncalculated_xlsb, xlsb_records

    book, targets = _workbook_part(archive)
    sheets = []
    try:
        for kind, body in xlsb_records(archive, book):
            if kind == SHEET_RECORD:
                key, name = _wide_texts(body, 8)
                sheets.append(SheetPart(name, targets.get(key, "")))
    except (struct.error, UnicodeDecodeError) as error:
        raise Refused("damaged") from error
    return sheets, is_uncalculated_xlsb(archive, book)


def _wide_texts(body: bytes, place: int) -> Iterator[str]:
    for _ in range(2):
        (length,) = struct.unpack_from("<I", body, place)
        place += 4
        yield body[place : place + 2 * length].decode("utf-16-le")
        place += 2 * length


def _workbook_part(archive: zipfile.ZipFile) -> tuple[str, dict[str, str]]:
    """The part that lists the sheets, and where its relations point."""
    book = "xl/workbook.xml"
    if "_rels/.rels" in archive.namelist():
        for node in _parse(b"".join(pieces(archive, "_rels/.rels", most=1 << 20))).iter():
            if node.get("Type", "").endswith("/officeDocument"):
                book = node.get("Target", "").lstrip("/")
    folder, slash, base = book.rpartition("/")
    targets = {}
    for node in _parse(b"".join(pieces(archive, f"{folder}{slash}_rels/{base}.rels", most=4 << 20))).iter():
        target = node.get("Target", "")
        targets[node.get("Id", "")] = target[1:] if target.startswith("/") else f"{folder}{slash}{target}"
    return book, targets


def _parse(raw: bytes) -> ET.Element:
    try:
        return ET.fromstring(raw)  # noqa: S314 - the gate refuses entity declarations
    except (ET.ParseError, ValueError) as error:
        raise Refused("damaged") from error
