"""What the reader does not tell of binary sheets, by walking their records.

xlsb: parts of a zip, records with varying heads ([MS-XLSB] 2.1.4). xls: one stream of a compound
file, records with heads of four bytes ([MS-XLS] 2.1.4).
"""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Iterator

import olefile

from imports.reader.facts import Survey
from imports.reader.gate import Refused, pieces
from imports.reader.limits import Limits

ERRORS = {
    0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A",
    0x2B: "#GETTING_DATA",
}  # fmt: skip
NO_NUMBER = bytes(8)


# --- xlsb

ROW_HEADER, BLANK_CELL, ERROR_CELL = 0, 1, 3
NUMBER_FORMULA, ERROR_FORMULA = 9, 11
FORMULAS = frozenset((8, 9, 10, 11))
FILTER_COLUMN, MERGED, CALCULATION = 163, 176, 157
CELLS = struct.Struct("<4I")


def is_uncalculated_xlsb(archive: zipfile.ZipFile, book: str) -> bool:
    """Whether the workbook asks for a calculation of everything when it is opened."""
    for kind, body in xlsb_records(archive, book):
        if kind == CALCULATION and len(body) >= 26:
            return bool(body[24] & 1)
    return False


def survey_xlsb(archive: zipfile.ZipFile, part: str, limits: Limits, *, uncalculated: bool = False) -> Survey:
    """Facts about a sheet's part. Raises Refused (damaged, too_many_cells, …)."""
    survey = Survey(merged=[])
    row = 0
    try:
        for kind, body in xlsb_records(archive, part):
            if kind == ROW_HEADER:
                row = int.from_bytes(body[:4], "little")
                if body[11] & 0x10:
                    survey.hide(row, row)
            elif BLANK_CELL < kind <= ERROR_FORMULA:
                _xlsb_cell(survey, kind, body, row, limits)
            elif kind == MERGED and survey.merged is not None:
                top, bottom, left, right = CELLS.unpack_from(body)
                survey.merged.append((top, left, bottom, right))
            elif kind == FILTER_COLUMN:
                survey.is_filtered = True
    except (IndexError, struct.error) as error:
        raise Refused("damaged") from error
    return survey.finish(uncalculated=uncalculated)


def _xlsb_cell(survey: Survey, kind: int, body: bytes, row: int, limits: Limits) -> None:
    column = int.from_bytes(body[:4], "little")
    survey.extend(row, column, limits)
    if kind in FORMULAS:
        survey.formula_count += 1
        if kind == NUMBER_FORMULA and body[8:16] == NO_NUMBER:
            survey.note_placeholder(row, column, limits)
    if kind in (ERROR_CELL, ERROR_FORMULA):
        survey.failed_formula_count += kind == ERROR_FORMULA
        survey.note_error(row, column, ERRORS.get(body[8], ""), limits)


def xlsb_records(archive: zipfile.ZipFile, part: str) -> Iterator[tuple[int, bytes]]:
    """Kind and body of every record of a part. Raises Refused when it ends amid one."""
    rest = b""
    for piece in pieces(archive, part):
        rest += piece
        place, end = 0, len(rest)
        while True:
            head = place
            kind = rest[head] if head < end else 0
            head += 1
            if kind & 0x80 and head < end:
                kind = (kind & 0x7F) | (rest[head] & 0x7F) << 7
                head += 1
            size = shift = 0
            while head < end:
                byte = rest[head]
                head += 1
                size |= (byte & 0x7F) << shift
                shift += 7
                if byte < 0x80 or shift == 28:
                    break
            else:
                break
            if head + size > end:
                break
            yield kind, rest[head : head + size]
            place = head + size
        rest = rest[place:]
    if rest:
        raise Refused("damaged")


# --- xls

END, ENCRYPTED, SHEET, FILTERED = 0x0A, 0x2F, 0x85, 0x9B
STARTS = frozenset((0x09, 0x209, 0x409, 0x809))
OLD_FORMULAS = frozenset((0x06, 0x206, 0x406))
XLS_ROW, XLS_ERROR = frozenset((0x08, 0x208)), frozenset((0x05, 0x205))
SINGLE_CELLS = frozenset((0x06, 0x206, 0x406, 0x05, 0x205, 0x02, 0x03, 0x203, 0x04, 0x204, 0x7E, 0x27E, 0xFD, 0xD6))
SEVERAL_NUMBERS = 0xBD
PAIR = struct.Struct("<HH")
CALCULATE_AT_OPENING = 0x02


def survey_xls(path: str, limits: Limits) -> list[Survey]:
    """Facts about every sheet, in the workbook's order. Raises Refused (damaged, password, …)."""
    try:
        with olefile.OleFileIO(path) as file:
            stream = file.openstream("Workbook" if file.exists("Workbook") else "Book").read()
        starts = []
        for kind, body in _xls_records(stream, 0):
            if kind == ENCRYPTED:
                raise Refused("password")
            if kind == SHEET:
                starts.append(int.from_bytes(body[:4], "little"))
        if len(starts) > limits.sheets:
            raise Refused("too_many_sheets", most=limits.sheets)
        return [_survey_stream(stream, start, limits) for start in starts]
    except (OSError, IndexError, struct.error, ValueError, TypeError, AttributeError) as error:
        raise Refused("damaged") from error


def _xls_records(stream: bytes, place: int) -> Iterator[tuple[int, bytes]]:
    """Records of one substream without those of substreams inside it."""
    depth, end = 0, len(stream)
    while place + 4 <= end:
        kind, size = PAIR.unpack_from(stream, place)
        place += 4
        if kind in STARTS:
            depth += 1
        elif kind == END:
            depth -= 1
            if depth <= 0:
                return
        elif depth == 1:
            yield kind, stream[place : place + size]
        place += size
    raise Refused("damaged")


def _survey_stream(stream: bytes, start: int, limits: Limits) -> Survey:
    survey = Survey()
    for kind, body in _xls_records(stream, start):
        if kind in XLS_ROW:
            row = int.from_bytes(body[:2], "little")
            if body[12] & 0x20:
                survey.hide(row, row)
        elif kind == FILTERED:
            survey.is_filtered = True
        elif kind in SINGLE_CELLS or kind == SEVERAL_NUMBERS:
            row, column = PAIR.unpack_from(body)
            last = int.from_bytes(body[-2:], "little") if kind == SEVERAL_NUMBERS else column
            survey.extend(row, last, limits)
            if kind in OLD_FORMULAS:
                _xls_formula(survey, body, (row, column), limits)
            elif kind in XLS_ERROR and body[7]:
                survey.note_error(row, column, ERRORS.get(body[6], ""), limits)
    return survey.finish(uncalculated=True)


def _xls_formula(survey: Survey, body: bytes, place: tuple[int, int], limits: Limits) -> None:
    """The stored value is eight bytes: a number, or FFFF at the end and a kind at the start."""
    survey.formula_count += 1
    value = body[6:14]
    if value[6:] == b"\xff\xff":
        if value[0] == 2:
            survey.failed_formula_count += 1
            survey.note_error(*place, ERRORS.get(value[2], ""), limits)
        elif value[0] == 3:
            survey.note_placeholder(*place, limits)
    elif value == NO_NUMBER and body[14] & CALCULATE_AT_OPENING:
        survey.note_placeholder(*place, limits)
