"""A change of a signed document voids its signatures in the same transaction, and says what was changed.

Every flush is watched: of the documents it touches, those with standing signatures are compared with
what was signed. What no flush sees (raw SQL) is found by whoever reads: `standing` compares again.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import inspect, select
from sqlalchemy.event import contains, listen
from sqlalchemy.orm import Session

from app.core.scope import Scoped, parent_of
from app.core.seals import UNSEALED_COLUMNS
from app.office.signatures.digests import holds
from app.office.signatures.models import Signature, Signing
from app.office.signatures.registry import parts_of_documents, signable_of
from app.office.signatures.signing import void
from app.office.signatures.standing import Given, next_position, slots_of

_TOUCHED = "kartabl_signed_touched"
Touched = dict[Any, set[str]]
"""The documents of a flush, each with what of it changed: columns, or the name of its child rows."""


def install() -> None:
    """Watch every flush; safe to repeat."""
    if not contains(Session, "before_flush", _collect):
        listen(Session, "before_flush", _collect)
        listen(Session, "after_flush_postexec", _compare)


def _collect(session: Session, _context: Any, _instances: Any) -> None:
    parts = parts_of_documents()
    touched: Touched = session.info.setdefault(_TOUCHED, {})
    new = session.new  # each is worked out anew whenever it is asked for
    with session.no_autoflush:
        changed = [record for record in session.dirty if type(record) in parts and session.is_modified(record)]
        for record in (*new, *changed, *session.deleted):
            found = parts.get(type(record))
            if found is None:
                continue
            document = record if not found[1] else _document_of(session, record)
            if document is not None and document not in new:
                touched.setdefault(document, set()).update([found[1]] if found[1] else _changed_columns(record))


def _document_of(session: Session, part: Any) -> Any:
    """The document that a line, or a tax of a line, belongs to."""
    while isinstance(part, Scoped) and part.__scope_parent__:
        name = part.__scope_parent__
        above = next(
            (getattr(part, relation.key) for relation in inspect(part).mapper.relationships
             if any(column.key == name for column in relation.local_columns)), None,
        )  # fmt: skip
        key = getattr(part, name)
        if above is None and key is not None:  # taken out of its document's list already
            above = session.get(parent_of(type(part))[1], key)
        if above is None:
            return None
        part = above
    return part


def _changed_columns(record: Any) -> Iterable[str]:
    """The columns with another value than before; what a signature does not cover is left out."""
    state, left_out = inspect(record), {*UNSEALED_COLUMNS, *record.__sealed_skip__}
    for name in set(state.mapper.column_attrs.keys()) - left_out:
        history = state.attrs[name].history
        if history.has_changes() and list(history.added) != list(history.deleted):
            yield name


def _compare(session: Session, _context: Any) -> None:
    touched: Touched = session.info.pop(_TOUCHED, {})
    by_key = {(_table(document), document.id): document for document in touched if document.id is not None}
    if not by_key:
        return
    with session.no_autoflush:
        for signing in _signed(session, by_key):
            document = by_key[signing.model, signing.record_id]
            is_gone = inspect(document).deleted or inspect(document).detached
            standing = [one for one in signing.signatures if one.is_standing]
            broken = [one for one in standing if is_gone or not holds(document, one)]
            for signature in broken:
                void(signature, changed=sorted(touched[document]))
            if broken:
                _count_again(signing)


def _signed(session: Session, keys: Iterable[tuple[str, int]]) -> list[Signing]:
    """Those of the documents that have standing signatures."""
    ids_of: dict[str, list[int]] = {}
    for table, record_id in keys:
        ids_of.setdefault(table, []).append(record_id)
    found: list[Signing] = []
    for table, ids in ids_of.items():
        standing = select(Signature.signing_id).where(Signature.is_standing.is_(True))
        query = select(Signing).where(Signing.model == table, Signing.record_id.in_(ids), Signing.id.in_(standing))
        found += session.scalars(query)
    return found


def _count_again(signing: Signing) -> None:
    slots = slots_of(signing.subject)
    given = [Given(one, is_true=True) for one in signing.signatures if one.is_standing]
    signing.next_position, signing.is_refused = next_position(slots, given), False


def _table(document: Any) -> str:
    how = signable_of(document)
    return how.table if how is not None else ""
