"""What a reader does not tell: errors, formulas without a value, hidden rows, how far a sheet goes.

The sheet's XML is read as bytes, row by row, with searches instead of a parser: a hundred
megabytes take half a second. XML that is written in an unusual way (prefixes, single quotes,
comments) goes through expat instead, slower and with the same answer.
"""

from __future__ import annotations

import re
import zipfile
from xml.parsers import expat

from imports.reader.facts import Survey, column_number
from imports.reader.gate import DECLARATION, Refused, pieces
from imports.reader.limits import Limits

ROW_HEAD = re.compile(rb"<row\b([^>]*)>")
ROW_NUMBER = re.compile(rb'\br\s*=\s*"(\d+)"')
HIDDEN = re.compile(rb'\bhidden\s*=\s*"(?:1|true)"')
CELL_REF = re.compile(rb'<c\b[^>]*?\br\s*=\s*"([A-Z]{1,3})(\d{1,7})"')
ERROR_CELL = re.compile(rb'<c\b([^>]*?\bt\s*=\s*"e"[^>]*)>(?:<f\b[^>]*?(?:/>|>[^<]*</f>))?(?:<v>([^<]*)</v>)?')
FORMULA_CELL = re.compile(rb"<c\b([^>]*)>\s*<f\b[^>]*?(?:/>|>[^<]*</f>)\s*(?:<v(?:/>| />|[^>]*>([^<]*)</v>))?")
LEADING_LETTERS = re.compile(rb"[A-Z]{1,3}")
ATTRIBUTE = re.compile(rb'\b(r|t)\s*=\s*"([^"]*)"')
SINGLE_QUOTED = re.compile(rb"=\s*'")
LONGEST_ROW = 64 << 20


def survey_sheet(archive: zipfile.ZipFile, part: str, limits: Limits, *, uncalculated: bool = False) -> Survey:
    """Facts about a sheet's part. Raises Refused (damaged, entities, too_many_cells)."""
    try:
        found = _quick(archive, part, limits)
    except Refused as refused:
        if not refused.code.startswith("too_many"):
            raise
        found = None  # perhaps only formats reach so far, and no cells
    return (found or _unusual(archive, part, limits)).finish(uncalculated=uncalculated)


def _quick(archive: zipfile.ZipFile, part: str, limits: Limits) -> Survey | None:
    """The survey by searches; None where only a parser can tell."""
    usual = _Usual(limits)
    head = b""
    for piece in pieces(archive, part):
        if not head:
            head = piece[:4096]
            if DECLARATION.search(head):
                raise Refused("entities")
            if b"sheetData" in piece and b"<sheetData" not in piece:
                return None
        if (b"!" in piece and b"<!" in piece) or (b"'" in piece and SINGLE_QUOTED.search(piece)):
            return None
        usual.feed(piece)
    usual.close()
    return usual.survey


class _Usual:
    """The quick reader: bytes cut at the ends of rows."""

    def __init__(self, limits: Limits) -> None:
        self.survey = Survey()
        self.limits = limits
        self.carry = b""
        self.row = -1

    def feed(self, piece: bytes) -> None:
        piece = self.carry + piece
        end = piece.rfind(b"</row>")
        if end < 0:
            self.carry = piece
            if len(piece) > LONGEST_ROW:
                raise Refused("damaged")
            return
        self.carry = piece[end + 6 :]
        self.rows(piece[: end + 6])

    def close(self) -> None:
        if b"<row" in self.carry:
            self.rows(self.carry)
        if b"<filterColumn" in self.carry:
            self.survey.is_filtered = True

    def rows(self, block: bytes) -> None:
        # One letter is found many times faster than two; often it is not there at all.
        has_formulas = b"f" in block and b"<f" in block
        has_errors, has_hidden = b"e" in block and b'"e"' in block, b"h" in block and b"hidden" in block
        rows = block.split(b"</row>")
        if not (has_formulas or has_errors or has_hidden) and self._plain_rows(rows):
            return
        for raw in rows:
            head = ROW_HEAD.search(raw)
            if head is None:
                continue
            for one in raw.split(b"<row")[1:] if raw.count(b"<row") > 1 else (raw,):
                self._one_row(one if one is raw else b"<row" + one, has_hidden=has_hidden)
                if has_formulas and b"<f" in one:
                    self._formulas(one)
                if has_errors and b'"e"' in one:
                    self._errors(one)

    def _plain_rows(self, rows: list[bytes]) -> bool:
        """Take rows that hold nothing but values; False when their addresses must be read one by one."""
        head = ROW_HEAD.search(rows[-2]) if len(rows) > 1 else None
        number = ROW_NUMBER.search(head.group(1)) if head else None
        if number is None:
            return False
        tails = {raw[(start := raw.rfind(b'<c r="', 0, raw.rfind(b"</c>"))) + 6 : start + 9] for raw in rows[:-1]}
        columns = [column_number(found.group()) for tail in tails if (found := LEADING_LETTERS.match(tail))]
        if len(columns) != len(tails):
            return False
        self.row = int(number.group(1)) - 1
        self.survey.extend(self.row, max(columns), self.limits)
        return True

    def _one_row(self, raw: bytes, *, has_hidden: bool) -> None:
        survey = self.survey
        head = ROW_HEAD.search(raw)
        attributes = head.group(1) if head else b""
        number = ROW_NUMBER.search(attributes)
        self.row = int(number.group(1)) - 1 if number else self.row + 1
        if has_hidden and HIDDEN.search(attributes):
            survey.hide(self.row, self.row)
        last = raw.rfind(b"</c>")
        if last < 0:
            return
        cell = CELL_REF.match(raw, raw.rfind(b"<c ", 0, last))
        column = column_number(cell.group(1)) if cell else raw.count(b"<c") - 1
        survey.extend(self.row, column, self.limits)

    def _formulas(self, raw: bytes) -> None:
        for found in FORMULA_CELL.finditer(raw):
            kind, row, column = _attributes(found.group(1), raw, found.start(), self.row)
            _note_formula(self.survey, (row, column), found.group(2), kind, self.limits)

    def _errors(self, raw: bytes) -> None:
        for found in ERROR_CELL.finditer(raw):
            _, row, column = _attributes(found.group(1), raw, found.start(), self.row)
            self.survey.note_error(row, column, (found.group(2) or b"").decode("utf-8", "replace"), self.limits)


