"""Whether every audited record still is what its history says: changes by raw SQL are named.

The history holds the newest value of each field that was ever recorded. A record that came in bulk
has a fingerprint of its first values instead; the old values of later changes lead back to them.
A value at its column's default counts as no value, so that a column which is added later with a
default raises no alarm.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import groupby
from json.encoder import encode_basestring
from typing import Any

from flask_appbuilder import Model
from sqlalchemy import BigInteger, Column, Connection, Select, case, cast, func, inspect, or_, select
from sqlalchemy.types import TypeDecorator, TypeEngine

from app.core.db import CleanText, SortKey
from app.core.ledger import HistoryRow, as_stored, plain, to_text

FINGERPRINT = ""
"""The name under which a bulk row's fingerprint stands among its changes; no field is called so."""
_STREAM = 5_000
_ALWAYS_SKIPPED = frozenset({"created_at", "created_by_id", "updated_at", "updated_by_id", "version", "search_text"})
_UNREADABLE = "\ufffd"
_SAY_NOTHING = frozenset({"sealed", "exported"})


@dataclass(slots=True)
class Known:
    """What the history knows of one record."""

    newest: dict[str, Any] = field(default_factory=dict)
    oldest: dict[str, Any] = field(default_factory=dict)
    fingerprint: str | None = None
    is_complete: bool = False
    is_gone: bool = False

    def learn(self, action: str, changes: Mapping[str, Any]) -> None:
        """Take in the next entry."""
        self.is_gone = action == "deleted"
        if action == "created":
            self.newest, self.oldest = {name: pair[1] for name, pair in changes.items() if name}, {}
            self.fingerprint = changes.get(FINGERPRINT)
            self.is_complete = self.fingerprint is None and bool(changes)
            return
        for name, (old, new) in changes.items():
            self.oldest.setdefault(name, old)
            self.newest[name] = new


def audited_models() -> list[type[Any]]:
    """The models with a history, by table."""
    mappers = (mapper for mapper in Model.registry.mappers if mapper.inherits is None or not mapper.single)
    found = {m.class_ for m in mappers if hasattr(m.class_, "__audit_parent__")}
    return sorted(found, key=lambda model: str(inspect(model).local_table.name))


def kept_fields(model: type[Any]) -> tuple[str, ...]:
    """The columns of an audited model whose changes stand in the history; worked out once a model."""
    known: tuple[str, ...] | None = model.__dict__.get("_kartabl_audit_fields")
    if known is None:
        skipped = _ALWAYS_SKIPPED | set(model.__audit_skip__)
        known = tuple(
            prop.key
            for prop in inspect(model).column_attrs
            if prop.key not in skipped
            and not prop.columns[0].primary_key
            and not isinstance(prop.columns[0].type, SortKey)
            and not prop.columns[0].info.get("derived")
        )
        model._kartabl_audit_fields = known
    return known


def _compared(model: type[Any]) -> dict[str, Column[Any]]:
    """The columns of a model by attribute, without those whose values must not be kept."""
    columns = inspect(model).columns
    return {name: columns[name] for name in sorted(kept_fields(model)) if name not in model.__audit_secret__}


def fingerprints(model: type[Any], columns: Mapping[str, list[Any]]) -> list[str]:
    """One fingerprint for each row of `columns` (attribute → values), column by column for speed.

    Texts must be as they are stored (`core.text.clean_all`).
    """
    compared = {name: column for name, column in _compared(model).items() if name in columns}
    parts = [found for name, column in compared.items() if (found := _parts(name, column, columns[name])) is not None]
    return [_digest(row) for row in zip(*parts, strict=True)] if parts else [_digest(())] * len(columns["id"])


def _parts(name: str, column: Column[Any], values: list[Any]) -> list[str] | None:
    """What a column says of each row, as `_changed` says it of one; None when of none."""
    neutral, kind = _neutral(column), column.type
    if isinstance(kind, CleanText):
        kind = kind.impl_instance
    first = values[0] if values else None
    if first.__hash__ is not None and values.count(first) == len(values):
        one = _part(name, kind, neutral, first)
        return [one] * len(values) if one else None
    classes = set(map(type, values)) - {type(None)}
    # As to_text writes it, without what a hundred thousand calls of json.dumps cost.
    if classes == {str} and not isinstance(kind, TypeDecorator):
        head, write = f"{name}=", encode_basestring
        return [f"{head}{write(value)}\n" if value is not None and value != neutral else "" for value in values]
    try:
        known = {value: _part(name, kind, neutral, value) for value in dict.fromkeys(values)}
    except TypeError:  # JSON: a list has no hash
        return [_part(name, kind, neutral, value) for value in values]
    return [known[value] for value in values]


def _part(name: str, kind: TypeEngine[Any], neutral: Any, value: Any) -> str:
    told = plain(as_stored(kind, value))
    return "" if told is None or told == neutral else f"{name}={to_text(told)}\n"


