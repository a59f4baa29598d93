"""What a list becomes as tables of a file: their columns, and where the value of each is kept.

With a `SheetSpec` the columns are those of import, so that a file goes out and comes in again;
without one they are the columns of the list.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import Enum
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import inspect

from app.core import calendar, cells, sheets
from app.core.actor import require_current
from app.core.cells import Kind, Reference
from app.core.filters import kind_of
from app.core.formats import label_of
from app.core.list_spec import Column, ListSpec
from reports.tabular.options import DateForm, Options, Span

AMOUNT_WIDTH, CODE_WIDTH, TEXT_WIDTH = 18, 16, 24
WIDTHS = {
    "rials": AMOUNT_WIDTH,
    "date": 12,
    "datetime": 17,
    "number": 12,
    "bool": 8,
    "phone": CODE_WIDTH,
    "code": CODE_WIDTH,
    "choice": 14,
    "email": TEXT_WIDTH,
    "text": TEXT_WIDTH,
}

Batch = list[Sequence[Any]]


@dataclass(frozen=True, slots=True)
class AnyValue(Kind):
    """A value of a list's column that no sheet describes: written by what it is."""

    name = "any"
    is_text = False

    def write(self, values: Iterable[Any]) -> list[Any]:
        return [_plain(value) for value in values]


def _plain(value: Any) -> Any:
    match value:
        case Enum():
            return label_of(value)
        case None | str():
            return value
        case bool():
            return cells.YES_NO.write([value])[0]
        case int():
            return cells.SIGNED_RIALS.write([value])[0]
        case datetime():
            return cells.DATETIME.write([value])[0]
        case date():
            return cells.DATE.write([value])[0]
        case list() | tuple() | set() | frozenset():
            return ", ".join(str(_plain(one)) for one in value)
    return value if hasattr(value, "as_tuple") else str(value)


@dataclass(frozen=True, slots=True)
class RealTime(Kind):
    """A date or an instant as a spreadsheet's own, on Tehran's clock."""

    name = "date"
    is_text = False

    def write(self, values: Iterable[Any]) -> list[Any]:
        return [calendar.to_tehran(v).replace(tzinfo=None) if isinstance(v, datetime) else v for v in values]


@dataclass(frozen=True, slots=True)
class Field:
    """One column of the file. `path` leads from the record (or, `in_line`, from its line) to the value."""

    name: str
    label: Any
    kind: Kind
    path: str
    width: float = 0
    is_amount: bool = False
    in_line: bool = False
    column: sheets.Column | None = None

    @property
    def stored_path(self) -> list[str]:
        """The steps to the stored value; a reference is shown by a column of the record that it names."""
        if isinstance(self.kind, Reference):
            return [*self.path.removesuffix("_id").split("."), self.kind.shown]
        return self.path.split(".")

    def read(self, record: Any) -> Any:
        """The value of a loaded record; None where a step on the way is missing."""
        if self.column is not None:
            return self.column.read(record)
        for step in self.path.split("."):
            if record is None:
                return None
            record = getattr(record, step)
        return record

    def picked(self, values: Sequence[Any]) -> Sequence[Any]:
        """The column's own values of the stored ones, where several columns are kept in one place."""
        pick = self.column.pick if self.column is not None else None
        return values if pick is None else [pick(value) if value else None for value in values]

    def write(self, values: Sequence[Any]) -> Sequence[Any]:
        """The cells of a column of values."""
        return self.kind.write(values)


@dataclass(frozen=True, slots=True)
class TablePlan:
    """A list as a table: what it is called, its columns, and the lines that its records have.

    With `only_lines` a record without lines gives no row: the table is that of the lines.
    """

    name: str
    label: Any
    spec: ListSpec
    fields: tuple[Field, ...]
    lines: sheets.Lines | None = None
    only_lines: bool = False


def tables_of(spec: ListSpec, label: Any, options: Options) -> list[TablePlan]:
    """The tables of a list's file, the main one first."""
    sheet = sheets.sheet_for(spec.model)
    if sheet is None or options.columns is Span.SEEN:
        main = TablePlan(sheet.name if sheet else spec.model.__tablename__, label, spec, _seen(spec, sheet, options))
    else:
        main = TablePlan(sheet.name, sheet.label, spec, tuple(map(_field_of_sheet, sheet.columns)))
    tables = [main]
    if sheet is not None and sheet.lines is not None and options.columns is Span.ALL:
        below = tuple(_field_of_sheet(column, in_line=True) for column in sheet.lines.columns)
        if options.related:
            tables.append(_lines_table(spec, sheet, below))
        else:
            tables = [replace(main, fields=(*main.fields, *below), lines=sheet.lines)]
    if sheet is not None and options.related:
        tables += [_related_table(spec, one) for one in related_tables(sheet)]
    if options.dates is DateForm.REAL:
        tables = [replace(table, fields=tuple(_with_real_dates(table.fields))) for table in tables]
    return tables


