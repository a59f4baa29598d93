"""The history of every audited record: who changed what, when and how.

A model that is `Audited` needs nothing more: at each flush the changed fields go into the history,
in the same transaction. Roads that bypass the flush say what they did by `record_bulk`. The flush
also fills the stamps (created and updated, when and by whom).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from flask import has_request_context, request
from sqlalchemy import event, inspect
from sqlalchemy.orm import InstanceState, Mapper, ORMExecuteState, Session, scoped_session

from app.core import clock
from app.core.actor import current
from app.core.chain import head_text, seal_pending
from app.core.chain_check import Finding, Verdict, verify_chain
from app.core.db import Stamped
from app.core.events import signal
from app.core.history import Diff, HistoryEntry, history_of, resolve_labels
from app.core.ledger import Entry, Head, as_stored, plain, to_text, write_batch
from app.core.records_check import FINGERPRINT, fingerprints, kept_fields
from app.core.seals import Sealable, canonical, content_digest

__all__ = [
    "Audited", "Diff", "Finding", "HistoryEntry", "Sealable", "UnrecordedChange", "Verdict", "Via", "canonical",
    "head_text", "history_of", "kept_fields", "mark", "record_bulk", "record_inserted", "recorded_by_caller",
    "records_changed", "resolve_labels", "road", "seal", "seal_bulk", "seal_pending", "stamp_values", "verify_chain",
    "via",
]  # fmt: skip

records_changed = signal(
    "records_changed",
    "Sent when changes of audited records have been written, by the flush or in bulk, inside the same transaction: "
    "sender=model class, action='created'|'updated'|'deleted'|…, entries=their Entry rows with changes as JSON.",
)
_MASK = "•••"
_PENDING = "kartabl_audit_pending"
_MARKS = "kartabl_audit_marks"


class Via(StrEnum):
    """The road by which a change came."""

    FORM = "form"
    SHEET = "sheet"
    IMPORT = "import"
    API = "api"
    RULE = "rule"
    SYSTEM = "system"
    COMMAND = "command"


class UnrecordedChange(RuntimeError):
    """A statement would change audited rows behind the history's back: a mistake in the program."""


class Audited:
    """A model whose every change is kept.

    `__audit_skip__` are fields that change without meaning, `__audit_secret__` those whose values
    must not be kept. `__audit_parent__` names the foreign key of the record that a child row's
    history is filed with; a row that hangs on records of many tables says so by
    `__audit_anywhere__` and `filed_under`. `__audit_silent__` are fields that are kept for the check
    and tell a reader nothing. `__labels__` gives the words of fields.
    """

    __audit_skip__: ClassVar[tuple[str, ...]] = ()
    __audit_secret__: ClassVar[tuple[str, ...]] = ("password",)
    __audit_parent__: ClassVar[str | None] = None
    __audit_anywhere__: ClassVar[bool] = False
    __audit_silent__: ClassVar[tuple[str, ...]] = ()
    __labels__: ClassVar[dict[str, Any]] = {}

    def filed_under(self) -> tuple[str, int] | None:
        """Table and id of the record that this row's history is filed with; None for its own."""
        state = inspect(self)
        key = self.__audit_parent__
        if key is None or state.dict.get(key) is None:
            return None
        target = next(iter(state.mapper.columns[key].foreign_keys)).column.table
        return target.name, int(state.dict[key])


_via: ContextVar[tuple[Via | None, str | None]] = ContextVar("kartabl_via", default=(None, None))
_recorded: ContextVar[str | None] = ContextVar("kartabl_recorded_by_caller", default=None)


@contextmanager
def via(by: Via, *, ref: str | None = None) -> Iterator[None]:
    """Say how changes in this block come about; `ref` ties them together, e.g. `import:12`."""
    token = _via.set((by, ref))
    try:
        yield
    finally:
        _via.reset(token)


@contextmanager
def recorded_by_caller(reason: str) -> Iterator[None]:
    """Allow statements that change audited rows at once; the caller writes their history itself."""
    token = _recorded.set(reason)
    try:
        yield
    finally:
        _recorded.reset(token)


def mark(record: Any, *, action: str, note: str | None = None) -> None:
    """Name the next recorded change of a record by what was done, e.g. `issue`, with its reason."""
    state = inspect(record)
    if state.session is not None:
        state.session.info.setdefault(_MARKS, {})[state] = (action, note)


def stamp_values(at: datetime | None = None) -> dict[str, Any]:
    """Created and updated, when and by whom, for roads that bypass the flush."""
    moment, actor = at or clock.now(), current()
    user_id = actor.user_id if actor else None
    return {"created_at": moment, "created_by_id": user_id, "updated_at": moment, "updated_by_id": user_id}


