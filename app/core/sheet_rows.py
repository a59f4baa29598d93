"""A list as a sheet in the browser: its columns with the reader's rights, and its rows as texts.

Cells are written as people would type them, so that what is copied out can be pasted back: plain
digits, Jalali days, the words of choices, the codes of related records. The name of a related
record comes beside its code.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy import inspect
from sqlalchemy.orm import MANYTOONE

from app.core.cells import Choice, Code, Day, Digits, Email, Identity, Kind, Moment, Number, Reference, Rials, YesNo
from app.core.formats import COUNT, label_of
from app.core.listing import loads_for
from app.core.sheets import Column, SheetSpec, sheet_for

EDITORS: tuple[tuple[type[Kind], str], ...] = (
    (Rials, "rials"),
    (Number, "number"),
    (Day, "date"),
    (Moment, "moment"),
    (YesNo, "choice"),
    (Choice, "choice"),
    (Reference, "reference"),
    (Code, "code"),
    (Digits, "code"),
    (Identity, "code"),
    (Email, "code"),
)


@dataclass(frozen=True, slots=True)
class SheetColumn:
    """A column of the sheet. `field` is its name in the form; whether it may be changed and filled."""

    column: Column
    field: str
    may_edit: bool
    may_add: bool
    sort: str = ""

    @property
    def name(self) -> str:
        return self.column.name

    @property
    def kind(self) -> Kind:
        return self.column.kind

    @property
    def is_reference(self) -> bool:
        return isinstance(self.kind, Reference)

    @property
    def editor(self) -> str:
        """How its cells are shown and edited in the browser."""
        if self.kind.name == "rials":
            return "rials"
        if isinstance(self.kind, Number) and self.kind.scale == 0 and not COUNT.search(self.name):
            return "code"  # a year or a number of something: neither grouped nor summed
        return next((editor for kind, editor in EDITORS if isinstance(self.kind, kind)), "text")


@dataclass(frozen=True, slots=True)
class Sheet:
    """The sheet of a view as the present actor may use it."""

    view: Any
    spec: SheetSpec
    columns: tuple[SheetColumn, ...]
    may_edit: bool
    may_add: bool
    may_delete: bool

    def column(self, name: str) -> SheetColumn | None:
        return next((column for column in self.columns if column.name == name), None)

    def loads(self) -> Sequence[Any]:
        """The loading of the relations whose codes are shown."""
        return loads_for(self.spec.model, [column.field for column in self.columns if column.is_reference])


def open_sheet(view: Any) -> Sheet | None:
    """The sheet of a view; None where its model has none. Rights are those of the screen and its form."""
    spec = sheet_for(view.model)
    if spec is None:
        return None
    edits = frozenset(view.edit_columns) if view.may("edit") else frozenset[str]()
    adds = frozenset(view.add_columns) if view.may("add") and spec.lines is None else frozenset[str]()
    shown = {*view.list_columns, *view.show_columns, *view.add_columns, *view.edit_columns, "id"}
    columns = [
        SheetColumn(
            column, field, may_edit=column.writable and field in edits, may_add=column.writable and field in adds,
            sort=field if field in view.spec.sorts else "",
        )
        for column in spec.columns
        if (field := field_of(spec.model, column)) in shown or _root(field) in shown
    ]  # fmt: skip
    return Sheet(
        view, spec, tuple(_as_in_list(view, columns)), bool(edits), bool(adds), view.may("delete") and not spec.lines
    )


def field_of(model: type[Any], column: Column) -> str:
    """The name that a form has for a column: of a key its relation."""
    path = column.path
    if isinstance(column.kind, Reference):
        for relation in inspect(model).relationships:
            keys = {inspect(model).get_property_by_column(key).key for key in relation.local_columns}
            if relation.direction is MANYTOONE and (relation.key == path or keys == {path}):
                return str(relation.key)
    return path


def _root(field: str) -> str:
    return field.partition(".")[0]


def _as_in_list(view: Any, columns: list[SheetColumn]) -> list[SheetColumn]:
    """The columns of the list first, in its order; the system's own number never leads."""
    order = {name: place for place, name in enumerate(view.list_columns)}
    last = len(order)
    return sorted(columns, key=lambda column: order.get(column.field, last + (column.field == "id")))


# Rows ------------------------------------------------------------------------------------------


def texts_of(kind: Kind, values: Iterable[Any]) -> list[str]:
    """Values as people would type them, and as their kind reads them back; "" for none."""
    if isinstance(kind, Rials):
        return ["" if value is None else str(value) for value in values]
    if isinstance(kind, Number):
        return ["" if value is None else _plain(value) for value in values]
    return [str(text or "") for text in kind.write(values)]


def _plain(value: Any) -> str:
    return f"{Decimal(repr(value) if isinstance(value, float) else value).normalize():f}"


def rows_of(sheet: Sheet, records: Sequence[Any]) -> list[dict[str, Any]]:
    """Records as rows: `cells` in the order of the columns, `names` of related records, `version`.

    Cells of `locked` columns point to what the actor may not see; a `frozen` row cannot be changed.
    """
    columns = [texts_of(c.kind, [c.column.read(record) for record in records]) for c in sheet.columns]
    return [
        {
            "id": record.id,
            "version": version_of(record, cells),
            "cells": cells,
            "names": dict(_names(sheet, record)),
            "locked": [column.name for column in sheet.columns if is_hidden(column, record)],
            "frozen": not sheet.view.is_editable(record),
        }
        for record, cells in zip(records, map(list, zip(*columns, strict=True)), strict=True)
    ]


def _names(sheet: Sheet, record: Any) -> Iterator[tuple[str, str]]:
    for column in sheet.columns:
        if column.is_reference and (target := getattr(record, column.field)) is not None:
            yield column.name, str(target)


def is_hidden(column: SheetColumn, record: Any) -> bool:
    """Whether a cell points to a record that the actor may not see; then it stays as it is."""
    if not column.is_reference or getattr(record, column.field) is not None:
        return False
    return getattr(record, column.column.path, None) is not None


def version_of(record: Any, cells: Sequence[str]) -> str:
    """What tells whether a row has changed since: its version, or a digest of what it shows."""
    version = getattr(record, "version", None)
    if version is not None:
        return str(version)
    return sha256("\x1f".join(cells).encode()).hexdigest()[:16]


def column_json(sheet: Sheet, column: SheetColumn) -> dict[str, Any]:
    """A column as the browser needs it."""
    found: dict[str, Any] = {
        "name": column.name,
        "label": str(column.column.label),
        "editor": column.editor,
        "edit": column.may_edit,
        "add": column.may_add,
        "sort": column.sort,
        "width": column.column.width,
        "required": column.column.required,
        "help": str(column.column.help),
    }
    if isinstance(column.kind, YesNo):
        found["choices"] = [_("Yes"), _("No")]
    elif isinstance(column.kind, Choice):
        found["choices"] = [label_of(member) for member in column.kind.members]
    elif column.is_reference:
        found["look"] = url_for(f"{sheet.view.endpoint}.choices", field=column.field)
    return found
