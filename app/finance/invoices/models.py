"""Invoices (صورتحساب): one table for four kinds, lines, their taxes, and document adjustments.

Figures are computed once by core.totals and stored; the database checks that they add up. An
issued invoice never changes: a correction is a new document that points to it.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any, ClassVar

from flask_appbuilder import Model
from flask_babel import gettext as _
from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from app.core.audit import Audited, Sealable
from app.core.db import (
    DERIVED,
    CleanText,
    Identified,
    Rials,
    Stamped,
    UtcDateTime,
    Versioned,
    enum_type,
)
from app.core.digits import to_ascii
from app.core.formats import register_labels
from app.core.scope import Scoped
from app.core.search import Searchable
from app.core.text import search_key
from app.crm.customers.models import Customer
from app.finance.invoices.kinds import POLICIES, Condition, InvoiceKind, Terms
from app.finance.invoices.states import PAYMENT_LABELS, InvoiceState, PaymentAxis
from app.org.branches.models import Branch
from app.org.departments.models import Department
from app.org.employees.models import Employee
from app.sales.documents.models import AdjustmentFigures, DocumentFigures, LineFigures, TaxFigures

PAYMENT_TONES = {
    PaymentAxis.UNPAID: "info", PaymentAxis.PARTLY: "info", PaymentAxis.COVERED: "info",
    PaymentAxis.PAID: "ok", PaymentAxis.OVERDUE: "bad", PaymentAxis.OVERPAID: "warn",
}  # fmt: skip
register_labels(PAYMENT_LABELS, PAYMENT_TONES)


def supplier_key(number: str | None) -> str | None:
    """A supplier's number as it is compared: digits folded, letters of one case, no separators."""
    key = re.sub(r"[\W_]+", "", to_ascii(search_key(number or "")))
    return key[:60] or None


