"""Adding and removing files, writing notes. Flushes, never commits."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from app.core import clock
from app.core.actor import require_current
from app.core.audit import mark, road
from app.core.db import db
from app.core.errors import NotAllowed
from app.office.attachments import store
from app.office.attachments.kinds import MB, taken
from app.office.attachments.models import Attachment, Note
from app.office.attachments.records import may_add, record_behind, record_of, table_of
from app.office.attachments.refusals import BadNote, Full

MOST_FILES, MOST_BYTES = 100, 300 * MB
"""What one record may hold."""
LONGEST_NOTE, LONGEST_FILE_NOTE = 4000, 300


def open_for_adding(table: str, record_id: int) -> Any:
    """A record to add to. Raises NotFound where it is not to be seen, NotAllowed where it is only to be seen."""
    record = record_of(table, record_id)
    if not may_add(record):
        raise NotAllowed
    return record


def attach(record: Any, name: str, content: bytes, *, note: str = "") -> Attachment:
    """Add a file to a record that was opened for adding. Raises BadFile, Full."""
    file = taken(name, content)
    table = table_of(record)
    _check_room(table, record.id, len(file.content))
    kept = Attachment(
        table_name=table,
        record_id=record.id,
        name=file.name,
        kind=file.format.kind,
        media_type=file.format.media_type,
        byte_count=len(file.content),
        sha256=store.keep(file.content, file.thumbnail),
        has_thumbnail=file.thumbnail is not None,
        note=note.strip()[:LONGEST_FILE_NOTE] or None,
        via=road(),
    )
    db.session.add(kept)
    db.session.flush()
    return kept


def _check_room(table: str, record_id: int, size: int) -> None:
    query = select(func.count(), func.coalesce(func.sum(Attachment.byte_count), 0)).where(
        Attachment.table_name == table, Attachment.record_id == record_id, Attachment.removed_at.is_(None)
    )
    count, total = db.session.execute(query).one()
    if count >= MOST_FILES:
        raise Full(_l("A record holds at most %(most)s files. Remove some first.", most=MOST_FILES), path="files")
    if total + size > MOST_BYTES:
        raise Full(
            _l("The files of a record hold at most %(most)s MB. Remove some first.", most=MOST_BYTES // MB),
            path="files",
        )


def may_remove(attachment: Attachment, *, is_editor: bool) -> bool:
    """Whether the actor may remove a file of a record that they see; `is_editor`: they may add to it."""
    actor = require_current()
    return is_editor or (actor.user_id is not None and attachment.created_by_id == actor.user_id)


def remove(attachment: Attachment) -> None:
    """Take a file off its record; the history keeps its name. Raises NotFound, NotAllowed."""
    record = record_behind(attachment)
    if not may_remove(attachment, is_editor=may_add(record)):
        raise NotAllowed
    mark(attachment, action="removed", note=attachment.name)
    attachment.removed_at, attachment.removed_by_id = clock.now(), require_current().user_id
    db.session.flush()


def write_note(record: Any, text: str) -> Note:
    """Write a note on a record that was opened for adding. Raises BadNote."""
    written = text.strip()
    if not written:
        raise BadNote(_l("Write something first."), path="text")
    if len(written) > LONGEST_NOTE:
        raise BadNote(_l("A note has at most %(most)s letters.", most=LONGEST_NOTE), path="text")
    note = Note(table_name=table_of(record), record_id=record.id, text=written, via=road())
    db.session.add(note)
    db.session.flush()
    return note
