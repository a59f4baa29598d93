"""Writing an .xlsx file as it streams by: one pass, a few batches in memory, any number of rows.

The XML is written by hand, since that is several times faster than the libraries (see FACTS).
Data never becomes a formula: every text is an inline string in a cell of the format "text", and
so are numbers of more than fifteen digits, which a spreadsheet would round.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from math import isfinite
from types import TracebackType
from typing import IO, Any, Self

from app.core.raw_cells import EXACT, EXACT_DIGITS

MAX_ROWS = 1_048_576
MAX_TEXT = 32_767
MAX_WIDTH = 60
FIRST_DAY = date(1899, 12, 30)
FIRST_YEAR = 1901
"""Spreadsheets count the days of 1900 wrongly; what is older stays text."""
FORBIDDEN_IN_TITLE = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
SPECIAL = re.compile("[&<>\r\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]|_x[0-9A-Fa-f]{4}_")
ESCAPED = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
PLAIN, HEADER, AMOUNT, WORDS, DAY, MOMENT = range(6)
"""Styles, by their place in `STYLES`."""

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
PART = "application/vnd.openxmlformats-officedocument.spreadsheetml"
STYLES = f"""{DECLARATION}<styleSheet xmlns="{MAIN}"><numFmts count="2"><numFmt numFmtId="164" \
formatCode="yyyy\\-mm\\-dd"/><numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd\\ hh:mm"/></numFmts>\
<fonts count="2"><font><sz val="11"/><name val="Tahoma"/>\
<family val="2"/></font><font><b/><sz val="11"/><color rgb="FF1F2937"/><name val="Tahoma"/><family val="2"/></font>\
</fonts><fills count="3"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/>\
</fill><fill><patternFill patternType="solid"><fgColor rgb="FFE5E7EB"/><bgColor indexed="64"/></patternFill></fill>\
</fills><borders count="2"><border><left/><right/><top/><bottom/><diagonal/></border><border><left/><right/><top/>\
<bottom style="thin"><color rgb="FF9CA3AF"/></bottom><diagonal/></border></borders><cellStyleXfs count="1">\
<xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="6">\
<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>\
<xf numFmtId="49" fontId="1" fillId="2" borderId="1" xfId="0" applyNumberFormat="1" applyFont="1" applyFill="1" \
applyBorder="1" applyAlignment="1"><alignment vertical="center"/></xf>\
<xf numFmtId="3" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>\
<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>\
<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>\
<xf numFmtId="165" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs><cellStyles count="1">\
<cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>"""


@dataclass(frozen=True, slots=True)
class Head:
    """A column of the file: its heading, its width in characters, and whether it holds amounts."""

    label: str
    width: float = 14
    is_amount: bool = False