def record_bulk(
    session: Session | scoped_session[Any],
    model: type[Any],
    rows: Iterable[tuple[int, dict[str, Any] | str]],
    *,
    action: str = "created",
    parents: Mapping[int, int] | None = None,
) -> int | None:
    """Write the history of rows that were changed by one statement, as one batch; returns its id.

    `rows` are (record id, changes); changes are {field: [old, new]} or a JSON text of the same;
    for new rows see `record_inserted`. `parents` says for child rows
    under which record of `__audit_parent__` each is filed. Costs about a microsecond and a half a
    row beside the insert.
    """
    table = str(inspect(model).local_table.name)
    if parents:
        entries = _filed_above(model, rows, action, parents)
    else:
        entries = [Entry(table, record_id, action, _as_text(changes)) for record_id, changes in rows]
    batch_id = write_batch(session.connection(), _head(), entries)
    if entries:
        records_changed.send(model, action=action, entries=entries)
    return batch_id


def record_inserted(
    session: Session | scoped_session[Any], model: type[Any], columns: Mapping[str, list[Any]]
) -> int | None:
    """Write the history of rows that were inserted as columns (attribute → values, `id` among them).

    Texts must be as they were stored. Each entry holds a fingerprint of the row, not its values: the
    row itself says them, and the check still finds what was changed since. Returns the batch's id.
    """
    ids, prints = columns["id"], fingerprints(model, columns)
    rows = [(key, f'{{"{FINGERPRINT}":"{mark}"}}') for key, mark in zip(ids, prints, strict=True)]
    above = model.__audit_parent__
    return record_bulk(
        session, model, rows, parents=None if above is None else dict(zip(ids, columns[above], strict=True))
    )


def _filed_above(
    model: type[Any], rows: Iterable[tuple[int, dict[str, Any] | str]], action: str, parents: Mapping[int, int]
) -> list[Entry]:
    mapper = inspect(model)
    own = str(mapper.local_table.name)
    above = str(next(iter(mapper.columns[model.__audit_parent__].foreign_keys)).column.table.name)
    return [Entry(above, parents[key], action, _as_text(changes), part=f"{own}:{key}") for key, changes in rows]


def _as_text(changes: dict[str, Any] | str) -> str:
    return changes if isinstance(changes, str) else to_text(changes) if changes else "{}"


def seal(session: Session | scoped_session[Any], record: Any) -> None:
    """Keep the digest of an issued document's content, so that any later change is named."""
    seal_bulk(session, type(record), [(record.id, record.canonical_content())])


def seal_bulk(session: Session | scoped_session[Any], model: type[Any], contents: Iterable[tuple[int, bytes]]) -> None:
    """`seal` for many documents in one batch: (id, canonical content) each."""
    table = str(inspect(model).local_table.name)
    entries = [Entry(table, key, "sealed", content=content_digest(table, key, content)) for key, content in contents]
    write_batch(session.connection(), _head(), entries)


def road() -> Via:
    """The road by which changes come now: as `via` says, else by what is asked of the server."""
    stated, _ref = _via.get()
    if stated is not None:
        return stated
    if not has_request_context():
        return Via.SYSTEM
    return Via.API if request.path.startswith("/api/") else Via.FORM


def _head() -> Head:
    actor = current()
    _stated, ref = _via.get()
    in_request = has_request_context()
    return Head(
        at=clock.now(),
        actor_id=actor.user_id if actor else None,
        actor_name=(actor.name if actor else "system")[:200],
        via=road().value,
        remote_address=request.remote_addr if in_request else None,
        ref=ref,
    )


# --- what a flush changes -------------------------------------------------------------------


def _links(mapper: Mapper[Any]) -> tuple[str, ...]:
    """Relationships through a table of pairs (roles of a user)."""
    known: tuple[str, ...] | None = mapper.class_.__dict__.get("_kartabl_audit_links")
    if known is None:
        skipped = mapper.class_.__audit_skip__
        known = tuple(r.key for r in mapper.relationships if r.secondary is not None and r.key not in skipped)
        mapper.class_._kartabl_audit_links = known
    return known


def _created(record: Any, state: InstanceState[Any]) -> dict[str, list[Any]]:
    values = {name: state.dict.get(name) for name in kept_fields(state.mapper.class_)}
    changes = {name: [None, _shown(record, name, value)] for name, value in values.items() if value is not None}
    for name in _links(state.mapper):
        if added := [_id_of(other) for other in state.dict.get(name) or ()]:
            changes[name] = [[], added]
    return changes


