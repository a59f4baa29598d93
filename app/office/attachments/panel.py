"""What stands below a record's page: its files and notes, and the way to add some."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import url_for

from app.core.ports import Panel
from app.office.attachments import links, queries, services
from app.office.attachments.kinds import ENDINGS, LARGEST, MB
from app.office.attachments.models import Attachment, FileKind, Note
from app.office.attachments.records import has_files, may_add, table_of

NOTES = 20
"""Notes on the page of a record; the rest is a page further."""
ICONS = {
    FileKind.PICTURE: "image",
    FileKind.SCAN: "printer",
    FileKind.PDF: "file-earmark-pdf",
    FileKind.SHEET: "file-earmark-spreadsheet",
    FileKind.DOCUMENT: "file-earmark-text",
    FileKind.SLIDES: "easel",
    FileKind.TEXT: "journal-text",
    FileKind.SOUND: "megaphone",
}
TEMPLATE = "attachments/panel.html"


@dataclass(frozen=True, slots=True)
class FileLine:
    """A file as the panel shows it; `small_url` is empty where it has no thumbnail."""

    file: Attachment
    icon: str
    url: str
    small_url: str
    may_remove: bool


def panel_of(record: Any) -> Panel | None:
    """The panel of a record; None for one that can have no files."""
    return Panel(TEMPLATE, values(record)) if has_files(type(record)) else None


def values(record: Any, *, before: int | None = None, limit: int = NOTES) -> dict[str, Any]:
    """What the panel's template shows of a record that the actor sees; `before` pages back through the notes."""
    is_editor, where = may_add(record), {"table": table_of(record), "record_id": record.id}
    notes = queries.notes_of(record, limit=limit + 1, before=before)
    return {
        "files": [_line(file, is_editor=is_editor) for file in queries.files_of(record)],
        "notes": notes[:limit],
        "older_url": _older(notes, limit, where),
        "may_add": is_editor,
        "upload_url": url_for("AttachmentView.add", **where),
        "note_url": url_for("AttachmentView.note", **where),
        "accept": ",".join(f".{ending}" for ending in ENDINGS),
        "largest_mb": LARGEST // MB,
        "largest": LARGEST,
        "longest_note": services.LONGEST_NOTE,
    }


def _older(notes: Sequence[Note], limit: int, where: dict[str, Any]) -> str:
    return url_for("AttachmentView.page", **where, before=notes[limit - 1].id) if len(notes) > limit else ""


def _line(file: Attachment, *, is_editor: bool) -> FileLine:
    return FileLine(
        file=file,
        icon=ICONS[file.kind],
        url=url_for("AttachmentView.open", file_id=file.id),
        small_url=links.link_to(file, small=True) if file.has_thumbnail else "",
        may_remove=services.may_remove(file, is_editor=is_editor),
    )
