"""An invoice set in type: every text broken into lines, every height known.

Makes the rows and blocks of one paper; `pagination` then deals them out over pages.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from markupsafe import Markup, escape

from app.core.money import Unit, format_amount
from reports.documents.fonts import text_width
from reports.documents.forms import SUMMED, ColumnKey, Form, PartyField
from reports.documents.labels import Labels
from reports.documents.pages import Cell, FieldCell, FieldRow, Party, TableRow
from reports.documents.typeset import SAFETY, Typesetter
from reports.documents.values import PartyBlock, PaymentTerms, PrintLine, PrintSums

_CODES = frozenset({"economic_code", "national_id", "registration_number", "postal_code", "phone"})
_PARTY_LINES = 6
_CODE_SHRINK = 0.78
"""A code that does not fit is set smaller, down to this share; a longer one is broken."""
_ELLIPSIS = "…"
_MARK = Markup('<span class="box">{}</span>')


@dataclass(frozen=True, slots=True)
class Sheet:
    """What setting a paper needs: its form, its words, its breaker of lines and its unit of money."""

    form: Form
    labels: Labels
    type: Typesetter
    unit: Unit

    def amount(self, rials: int) -> str:
        return format_amount(rials, unit=self.unit, locale=self.type.locale)

    def price(self, rials: Decimal) -> str:
        return self.type.decimal(rials / 10 if self.unit is Unit.TOMAN else rials)

    def row_height(self, lines: int) -> float:
        return max(lines, 1) * self.form.leading_mm + 2 * self.form.pad_mm

    def text_mm(self, key: ColumnKey) -> float:
        """The room for text in a column."""
        return self.form.width_mm_of[key] - 2 * self.form.side_pad_mm - self.form.border_mm


# --- the table


def table_head(sheet: Sheet) -> TableRow:
    """The names of the columns, wrapped and a little smaller than the rows."""
    points = round(sheet.form.points * 0.9, 2)
    cells = [
        Cell(
            sheet.type.lines(sheet.labels[f"col_{key}"], width_mm=sheet.text_mm(key), points=points, bold=True),
            points=points,
        )
        for key, _ in sheet.form.columns
    ]
    return TableRow(tuple(cells), _height(sheet, cells), css="head")


def line_row(sheet: Sheet, line: PrintLine, *, position: int) -> TableRow:
    """One line of the invoice, as high as its longest cell."""
    cells = [_line_cell(sheet, line, position, key) for key, _ in sheet.form.columns]
    return TableRow(tuple(cells), _height(sheet, cells))


def _line_cell(sheet: Sheet, line: PrintLine, position: int, key: ColumnKey) -> Cell:
    points = sheet.form.points
    match key:
        case ColumnKey.ROW:
            return _number_cell(sheet, sheet.type.decimal(Decimal(position)), key, css="row")
        case ColumnKey.CODE:
            return Cell(sheet.type.code_lines(line.code, width_mm=sheet.text_mm(key), points=points), css="code")
        case ColumnKey.DESCRIPTION:
            return Cell(sheet.type.lines(line.description, width_mm=sheet.text_mm(key), points=points), css="text")
        case ColumnKey.UNIT:
            return Cell(sheet.type.lines(line.unit, width_mm=sheet.text_mm(key), points=points), css="unit")
        case ColumnKey.QUANTITY:
            return _number_cell(sheet, sheet.type.decimal(line.quantity), key)
        case ColumnKey.MADE | ColumnKey.WASTE:
            return Cell((), css="num")
        case ColumnKey.UNIT_PRICE:
            return _number_cell(sheet, sheet.price(line.unit_price), key)
        case _:
            return _number_cell(sheet, sheet.amount(getattr(line, f"{key}_rials")), key)


def _number_cell(sheet: Sheet, text: str, key: ColumnKey, *, css: str = "num", bold: bool = False) -> Cell:
    points = sheet.type.one_line_size(text, width_mm=sheet.text_mm(key), points=sheet.form.points, bold=bold)
    return Cell((escape(text),), css=css, points=None if points == sheet.form.points else round(points, 2))


def _height(sheet: Sheet, cells: Sequence[Cell]) -> float:
    return sheet.row_height(max(len(cell.lines) for cell in cells))


def sum_row(sheet: Sheet, label: str, sums: PrintSums, *, css: str = "sum") -> TableRow:
    """A label over the describing columns and a sum in each summed one."""
    described = [key for key, _ in sheet.form.columns if key not in SUMMED]
    cells = [_label_cell(sheet, label, described)]
    for key, _ in sheet.form.columns:
        if key in SUMMED:
            cells.append(_number_cell(sheet, sheet.amount(getattr(sums, f"{key}_rials")), key, bold=True))
    return TableRow(tuple(cells), _height(sheet, cells), css=css)


def amount_row(sheet: Sheet, label: str, rials: int, *, css: str) -> TableRow:
    """A label over all columns but the last, which holds one amount: a freight, the payable sum."""
    keys = [key for key, _ in sheet.form.columns]
    amount = _number_cell(sheet, sheet.amount(rials), keys[-1], bold=True)
    cells = [_label_cell(sheet, label, keys[:-1]), amount]
    return TableRow(tuple(cells), _height(sheet, cells), css=css)


def _label_cell(sheet: Sheet, label: str, keys: Sequence[ColumnKey]) -> Cell:
    wide = sum(sheet.form.width_mm_of[key] for key in keys) - 2 * sheet.form.side_pad_mm - sheet.form.border_mm
    lines = sheet.type.lines(label, width_mm=wide, points=sheet.form.points, bold=True)
    return Cell(lines, css="label", span=len(keys))


def split_row(sheet: Sheet, row: TableRow, *, room_mm: float) -> tuple[TableRow, TableRow]:
    """A row cut between lines: what fits the room, and the rest without its figures.

    The figures stand in the first piece and count on its page.
    """
    fits = int((room_mm - 2 * sheet.form.pad_mm) // sheet.form.leading_mm)
    first, rest = [], []
    for (key, _), cell in zip(sheet.form.columns, row.cells, strict=True):
        first.append(Cell(cell.lines[:fits], css=cell.css, points=cell.points))
        left = cell.lines[fits:]
        if key is ColumnKey.ROW:
            left = (escape(_ELLIPSIS),)
        rest.append(Cell(left, css=cell.css, points=cell.points))
    return (
        TableRow(tuple(first), _height(sheet, first), css=f"{row.css} cut"),
        TableRow(tuple(rest), _height(sheet, rest), css=row.css),
    )


# --- blocks of labels and values


FieldValue = tuple[str, Sequence[Markup] | str, float]
"""Name of the label, text to wrap or lines made already, share of the row."""


def field_row(sheet: Sheet, fields: Sequence[FieldValue], *, width_mm: float) -> FieldRow:
    """Labels and values sharing one row."""
    cells = tuple(_field_cell(sheet, name, value, width_mm * share) for name, value, share in fields)
    return FieldRow(cells, sheet.row_height(max(len(cell.lines) for cell in cells)))


def _field_cell(sheet: Sheet, name: str, value: Sequence[Markup] | str, width_mm: float) -> FieldCell:
    label = f"{sheet.labels[name]}:" if name else ""
    wide = text_width(label, points=sheet.form.points) * SAFETY + 2 * sheet.form.side_pad_mm
    label_mm = round(min(wide, width_mm * 0.7), 2)
    value_mm = round(width_mm - label_mm, 2)
    if not isinstance(value, str):
        return FieldCell(label, label_mm, value_mm, tuple(value))
    room = value_mm - sheet.form.side_pad_mm - sheet.form.border_mm
    points = sheet.form.points
    if name not in _CODES:
        return FieldCell(label, label_mm, value_mm, sheet.type.lines(value, width_mm=room, points=points, bold=True))
    fits = sheet.type.one_line_size(value, width_mm=room, points=points, bold=True)
    if fits >= points * _CODE_SHRINK:
        points = round(fits, 2)
    lines = sheet.type.code_lines(value, width_mm=room * 1.02, points=points, bold=True)
    return FieldCell(label, label_mm, value_mm, lines, "code", points)


def _clamped(row: FieldRow, sheet: Sheet) -> FieldRow:
    """A row of at most six lines; what is cut ends in an ellipsis (names and addresses out of measure)."""
    if max(len(cell.lines) for cell in row.cells) <= _PARTY_LINES:
        return row
    cells = tuple(
        FieldCell(
            cell.label,
            cell.label_mm,
            cell.value_mm,
            (*cell.lines[: _PARTY_LINES - 1], cell.lines[_PARTY_LINES - 1] + _ELLIPSIS)
            if len(cell.lines) > _PARTY_LINES
            else cell.lines,
            cell.css,
            cell.points,
        )
        for cell in row.cells
    )
    return FieldRow(cells, sheet.row_height(_PARTY_LINES))


def party(sheet: Sheet, block: PartyBlock, *, side: str) -> Party:
    """A party with the band that names it."""
    width_mm = sheet.form.inner_width_mm - sheet.form.side_mm
    rows = tuple(
        _clamped(field_row(sheet, _party_fields(block, fields), width_mm=width_mm), sheet)
        for fields in sheet.form.party_rows
    )
    band = sheet.type.lines(
        sheet.labels[side],
        width_mm=sheet.form.side_mm - 2 * sheet.form.side_pad_mm,
        points=sheet.form.points,
        bold=True,
    )
    height = sum(row.height_mm + sheet.form.border_mm for row in rows) + sheet.form.border_mm
    return Party(band, rows, height)


def _party_fields(block: PartyBlock, fields: Sequence[PartyField]) -> list[tuple[str, str, float]]:
    return [(name, getattr(block, name), share) for name, share in fields]


def terms_line(sheet: Sheet, terms: PaymentTerms, due: str) -> tuple[Markup, ...]:
    """The two boxes of the form, the right one ticked, and the day the money is due."""
    parts = [
        Markup('{}<span class="term">{}</span>').format(
            _MARK.format("×" if terms is choice else Markup("&nbsp;")), sheet.type.boxed(sheet.labels[choice])
        )
        for choice in (PaymentTerms.CASH, PaymentTerms.CREDIT)
    ]
    if due:
        label = sheet.type.boxed(f"{sheet.labels['due']}: ")
        parts.append(Markup('{}<span class="l" dir="ltr">{}</span>').format(label, due))
    return (Markup("").join(parts),)


def split_field(sheet: Sheet, row: FieldRow, *, room_mm: float) -> tuple[FieldRow, FieldRow]:
    """A row of one field cut between lines: what fits the room, and the rest without its label."""
    (cell,) = row.cells
    fits = int((room_mm - 2 * sheet.form.pad_mm) // sheet.form.leading_mm)
    first = FieldCell(cell.label, cell.label_mm, cell.value_mm, cell.lines[:fits], cell.css)
    rest = FieldCell("", cell.label_mm, cell.value_mm, cell.lines[fits:], cell.css)
    return (
        FieldRow((first,), sheet.row_height(len(first.lines))),
        FieldRow((rest,), sheet.row_height(len(rest.lines))),
    )
