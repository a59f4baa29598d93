"""Proformas (پیش‌فاکتور): one table for two kinds and all revisions, their public links and their answers.

A revision is a row of its own with the number of the first one; what was superseded stays readable.
The number is given at approval: drafts come and go, and nothing without approval leaves the house.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar

from flask_appbuilder import Model
from flask_babel import gettext as _
from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, deferred, mapped_column, relationship

from app.core.audit import Audited, Sealable
from app.core.clock import today
from app.core.db import CleanText, Identified, Rate, Rials, Stamped, UtcDateTime, Versioned, enum_type
from app.core.formats import register_labels
from app.core.scope import Scoped
from app.core.search import Searchable
from app.crm.customers.models import Customer
from app.org.employees.models import Employee
from app.sales.documents.models import AdjustmentFigures, DocumentHead, LineFigures, TaxFigures
from app.sales.proformas.kinds import LABELS, OFFERED, STATE_LABELS, STATE_TONES, ProformaKind, ProformaState

register_labels(STATE_LABELS, STATE_TONES)
register_labels(LABELS)
_WAITS = "state IN ('approved', 'sent')"


class Proforma(Audited, Sealable, Searchable, DocumentHead, Scoped, Identified, Stamped, Versioned, Model):
    """A proforma of either kind; each kind is a class of its own over the one table, with rights of its own."""

    __tablename__ = "sales_proforma"
    __subject__ = "sales.proformas"
    __scope_owner__ = "owner_id"
    __scope_party__ = "customer_id"
    __limitable__ = ("reference", "note", "owner", "department")
    __search_fields__ = ("number_text", "reference", "customer_name")
    __audit_skip__ = ("search_text",)
    __sealed_skip__ = ("state", "owner_id", "department_id")
    __sealed_children__ = ("lines", "lines.taxes", "adjustments")
    __kind__: ClassVar[ProformaKind | None] = None
    __table_args__ = (
        UniqueConstraint("kind", "branch_id", "fiscal_year", "number", "revision"),
        CheckConstraint("state IN ('draft', 'cancelled') OR number IS NOT NULL", name="has_number"),
        CheckConstraint("revision >= 1", name="revision"),
        CheckConstraint("net_rials = gross_rials - discount_rials", name="net"),
        CheckConstraint("payable_rials = net_rials + tax_rials + additions_rials", name="payable"),
        Index("ix_sales_proforma_list", "kind", "proforma_on", "id"),
        Index("ix_sales_proforma_number", "number", "id"),
        Index("ix_sales_proforma_customer", "customer_id", "proforma_on"),
        Index("ix_sales_proforma_department", "department_id", "kind", "proforma_on"),
        Index("ix_sales_proforma_owner_id", "owner_id"),
        Index("ix_sales_proforma_state", "kind", "state", "proforma_on", "id"),
        Index("ix_sales_proforma_valid_until", "valid_until", "id"),
        Index(
            "ix_sales_proforma_waits", "kind", "valid_until", "id",
            sqlite_where=text(_WAITS), postgresql_where=text(_WAITS),
        ),
    )  # fmt: skip

    kind: Mapped[ProformaKind] = mapped_column(enum_type(ProformaKind))
    state: Mapped[ProformaState] = mapped_column(enum_type(ProformaState), default=ProformaState.DRAFT)
    revision: Mapped[int] = mapped_column(Integer, default=1)
    previous_id: Mapped[int | None] = mapped_column(ForeignKey("sales_proforma.id"), index=True)
    reference: Mapped[str | None] = mapped_column(CleanText(60), index=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("crm_customer.id"))
    proforma_on: Mapped[date] = mapped_column(index=True)
    valid_until: Mapped[date]
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    accepted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    customer: Mapped[Customer] = relationship()
    previous: Mapped[Proforma | None] = relationship(remote_side="Proforma.id")
    lines: Mapped[list[ProformaLine]] = relationship(
        back_populates="proforma", order_by="ProformaLine.position", cascade="all, delete-orphan"
    )
    adjustments: Mapped[list[ProformaAdjustment]] = relationship(
        back_populates="proforma", order_by="ProformaAdjustment.position", cascade="all, delete-orphan"
    )
    links: Mapped[list[ProformaLink]] = relationship(
        back_populates="proforma", order_by="ProformaLink.id", cascade="all, delete-orphan"
    )
    answer: Mapped[ProformaAnswer | None] = relationship(back_populates="proforma", cascade="all, delete-orphan")

    @property
    def number_text(self) -> str:
        """As people quote it: Jalali year, dash, number, and from the second revision on its number."""
        plain = super().number_text
        return f"{plain}/{self.revision}" if plain and self.revision > 1 else plain

    @property
    def days_left(self) -> int | None:
        """Days for which an offer that waits for an answer still stands; None for any other state."""
        return (self.valid_until - today()).days if self.state in OFFERED else None

    @property
    def due_on(self) -> date:
        """The last day of the offer, for an inbox."""
        return self.valid_until

    @property
    def inbox_tone(self) -> str:
        return "bad" if (self.days_left or 0) <= 0 else "warn"


class SalesProforma(Proforma):
    """What we offer a customer (پیش‌فاکتور فروش)."""

    __subject__ = "sales.proformas"
    __kind__ = ProformaKind.SALES


class PurchaseProforma(Proforma):
    """What a supplier offers us (پیش‌فاکتور خرید)."""

    __subject__ = "sales.purchase_proformas"
    __kind__ = ProformaKind.PURCHASE


CLASS_OF: dict[ProformaKind, type[Proforma]] = {
    ProformaKind.SALES: SalesProforma,
    ProformaKind.PURCHASE: PurchaseProforma,
}
"""The class of each kind."""


class ProformaLine(LineFigures, Scoped, Identified, Model):
    """One offered line; it keeps its id through every change, since the ledger hangs on it."""

    __tablename__ = "sales_proforma_line"
    __subject__ = "sales.proformas"
    __scope_parent__ = "proforma_id"
    __table_args__ = (
        Index("ix_sales_proforma_line_proforma", "proforma_id", "position"),
        CheckConstraint("net_rials = gross_rials - discount_rials", name="net"),
        CheckConstraint("payable_rials = net_rials + tax_rials", name="payable"),
    )

    proforma_id: Mapped[int] = mapped_column(ForeignKey("sales_proforma.id", ondelete="CASCADE"))

    proforma: Mapped[Proforma] = relationship(back_populates="lines")
    taxes: Mapped[list[ProformaLineTax]] = relationship(
        back_populates="line", order_by="ProformaLineTax.position", cascade="all, delete-orphan"
    )


class ProformaLineTax(TaxFigures, Scoped, Identified, Model):
    """One tax or duty of one offered line."""

    __tablename__ = "sales_proforma_line_tax"
    __subject__ = "sales.proformas"
    __scope_parent__ = "line_id"

    line_id: Mapped[int] = mapped_column(ForeignKey("sales_proforma_line.id", ondelete="CASCADE"), index=True)

    line: Mapped[ProformaLine] = relationship(back_populates="taxes")


class ProformaAdjustment(AdjustmentFigures, Scoped, Identified, Model):
    """A discount of the whole proforma, an addition (freight) or a deduction, in order."""

    __tablename__ = "sales_proforma_adjustment"
    __subject__ = "sales.proformas"
    __scope_parent__ = "proforma_id"

    proforma_id: Mapped[int] = mapped_column(ForeignKey("sales_proforma.id", ondelete="CASCADE"), index=True)

    proforma: Mapped[Proforma] = relationship(back_populates="adjustments")


class ProformaLink(Audited, Scoped, Identified, Model):
    """A public link to one revision; only the digest of its token is kept, so that nobody reads it here."""

    __tablename__ = "sales_proforma_link"
    __subject__ = "sales.proformas"
    __scope_parent__ = "proforma_id"
    __audit_skip__ = ("digest",)

    proforma_id: Mapped[int] = mapped_column(ForeignKey("sales_proforma.id", ondelete="CASCADE"), index=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    recipient: Mapped[str] = mapped_column(CleanText(120), default="")
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    proforma: Mapped[Proforma] = relationship(back_populates="links")
    made_by: Mapped[Employee | None] = relationship(foreign_keys=[made_by_id])

    def __str__(self) -> str:
        return self.recipient or _("Link %(id)s", id=self.id)


class ProformaAnswer(Audited, Scoped, Identified, Model):
    """The customer's word on one revision: yes or no, who said it, when and from which address."""

    __tablename__ = "sales_proforma_answer"
    __subject__ = "sales.proformas"
    __scope_parent__ = "proforma_id"
    __audit_skip__ = ("signature",)

    proforma_id: Mapped[int] = mapped_column(ForeignKey("sales_proforma.id", ondelete="CASCADE"), unique=True)
    link_id: Mapped[int | None] = mapped_column(ForeignKey("sales_proforma_link.id"), index=True)
    is_accepted: Mapped[bool]
    name: Mapped[str] = mapped_column(CleanText(120))
    note: Mapped[str] = mapped_column(CleanText(1000), default="")
    signature: Mapped[bytes | None] = deferred(mapped_column(LargeBinary))
    has_signature: Mapped[bool] = mapped_column(default=False)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    address: Mapped[str] = mapped_column(String(60), default="")

    proforma: Mapped[Proforma] = relationship(back_populates="answer")
    link: Mapped[ProformaLink | None] = relationship()

    def __str__(self) -> str:
        return self.name


class ProformaRules(Audited, Identified, Stamped, Versioned, Model):
    """The one row of what who issues proformas may approve alone, and how long an offer stands.

    An empty threshold does not limit. Above either one the right `approve_above` is needed.
    """

    __tablename__ = "sales_proforma_rules"
    __table_args__ = (
        CheckConstraint("id = 1", name="only_one"),
        CheckConstraint("approve_percent IS NULL OR approve_percent >= 0", name="approve_percent"),
        CheckConstraint("approve_rials IS NULL OR approve_rials >= 0", name="approve_rials"),
        CheckConstraint("valid_days BETWEEN 0 AND 3650", name="valid_days"),
        CheckConstraint("soon_days BETWEEN 0 AND 365", name="soon_days"),
    )

    approve_percent: Mapped[Rate | None]
    approve_rials: Mapped[Rials | None]
    valid_days: Mapped[int] = mapped_column(Integer, default=10)
    soon_days: Mapped[int] = mapped_column(Integer, default=3)

    def __str__(self) -> str:
        return _("Rules of proformas")
