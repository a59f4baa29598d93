"""Files (پیوست) and notes (یادداشت) of records: any record that has a page can have them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from flask_appbuilder import Model
from flask_babel import lazy_gettext as _l
from sqlalchemy import ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from app.core.audit import Audited, Via
from app.core.db import CleanText, Identified, Stamped, UtcDateTime, enum_type
from app.core.formats import register_labels


class FileKind(StrEnum):
    """What a file is, found from its content."""

    PICTURE = "picture"
    SCAN = "scan"  # TIFF, as fax machines and scanners make it
    PDF = "pdf"
    SHEET = "sheet"
    DOCUMENT = "document"
    SLIDES = "slides"
    TEXT = "text"
    SOUND = "sound"


KIND_LABELS: dict[StrEnum, Any] = {
    FileKind.PICTURE: _l("Picture"),
    FileKind.SCAN: _l("Scan"),
    FileKind.PDF: _l("PDF"),
    FileKind.SHEET: _l("Workbook"),
    FileKind.DOCUMENT: _l("Text document"),
    FileKind.SLIDES: _l("Slides"),
    FileKind.TEXT: _l("Plain text"),
    FileKind.SOUND: _l("Sound"),
}
register_labels(KIND_LABELS, dict.fromkeys(KIND_LABELS, "muted"))


class Kept(Audited, Identified, Stamped):
    """A row that hangs on a record of any table, and is seen exactly by who sees that record.

    Reached only through `records.record_of`, which loads the record under its own scope. `removed_at`
    takes it out of sight; the row stays.
    """

    __audit_anywhere__ = True
    __audit_silent__: ClassVar[tuple[str, ...]] = ("table_name", "record_id", "via", "removed_at", "removed_by_id")

    table_name: Mapped[str] = mapped_column(String(60))
    record_id: Mapped[int] = mapped_column(Integer)
    via: Mapped[Via] = mapped_column(enum_type(Via))
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @declared_attr
    def removed_by_id(cls) -> Mapped[int | None]:
        return mapped_column(ForeignKey("ab_user.id"))

    @declared_attr
    def created_by(cls) -> Mapped[Any]:
        return relationship("Employee", foreign_keys=[cls.created_by_id])  # type: ignore[list-item]

    def filed_under(self) -> tuple[str, int]:
        return self.table_name, self.record_id


class Attachment(Kept, Model):
    """One file of a record. Its bytes lie in the data folder under `sha256`, see `store`."""

    __tablename__ = "office_attachment"
    __audit_silent__ = (*Kept.__audit_silent__, "media_type", "byte_count", "sha256", "has_thumbnail")
    __labels__: ClassVar[dict[str, Any]] = {
        "name": _l("File"),
        "note": _l("Note on the file"),
    }
    __table_args__ = (
        Index("ix_office_attachment_record", "table_name", "record_id", "id"),
        Index("ix_office_attachment_sha256", "sha256"),
    )

    name: Mapped[str] = mapped_column(CleanText(160))
    kind: Mapped[FileKind] = mapped_column(enum_type(FileKind))
    media_type: Mapped[str] = mapped_column(String(100))
    byte_count: Mapped[int] = mapped_column(Integer)
    sha256: Mapped[str] = mapped_column(String(64))
    has_thumbnail: Mapped[bool] = mapped_column(default=False)
    note: Mapped[str | None] = mapped_column(CleanText(300))

    def __str__(self) -> str:
        return self.name


class Note(Kept, Model):
    """Some lines that somebody wrote on a record; never changed, corrected by a further note."""

    __tablename__ = "office_note"
    __labels__: ClassVar[dict[str, Any]] = {"text": _l("Note")}
    __table_args__ = (Index("ix_office_note_record", "table_name", "record_id", "id"),)

    text: Mapped[str] = mapped_column(CleanText(4000))

    def __str__(self) -> str:
        return self.text
