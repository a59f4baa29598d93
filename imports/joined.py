"""Workbooks of several sheets: documents whose heads stand on one sheet and their lines on another.

They are put together by what names a document on both, as further columns of the sheet of lines,
so that whatever comes after sees one table.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.core.sheets import HELP_MARK, SheetSpec, header_key, in_every_language
from imports.layout import Layout, find_layout
from imports.mapping import ColumnMapping, map_headers
from imports.reader.read import Sheet, Workbook, read_workbook

LONGEST_TITLE = 31
Key = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class _Table:
    sheet: Sheet
    layout: Layout
    mapping: ColumnMapping

    def has(self, names: Sequence[str]) -> bool:
        return all(name in self.mapping.sources for name in names)


def read_tables(
    path: Path, spec: SheetSpec, *, name: str | None = None, only: str | None = None, head: int | None = None
) -> Workbook:
    """A workbook as a sheet's import sees it: without a form's drop-down lists, documents put together.

    `only` limits it to one sheet, `head` to the first rows. Raises WorkbookRefused.
    """
    is_alone = only is not None and spec.lines is None
    workbook = read_workbook(path, name=name, sheets=[only or ""] if is_alone else None, head=head)
    if len(workbook.sheets) > 1:
        workbook.sheets = [sheet for sheet in workbook.sheets if not _is_lists(sheet)] or workbook.sheets
        if spec.lines is not None:
            workbook.sheets = join_documents(workbook.sheets, spec)
    return workbook


def has_title(sheet: Sheet, spec: SheetSpec) -> bool:
    """Whether a sheet is called what its rows are, in any language."""
    return header_key(sheet.name) in {header_key(label[:LONGEST_TITLE]) for label in in_every_language(spec.label)}


def _is_lists(sheet: Sheet) -> bool:
    """Whether these are the drop-down lists of an empty form that was filled in."""
    return bool(sheet.rows) and any(str(cell).startswith(HELP_MARK) for cell in sheet.row(0))


def join_documents(sheets: Sequence[Sheet], spec: SheetSpec) -> list[Sheet]:
    """The sheets, those of heads and lines as one under the name of the lines."""
    assert spec.lines is not None
    words = {word for column in spec.all_columns for word in column.words()}
    tables = []
    for sheet in sheets:
        layout = find_layout(sheet, words)
        tables.append(_Table(sheet, layout, map_headers(layout, spec)))
    needed = [column.name for column in spec.lines.columns if column.required]
    for lines in tables:
        missing = [c.name for c in spec.columns if c.required and c.name not in lines.mapping.sources]
        if not lines.has(needed) or not missing:
            continue
        for heads in tables:
            keys = [name for name in _keys(spec) if lines.has([name]) and heads.has([name])]
            if heads is not lines and keys and heads.has(missing) and not heads.has(needed[:1]):
                _put_together(spec, lines, heads, keys)
                return [sheet for sheet in sheets if sheet is not heads.sheet]
    return list(sheets)


def _keys(spec: SheetSpec) -> list[str]:
    return [column.name for column in spec.columns if column.name in spec.key_columns()]


def _put_together(spec: SheetSpec, lines: _Table, heads: _Table, keys: Sequence[str]) -> None:
    """Give every line the cells of its head; a head without lines becomes a row that import refuses."""
    places: dict[Key, int] = {}
    for row, key in zip(heads.layout.data.tolist(), _values(spec, heads, keys), strict=True):
        places.setdefault(key, row)
    of_line: dict[int, int] = {}
    last: Key = ()
    for row, key in zip(lines.layout.data.tolist(), _values(spec, lines, keys), strict=True):
        last = key if any(part is not None for part in key) else last
        if last in places:
            of_line[row] = places[last]
    sheet = lines.sheet
    for row in sorted(set(places.values()) - set(of_line.values())):
        for name in keys:
            _put(sheet, sheet.rows, lines.mapping.sources[name], _cell(heads.sheet, row, heads.mapping.sources[name]))
        of_line[sheet.rows] = row
        sheet.rows += 1
    named = {header.column: header.text for header in heads.layout.headers}
    for name, source in heads.mapping.sources.items():
        if name not in lines.mapping.sources:
            _add_column(lines, heads.sheet, source, named.get(source, name), of_line)


def _values(spec: SheetSpec, table: _Table, keys: Sequence[str]) -> list[Key]:
    rows = table.layout.data.tolist()
    columns = []
    for name in keys:
        cells = [_cell(table.sheet, row, table.mapping.sources[name]) for row in rows]
        columns.append(spec.column(name).kind.parse(cells).values)
    return list(zip(*columns, strict=True))


def _add_column(lines: _Table, source: Sheet, column: int, header: str, of_line: dict[int, int]) -> None:
    sheet, place = lines.sheet, len(lines.sheet.columns)
    sheet.columns.append([])
    sheet.width = len(sheet.columns)
    assert lines.layout.header_rows is not None
    _put(sheet, lines.layout.header_rows[1], place, header)
    for row, origin in of_line.items():
        _put(sheet, row, place, _cell(source, origin, column))
        sheet.origins[(row, place)] = (source.name, origin, column)
        if (origin, column) in source.errors:
            sheet.errors[(row, place)] = source.errors[(origin, column)]
            sheet.error_count += 1
        if (origin, column) in source.valueless:
            sheet.valueless.add((row, place))
            sheet.valueless_count += 1


def _cell(sheet: Sheet, row: int, column: int) -> Any:
    cells = sheet.columns[column]
    return cells[row] if row < len(cells) else None


def _put(sheet: Sheet, row: int, column: int, value: Any) -> None:
    cells = sheet.columns[column]
    if len(cells) <= row:
        cells.extend([None] * (row + 1 - len(cells)))
    cells[row] = value
