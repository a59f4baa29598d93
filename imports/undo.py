"""A batch taken back: its new records deleted, its changed ones as they were, while nothing was built on them.

What a batch did is read off the history, which names every record it touched and every old value;
drafts that it wrote over are kept whole beside the batch (models.ImportedBefore), since their lines
have no history of their own. Taking back is a change like any other and stands in the history too.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, inspect, select

from app.core import audit
from app.core.db import db
from app.core.errors import DomainError
from app.core.ledger import HistoryBatch, HistoryRow, from_plain, to_text
from app.core.scope import unscoped
from app.core.sheets import all_sheets
from imports.lookup import chunks
from imports.models import ImportBatch, ImportedBefore, Stage
from imports.records import change_records
from imports.redrafts import BOOKS, restore_drafts
from imports.undo_checks import Hindrance, hindrances, undoing_of


class CannotUndo(DomainError):
    """Something stands on what the batch brought in."""

    code = "cannot_undo"
    status = HTTPStatus.CONFLICT
    default_message = _l("This import cannot be undone, because something has been built on it.")

    def __init__(self, found: Sequence[Hindrance]) -> None:
        super().__init__(hindrances=[one.as_json() for one in found])
        self.found = found


class NotApplied(DomainError):
    """The batch wrote nothing, or was undone already."""

    code = "not_applied"
    status = HTTPStatus.CONFLICT
    default_message = _l("Only an import that was carried out, and not undone already, can be undone.")


@dataclass(slots=True)
class Trace:
    """What a batch did to the rows of one table: ids of new ones, old values of changed ones."""

    model: type[Any]
    created: list[int] = field(default_factory=list)
    changed: dict[int, dict[str, Any]] = field(default_factory=dict)


def reference_of(batch: ImportBatch) -> str:
    """The word under which a batch stands in the history."""
    return f"import:{batch.id}"


def traces(batch: ImportBatch) -> list[Trace]:
    """What a batch did, the table it touched last first."""
    statement = (
        select(HistoryRow.model, HistoryRow.record_id, HistoryRow.part, HistoryRow.action, HistoryRow.changes)
        .join(HistoryBatch, HistoryBatch.id == HistoryRow.batch_id)
        .where(HistoryBatch.ref == reference_of(batch))
        .order_by(HistoryRow.batch_id, HistoryRow.position)
    )
    found: dict[str, Trace] = {}
    made: dict[str, set[int]] = {}
    follows = {m.__tablename__ for spec in all_sheets() if spec.undoing for m in spec.undoing.follows}
    for table, record_id, part, action, changes in db.session.execute(statement.execution_options(yield_per=5_000)):
        name, _colon, key = part.partition(":") if part else (table, "", record_id)
        if name in follows:
            continue
        trace = found.setdefault(name, Trace(_model_of(name)))
        if action == "created":
            trace.created.append(int(key))
            made.setdefault(name, set()).add(int(key))
        elif action == "updated" and int(key) not in made.get(name, ()):
            old = {attribute: pair[0] for attribute, pair in json.loads(changes).items()}
            trace.changed[int(key)] = {**old, **trace.changed.get(int(key), {})}
    return list(reversed(found.values()))


def what_prevents(batch: ImportBatch) -> list[Hindrance]:
    """Why a batch cannot be undone, the first hundred reasons; empty where it can be."""
    return hindrances(reference_of(batch), traces(batch))


def undo_batch(batch: ImportBatch) -> dict[str, int]:
    """Take a batch back in the running transaction; answers how many were deleted and restored.

    Raises CannotUndo, NotApplied.
    """
    if batch.stage is not Stage.DONE:
        raise NotApplied(batch=batch.id)
    found = traces(batch)
    in_the_way = hindrances(reference_of(batch), found)
    if in_the_way:
        raise CannotUndo(in_the_way)
    counts = {"deleted": 0, "restored": 0}
    before = _drafts_before(batch)
    with audit.via(audit.Via.IMPORT, ref=f"undo:{batch.id}"), unscoped("undo_checks asked whether all are in reach"):
        for trace in found:
            book = BOOKS.get(trace.model.__tablename__)
            drafts = before if book else {}
            counts["restored"] += _restore(trace, drafts) + (restore_drafts(book, drafts) if book else 0)
        for trace in found:
            counts["deleted"] += _take_back(trace)
    batch.stage = Stage.UNDONE
    batch.counts = {**batch.counts, **counts}
    db.session.flush()
    return counts


def _restore(trace: Trace, drafts: dict[int, Any]) -> int:
    columns = inspect(trace.model).columns
    wanted = {
        record_id: {name: from_plain(columns[name].type, value) for name, value in old.items()}
        for record_id, old in trace.changed.items()
        if record_id not in drafts
    }
    for part in chunks(wanted):
        change_records(trace.model, {record_id: wanted[record_id] for record_id in part})
    return len(wanted)


def _drafts_before(batch: ImportBatch) -> dict[int, dict[str, Any]]:
    statement = select(ImportedBefore).where(ImportedBefore.batch_id == batch.id)
    return {row.record_id: row.entry for row in db.session.scalars(statement)}


def _take_back(trace: Trace) -> int:
    undoing = undoing_of(trace.model)
    if undoing is None or not trace.created:
        return _delete(trace)
    undoing.take_back(trace.created)
    return len(trace.created)


def _delete(trace: Trace) -> int:
    table = inspect(trace.model).local_table
    for part in chunks(trace.created):
        audit.record_bulk(
            db.session, trace.model, _contents(trace.model, part), action="deleted", parents=_parents(trace.model, part)
        )
        db.session.connection().execute(delete(table).where(table.c.id.in_(part)))
    return len(trace.created)


def _contents(model: type[Any], ids: Sequence[int]) -> Iterator[tuple[int, str]]:
    """Everything that the records held, for the history."""
    names = audit.kept_fields(model)
    statement = select(model.id, *(getattr(model, name) for name in names)).where(model.id.in_(ids))
    for record_id, *values in db.session.execute(statement.order_by(model.id)):
        known = zip(names, values, strict=True)
        yield record_id, to_text({name: [value, None] for name, value in known if value is not None})


def _parents(model: type[Any], ids: Iterable[int]) -> dict[int, int]:
    key = model.__audit_parent__
    if key is None:
        return {}
    rows = db.session.execute(select(model.id, getattr(model, key)).where(model.id.in_(ids)))
    return {record_id: above for record_id, above in rows}  # noqa: C416 - rows are not pairs to a type checker


def _model_of(table: str) -> type[Any]:
    for mapper in db.Model.registry.mappers:
        if mapper.local_table.name == table and mapper.inherits is None:
            model: type[Any] = mapper.class_
            return model
    raise KeyError(table)
