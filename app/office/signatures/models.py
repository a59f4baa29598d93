"""Electronic signatures (امضای الکترونیک): scans, the places to sign in, what was signed, and every look at a scan."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from flask_appbuilder import Model
from flask_appbuilder.security.sqla.models import Role
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, LargeBinary, String, Text, text, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.audit import Audited
from app.core.db import CleanText, Identified, Stamped, UtcDateTime, enum_type
from app.core.formats import lang, register_labels
from app.org.employees.models import Employee
from app.org.posts.models import Post

STAMP = "stamp"
"""The owner key of the company's stamp."""


class ScanState(StrEnum):
    """در انتظار تأیید، در کار، کنار گذاشته، رد شده."""

    WAITING = "waiting"
    ACTIVE = "active"
    RETIRED = "retired"
    DECLINED = "declined"


SCAN_LABELS = {
    ScanState.WAITING: _l("Waits for the second person"),
    ScanState.ACTIVE: _l("In force"),
    ScanState.RETIRED: _l("Replaced"),
    ScanState.DECLINED: _l("Declined"),
}
register_labels(
    SCAN_LABELS,
    {ScanState.WAITING: "warn", ScanState.ACTIVE: "ok", ScanState.RETIRED: "muted", ScanState.DECLINED: "bad"},
)


class ViewReason(StrEnum):
    """Why a scan was opened: پیش‌نمایش، چاپ سند."""

    PREVIEW = "preview"
    PRINT = "print"


VIEW_LABELS = {ViewReason.PREVIEW: _l("Looked at"), ViewReason.PRINT: _l("On a paper")}
register_labels(VIEW_LABELS)


class SignatureScan(Audited, Identified, Stamped, Model):
    """The scanned signature of a person, or the company's stamp (`employee` empty); its ink lies apart.

    The first one is taken by its owner alone. Every later one waits for a second person: the
    administrator where the owner asked for it (`is_by_owner`), the owner where the administrator did.
    """

    __tablename__ = "office_signature_scan"
    __table_args__ = (
        Index(
            "uq_office_signature_scan_active", "owner_key", unique=True,
            sqlite_where=text("state = 'active'"), postgresql_where=text("state = 'active'"),
        ),
        Index(
            "uq_office_signature_scan_waiting", "owner_key", unique=True,
            sqlite_where=text("state = 'waiting'"), postgresql_where=text("state = 'waiting'"),
        ),
    )  # fmt: skip

    owner_key: Mapped[str] = mapped_column(String(40), index=True)
    employee_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"), index=True)
    state: Mapped[ScanState] = mapped_column(enum_type(ScanState), default=ScanState.WAITING)
    is_by_owner: Mapped[bool] = mapped_column(default=True)
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    employee: Mapped[Employee | None] = relationship(foreign_keys=[employee_id])
    asked_by: Mapped[Employee | None] = relationship(foreign_keys=[asked_by_id])
    decided_by: Mapped[Employee | None] = relationship(foreign_keys=[decided_by_id])

    @property
    def owner(self) -> str:
        """Whose it is, in words."""
        return str(self.employee) if self.employee is not None else _("Company stamp")

    def __str__(self) -> str:
        return self.owner


class SignatureInk(Model):
    """The picture of a scan, encrypted with a key outside the database; no screen and no interface has it.

    A table of its own, so that whatever lists or exports scans cannot take it along.
    """

    __tablename__ = "office_signature_ink"

    scan_id: Mapped[int] = mapped_column(ForeignKey("office_signature_scan.id"), primary_key=True)
    sealed: Mapped[str] = mapped_column(Text)


class SignatureView(Identified, Model):
    """One time that a scan was opened: who, when, why, and for which document; written before it is shown."""

    __tablename__ = "office_signature_view"
    __table_args__ = (Index("ix_office_signature_view_scan", "scan_id", "at"),)

    scan_id: Mapped[int] = mapped_column(ForeignKey("office_signature_scan.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    viewer_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"), index=True)
    viewer_name: Mapped[str] = mapped_column(String(200))
    reason: Mapped[ViewReason] = mapped_column(enum_type(ViewReason))
    document: Mapped[str] = mapped_column(String(200), default="", server_default="")
    address: Mapped[str] = mapped_column(String(45), default="", server_default="")

    scan: Mapped[SignatureScan] = relationship()
    viewer: Mapped[Employee | None] = relationship()

    def __str__(self) -> str:
        return f"{self.scan} · {self.viewer_name}"


class SlotForm(StrEnum):
    """On which printed form a place stands: همه، رسمی، شرکت."""

    ALL = "all"
    OFFICIAL = "official"
    COMPANY = "company"


FORM_LABELS = {
    SlotForm.ALL: _l("All forms"),
    SlotForm.OFFICIAL: _l("Official form"),
    SlotForm.COMPANY: _l("Company form"),
}
register_labels(FORM_LABELS)


class Verdict(StrEnum):
    """امضا شده، رد شده، باطل شده."""

    SIGNED = "signed"
    REFUSED = "refused"
    VOIDED = "voided"


VERDICT_LABELS = {Verdict.SIGNED: _l("Signed"), Verdict.REFUSED: _l("Refused"), Verdict.VOIDED: _l("Voided")}
register_labels(VERDICT_LABELS, {Verdict.SIGNED: "ok", Verdict.REFUSED: "bad", Verdict.VOIDED: "warn"})