def related_tables(sheet: sheets.SheetSpec) -> list[sheets.SheetSpec]:
    """The related sheets that the actor may take out."""
    actor = require_current()
    return [one for one in sheets.related_sheets(sheet) if actor.can("export", one.subject)]


def _lines_table(spec: ListSpec, sheet: sheets.SheetSpec, below: tuple[Field, ...]) -> TablePlan:
    """The lines of documents as a table of their own, each with the columns that name its document."""
    keys = tuple(_field_of_sheet(column) for column in sheet.columns if column.name in sheet.key_columns())
    label = _l("Lines of %(what)s", what=sheet.label)
    return TablePlan(f"{sheet.name}_lines", label, spec, (*keys, *below), sheet.lines, only_lines=True)


def _related_table(spec: ListSpec, child: sheets.SheetSpec) -> TablePlan:
    """The rows that hang on the records of a list."""
    relation = inspect(child.model).relationships[child.parent].back_populates
    lines = sheets.Lines(child.model, child.columns, relation or "")
    fields = [_field_of_sheet(column, in_line=True) for column in child.columns if column.name != child.parent]
    parent = child.column(child.parent)
    shown = parent.kind.shown if isinstance(parent.kind, Reference) else "id"
    owner = Field(parent.name, parent.label, cells.CODE, shown, CODE_WIDTH)
    return TablePlan(child.name, child.label, spec, (owner, *fields), lines, only_lines=True)


# --- columns


def _field_of_sheet(column: sheets.Column, *, in_line: bool = False) -> Field:
    kind = column.kind
    width = column.width or WIDTHS.get(kind.name, CODE_WIDTH)
    return Field(column.name, column.label, kind, column.path, width, kind.name == "rials", in_line, column)


def _seen(spec: ListSpec, sheet: sheets.SheetSpec | None, options: Options) -> tuple[Field, ...]:
    """The columns that a person sees, in their order; unknown names are left out."""
    known = {column.name: column for column in spec.columns}
    further = {column.name: column for column in sheet.columns} if sheet else {}
    found = []
    for name in options.names or known:
        if name in known:
            found.append(_seen_field(spec.model, known[name], further.get(name)))
        elif name in further:
            found.append(_field_of_sheet(further[name]))
    return tuple(found)


def _seen_field(model: type[Any], shown: Column, column: sheets.Column | None) -> Field:
    """A column of a list, written as import reads it; under the list's own words where import knows them."""
    if column is None:
        return _field_of_list(model, shown.name, shown.label)
    label = shown.label if sheets.header_key(str(shown.label)) in column.words() else column.label
    return replace(_field_of_sheet(_by_name(column)), label=label)


def _by_name(column: sheets.Column) -> sheets.Column:
    """A reference as a list shows it, by its name, where import finds it by that too."""
    kind = column.kind
    if isinstance(kind, Reference) and "name_sort" in kind.by:
        return replace(column, kind=replace(kind, shown="name"))
    return column


def _field_of_list(model: type[Any], name: str, label: Any) -> Field:
    column = inspect(model).columns.get(name)
    amount = name.endswith("_rials")
    width = AMOUNT_WIDTH if amount else CODE_WIDTH
    if column is None:
        return Field(name, label, AnyValue(), name, width, amount)
    kinds: dict[str, Kind] = {"text": cells.TEXT, "date": cells.DATE, "instant": cells.DATETIME}
    kind = kinds.get(kind_of(column.type, name).value)
    if kind is None:
        return Field(name, label, AnyValue(), name, width, amount)
    return Field(name, label, kind, name, WIDTHS[kind.name])


def _with_real_dates(fields: Iterable[Field]) -> Iterator[Field]:
    """Each date twice: as the spreadsheet's own, which import reads, and beside it as Jalali text."""
    for one in fields:
        if one.kind.name not in ("date", "datetime"):
            yield one
            continue
        yield replace(one, kind=RealTime())
        yield replace(one, name=f"{one.name}_jalali", label=_l("%(label)s (Jalali)", label=one.label))
