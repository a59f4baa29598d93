"""The fields that a role may close: which there are, what they are called, and how far they can be closed.

What a record is called by stays readable, and what a new record cannot be made without stays
free; whoever may not touch those has no right to see or to add.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import current_app
from sqlalchemy import inspect

from app.core.actor import FieldLevel
from app.core.fab import ModelApi, ModelView
from app.core.field_rights import field_name, fields_of
from app.core.forms import BOOKKEEPING, FILLED_BY_SERVER
from app.core.links import fab
from app.core.sheets import all_sheets
from app.org.access.matrix import module_of

NEVER = BOOKKEEPING | {"state"}
ALL_LEVELS = (FieldLevel.FULL, FieldLevel.READ, FieldLevel.HIDDEN)


@dataclass(frozen=True, slots=True)
class Closable:
    """A field with its words and what it may be set to."""

    name: str
    label: Any
    levels: tuple[FieldLevel, ...]


@dataclass(frozen=True, slots=True)
class Record:
    """A kind of record of a module with the fields that can be closed."""

    subject: str
    model: type[Any]
    label: Any
    fields: tuple[Closable, ...]

    @property
    def table(self) -> str:
        return str(inspect(self.model).local_table.name)

    def field(self, name: str) -> Closable | None:
        """The field of that name; None where it cannot be closed."""
        return next((one for one in self.fields if one.name == name), None)


def records() -> list[Record]:
    """Every kind of record with fields to close, in the order of the menu; worked out once."""
    found: list[Record] | None = current_app.extensions["kartabl"].get("closable")
    if found is None:
        found = current_app.extensions["kartabl"]["closable"] = list(_records())
    return found


def record_of(table: str) -> Record | None:
    """The kind of record that a table holds."""
    return next((record for record in records() if record.table == table), None)


def _records() -> Iterator[Record]:
    seen: set[type[Any]] = set()
    for view in fab().baseviews:
        subject = getattr(view, "class_permission_name", "")
        if not isinstance(view, ModelView) or view.model in seen or module_of(str(subject)) is None:
            continue
        seen.add(view.model)
        fields = tuple(_fields(view))
        if fields:
            yield Record(str(subject), view.model, view.list_title, fields)


def _fields(view: ModelView) -> Iterator[Closable]:
    model: Any = view.model
    mapper = inspect(model)
    named = getattr(model, "__limitable__", None)
    always = _names_of_record(view)
    for name in dict.fromkeys(field_name(model, one.partition(".")[0]) for one in _shown(view)):
        is_attribute = name in mapper.column_attrs or name in mapper.relationships
        if not is_attribute or name in NEVER or (named is not None and name not in named) or _is_needed(view, name):
            continue
        if name in mapper.relationships and mapper.relationships[name].uselist and name not in view.add_columns:
            continue
        levels = ALL_LEVELS[:2] if name in always else ALL_LEVELS
        yield Closable(name, view.label_columns.get(name, name), levels)


def _shown(view: ModelView) -> Iterator[str]:
    yield from (*view.add_columns, *view.edit_columns, *view.show_columns, *view.list_columns, *view.filter_columns)
    for other in fab().baseviews:
        if isinstance(other, ModelApi) and other.model is view.model:
            yield from (*other.show_columns, *other.list_columns)
    for sheet in all_sheets():
        if sheet.model is view.model:
            yield from (column.path for column in sheet.columns)


def _names_of_record(view: ModelView) -> set[str]:
    """What a record is called by on lists and links, and what finds it in a file."""
    model: Any = view.model
    found = set(fields_of(model, "__str__")) | set(fields_of(model, view.list_columns[0].partition(".")[0]))
    for sheet in all_sheets():
        if sheet.model is model:
            found |= {_first(model, sheet.column(name).path) for name in sheet.keys[0]}
    return found


def _first(model: Any, path: str) -> str:
    return field_name(model, path.partition(".")[0])


def _is_needed(view: ModelView, name: str) -> bool:
    """Whether a new record cannot be made without somebody giving the field."""
    model: Any = view.model
    mapper = inspect(model)
    keys = [name] if name in mapper.column_attrs else []
    if name in mapper.relationships and not mapper.relationships[name].uselist:
        keys = [str(mapper.get_property_by_column(c).key) for c in mapper.relationships[name].local_columns]
    if name in view.optional_columns or any(key in FILLED_BY_SERVER for key in keys):
        return False
    columns = [mapper.column_attrs[key].columns[0] for key in keys]
    return any(not c.nullable and c.default is None and c.server_default is None for c in columns)
