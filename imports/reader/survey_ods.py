"""What the reader does not tell of an OpenDocument sheet.

Errors, formulas without a value, hidden rows, merged cells. libxml2 parses the rows that are not
plain; only odd ones are looked at cell by cell.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterable
from typing import Any

from lxml import etree

from imports.reader.facts import ERROR_WORDS, Survey
from imports.reader.gate import Refused, pieces
from imports.reader.limits import Limits
from imports.reader.ods_rows import shortened

TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
CALC = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}"
NAMES = {"t": TABLE[1:-1], "o": OFFICE[1:-1], "c": CALC[1:-1]}
TAB, ROW, SPREADSHEET = f"{TABLE}table", f"{TABLE}table-row", f"{OFFICE}spreadsheet"
FILLED = etree.XPath("boolean(*[@o:value-type or @t:formula])", namespaces=NAMES)
ODD = etree.XPath(
    "boolean(*[@t:formula or @c:value-type='error' or @t:number-columns-spanned or @t:number-rows-spanned"
    " or @t:number-columns-repeated and (@o:value-type or position() < last())])",
    namespaces=NAMES,
)
MOST_REPEATED = 1 << 24


def survey_ods(archive: zipfile.ZipFile, limits: Limits) -> list[tuple[str, Survey]]:
    """Name and facts of every sheet, in the workbook's order. Raises Refused."""
    tables = _Tables(limits)
    parser = etree.XMLPullParser(events=("start", "end"), tag=(TAB, ROW), resolve_entities=False, no_network=True)
    try:
        for piece in shortened(pieces(archive, "content.xml")):
            parser.feed(piece)
            tables.take(parser.read_events())
        parser.close()
        tables.take(parser.read_events())
    except etree.XMLSyntaxError as error:
        raise Refused("damaged") from error
    return [(name, sheet.finish(uncalculated=False)) for name, sheet in zip(tables.names, tables.sheets, strict=True)]


class _Tables:
    """Takes the rows as they end; forgets them at once."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.sheets: list[Survey] = []
        self.names: list[str] = []
        self.depth = 0
        self.row = 0

    def take(self, events: Iterable[tuple[str, Any]]) -> None:
        for event, node in events:
            if event == "start" and node.tag == TAB:
                self.start(node)
            elif event == "end":
                self.end(node)

    def start(self, table: Any) -> None:
        self.depth += 1
        if self.depth == 1 and table.getparent() is not None and table.getparent().tag == SPREADSHEET:
            if len(self.sheets) == self.limits.sheets:
                raise Refused("too_many_sheets", most=self.limits.sheets)
            self.sheets.append(Survey(merged=[]))
            self.names.append(table.get(f"{TABLE}name", ""))
            self.row = 0

    def end(self, node: Any) -> None:
        if node.tag == TAB:
            self.depth -= 1
        elif self.depth == 1 and self.sheets:
            self._row(node)
        node.clear()
        while node.getprevious() is not None:
            del node.getparent()[0]

    def _row(self, row: Any) -> None:
        sheet = self.sheets[-1]
        first, count = self.row, _number(row.get(f"{TABLE}number-rows-repeated"))
        self.row += count
        hiding = row.get(f"{TABLE}visibility", "visible")
        if hiding != "visible":
            sheet.hide(first, self.row - 1)
        if not FILLED(row):
            return
        if hiding == "filter":
            sheet.is_filtered = True
        if ODD(row):
            self._cells(row, first, count)
        else:
            sheet.extend(self.row - 1, len(row) - 1, self.limits)

    def _cells(self, row: Any, first: int, count: int) -> None:
        sheet, column = self.sheets[-1], 0
        for cell in row:
            width = _number(cell.get(f"{TABLE}number-columns-repeated"))
            kind, formula = cell.get(f"{OFFICE}value-type"), cell.get(f"{TABLE}formula")
            if kind is not None or formula is not None:
                sheet.extend(first + count - 1, column + width - 1, self.limits)
                self._merge(cell, first, column)
                for place in _places(first, count, column, width):
                    self._one(cell, place, kind, formula)
            column += width

    def _merge(self, cell: Any, row: int, column: int) -> None:
        high = _number(cell.get(f"{TABLE}number-rows-spanned"))
        wide = _number(cell.get(f"{TABLE}number-columns-spanned"))
        merged = self.sheets[-1].merged
        if merged is not None and (high > 1 or wide > 1):
            merged.append((row, column, row + high - 1, column + wide - 1))

    def _one(self, cell: Any, place: tuple[int, int], kind: str | None, formula: str | None) -> None:
        sheet = self.sheets[-1]
        text = "".join(cell.itertext()).strip() if kind in (None, "string") else ""
        is_error = cell.get(f"{CALC}value-type") == "error" or (
            formula is not None and ERROR_WORDS.fullmatch(text) is not None
        )
        if formula is not None:
            sheet.formula_count += 1
            if is_error:
                sheet.failed_formula_count += 1
            elif kind is None and not len(cell):  # an empty text is what a formula gave
                sheet.note_valueless(*place, self.limits)
        if is_error:
            sheet.note_error(*place, text, self.limits)


def _places(first: int, count: int, column: int, width: int) -> list[tuple[int, int]]:
    return [(row, place) for row in range(first, first + count) for place in range(column, column + width)]


def _number(value: str | None) -> int:
    """A count that an attribute gives; one where it is missing or nonsense."""
    if value is None or not value.isascii() or not value.isdigit() or len(value) > 9:
        return 1
    return max(1, min(int(value), MOST_REPEATED))
