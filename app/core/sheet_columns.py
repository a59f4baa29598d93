"""Columns of a sheet worked out from a model, so that Excel costs a module a few lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Boolean, Date, Integer, String, inspect
from sqlalchemy import Enum as EnumType
from sqlalchemy.orm import MANYTOONE

from app.core import cells
from app.core.cells import Choice, Kind, Reference
from app.core.db import CleanText, ScaledDecimal, UtcDateTime
from app.core.labels import label_of
from app.core.sheets import Column


def columns_of(model: type[Any], *names: str, words: Mapping[str, Sequence[str]] | None = None) -> tuple[Column, ...]:
    """A column for each attribute or many-to-one relation, by its type; `words` are further headers.

    What the table does not let be empty and gives no default is required. Raises TypeError for an
    attribute that no kind of cell suits.
    """
    return tuple(_column(model, name, tuple((words or {}).get(name, ()))) for name in names)


def _column(model: type[Any], name: str, aliases: tuple[str, ...]) -> Column:
    mapper = inspect(model)
    relation = mapper.relationships.get(name)
    if relation is None:
        stored = mapper.columns[name]
        return Column(name, label_of(model, name), kind_of(stored, name), aliases, required=_is_needed(stored))
    if relation.direction is not MANYTOONE:
        raise TypeError(f"{model.__name__}.{name}: only many-to-one relations are columns")
    stored = next(iter(relation.local_columns))
    key = mapper.get_property_by_column(stored).key
    by = [one for one in ("code", "name_sort", "username") if one in relation.mapper.columns]
    required = _is_needed(stored) and key != "department_id"  # which the row scope fills
    kind = Reference(relation.mapper.class_, tuple(by), shown=by[0])
    return Column(name, label_of(model, name), kind, aliases, required=required, attr=key)


def _is_needed(stored: Any) -> bool:
    return not stored.nullable and stored.default is None and stored.server_default is None


def kind_of(stored: Any, name: str) -> Kind:
    """The kind of cell that a column of a table has. Raises TypeError where none suits."""
    if isinstance(stored.type, EnumType) and stored.type.enum_class is not None:
        members: Any = stored.type.enum_class
        return Choice(members)
    if isinstance(stored.type, ScaledDecimal):
        return cells.Number(stored.type.scale, least=0)
    if name.endswith("_rials"):
        return cells.RIALS
    kinds: tuple[tuple[type[Any], Kind], ...] = (
        (Boolean, cells.YES_NO),
        (UtcDateTime, cells.DATETIME),
        (Date, cells.DATE),
        (CleanText, cells.TEXT),
        (Integer, cells.WHOLE),
        (String, cells.CODE),
    )
    found = next((kind for type_, kind in kinds if isinstance(stored.type, type_)), None)
    if found is None:
        raise TypeError(f"{name}: no kind of cell for {stored.type!r}")
    return found
