"""What follows by itself: files of deleted records go with them, and bytes that nobody names are swept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from flask import current_app
from sqlalchemy import or_, select

from app.core import clock
from app.core.audit import record_bulk, records_changed
from app.core.bulk import update_columns
from app.core.db import db
from app.core.ledger import Entry, plain
from app.core.schedule import every
from app.office.attachments import store
from app.office.attachments.models import Attachment, Kept, Note
from app.office.attachments.records import tables

KEPT_AFTER_REMOVAL = timedelta(days=30)
"""How long the bytes of a removed file stay, for whoever removed it by mistake: a backup's worth of time."""
YOUNG = timedelta(days=1)
"""Bytes so young may belong to a row that is not committed yet."""
HOURS = 24


def install() -> None:
    """Listen to records that are deleted."""
    records_changed.connect(_go_with_records)


def _go_with_records(_model: type[Any], *, action: str, entries: Sequence[Entry], **_more: Any) -> None:
    """Numbers of deleted rows may be given again: what hung on one must not hang on the next."""
    if action != "deleted" or "appbuilder" not in current_app.extensions:
        return
    gone: dict[str, list[int]] = {}
    for entry in entries:
        table, _colon, own = entry.part.partition(":") if entry.part else (entry.model, "", entry.record_id)
        gone.setdefault(str(table), []).append(int(own))
    for table in gone.keys() & tables().keys():
        for model in (Attachment, Note):
            _take_out(model, table, gone[table])


def _take_out(model: type[Kept], table: str, ids: list[int]) -> None:
    query = select(model.id).where(model.table_name == table, model.record_id.in_(ids), model.removed_at.is_(None))
    found = list(db.session.scalars(query))
    if not found:
        return
    now = clock.now()
    update_columns(model, found, {"removed_at": [now] * len(found)})
    changes = {"removed_at": [None, plain(now)]}
    record_bulk(db.session, model, [(key, changes) for key in found], action="removed")


@every(cron="17 * * * *")
def sweep() -> int:
    """Each hour one part of the store, all of it in a day; how many files were deleted."""
    hour = clock.now().hour
    return sum(sweep_shard(shard) for number, shard in enumerate(store.SHARDS) if number % HOURS == hour)


def sweep_shard(shard: str) -> int:
    """Delete the bytes of one shard that no row of a live or lately removed file names."""
    found = store.digests_in(shard)
    if not found:
        return 0
    limit = (clock.now() - YOUNG).timestamp()
    return sum(store.drop(digest, written_before=limit) for digest in sorted(set(found) - _named(found)))


def _named(digests: Iterable[str]) -> set[str]:
    wanted, named = list(digests), set()
    lately = clock.now() - KEPT_AFTER_REMOVAL
    for start in range(0, len(wanted), 500):
        query = select(Attachment.sha256).where(
            Attachment.sha256.in_(wanted[start : start + 500]),
            or_(Attachment.removed_at.is_(None), Attachment.removed_at > lately),
        )
        named.update(db.session.scalars(query))
    return named