class WorkbookWriter:
    """A workbook of one or more tables, written as it goes.

    `with WorkbookWriter(file, "Customers", heads, is_rtl=True) as book: book.write(columns)`, and
    `book.next_table("Contacts", heads)` before the rows of a further table.
    """

    def __init__(self, file: IO[bytes], title: str, heads: Sequence[Head], *, is_rtl: bool, level: int = 1) -> None:
        self._zip = zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=level)
        self._is_rtl = is_rtl
        self._sheets: list[str] = []
        self._ranges: list[str] = []
        self._part: IO[bytes] | None = None
        self._row = 0
        self.row_count = 0
        self._table(title, heads)

    def __enter__(self) -> Self:
        self._begin_sheet()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _tb: TracebackType | None
    ) -> None:
        if self._part is not None:
            self._end_sheet()
        if kind is None:
            self._write_parts()
        self._zip.close()

    def next_table(self, title: str, heads: Sequence[Head]) -> None:
        """Begin a further sheet for rows of other columns."""
        self._end_sheet()
        self._table(title, heads)
        self._begin_sheet()

    def _table(self, title: str, heads: Sequence[Head]) -> None:
        self._title = FORBIDDEN_IN_TITLE.sub(" ", title).strip(" '") or "Sheet"
        self._heads = tuple(heads)
        self._letters = [column_letters(place) for place in range(1, len(self._heads) + 1)]
        self._numbered = 0

    def write(self, columns: Sequence[Sequence[Any]]) -> None:
        """Add the rows of a batch, given column by column."""
        count = len(columns[0]) if columns else 0
        start = 0
        while start < count:
            room = MAX_ROWS - self._row
            if not room:
                self._end_sheet()
                self._begin_sheet()
                continue
            end = min(count, start + room)
            self._write_rows(
                [column[start:end] for column in columns] if start or end < count else columns, end - start
            )
            start = end
        self.row_count += count

    def _write_rows(self, columns: Sequence[Sequence[Any]], count: int) -> None:
        numbers = range(self._row + 1, self._row + count + 1)
        cells = [
            _cells(letters, numbers, column, AMOUNT if head.is_amount else PLAIN)
            for letters, head, column in zip(self._letters, self._heads, columns, strict=True)
        ]
        rows = [f'<row r="{n}">{"".join(row)}</row>' for n, row in zip(numbers, zip(*cells, strict=True), strict=True)]
        self._send("".join(rows))
        self._row += count

    def _send(self, xml: str) -> None:
        if self._part is None:
            raise ValueError("the workbook is closed")
        self._part.write(xml.encode())

    def _begin_sheet(self) -> None:
        number = len(self._sheets) + 1
        self._sheets.append(self._free_title())
        self._part = self._zip.open(f"xl/worksheets/sheet{number}.xml", "w", force_zip64=True)
        widths = "".join(
            f'<col min="{place}" max="{place}" width="{min(head.width, MAX_WIDTH):g}" customWidth="1"/>'
            for place, head in enumerate(self._heads, 1)
        )
        right = ' rightToLeft="1"' if self._is_rtl else ""
        selected = ' tabSelected="1"' if number == 1 else ""
        self._send(
            f'{DECLARATION}<worksheet xmlns="{MAIN}"><sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>'
            f'<sheetViews><sheetView{right}{selected} workbookViewId="0">'
            '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
            '<selection pane="bottomLeft" activeCell="A2" sqref="A2"/></sheetView></sheetViews>'
            f'<sheetFormatPr defaultRowHeight="15"/><cols>{widths}</cols><sheetData>'
            '<row r="1" ht="21" customHeight="1">'
        )
        labels = zip(self._letters, (head.label for head in self._heads), strict=True)
        self._send("".join(_cell(f"{letters}1", label, HEADER) for letters, label in labels) + "</row>")
        self._row = 1

    def _end_sheet(self) -> None:
        if self._part is not None:
            last = f"{self._letters[-1]}{self._row}" if self._letters else "A1"
            self._ranges.append(last)
            self._send(
                f'</sheetData><autoFilter ref="A1:{last}"/><pageMargins left="0.4" right="0.4" top="0.5" bottom="0.5" '
                'header="0.3" footer="0.3"/><pageSetup paperSize="9" orientation="landscape" fitToHeight="0"/>'
                "</worksheet>"
            )
            self._part.close()
        self._part = None

    def _free_title(self) -> str:
        """The title of the table, numbered where the workbook has it already."""
        while True:
            self._numbered += 1
            suffix = f" {self._numbered}" if self._numbered > 1 else ""
            title = f"{self._title[: 31 - len(suffix)]}{suffix}"
            if title.lower() not in {one.lower() for one in self._sheets}:
                return title

    def _names(self) -> str:
        """What is filtered on each sheet, and the row that every printed page repeats."""
        found = []
        for place, (title, last) in enumerate(zip(self._sheets, self._ranges, strict=True)):
            sheet = _safe(title.replace("'", "''"))
            letters, row = last.rstrip("0123456789"), last.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
            found.append(
                f'<definedName name="_xlnm._FilterDatabase" localSheetId="{place}" hidden="1">'
                f"'{sheet}'!$A$1:${letters}${row}</definedName>"
            )
            found.append(
                f'<definedName name="_xlnm.Print_Titles" localSheetId="{place}">\'{sheet}\'!$1:$1</definedName>'
            )
        return "".join(sorted(found))

    def _write_parts(self) -> None:
        """The parts that name the sheets; a zip is read from its end, so they may come last."""
        numbers = range(1, len(self._sheets) + 1)
        overrides = "".join(
            f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{PART}.worksheet+xml"/>' for n in numbers
        )
        sheets = "".join(
            f'<sheet name="{_attribute(name)}" sheetId="{n}" r:id="rId{n}"/>' for n, name in enumerate(self._sheets, 1)
        )
        links = "".join(
            f'<Relationship Id="rId{n}" Type="{OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>' for n in numbers
        )
        parts = {
            "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><bookViews><workbookView/></bookViews>'
            f"<sheets>{sheets}</sheets><definedNames>{self._names()}</definedNames></workbook>",
            "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">{links}'
            f'<Relationship Id="rId{len(numbers) + 1}" Type="{OFFICE}/styles" Target="styles.xml"/></Relationships>',
            "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" '
            f'Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
            "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" '
            'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Default Extension="xml" ContentType="application/xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{PART}.sheet.main+xml"/>'
            f'<Override PartName="/xl/styles.xml" ContentType="{PART}.styles+xml"/>{overrides}</Types>',
        }
        self._zip.writestr("xl/styles.xml", STYLES)
        for name, body in parts.items():
            self._zip.writestr(name, DECLARATION + body)


