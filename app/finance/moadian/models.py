"""The tax system (سامانه مودیان) here: under which memory we issue, and every document on its way there."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_appbuilder import Model
from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.audit import Audited
from app.core.db import CleanText, Identified, Rials, Stamped, Versioned, enum_type
from app.core.scope import Scoped
from app.finance.invoices.models import Invoice
from app.finance.moadian.codes import DocumentState, InvoiceType, Pattern, Subject
from app.finance.moadian.payload import from_text
from app.finance.moadian.tax_id import serial_text
from app.org.branches.models import Branch


class TaxMemory(Audited, Identified, Stamped, Versioned, Model):
    """A tax memory (حافظه مالیاتی) that we issue under from a day on, of the company or of one branch.

    While none holds on an invoice's day, the tax system is turned off for it. `serial_from` is the
    first serial here: more than 1 where another program has used the memory before.
    """

    __tablename__ = "finance_moadian_memory"
    __table_args__ = (
        UniqueConstraint("branch_id", "from_on"),
        CheckConstraint("serial_from BETWEEN 1 AND 999999999999", name="serial_from"),
        Index("ix_finance_moadian_memory_from", "from_on", "id"),
    )

    memory_id: Mapped[str] = mapped_column(String(6))
    economic_code: Mapped[str] = mapped_column(String(14))
    branch_id: Mapped[int | None] = mapped_column(ForeignKey("org_branch.id"))
    branch_code: Mapped[str] = mapped_column(String(10), default="")
    invoice_type: Mapped[InvoiceType] = mapped_column(enum_type(InvoiceType), default=InvoiceType.FIRST)
    has_consumers: Mapped[bool] = mapped_column(default=True)
    pattern: Mapped[Pattern] = mapped_column(enum_type(Pattern), default=Pattern.SALE)
    serial_from: Mapped[int] = mapped_column(BigInteger, default=1)
    from_on: Mapped[date]
    is_active: Mapped[bool] = mapped_column(default=True)

    branch: Mapped[Branch | None] = relationship()

    def __str__(self) -> str:
        return self.memory_id


class SendWindow(Audited, Identified, Stamped, Versioned, Model):
    """How many days after its date an invoice may be sent (مهلت ارسال), for invoices from a day on."""

    __tablename__ = "finance_moadian_window"
    __table_args__ = (CheckConstraint("warn_days >= 0 AND refuse_days >= warn_days", name="days"),)

    from_on: Mapped[date] = mapped_column(unique=True)
    warn_days: Mapped[int]
    refuse_days: Mapped[int]

    def __str__(self) -> str:
        return f"{self.warn_days} / {self.refuse_days}"


class TaxDocument(Audited, Scoped, Identified, Stamped, Versioned, Model):
    """One document (صورتحساب الکترونیکی) of the queue: made at issue, kept for ever, seen with its invoice.

    `invoice` is what gave rise to it, `sale` the invoice whose standing it tells; the two differ for
    returns and counter documents. Documents of one sale form a chain by `earlier`.
    """

    __tablename__ = "finance_moadian_document"
    __subject__ = "finance.invoices"
    __scope_parent__ = "invoice_id"
    __audit_skip__ = ("payload",)
    __table_args__ = (
        UniqueConstraint("memory_id", "serial"),
        CheckConstraint("(subject = '1') = (earlier_id IS NULL)", name="earlier"),
        Index("ix_finance_moadian_document_list", "issued_on", "id"),
        Index("ix_finance_moadian_document_state", "state", "id"),
        Index("ix_finance_moadian_document_subject", "subject", "id"),
    )

    invoice_id: Mapped[int] = mapped_column(ForeignKey("finance_invoice.id"), index=True)
    sale_id: Mapped[int] = mapped_column(ForeignKey("finance_invoice.id"), index=True)
    earlier_id: Mapped[int | None] = mapped_column(ForeignKey("finance_moadian_document.id"), index=True)
    tax_id: Mapped[str] = mapped_column(String(22), unique=True)
    memory_id: Mapped[str] = mapped_column(String(6))
    serial: Mapped[int] = mapped_column(BigInteger)
    subject: Mapped[Subject] = mapped_column(enum_type(Subject))
    state: Mapped[DocumentState] = mapped_column(enum_type(DocumentState), default=DocumentState.READY)
    payload: Mapped[str] = mapped_column(Text)
    total_rials: Mapped[Rials]
    issued_on: Mapped[date]
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str] = mapped_column(CleanText(1000), default="")

    invoice: Mapped[Invoice] = relationship(foreign_keys=[invoice_id])
    sale: Mapped[Invoice] = relationship(foreign_keys=[sale_id])
    earlier: Mapped[TaxDocument | None] = relationship(remote_side="TaxDocument.id")

    @property
    def fields(self) -> dict[str, Any]:
        """The payload by the names of the tax system."""
        return from_text(self.payload)

    @property
    def serial_text(self) -> str:
        return serial_text(self.serial)

    def __str__(self) -> str:
        return self.tax_id
