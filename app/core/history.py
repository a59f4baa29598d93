"""Reading the history of a record: entries with readable differences, newest first."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Boolean, inspect, select
from sqlalchemy.orm import Mapper

from app.core.db import db
from app.core.field_rights import may_read
from app.core.ledger import HistoryBatch, HistoryRow
from app.core.records_check import FINGERPRINT

Resolver = Callable[[type[Any], str], Any]
_resolvers: list[Resolver] = []
ROADS = {
    "form": _l("on a form"),
    "sheet": _l("in the sheet"),
    "import": _l("by an import"),
    "api": _l("by a program"),
    "rule": _l("by a rule"),
    "system": _l("by the system"),
    "command": _l("on the command line"),
}


@dataclass(frozen=True, slots=True)
class Diff:
    """One field of one change.

    `field` is the column; `old` and `new` are values as Python has them, or the name of the row
    that a key points to.
    """

    field: str
    label: Any
    old: Any
    new: Any


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One change of one record: when, who, by which road, and what."""

    at: datetime
    actor_id: int | None
    actor_name: str
    remote_address: str | None
    via: str
    ref: str | None
    action: str
    note: str | None
    part: str | None
    diffs: tuple[Diff, ...]

    @property
    def road(self) -> Any:
        """By which way the change came, in words."""
        return ROADS.get(self.via, self.via)


def resolve_labels(resolver: Resolver) -> None:
    """Let `resolver(model, field)` give the words of fields (from views, sheets); None if it has none."""
    if resolver not in _resolvers:
        _resolvers.append(resolver)


def label_of(model: type[Any], name: str) -> Any:
    """The words of a field: the model's own, a resolver's, else its name made readable."""
    own = getattr(model, "__labels__", {}).get(name)
    if own is not None:
        return own
    for resolver in _resolvers:
        found = resolver(model, name)
        if found is not None:
            return found
    stem = name.removesuffix("_id").removesuffix("_rials")
    return stem.replace("_", " ").capitalize()


def history_of(
    record: Any, record_id: int | None = None, *, limit: int = 100, before: int | None = None
) -> list[HistoryEntry]:
    """The history of a record (or of a model and an id), newest first.

    The caller has loaded the record under the row scope; the history itself is not scoped. Fields
    that the actor may not read are left out.
    `before` is a batch id for paging back.
    """
    model = record if isinstance(record, type) else type(record)
    key = record_id if record_id is not None else record.id
    query = (
        select(HistoryRow, HistoryBatch)
        .join(HistoryBatch, HistoryBatch.id == HistoryRow.batch_id)
        .where(HistoryRow.model == inspect(model).local_table.name, HistoryRow.record_id == key)
        .order_by(HistoryRow.batch_id.desc(), HistoryRow.position)
        .limit(limit)
    )
    if before is not None:
        query = query.where(HistoryRow.batch_id < before)
    entries = (_entry(row, batch, model) for row, batch in db.session.execute(query))
    return [entry for entry in entries if entry is not None]


def _entry(row: HistoryRow, batch: HistoryBatch, model: type[Any]) -> HistoryEntry | None:
    """A change without its hidden fields; None where it was of nothing else."""
    about = _model_of(row.part.split(":")[0], model) if row.part else model
    changes: dict[str, list[Any]] = json.loads(row.changes)
    told = {name: pair for name, pair in changes.items() if name != FINGERPRINT}
    shown = {name: pair for name, pair in told.items() if about is None or may_read(about, name)}
    if told and not shown:
        return None
    return HistoryEntry(
        at=batch.at,
        actor_id=batch.actor_id,
        actor_name=batch.actor_name,
        remote_address=batch.remote_address,
        via=batch.via,
        ref=batch.ref,
        action=row.action,
        note=row.note,
        part=row.part,
        diffs=tuple(_diff(about, name, *pair) for name, pair in shown.items() if name not in _silent(about)),
    )


def _silent(model: type[Any] | None) -> tuple[str, ...]:
    """Fields that are kept for the check of the history alone."""
    found: tuple[str, ...] = getattr(model, "__audit_silent__", ())
    return found


def _diff(model: type[Any] | None, name: str, old: Any, new: Any) -> Diff:
    if model is None:
        return Diff(name, name, old, new)
    mapper = inspect(model)
    return Diff(name, label_of(model, name), _readable(mapper, name, old), _readable(mapper, name, new))


def _readable(mapper: Mapper[Any], name: str, value: Any) -> Any:
    """The stored JSON value as what it stood for; a key as the name of its row where that is found."""
    prop = mapper.attrs.get(name)
    if value is None or prop is None:
        return value
    if name in mapper.relationships:
        target = mapper.relationships[name].mapper.class_
        return [_name_of(target, key) for key in value]
    column = mapper.columns[name]
    if column.foreign_keys:
        target_model = _model_of(next(iter(column.foreign_keys)).column.table.name, mapper.class_)
        return value if target_model is None else _name_of(target_model, value)
    return _typed(column, value)


def _typed(column: Any, value: Any) -> Any:
    enum_class = getattr(column.type, "enum_class", None)
    if enum_class is not None and issubclass(enum_class, Enum):
        return enum_class(value) if value in {m.value for m in enum_class} else value
    if isinstance(column.type, Boolean):
        return bool(value)
    try:
        python_type = column.type.python_type
    except NotImplementedError:
        return value
    if isinstance(value, str) and hasattr(python_type, "fromisoformat"):
        return python_type.fromisoformat(value)
    return value


def _name_of(model: type[Any], key: Any) -> str:
    found = db.session.get(model, key)
    return f"#{key}" if found is None else str(found)


def _model_of(table: str, sibling: type[Any]) -> type[Any] | None:
    """The model of a table, among those that are declared together with `sibling`."""
    for mapper in inspect(sibling).registry.mappers:
        if mapper.local_table.name == table and mapper.inherits is None:
            found: type[Any] = mapper.class_
            return found
    return None