def column_letters(place: int) -> str:
    """The letters of a column counted from one: 1 is A, 28 is AB."""
    letters = ""
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _attribute(text: str) -> str:
    return _safe(text).replace('"', "&quot;")


def _cells(letters: str, numbers: range, values: Sequence[Any], style: int) -> list[str]:
    """The XML of a column's cells, by the type of each; a column of one type goes the short way."""
    kinds = set(map(type, values)) - {type(None)}
    if not kinds:
        return [""] * len(values)
    if kinds <= {str}:
        return _text_cells(letters, numbers, values)
    if kinds == {int} and all(v is None or -EXACT < v < EXACT for v in values):
        start = f'" s="{style}"><v>'
        return [
            "" if v is None else f'<c r="{letters}{n}{start}{v}</v></c>' for n, v in zip(numbers, values, strict=True)
        ]
    return [_cell(f"{letters}{n}", v, style) for n, v in zip(numbers, values, strict=True)]


def _text_cells(letters: str, numbers: range, values: Sequence[str | None]) -> list[str]:
    start = f'" s="{WORDS}" t="inlineStr"><is><t xml:space="preserve">'
    texts = values if _is_plain(values) else [v and _safe(v) for v in values]
    return [f'<c r="{letters}{n}{start}{v}</t></is></c>' if v else "" for n, v in zip(numbers, texts, strict=True)]


def _is_plain(values: Sequence[str | None]) -> bool:
    """Whether no text needs a change; one search over all is quicker than one for each."""
    present = [v for v in values if v]
    return SPECIAL.search("\n".join(present)) is None and max(map(len, present), default=0) <= MAX_TEXT


def _safe(text: str) -> str:
    """A text as XML: without what XML cannot hold, and cut to what a cell can."""
    text = ILLEGAL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))[:MAX_TEXT]
    return ESCAPED.sub("_x005F_", text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _cell(place: str, value: Any, style: int) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, date):
        days = _days(value)
        if days is not None:
            return f'<c r="{place}" s="{MOMENT if isinstance(value, datetime) else DAY}"><v>{days}</v></c>'
    number = _number(value)
    if number is not None:
        return f'<c r="{place}" s="{style}"><v>{number}</v></c>'
    style = HEADER if style == HEADER else WORDS
    return f'<c r="{place}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{_safe(str(value))}</t></is></c>'


def _days(value: date) -> str | None:
    """A date or naive instant as a spreadsheet counts them; None for what it cannot."""
    if value.year < FIRST_YEAR:
        return None
    if isinstance(value, datetime):
        since_midnight = timedelta(hours=value.hour, minutes=value.minute, seconds=value.second)
        return repr(round((value.date() - FIRST_DAY + since_midnight) / timedelta(days=1), 9))
    return str((value - FIRST_DAY).days)


def _number(value: Any) -> str | None:
    """A number as a cell keeps it without loss; None where it must stay text."""
    match value:
        case bool():
            return None
        case int():
            return str(value) if -EXACT < value < EXACT else None
        case float():
            return repr(value) if isfinite(value) else None
        case Decimal():
            is_exact = value.is_finite() and abs(value) < EXACT and _digits(value) <= EXACT_DIGITS
            return format(value, "f") if is_exact else None
    return None


def _digits(value: Decimal) -> int:
    return len(value.normalize().as_tuple().digits)