def _attributes(raw: bytes, row_bytes: bytes, place: int, row: int) -> tuple[bytes, int, int]:
    """(type, row, column) of a cell from its attributes; without an address, by counting."""
    values = dict(ATTRIBUTE.findall(raw))
    ref = re.match(rb"([A-Z]{1,3})(\d+)$", values.get(b"r", b""))
    if ref:
        return values.get(b"t", b""), int(ref.group(2)) - 1, column_number(ref.group(1))
    return values.get(b"t", b""), row, len(re.findall(rb"<c[\s>/]", row_bytes[:place]))


def _note_formula(survey: Survey, place: tuple[int, int], value: bytes | None, kind: bytes, limits: Limits) -> None:
    survey.formula_count += 1
    if kind == b"e":
        survey.failed_formula_count += 1
    elif not value and kind != b"str":
        survey.note_valueless(*place, limits)
    elif value == b"0":
        survey.note_placeholder(*place, limits)


def _unusual(archive: zipfile.ZipFile, part: str, limits: Limits) -> Survey:
    """The same facts through expat."""
    reader = _Expat(limits)
    parser = expat.ParserCreate(namespace_separator="}")
    parser.StartElementHandler, parser.EndElementHandler = reader.start, reader.end
    parser.CharacterDataHandler = reader.characters
    parser.StartDoctypeDeclHandler = reader.doctype
    parser.buffer_text = True
    try:
        for piece in pieces(archive, part):
            parser.Parse(piece)
        parser.Parse(b"", True)  # noqa: FBT003 - expat takes no names
    except expat.ExpatError as error:
        raise Refused("damaged") from error
    return reader.survey


class _Expat:
    """Handlers that fill a survey from parsed XML."""

    def __init__(self, limits: Limits) -> None:
        self.survey = Survey()
        self.limits = limits
        self.row, self.column, self.kind = -1, -1, ""
        self.has_formula, self.value, self.inside = False, "", ""

    def doctype(self, *_: object) -> None:
        raise Refused("entities")

    def start(self, name: str, attributes: dict[str, str]) -> None:
        tag = name.rpartition("}")[2]
        if tag == "row":
            self.row = int(attributes["r"]) - 1 if attributes.get("r", "").isdigit() else self.row + 1
            self.column = -1
            if attributes.get("hidden") in ("1", "true"):
                self.survey.hide(self.row, self.row)
        elif tag == "c":
            ref = re.match(r"([A-Z]{1,3})(\d{1,7})$", attributes.get("r", ""))
            self.column = column_number(ref.group(1).encode()) if ref else self.column + 1
            self.kind, self.has_formula, self.value = attributes.get("t", ""), False, ""
        elif tag == "f":
            self.has_formula = True
        elif tag in ("v", "t"):
            self.inside = tag
        elif tag == "filterColumn":
            self.survey.is_filtered = True

    def characters(self, text: str) -> None:
        if self.inside:
            self.value += text

    def end(self, name: str) -> None:
        tag = name.rpartition("}")[2]
        if tag in ("v", "t"):
            self.inside = ""
        elif tag == "c":
            place = (self.row, self.column)
            if self.value or self.has_formula:
                self.survey.extend(*place, self.limits)
            if self.has_formula:
                _note_formula(self.survey, place, self.value.encode(), self.kind.encode(), self.limits)
            if self.kind == "e":
                self.survey.note_error(*place, self.value, self.limits)
