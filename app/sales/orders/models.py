"""Orders (سفارش): one table for three kinds, lines with their taxes, and amendments.

An order gets its number when it is submitted. What was made from it, and what is left, is the
ledger of app.sales.documents.conversions; an approved order changes only by an amendment.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar

from flask_appbuilder import Model
from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Integer, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.audit import Audited, Sealable
from app.core.clock import today
from app.core.db import CleanText, Identified, Stamped, UtcDateTime, Versioned, enum_type
from app.core.formats import register_labels
from app.core.scope import Scoped
from app.core.search import Searchable
from app.crm.customers.models import Customer
from app.org.employees.models import Employee
from app.sales.documents.models import AdjustmentFigures, DocumentHead, LineFigures, TaxFigures
from app.sales.orders.kinds import LABELS, SOURCE_LABELS, STATE_LABELS, STATE_TONES, OrderKind, OrderSource, OrderState

register_labels(SOURCE_LABELS)
register_labels(STATE_LABELS, STATE_TONES)
register_labels(LABELS)

SOON_DAYS = 3
"""Days before its delivery from which an order stands out in an inbox."""


def _where(condition: str) -> dict[str, Any]:
    """A partial index's condition, the same on both databases."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


class Order(Audited, Sealable, Searchable, DocumentHead, Scoped, Identified, Stamped, Versioned, Model):
    """An order of any kind; each kind is a class of its own over the one table, with rights of its own."""

    __tablename__ = "sales_order"
    __subject__ = "sales.orders"
    __scope_owner__ = "owner_id"
    __scope_party__ = "customer_id"
    __limitable__ = ("reference", "note", "deliver_on", "owner", "department")
    __search_fields__ = ("number_text", "reference", "customer_name")
    __audit_skip__ = ("search_text",)
    __sealed_skip__ = ("state", "owner_id", "department_id")
    __sealed_children__ = ("lines", "lines.taxes", "adjustments")
    __kind__: ClassVar[OrderKind | None] = None
    __table_args__ = (
        UniqueConstraint("kind", "branch_id", "fiscal_year", "number"),
        UniqueConstraint("kind", "reference"),
        CheckConstraint("state <> 'draft' OR number IS NULL", name="draft_has_no_number"),
        CheckConstraint("kind = 'production' OR customer_id IS NOT NULL", name="party"),
        CheckConstraint("net_rials = gross_rials - discount_rials", name="net"),
        CheckConstraint("payable_rials = net_rials + tax_rials + additions_rials", name="payable"),
        Index("ix_sales_order_list", "kind", "order_on", "id"),
        Index("ix_sales_order_number", "number", "id"),
        Index("ix_sales_order_customer", "customer_id", "order_on"),
        Index("ix_sales_order_department", "department_id", "kind", "order_on"),
        Index("ix_sales_order_owner", "owner_id", "kind", "order_on", "id"),
        Index("ix_sales_order_state", "kind", "state", "order_on", "id"),
        Index("ix_sales_order_waiting", "kind", "state", "deliver_on", "id", "department_id", "owner_id"),
        Index("ix_sales_order_source", "kind", "source", "order_on", "id"),
        Index("ix_sales_order_delivery", "kind", "deliver_on", "id", **_where("deliver_on IS NOT NULL")),
    )

    kind: Mapped[OrderKind] = mapped_column(enum_type(OrderKind))
    state: Mapped[OrderState] = mapped_column(enum_type(OrderState), default=OrderState.DRAFT)
    source: Mapped[OrderSource] = mapped_column(enum_type(OrderSource), default=OrderSource.OFFICE)
    reference: Mapped[str | None] = mapped_column(CleanText(60))
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("crm_customer.id"))
    order_on: Mapped[date] = mapped_column(index=True)
    deliver_on: Mapped[date | None]
    submitted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    customer: Mapped[Customer | None] = relationship()
    lines: Mapped[list[OrderLine]] = relationship(
        back_populates="order", order_by="OrderLine.position", cascade="all, delete-orphan"
    )
    adjustments: Mapped[list[OrderAdjustment]] = relationship(
        back_populates="order", order_by="OrderAdjustment.position", cascade="all, delete-orphan"
    )
    amendments: Mapped[list[OrderAmendment]] = relationship(
        back_populates="order", order_by="OrderAmendment.position", cascade="all, delete-orphan"
    )

    @property
    def due_on(self) -> date | None:
        """The day that an inbox shows."""
        return self.deliver_on

    @property
    def waits_since(self) -> datetime | None:
        """The moment from which it waits: for work once approved, else for its approval; none for a draft."""
        return self.approved_at or self.submitted_at

    @property
    def inbox_tone(self) -> str:
        """How near the delivery is: past, within three days, later or not agreed."""
        if self.deliver_on is None:
            return "muted"
        days = (self.deliver_on - today()).days
        return "bad" if days < 0 else "warn" if days <= SOON_DAYS else "info"


