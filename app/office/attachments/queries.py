"""What a record has: its files and its notes, newest first. The caller has loaded the record."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.core.db import db
from app.core.errors import NotFound
from app.office.attachments.models import Attachment, Kept, Note
from app.office.attachments.records import record_behind, table_of

Row = TypeVar("Row", bound=Kept)


def files_of(record: Any) -> Sequence[Attachment]:
    """The files of a record; `services.MOST_FILES` at most."""
    return _kept(Attachment, record, limit=None, before=None)


def notes_of(record: Any, *, limit: int, before: int | None = None) -> Sequence[Note]:
    """The newest notes of a record, or those older than the note `before`."""
    return _kept(Note, record, limit=limit, before=before)


def attachment_of(attachment_id: int) -> Attachment:
    """A file by its number, for whoever sees its record. Raises NotFound."""
    found = db.session.get(Attachment, attachment_id)
    if found is None or found.removed_at is not None:
        raise NotFound
    record_behind(found)
    return found


def _kept(model: type[Row], record: Any, *, limit: int | None, before: int | None) -> Sequence[Row]:
    query = (
        select(model)
        .where(model.table_name == table_of(record), model.record_id == record.id, model.removed_at.is_(None))
        .options(joinedload(model.created_by))
        .order_by(model.id.desc())
        .limit(limit)
    )
    return db.session.scalars(query if before is None else query.where(model.id < before)).all()