def _where(condition: str) -> dict[str, Any]:
    """A partial index's condition, the same on both databases."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


class Invoice(Audited, Sealable, Searchable, DocumentFigures, Scoped, Identified, Stamped, Versioned, Model):
    """An invoice of any kind; a draft until it is issued with a gapless number, frozen from then on.

    Each kind is a class of its own over the one table, with rights of its own: ask for
    `SalesInvoice` where one kind is meant, for `Invoice` where all are. `sign` is +1 where the party
    owes us by it, and reversed on a counter document (`voids_id`), which keeps the kind and the
    series of what it voids. A return hangs on its `original`.
    """

    __tablename__ = "finance_invoice"
    __subject__ = "finance.invoices"
    __scope_owner__ = "owner_id"
    __scope_party__ = "customer_id"
    __limitable__ = ("reference", "note", "due_on", "owner", "department")
    __search_fields__ = ("number_text", "reference", "supplier_number", "customer_name")
    __audit_skip__ = ("search_text", "supplier_number_key", "payment_state", "open_due_on")
    __sealed_states__ = frozenset({InvoiceState.ISSUED, InvoiceState.VOID})
    __sealed_skip__ = ("state", "payment_state", "open_due_on")
    __sealed_children__ = ("lines", "lines.taxes", "adjustments", "instalments")
    __kind__: ClassVar[InvoiceKind | None] = None
    __table_args__ = (
        UniqueConstraint("kind", "branch_id", "fiscal_year", "number"),
        UniqueConstraint("kind", "reference"),
        CheckConstraint("(state = 'draft') = (number IS NULL)", name="numbered_when_issued"),
        CheckConstraint("net_rials = gross_rials - discount_rials", name="net"),
        CheckConstraint("payable_rials = net_rials + tax_rials + additions_rials", name="payable"),
        Index("ix_finance_invoice_number", "number", "id"),
        Index("ix_finance_invoice_list", "kind", "invoice_on", "id"),
        Index("ix_finance_invoice_customer", "customer_id", "invoice_on"),
        Index("ix_finance_invoice_department", "department_id", "kind", "invoice_on"),
        Index("ix_finance_invoice_drafts", "kind", "invoice_on", "id", **_where("state = 'draft'")),
        Index("ix_finance_invoice_payment_state", "payment_state", "invoice_on", "id"),
        Index("ix_finance_invoice_open_due", "open_due_on", **_where("open_due_on IS NOT NULL")),
        Index("ix_finance_invoice_original", "original_id", **_where("original_id IS NOT NULL")),
        Index("uq_finance_invoice_voids", "voids_id", unique=True, **_where("voids_id IS NOT NULL")),
        Index(
            "uq_finance_invoice_supplier_number",
            "customer_id",
            "supplier_number_key",
            unique=True,
            **_where("supplier_number_key IS NOT NULL AND state <> 'void'"),
        ),
        CheckConstraint("sign IN (-1, 1)", name="sign"),
    )

    kind: Mapped[InvoiceKind] = mapped_column(enum_type(InvoiceKind))
    state: Mapped[InvoiceState] = mapped_column(enum_type(InvoiceState), default=InvoiceState.DRAFT)
    sign: Mapped[int] = mapped_column(Integer, server_default="1")
    branch_id: Mapped[int] = mapped_column(ForeignKey("org_branch.id"))
    original_id: Mapped[int | None] = mapped_column(ForeignKey("finance_invoice.id"))
    voids_id: Mapped[int | None] = mapped_column(ForeignKey("finance_invoice.id"))
    reason: Mapped[str] = mapped_column(CleanText(300), default="", server_default="")
    supplier_number: Mapped[str | None] = mapped_column(CleanText(60))
    supplier_number_key: Mapped[str | None] = mapped_column(String(60))
    fiscal_year: Mapped[int | None] = mapped_column(index=True)
    number: Mapped[int | None]
    reference: Mapped[str | None] = mapped_column(CleanText(60))
    customer_id: Mapped[int] = mapped_column(ForeignKey("crm_customer.id"))
    customer_name: Mapped[str] = mapped_column(CleanText(200))
    buyer: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    invoice_on: Mapped[date] = mapped_column(index=True)
    due_on: Mapped[date | None]
    terms: Mapped[Terms] = mapped_column(enum_type(Terms), default=Terms.CASH)
    note: Mapped[str] = mapped_column(CleanText(1000), default="")
    source: Mapped[str] = mapped_column(String(20), default="form")
    department_id: Mapped[int] = mapped_column(ForeignKey("org_department.id"))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"), index=True)
    issued_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    issued_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))

    # Worked out of its open items by whoever settles; no part of the document.
    payment_state: Mapped[PaymentAxis | None] = mapped_column(enum_type(PaymentAxis), info=DERIVED)
    open_due_on: Mapped[date | None] = mapped_column(info=DERIVED)

    branch: Mapped[Branch] = relationship()
    customer: Mapped[Customer] = relationship()
    department: Mapped[Department] = relationship()
    owner: Mapped[Employee | None] = relationship(foreign_keys=[owner_id])
    issued_by: Mapped[Employee | None] = relationship(foreign_keys=[issued_by_id])
    original: Mapped[Invoice | None] = relationship(foreign_keys=[original_id], remote_side="Invoice.id")
    voids: Mapped[Invoice | None] = relationship(foreign_keys=[voids_id], remote_side="Invoice.id")
    lines: Mapped[list[InvoiceLine]] = relationship(
        back_populates="invoice", order_by="InvoiceLine.position", cascade="all, delete-orphan"
    )
    adjustments: Mapped[list[InvoiceAdjustment]] = relationship(
        back_populates="invoice", order_by="InvoiceAdjustment.position", cascade="all, delete-orphan"
    )
    instalments: Mapped[list[InvoiceInstalment]] = relationship(
        back_populates="invoice", order_by="InvoiceInstalment.position", cascade="all, delete-orphan"
    )

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:
        if cls.__kind__ is not None:
            return {"polymorphic_identity": cls.__kind__}
        return {"polymorphic_on": cls.kind, "polymorphic_abstract": True, "version_id_col": cls.version}

    @property
    def effect_rials(self) -> int:
        """What the invoice adds to what the party owes us."""
        return self.sign * self.payable_rials

    @property
    def number_text(self) -> str:
        """The number as people quote it: Jalali year, dash, number; empty while a draft."""
        return f"{self.fiscal_year}-{self.number}" if self.number is not None else ""

    @property
    def inbox_title(self) -> str:
        """What an inbox calls it: a draft has no number yet, so its buyer."""
        return self.number_text or self.customer_name

    @property
    def inbox_detail(self) -> str:
        amount = f"{self.payable_rials:,}"
        return _("%(kind)s, %(amount)s rials", kind=str(POLICIES[self.kind].label), amount=amount)

    def __str__(self) -> str:
        return self.number_text or self.reference or _("Draft %(id)s", id=self.id)


class SalesInvoice(Invoice):
    """A sales invoice (فاکتور فروش)."""

    __subject__ = "finance.invoices"
    __kind__ = InvoiceKind.SALES


class SalesReturn(Invoice):
    """A return of sold goods (فاکتور برگشت از فروش)."""

    __subject__ = "finance.sales_returns"
    __kind__ = InvoiceKind.SALES_RETURN


class PurchaseInvoice(Invoice):
    """A supplier's invoice (فاکتور خرید)."""

    __subject__ = "finance.purchases"
    __kind__ = InvoiceKind.PURCHASE


