"""Edits and deletes of documents, and of the rows that are part of them, asked where the session writes.

Whichever road an edit takes (form, sheet, interface, import, bulk action), it is flushed: there the
document is asked with its figures before and after, so that no edit lifts it over one's own limit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import event, inspect, select
from sqlalchemy.orm import ORMExecuteState, Session
from sqlalchemy.orm.util import identity_key

from app.core import levels
from app.core.actor import Actor
from app.core.kinds import kinds_of, whole_of
from app.core.records_check import kept_fields
from app.core.scope import Scoped, parent_of, unscoped

UNTOLD = frozenset({"state"})
"""Changes by steps alone."""
AT_A_TIME = 500


def install(session: Any) -> None:
    """Put the guard on the session."""
    if not event.contains(session, "before_flush", _check_flush):
        event.listen(session, "before_flush", _check_flush)
        event.listen(session, "do_orm_execute", _refuse_bulk)


def _check_flush(session: Session, _context: Any, _instances: Any) -> None:
    check_pending(session)


def check_pending(session: Session) -> None:
    """Ask for every document that the session is about to write. Raises LevelRefused.

    What follows from a step is not asked; neither are parts of a document that is new or deleted
    with them, since it is asked itself.
    """
    actor = levels.limited_actor()
    if actor is None or levels.is_in_step() or not levels.documents():
        return
    with session.no_autoflush:
        for record in _touched(session):
            _check(actor, record, is_new=record in session.new)


def _touched(session: Session) -> list[Any]:
    """The documents that change, are new or go, themselves or by a part of them; each once."""
    found: dict[int, Any] = {}
    for record in [*session.new, *session.dirty, *session.deleted]:
        if levels.document_of(type(record)) is not None:
            if record not in session.dirty or _is_changed(record):
                found[id(record)] = record
        elif _is_part(type(record)) and (record not in session.dirty or session.is_modified(record)):
            for document in _wholes(session, record):
                found[id(document)] = document
    return list(found.values())


def _is_changed(record: Any) -> bool:
    """Whether something that people see of a document changes, besides its state."""
    state = inspect(record)
    return any(state.attrs[name].history.has_changes() for name in kept_fields(type(record)) if name not in UNTOLD)


def _check(actor: Actor, record: Any, *, is_new: bool) -> None:
    document = levels.document_of(type(record))
    assert document is not None  # only documents are touched
    attributes = inspect(record).attrs
    action = levels.action_now()
    values = [] if is_new else [_committed]
    for read in (*values, _present):
        state = read(attributes, "state") or document.initial
        figures = levels.figures_by(document.measures, lambda name, read=read: read(attributes, name))  # type: ignore[misc]
        refusal = levels.refusal_by(actor, document, state, action, figures, record)
        if refusal is not None:
            raise refusal


def _committed(attributes: Any, name: str) -> Any:
    history = attributes[name].load_history()
    return next(iter((*history.deleted, *history.unchanged)), None)


def _present(attributes: Any, name: str) -> Any:
    return attributes[name].value


# Parts -----------------------------------------------------------------------------------------


def _is_part(model: type[Any]) -> bool:
    return model in _parts(tuple(one.model for one in levels.documents()))


@lru_cache(maxsize=4)
def _parts(models: Sequence[type[Any]]) -> frozenset[type[Any]]:
    """The models whose rows belong to a document and live and go with it, at any depth."""
    found: set[type[Any]] = set()
    waiting = list(models)
    while waiting:
        for relation in inspect(waiting.pop()).relationships:
            below = relation.mapper.class_
            hangs = relation.cascade.delete_orphan and issubclass(below, Scoped) and below.__scope_parent__
            if hangs and below not in found:
                found.add(below)
                waiting.append(below)
    return frozenset(found)


def _wholes(session: Session, part: Any) -> Iterator[Any]:
    """The documents that a part hangs on now and hung on before."""
    _column, parent = parent_of(type(part))
    for above in _parents(session, part, parent):
        if levels.document_of(type(above)) is not None:
            yield above
        elif above not in session.new:
            yield from _wholes(session, above)


def _parents(session: Session, part: Any, parent: type[Any]) -> Iterator[Any]:
    state = inspect(part)
    name = type(part).__scope_parent__
    key = state.mapper.columns[name]
    for relation in state.mapper.relationships:
        if key in relation.local_columns and state.dict.get(relation.key) is not None:
            yield state.dict[relation.key]
    history = state.attrs[name].load_history()
    for value in {*history.added, *history.deleted, *history.unchanged} - {None}:
        held = session.identity_map.get(identity_key(parent, value))
        if held is None:
            with unscoped("an edit level asks of the document itself, seen or not"):
                held = session.get(parent, value)
        if held is not None:
            yield held


# Statements and bulk roads ---------------------------------------------------------------------


def _refuse_bulk(state: ORMExecuteState) -> None:
    """A statement that changes documents or parts of them at once names no figures, so nobody limited sends one."""
    mapper = state.bind_mapper
    if not (state.is_update or state.is_delete) or mapper is None or levels.is_in_step():
        return
    if levels.limited_actor() is None:
        return
    kinds = [one.model for one in levels.documents()]
    is_document = any(issubclass(model, mapper.class_) for model in kinds)
    if is_document or _is_part(mapper.class_):
        raise levels.LevelRefused(model=mapper.class_)


def check_columns(model: type[Any], columns: Mapping[str, Sequence[Any]]) -> None:
    """Ask for rows that are about to be inserted as columns. Raises LevelRefused."""
    actor = levels.limited_actor()
    if actor is None or not _kinds_of(model):
        return
    count = len(next(iter(columns.values()), ()))
    for place in range(count):
        refusal = _refusal(actor, model, {name: values[place] for name, values in columns.items()})
        if refusal is not None:
            raise refusal


def check_updates(session: Any, model: type[Any], ids: Sequence[int], columns: Mapping[str, Sequence[Any]]) -> None:
    """Ask for stored rows that are about to get new values, before and after. Raises LevelRefused."""
    actor = levels.limited_actor()
    if actor is None:
        return
    places = {key: place for place, key in enumerate(ids)}
    for key, row in _stored(session, model, ids):
        after = row | {name: values[places[key]] for name, values in columns.items()}
        for figures in (row, after):
            if (refusal := _refusal(actor, model, figures)) is not None:
                raise refusal


def refusals(session: Any, model: type[Any], ids: Sequence[int]) -> dict[int, levels.LevelRefused]:
    """Why the present actor may not edit stored rows, by id; empty for what is no document."""
    actor = levels.limited_actor()
    if actor is None:
        return {}
    found = ((key, _refusal(actor, model, row)) for key, row in _stored(session, model, ids))
    return {key: refusal for key, refusal in found if refusal is not None}


def _stored(session: Any, model: type[Any], ids: Sequence[int]) -> Iterator[tuple[int, dict[str, Any]]]:
    """The figures of stored documents by column."""
    if not _kinds_of(model):
        return
    names = ["id", "state", *_kind_column(model), *_measured(model)]
    for start in range(0, len(ids), AT_A_TIME):
        query = select(*(getattr(model, name) for name in names)).where(model.id.in_(ids[start : start + AT_A_TIME]))
        for row in session.execute(query):
            yield row[0], dict(zip(names, row, strict=True))


def _refusal(actor: Actor, model: type[Any], row: Mapping[str, Any]) -> levels.LevelRefused | None:
    document = _kinds_of(model).get(row.get(next(iter(_kind_column(model)), "")))
    if document is None:
        return None
    figures = levels.figures_by(document.measures, row.get)
    state = document.states(row.get("state") or document.initial)
    return levels.refusal_by(actor, document, state, levels.action_now(), figures)


def _kinds_of(model: type[Any]) -> dict[Any, levels.Document]:
    """The documents that a model's rows may be, by what the kind's column holds; by None without one."""
    kinds = kinds_of(whole_of(model)) or {None: model}
    return {kind: found for kind, one in kinds.items() if (found := levels.document_of(one)) is not None}


def _kind_column(model: type[Any]) -> Iterable[str]:
    mapper = inspect(model)
    if mapper.polymorphic_on is None:
        return ()
    return (mapper.get_property_by_column(mapper.polymorphic_on).key,)


def _measured(model: type[Any]) -> list[str]:
    return sorted({name for one in _kinds_of(model).values() for name in one.measures.columns})