def _digest(parts: Sequence[str]) -> str:
    return blake2b("".join(parts).encode(), digest_size=16).hexdigest()


def _neutral(column: Column[Any]) -> Any:
    """The value that stands for none: the column's default."""
    default: Any = column.default
    return plain(default.arg) if default is not None and default.is_scalar else None


def differences(connection: Connection, model: type[Any]) -> Iterator[tuple[int, str, str | None]]:
    """(record id, "changed" | "gone" | "unknown", field) of each record that is not what its history says.

    Reads the history and the table once, side by side in order of id; `field` is None where the
    fingerprint alone tells.
    """
    columns = _compared(model)
    neutral = {name: _neutral(column) for name, column in columns.items()}
    lives = _lives(connection, model, columns)
    live = next(lives, None)
    for record_id, known in _histories(connection, model):
        while live is not None and live[0] < record_id:
            yield live[0], "unknown", None
            live = next(lives, None)
        if live is None or live[0] > record_id:
            if not known.is_gone:
                yield record_id, "gone", None
            continue
        if known.is_gone:
            yield record_id, "unknown", None
        else:
            yield from ((record_id, "changed", name) for name in _changed(known, live[1], neutral))
        live = next(lives, None)
    while live is not None:
        yield live[0], "unknown", None
        live = next(lives, None)


def _changed(known: Known, live: dict[str, Any], neutral: dict[str, Any]) -> Iterator[str | None]:
    found = False
    for name, value in live.items():
        if name not in known.newest and not known.is_complete:
            continue
        if _told(value, neutral[name]) != _told(known.newest.get(name), neutral[name]):
            found = True
            yield name
    if known.fingerprint is None or found:
        return
    first = {name: known.oldest.get(name, value) for name, value in live.items()}
    parts = [f"{n}={to_text(v)}\n" for n, v in first.items() if _told(v, neutral[n]) is not None]
    if _digest(parts) != known.fingerprint:
        yield None


def _told(value: Any, neutral: Any) -> Any:
    return None if value is None or value == neutral else value


def _lives(
    connection: Connection, model: type[Any], columns: dict[str, Column[Any]]
) -> Iterator[tuple[int, dict[str, Any]]]:
    """The records as they are, in order of id; a value that our types cannot read stands as `_UNREADABLE`."""
    table = inspect(model).local_table
    query = select(table.c.id, *columns.values()).order_by(table.c.id)
    last, is_done = -1, False
    while not is_done:
        try:
            for record_id, live in _stream(connection, query.where(table.c.id > last), columns):
                last = record_id
                yield record_id, live
            is_done = True
        except (LookupError, ValueError, TypeError):  # raw SQL wrote what none of our roads could have
            ids = select(table.c.id).where(table.c.id > last).order_by(table.c.id).limit(_STREAM)
            for last in connection.scalars(ids).all():
                yield last, {name: _read(connection, column, last) for name, column in columns.items()}


def _stream(
    connection: Connection, query: Select[Any], columns: Mapping[str, Column[Any]]
) -> Iterator[tuple[int, dict[str, Any]]]:
    rows = connection.execution_options(yield_per=_STREAM).execute(query)
    try:
        for record_id, *values in rows:
            yield record_id, {name: plain(value) for name, value in zip(columns, values, strict=True)}
    finally:
        rows.close()


def _read(connection: Connection, column: Column[Any], record_id: int) -> Any:
    try:
        return plain(connection.scalar(select(column).where(column.table.c.id == record_id)))
    except (LookupError, ValueError, TypeError):
        return _UNREADABLE


def _histories(connection: Connection, model: type[Any]) -> Iterator[tuple[int, Known]]:
    """What is known of each record, in order of id."""
    rows = connection.execution_options(yield_per=_STREAM).execute(_entries(model))
    for record_id, entries in groupby(rows, key=lambda row: row.key):
        known, said = Known(), False
        for entry in entries:
            if entry.action not in _SAY_NOTHING:
                known.learn(entry.action, json.loads(entry.changes))
                said = True
        if said and record_id:
            yield record_id, known


def _entries(model: type[Any]) -> Select[Any, Any, Any]:
    """The history of a model's records, wherever it is filed, by record and time."""
    own, row = inspect(model).local_table.name, HistoryRow
    mine, key = (row.model == own) & row.part.is_(None), row.record_id.expression
    if model.__audit_parent__ is not None or model.__audit_anywhere__:
        number = cast(func.substr(row.part, len(own) + 2), BigInteger)
        hangs = row.part.startswith(f"{own}:", autoescape=True)
        if not model.__audit_anywhere__:
            above = next(iter(inspect(model).columns[model.__audit_parent__].foreign_keys)).column.table.name
            hangs = (row.model == above) & hangs
        mine = or_(mine, hangs)
        key = case((row.part.is_(None), row.record_id), else_=number)
    return select(key.label("key"), row.action, row.changes).where(mine).order_by("key", row.batch_id, row.position)