class SignatureSlot(Audited, Identified, Stamped, Model):
    """A place to sign on one kind of document (جای امضا): who fills it, and after whom.

    Lower positions come first; equal ones are open at the same time. `needed` different people of the
    role or post fill it. One that is not required holds nobody up.
    """

    __tablename__ = "office_signature_slot"
    __table_args__ = (
        CheckConstraint("role_id IS NOT NULL OR post_id IS NOT NULL", name="somebody"),
        CheckConstraint("needed >= 1", name="needed"),
        Index("ix_office_signature_slot_subject", "subject", "position", "id"),
    )

    subject: Mapped[str] = mapped_column(String(60))
    form: Mapped[SlotForm] = mapped_column(enum_type(SlotForm), default=SlotForm.ALL)
    label_fa: Mapped[str] = mapped_column(CleanText(60))
    label_en: Mapped[str] = mapped_column(CleanText(60))
    position: Mapped[int] = mapped_column(Integer, default=1)
    role_id: Mapped[int | None] = mapped_column(ForeignKey("ab_role.id"), index=True)
    post_id: Mapped[int | None] = mapped_column(ForeignKey("org_post.id"), index=True)
    needed: Mapped[int] = mapped_column(Integer, default=1)
    is_required: Mapped[bool] = mapped_column(default=True, server_default=true())
    uses_stamp: Mapped[bool] = mapped_column(default=False)
    is_active: Mapped[bool] = mapped_column(default=True, server_default=true())

    role: Mapped[Role | None] = relationship()
    post: Mapped[Post | None] = relationship()

    @property
    def label(self) -> str:
        """What stands over the place, in the reader's language."""
        return self.label_fa if lang() == "fa" else self.label_en

    def __str__(self) -> str:
        return self.label


_OPEN = "next_position IS NOT NULL AND is_refused IS FALSE"


class Signing(Audited, Identified, Model):
    """One document on its way through its places to sign (دور امضا); `code` leads to its public check.

    `next_position` is that of the required places whose turn it is; empty once all are filled.
    """

    __tablename__ = "office_signing"
    __table_args__ = (
        Index("uq_office_signing_record", "model", "record_id", unique=True),
        Index(
            "ix_office_signing_open", "subject", "next_position", "opened_at",
            sqlite_where=text(_OPEN.replace("FALSE", "0")), postgresql_where=text(_OPEN),
        ),
    )  # fmt: skip

    subject: Mapped[str] = mapped_column(String(60))
    model: Mapped[str] = mapped_column(String(64))
    record_id: Mapped[int]
    code: Mapped[str] = mapped_column(String(12), unique=True)
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    opened_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    next_position: Mapped[int | None]
    is_refused: Mapped[bool] = mapped_column(default=False)

    signatures: Mapped[list[Signature]] = relationship(back_populates="signing", order_by="Signature.id")

    def __str__(self) -> str:
        return self.code


class Signature(Audited, Identified, Model):
    """What one person said to one document in one place: signed or refused; voided when the document changed.

    `signer` pressed the button, `holder` is whose turn it was; they differ during a leave. The digest
    covers the document's data as it was, who signed and when. `left_open` names the columns that
    were empty then and may be filled later (a number at issue). Only standing ones count; the others
    are history.
    """

    __tablename__ = "office_signature"
    __audit_parent__ = "signing_id"
    __table_args__ = (
        Index(
            "uq_office_signature_standing", "signing_id", "slot_id", "holder_id", unique=True,
            sqlite_where=text("is_standing IS 1"), postgresql_where=text("is_standing IS TRUE"),
        ),
    )  # fmt: skip

    signing_id: Mapped[int] = mapped_column(ForeignKey("office_signing.id"), index=True)
    slot_id: Mapped[int] = mapped_column(ForeignKey("office_signature_slot.id"), index=True)
    signer_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"), index=True)
    holder_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"), index=True)
    scan_id: Mapped[int | None] = mapped_column(ForeignKey("office_signature_scan.id"), index=True)
    post_name: Mapped[str] = mapped_column(CleanText(120), default="")
    verdict: Mapped[Verdict] = mapped_column(enum_type(Verdict))
    signed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    digest: Mapped[bytes] = mapped_column(LargeBinary(16))
    left_open: Mapped[str] = mapped_column(String(300), default="")
    reason: Mapped[str] = mapped_column(CleanText(500), default="")
    is_standing: Mapped[bool] = mapped_column(default=True)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_by: Mapped[str] = mapped_column(String(200), default="")
    changed: Mapped[str] = mapped_column(String(500), default="")

    signing: Mapped[Signing] = relationship(back_populates="signatures")
    slot: Mapped[SignatureSlot] = relationship()
    signer: Mapped[Employee] = relationship(foreign_keys=[signer_id])
    holder: Mapped[Employee] = relationship(foreign_keys=[holder_id])
    scan: Mapped[SignatureScan | None] = relationship()

    @property
    def is_for_another(self) -> bool:
        """Whether somebody signed on behalf of who was away."""
        return self.signer_id != self.holder_id

    def __str__(self) -> str:
        return f"{self.slot} · {self.signer}"