def _changed(record: Any, state: InstanceState[Any]) -> dict[str, list[Any]]:
    changes: dict[str, list[Any]] = {}
    for name in kept_fields(state.mapper.class_):
        if name not in state.committed_state:
            continue
        history = state.attrs[name].history
        if not history.has_changes():
            continue
        old = _shown(record, name, history.deleted[0] if history.deleted else None)
        new = _shown(record, name, history.added[0] if history.added else None)
        if old != new or old == _MASK:
            changes[name] = [old, new]
    for name in _links(state.mapper):
        if name not in state.committed_state:
            continue
        history = state.attrs[name].history
        if history.added or history.deleted:
            kept = [_id_of(other) for other in history.unchanged]
            changes[name] = [kept + [_id_of(o) for o in history.deleted], kept + [_id_of(o) for o in history.added]]
    return changes


def _gone(record: Any, state: InstanceState[Any]) -> dict[str, list[Any]]:
    values = {name: state.dict.get(name) for name in kept_fields(state.mapper.class_)}
    return {name: [_shown(record, name, value), None] for name, value in values.items() if value is not None}


def _shown(record: Any, name: str, value: Any) -> Any:
    if name in record.__audit_secret__:
        return None if value is None else _MASK
    return plain(as_stored(inspect(record).mapper.columns[name].type, value))


def _id_of(record: Any) -> Any:
    identity = inspect(record).identity_key or inspect(record).mapper.identity_key_from_instance(record)
    return identity[1][0]


_READERS = {"created": _created, "updated": _changed, "deleted": _gone}


def _entry(
    record: Any, action: str, marks: dict[Any, tuple[str, str | None]], changes: dict[str, Any] | None
) -> Entry | None:
    state = inspect(record)
    found = _READERS[action](record, state) if changes is None else changes
    named, note = marks.pop(state, (None, None))
    if not found and named is None and action == "updated":
        return None
    table = state.mapper.local_table.name
    record_id, part = int(state.mapper.primary_key_from_instance(record)[0]), None
    if (above := record.filed_under()) is not None:
        part = f"{table}:{record_id}"
        table, record_id = above
    return Entry(table, record_id, named or action, to_text(found), part=part, note=note)


def _collect(action: str) -> Any:
    def listener(_mapper: Any, _connection: Any, target: Any) -> None:
        state = inspect(target)
        if state.session is not None:
            changes = _gone(target, state) if action == "deleted" else None
            state.session.info.setdefault(_PENDING, []).append((target, action, changes))

    return listener


event.listen(Audited, "after_insert", _collect("created"), propagate=True)
event.listen(Audited, "after_update", _collect("updated"), propagate=True)
event.listen(Audited, "before_delete", _collect("deleted"), propagate=True)


@event.listens_for(Audited, "mapper_configured", propagate=True)
def _keep_old_values(mapper: Mapper[Any], cls: type[Any]) -> None:
    """Load the old value when an expired attribute is set, or the history could not name it."""
    for name in kept_fields(cls):
        getattr(cls, name).impl.active_history = True


@event.listens_for(Session, "before_flush")
def _stamp(session: Session, _context: Any, _instances: Any) -> None:
    stamped = [r for r in session.new if isinstance(r, Stamped)]
    changed = [r for r in session.dirty if isinstance(r, Stamped) and session.is_modified(r)]
    if stamped or changed:
        values = stamp_values()
        for record in stamped:
            for name, value in values.items():
                if getattr(record, name) is None:
                    setattr(record, name, value)
        for record in changed:
            record.updated_at, record.updated_by_id = values["updated_at"], values["updated_by_id"]
    with session.no_autoflush:
        for record in session.deleted:
            if isinstance(record, Audited) and inspect(record).expired_attributes:
                session.refresh(record)


@event.listens_for(Session, "after_flush")
def _record(session: Session, _context: Any) -> None:
    pending = session.info.pop(_PENDING, None)
    marks = session.info.get(_MARKS, {})
    if not pending:
        return
    entries: list[Entry] = []
    sorts: dict[tuple[type[Any], str], list[Entry]] = {}
    for record, action, changes in pending:
        entry = _entry(record, action, marks, changes)
        if entry is not None:
            entries.append(entry)
            sorts.setdefault((type(record), action), []).append(entry)
    write_batch(session.connection(), _head(), entries)
    for (model, action), part in sorts.items():
        records_changed.send(model, action=action, entries=part)


@event.listens_for(Session, "after_soft_rollback")
def _forget(session: Session, _transaction: Any) -> None:
    session.info.pop(_PENDING, None)
    session.info.pop(_MARKS, None)


@event.listens_for(Session, "do_orm_execute")
def _refuse_unrecorded(state: ORMExecuteState) -> None:
    if not (state.is_update or state.is_delete or state.is_insert) or _recorded.get() is not None:
        return
    mapper = state.bind_mapper
    if mapper is not None and issubclass(mapper.class_, Audited):
        raise UnrecordedChange(
            f"{mapper.class_.__name__} is audited: change its rows through the session, or write their history"
            " with record_bulk inside recorded_by_caller"
        )
