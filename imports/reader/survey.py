"""What a reader does not tell: errors, formulas without a value, hidden rows, how far a sheet goes.

The sheet's XML is read as bytes, row by row, with searches instead of a parser: a hundred
megabytes take half a second. XML that is written in an unusual way (prefixes, single quotes,
comments) goes through expat instead, slower and with the same answer.
"""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass, field
from xml.etree import ElementTree as ET
from xml.parsers import expat

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
FULL_CALCULATION = re.compile(rb'fullCalcOnLoad\s*=\s*"(?:1|true)"')
SINGLE_QUOTED = re.compile(rb"=\s*'")
LETTERS = 26
LONGEST_ROW = 64 << 20


@dataclass(slots=True)
class Survey:
    """Facts about one sheet; rows and columns count from 0.

    `errors` are (row, column, text), `valueless` are (row, column): both are cut at the limit of
    named cells while the counts beside them are whole. `row_end` and `column_end` are the last
    used row and column plus one.
    """

    errors: list[tuple[int, int, str]] = field(default_factory=list)
    error_count: int = 0
    valueless: list[tuple[int, int]] = field(default_factory=list)
    valueless_count: int = 0
    formula_count: int = 0
    failed_formula_count: int = 0
    zero_formulas: list[tuple[int, int]] = field(default_factory=list)
    zero_formula_count: int = 0
    hidden_rows: list[int] = field(default_factory=list)
    is_filtered: bool = False
    row_end: int = 0
    column_end: int = 0
    corner: str = ""


@dataclass(frozen=True, slots=True)
class SheetPart:
    """A sheet as the workbook lists it: its name, its state and its part in the zip."""

    name: str
    state: str
    part: str


def sheet_parts(archive: zipfile.ZipFile) -> tuple[list[SheetPart], bool]:
    """The sheets in the workbook's order, and whether its formulas wait for a first calculation."""
    names = set(archive.namelist())
    book = _workbook_part(archive)
    if book not in names:
        raise Refused("damaged")
    raw = b"".join(pieces(archive, book, most=16 << 20))
    folder, _, base = book.rpartition("/")
    targets = _targets(archive, f"{folder}/_rels/{base}.rels", folder)
    sheets = []
    for node in _parse(raw).iter():
        if node.tag.rpartition("}")[2] != "sheet":
            continue
        key = next((value for name, value in node.attrib.items() if name.endswith("}id")), "")
        sheets.append(SheetPart(node.get("name", ""), node.get("state", "visible"), targets.get(key, "")))
    return sheets, FULL_CALCULATION.search(raw) is not None


def _workbook_part(archive: zipfile.ZipFile) -> str:
    for node in _parse(b"".join(pieces(archive, "_rels/.rels", most=1 << 20))).iter():
        if node.get("Type", "").endswith("/officeDocument"):
            return node.get("Target", "").lstrip("/")
    return "xl/workbook.xml"


def _targets(archive: zipfile.ZipFile, rels: str, folder: str) -> dict[str, str]:
    found = {}
    for node in _parse(b"".join(pieces(archive, rels, most=4 << 20))).iter():
        target = node.get("Target", "")
        found[node.get("Id", "")] = target[1:] if target.startswith("/") else f"{folder}/{target}"
    return found


def _parse(raw: bytes) -> ET.Element:
    try:
        return ET.fromstring(raw)  # noqa: S314 - the gate refuses entity declarations
    except ET.ParseError as error:
        raise Refused("damaged") from error


def survey_sheet(archive: zipfile.ZipFile, part: str, limits: Limits, *, uncalculated: bool = False) -> Survey:
    """Facts about a sheet's part. Raises Refused (damaged, entities, too_many_cells)."""
    usual = _Usual(limits)
    head = b""
    for piece in pieces(archive, part):
        if not head:
            head = piece[:4096]
            if DECLARATION.search(head):
                raise Refused("entities")
            if b"sheetData" in piece and b"<sheetData" not in piece:
                return _finish(_unusual(archive, part, limits), uncalculated=uncalculated)
        if (b"!" in piece and b"<!" in piece) or (b"'" in piece and SINGLE_QUOTED.search(piece)):
            return _finish(_unusual(archive, part, limits), uncalculated=uncalculated)
        usual.feed(piece)
    usual.close()
    return _finish(usual.survey, uncalculated=uncalculated)