class SalesOrder(Order):
    """What a customer wants of us (سفارش فروش)."""

    __subject__ = "sales.orders"
    __kind__ = OrderKind.SALES


class PurchaseOrder(Order):
    """What we want of a supplier (سفارش خرید)."""

    __subject__ = "sales.purchase_orders"
    __kind__ = OrderKind.PURCHASE


class ProductionOrder(Order):
    """What we want our own works to make (سفارش تولید)."""

    __subject__ = "sales.production_orders"
    __kind__ = OrderKind.PRODUCTION


CLASS_OF: dict[OrderKind, type[Order]] = {
    OrderKind.SALES: SalesOrder,
    OrderKind.PURCHASE: PurchaseOrder,
    OrderKind.PRODUCTION: ProductionOrder,
}
"""The class of each kind."""


class OrderLine(LineFigures, Scoped, Identified, Model):
    """One ordered line; it keeps its id through every change, since the ledger hangs on it."""

    __tablename__ = "sales_order_line"
    __subject__ = "sales.orders"
    __scope_parent__ = "order_id"
    __table_args__ = (
        Index("ix_sales_order_line_order", "order_id", "position"),
        CheckConstraint("net_rials = gross_rials - discount_rials", name="net"),
        CheckConstraint("payable_rials = net_rials + tax_rials", name="payable"),
    )

    order_id: Mapped[int] = mapped_column(ForeignKey("sales_order.id", ondelete="CASCADE"))

    order: Mapped[Order] = relationship(back_populates="lines")
    taxes: Mapped[list[OrderLineTax]] = relationship(
        back_populates="line", order_by="OrderLineTax.position", cascade="all, delete-orphan"
    )


class OrderLineTax(TaxFigures, Scoped, Identified, Model):
    """One tax or duty of one ordered line."""

    __tablename__ = "sales_order_line_tax"
    __subject__ = "sales.orders"
    __scope_parent__ = "line_id"

    line_id: Mapped[int] = mapped_column(ForeignKey("sales_order_line.id", ondelete="CASCADE"), index=True)

    line: Mapped[OrderLine] = relationship(back_populates="taxes")


class OrderAdjustment(AdjustmentFigures, Scoped, Identified, Model):
    """A discount of the whole order, an addition (freight) or a deduction, in order."""

    __tablename__ = "sales_order_adjustment"
    __subject__ = "sales.orders"
    __scope_parent__ = "order_id"

    order_id: Mapped[int] = mapped_column(ForeignKey("sales_order.id", ondelete="CASCADE"), index=True)

    order: Mapped[Order] = relationship(back_populates="adjustments")


class OrderAmendment(Scoped, Identified, Model):
    """A change of an order after it was submitted (اصلاحیه): who, when, why, and the entry before and after."""

    __tablename__ = "sales_order_amendment"
    __subject__ = "sales.orders"
    __scope_parent__ = "order_id"
    __table_args__ = (UniqueConstraint("order_id", "position"),)

    order_id: Mapped[int] = mapped_column(ForeignKey("sales_order.id", ondelete="CASCADE"))
    position: Mapped[int] = mapped_column(Integer)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    reason: Mapped[str] = mapped_column(CleanText(300))
    before: Mapped[dict[str, Any]] = mapped_column(JSON)
    after: Mapped[dict[str, Any]] = mapped_column(JSON)

    order: Mapped[Order] = relationship(back_populates="amendments")
    by: Mapped[Employee | None] = relationship(foreign_keys=[by_id])
