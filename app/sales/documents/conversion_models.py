"""Which document was made from which, and how much of each line went over.

One row per conversion, whatever the kinds: both ends by subject and id, so that an order, a
proforma and an invoice of different layers are linked by the same table. The rows have no screen
of their own; a page shows only those ends that its reader may see.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from flask_appbuilder import Model
from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Identified, Quantity, UtcDateTime


class Conversion(Identified, Model):
    """A document made from another (تبدیل سند); dead once its target is gone, cancelled or void.

    `lane` says which quantity of the source it uses up: an order is billed once, by proforma or by
    invoice, and made once. `key` is the sender's own word for the act, so that one resent is one.
    """

    __tablename__ = "sales_conversion"
    __table_args__ = (
        UniqueConstraint("source_subject", "source_id", "key"),
        Index("ix_sales_conversion_target", "target_subject", "target_id"),
    )

    route: Mapped[str] = mapped_column(String(60))
    lane: Mapped[str] = mapped_column(String(20))
    source_subject: Mapped[str] = mapped_column(String(60))
    source_id: Mapped[int]
    target_subject: Mapped[str] = mapped_column(String(60))
    target_id: Mapped[int]
    key: Mapped[str] = mapped_column(String(64))
    is_live: Mapped[bool] = mapped_column(Boolean, default=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))

    lines: Mapped[list[ConversionLine]] = relationship(
        back_populates="conversion", cascade="all, delete-orphan", order_by="ConversionLine.id"
    )


class ConversionLine(Identified, Model):
    """How much of one line went over, in the source line's unit."""

    __tablename__ = "sales_conversion_line"
    __table_args__ = (
        CheckConstraint("quantity >= 0", name="quantity"),
        Index("ix_sales_conversion_line_source", "source_line_id"),
    )

    conversion_id: Mapped[int] = mapped_column(ForeignKey("sales_conversion.id", ondelete="CASCADE"), index=True)
    source_line_id: Mapped[int]
    target_line_id: Mapped[int | None]
    quantity: Mapped[Quantity] = mapped_column(default=Decimal(0))

    conversion: Mapped[Conversion] = relationship(back_populates="lines")
