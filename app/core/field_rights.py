"""Which fields of a record the actor may read and change: the one function that every surface asks.

Lists, pages, forms, sheets, import and export, the interface, history and search go by it. A field
is named as in its model, a key by its relation (`owner`, not `owner_id`). What is worked out of
fields (a property, a stored sort key) is as closed as the most closed of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from types import CodeType, FunctionType
from typing import Any

from sqlalchemy import inspect
from sqlalchemy.exc import NoInspectionAvailable
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import MANYTOONE, Mapper

from app.core.actor import Actor, FieldLevel, current

DERIVED = ("_sort", "_key")
_ORDER = (FieldLevel.FULL, FieldLevel.READ, FieldLevel.HIDDEN)


def level(model: type[Any], path: str, actor: Actor | None = None) -> FieldLevel:
    """What the actor (the present one) may do with an attribute or dotted path of a model."""
    who = actor if actor is not None else current()
    if who is None or who.is_unrestricted or not who.field_limits:
        return FieldLevel.FULL
    kind: Any = model
    found = [who.field_level(table, name) for table, name in _fields_of_path(kind, path)]
    return max(found, key=_ORDER.index, default=FieldLevel.FULL)


def may_read(model: type[Any], path: str) -> bool:
    """Whether the present actor may read an attribute or dotted path."""
    return level(model, path) is not FieldLevel.HIDDEN


def may_write(model: type[Any], path: str) -> bool:
    """Whether the present actor may change an attribute."""
    return level(model, path) is FieldLevel.FULL


def readable(model: type[Any], names: Iterable[str]) -> list[str]:
    """Those of `names` that the present actor may read, in their order."""
    return [name for name in names if may_read(model, name)]


def has_limits(model: type[Any]) -> bool:
    """Whether anything of a model is closed to the present actor."""
    who = current()
    if who is None or who.is_unrestricted or not who.field_limits:
        return False
    table = inspect(model).local_table.name
    return any(limited == table for limited, _name, _level in who.field_limits)


# Names -----------------------------------------------------------------------------------------


@lru_cache(maxsize=4096)
def field_name(model: type[Any], name: str) -> str:
    """The name under which rights know an attribute: of a key its relation, of a sort key its text."""
    mapper = inspect(model)
    if name not in mapper.column_attrs:
        return name
    column = mapper.column_attrs[name].columns[0]
    if column.foreign_keys:
        for relation in mapper.relationships:
            if relation.direction is MANYTOONE and set(relation.local_columns) == {column}:
                return str(relation.key)
    for suffix in DERIVED:
        stem = name.removesuffix(suffix)
        if stem != name and stem in mapper.column_attrs:
            return stem
    return name


@lru_cache(maxsize=4096)
def fields_of(model: type[Any], name: str) -> frozenset[str]:
    """The fields that an attribute, property or method of a model is made of; itself among them."""
    mapper = inspect(model)
    found: set[str] = set()
    _collect(mapper, name, found)
    return frozenset(found)


def _collect(mapper: Mapper[Any], name: str, found: set[str]) -> None:
    model: Any = mapper.class_
    known = field_name(model, name)
    if known in found:
        return
    found.add(known)
    for used in _names_in(model.__mro__, known):
        if used in mapper.attrs or hasattr(model, used):
            _collect(mapper, used, found)


def _names_in(classes: Iterable[type[Any]], name: str) -> Iterator[str]:
    """The attributes that the code of a property or method names."""
    for one in classes:
        if name not in one.__dict__:
            continue
        made = one.__dict__[name]
        if isinstance(made, (property, hybrid_property)):
            made = made.fget
        if isinstance(made, FunctionType):
            yield from _names_of(made.__code__)
        return


def _names_of(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for inner in code.co_consts:  # generator expressions and the like
        if isinstance(inner, CodeType):
            yield from _names_of(inner)


@lru_cache(maxsize=4096)
def _fields_of_path(model: type[Any], path: str) -> tuple[tuple[str, str], ...]:
    """(table, field) of every step of a path."""
    found: list[tuple[str, str]] = []
    entity: Any = model
    for step in path.split("."):
        if entity is None:
            break
        mapper = inspect(entity)
        found += [(mapper.local_table.name, name) for name in sorted(fields_of(entity, step))]
        relation = mapper.relationships.get(field_name(entity, step))
        entity = relation.mapper.class_ if relation is not None else None
    return tuple(found)


# Records ---------------------------------------------------------------------------------------


class Seen:
    """A record as the present actor may read it: what is hidden from them is None."""

    __slots__ = ("_record",)

    def __init__(self, record: Any) -> None:
        self._record = record

    def __getattr__(self, name: str) -> Any:
        record = object.__getattribute__(self, "_record")
        return getattr(record, name) if may_read(type(record), name) else None

    def __str__(self) -> str:
        return str(type(self._record).__str__(self))  # type: ignore[call-arg]


def seen(record: Any) -> Any:
    """The record without what the present actor may not read; itself where nothing is hidden."""
    try:
        model = inspect(type(record)).class_
    except NoInspectionAvailable:
        return record
    return Seen(record) if has_limits(model) else record