class PurchaseReturn(Invoice):
    """A return of bought goods (فاکتور برگشت از خرید)."""

    __subject__ = "finance.purchase_returns"
    __kind__ = InvoiceKind.PURCHASE_RETURN


CLASS_OF: dict[InvoiceKind, type[Invoice]] = {
    InvoiceKind.SALES: SalesInvoice,
    InvoiceKind.SALES_RETURN: SalesReturn,
    InvoiceKind.PURCHASE: PurchaseInvoice,
    InvoiceKind.PURCHASE_RETURN: PurchaseReturn,
}
"""The class of each kind."""


class InvoiceLine(LineFigures, Scoped, Identified, Model):
    """One line with the figures that were computed for it."""

    __tablename__ = "finance_invoice_line"
    __subject__ = "finance.invoices"
    __scope_parent__ = "invoice_id"
    __table_args__ = (
        UniqueConstraint("invoice_id", "position"),
        CheckConstraint("net_rials = gross_rials - discount_rials", name="net"),
        CheckConstraint("payable_rials = net_rials + tax_rials", name="payable"),
        Index("ix_finance_invoice_line_original", "original_line_id", **_where("original_line_id IS NOT NULL")),
    )

    invoice_id: Mapped[int] = mapped_column(ForeignKey("finance_invoice.id", ondelete="CASCADE"))
    original_line_id: Mapped[int | None] = mapped_column(ForeignKey("finance_invoice_line.id"))
    condition: Mapped[Condition | None] = mapped_column(enum_type(Condition))

    invoice: Mapped[Invoice] = relationship(back_populates="lines")
    original_line: Mapped[InvoiceLine | None] = relationship(
        foreign_keys=[original_line_id], remote_side="InvoiceLine.id", viewonly=True
    )
    taxes: Mapped[list[InvoiceLineTax]] = relationship(
        back_populates="line", order_by="InvoiceLineTax.position", cascade="all, delete-orphan"
    )


class InvoiceLineTax(TaxFigures, Scoped, Identified, Model):
    """One tax or duty of one line: its rate, what it was taken of, and its amount."""

    __tablename__ = "finance_invoice_line_tax"
    __subject__ = "finance.invoices"
    __scope_parent__ = "line_id"

    line_id: Mapped[int] = mapped_column(ForeignKey("finance_invoice_line.id", ondelete="CASCADE"), index=True)

    line: Mapped[InvoiceLine] = relationship(back_populates="taxes")


class InvoiceAdjustment(AdjustmentFigures, Scoped, Identified, Model):
    """A discount of the whole document, an addition (freight) or a deduction, in order."""

    __tablename__ = "finance_invoice_adjustment"
    __subject__ = "finance.invoices"
    __scope_parent__ = "invoice_id"

    invoice_id: Mapped[int] = mapped_column(ForeignKey("finance_invoice.id", ondelete="CASCADE"), index=True)

    invoice: Mapped[Invoice] = relationship(back_populates="adjustments")


class InvoiceInstalment(Scoped, Identified, Model):
    """One instalment (قسط) of an invoice: what is due on which day; they sum to the payable."""

    __tablename__ = "finance_invoice_instalment"
    __subject__ = "finance.invoices"
    __scope_parent__ = "invoice_id"
    __table_args__ = (
        UniqueConstraint("invoice_id", "position"),
        CheckConstraint("amount_rials > 0", name="amount"),
    )

    invoice_id: Mapped[int] = mapped_column(ForeignKey("finance_invoice.id", ondelete="CASCADE"))
    position: Mapped[int] = mapped_column(Integer)
    due_on: Mapped[date]
    amount_rials: Mapped[Rials]

    invoice: Mapped[Invoice] = relationship(back_populates="instalments")