def _finish(survey: Survey, *, uncalculated: bool) -> Survey:
    """Formulas that all hold 0 in a workbook waiting for its first calculation were never worked out."""
    calculated = survey.formula_count - survey.valueless_count - survey.failed_formula_count
    if uncalculated and 0 < survey.zero_formula_count == calculated:
        survey.valueless = sorted(survey.valueless + survey.zero_formulas)
        survey.valueless_count += survey.zero_formula_count
    return survey


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
        has_formulas, has_errors, has_hidden = b"<f" in block, b'"e"' in block, b"hidden" in block
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
        columns = [_column(found.group()) for tail in tails if (found := LEADING_LETTERS.match(tail))]
        if len(columns) != len(tails):
            return False
        self.row = int(number.group(1)) - 1
        _extend(self.survey, self.row, max(columns), self.limits)
        return True

    def _one_row(self, raw: bytes, *, has_hidden: bool) -> None:
        survey = self.survey
        head = ROW_HEAD.search(raw)
        attributes = head.group(1) if head else b""
        number = ROW_NUMBER.search(attributes)
        self.row = int(number.group(1)) - 1 if number else self.row + 1
        if has_hidden and HIDDEN.search(attributes):
            survey.hidden_rows.append(self.row)
        last = raw.rfind(b"</c>")
        if last < 0:
            return
        cell = CELL_REF.match(raw, raw.rfind(b"<c ", 0, last))
        column = _column(cell.group(1)) if cell else raw.count(b"<c") - 1
        _extend(survey, self.row, column, self.limits)

    def _formulas(self, raw: bytes) -> None:
        for found in FORMULA_CELL.finditer(raw):
            kind, row, column = _attributes(found.group(1), raw, found.start(), self.row)
            _note_formula(self.survey, (row, column), found.group(2), kind, self.limits)

    def _errors(self, raw: bytes) -> None:
        for found in ERROR_CELL.finditer(raw):
            _, row, column = _attributes(found.group(1), raw, found.start(), self.row)
            _note_error(self.survey, row, column, (found.group(2) or b"").decode("utf-8", "replace"), self.limits)


def _attributes(raw: bytes, row_bytes: bytes, place: int, row: int) -> tuple[bytes, int, int]:
    """(type, row, column) of a cell from its attributes; without an address, by counting."""
    values = dict(ATTRIBUTE.findall(raw))
    ref = re.match(rb"([A-Z]{1,3})(\d+)$", values.get(b"r", b""))
    if ref:
        return values.get(b"t", b""), int(ref.group(2)) - 1, _column(ref.group(1))
    return values.get(b"t", b""), row, len(re.findall(rb"<c[\s>/]", row_bytes[:place]))


def _note_formula(survey: Survey, place: tuple[int, int], value: bytes | None, kind: bytes, limits: Limits) -> None:
    survey.formula_count += 1
    if kind == b"e":
        survey.failed_formula_count += 1
    elif not value and kind != b"str":
        survey.valueless_count += 1
        if len(survey.valueless) < limits.named_cells:
            survey.valueless.append(place)
    elif value == b"0":
        survey.zero_formula_count += 1
        if len(survey.zero_formulas) < limits.named_cells:
            survey.zero_formulas.append(place)


def _note_error(survey: Survey, row: int, column: int, text: str, limits: Limits) -> None:
    survey.error_count += 1
    if len(survey.errors) < limits.named_cells:
        survey.errors.append((row, column, text or "#ERROR"))


def _extend(survey: Survey, row: int, column: int, limits: Limits) -> None:
    """Grow the used rectangle. Raises Refused when a reader could not hold it."""
    if row < survey.row_end and column < survey.column_end:
        return
    survey.row_end, survey.column_end = max(survey.row_end, row + 1), max(survey.column_end, column + 1)
    if survey.row_end > limits.rows:
        raise Refused("too_many_rows", most=limits.rows)
    if survey.row_end * survey.column_end > limits.cells:
        raise Refused("too_many_cells", cell=address(row, column), most=limits.cells)


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * LETTERS + letter - 64
    return number - 1


def address(row: int, column: int) -> str:
    """The name of a cell, as in a spreadsheet: (0, 0) is A1."""
    return f"{column_letters(column)}{row + 1}"


def column_letters(column: int) -> str:
    """The letters over a column: 0 is A, 26 is AA."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, LETTERS)
        letters = chr(65 + rest) + letters
    return letters


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
                self.survey.hidden_rows.append(self.row)
        elif tag == "c":
            ref = re.match(r"([A-Z]{1,3})(\d{1,7})$", attributes.get("r", ""))
            self.column = _column(ref.group(1).encode()) if ref else self.column + 1
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
                _extend(self.survey, *place, self.limits)
            if self.has_formula:
                _note_formula(self.survey, place, self.value.encode(), self.kind.encode(), self.limits)
            if self.kind == "e":
                _note_error(self.survey, *place, self.value, self.limits)
