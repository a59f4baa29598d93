"""Baskets of dealers' people, kept on the server; an ordered basket is what a resent order is known by."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from flask_appbuilder import Model
from sqlalchemy import ForeignKey, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import CleanText, Identified, Quantity, Stamped, UtcDateTime
from app.core.scope import Scoped
from app.crm.customers.models import Customer
from app.org.departments.models import Department
from app.org.employees.models import Employee
from app.sales.catalog.models import Product
from app.sales.orders.models import Order

SUBJECT = "sales.dealers"


class Basket(Scoped, Identified, Stamped, Model):
    """What somebody of a dealer is about to order; with `order_id` it was ordered and stays as the proof.

    `key` is 128 bits of chance that the page sends with the order. A person has one open basket.
    """

    __tablename__ = "sales_basket"
    __subject__ = SUBJECT
    __scope_owner__ = "user_id"
    __scope_party__ = "customer_id"
    __table_args__ = (
        Index(
            "uq_sales_basket_open",
            "user_id",
            "customer_id",
            unique=True,
            sqlite_where=text("order_id IS NULL"),
            postgresql_where=text("order_id IS NULL"),
        ),
    )

    key: Mapped[str] = mapped_column(String(32), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    customer_id: Mapped[int] = mapped_column(ForeignKey("crm_customer.id"), index=True)
    department_id: Mapped[int] = mapped_column(ForeignKey("org_department.id"))
    order_id: Mapped[int | None] = mapped_column(ForeignKey("sales_order.id"), unique=True)
    ordered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    user: Mapped[Employee] = relationship(foreign_keys=[user_id])
    customer: Mapped[Customer] = relationship()
    department: Mapped[Department] = relationship()
    order: Mapped[Order | None] = relationship()
    lines: Mapped[list[BasketLine]] = relationship(
        back_populates="basket", order_by="BasketLine.position", cascade="all, delete-orphan"
    )


class BasketLine(Scoped, Identified, Model):
    """One row of a basket as it was typed, and what was understood of it.

    `product_id` is empty where `code` is of no product that is sold, `quantity` (base units) where
    `typed` is no quantity; such a row is corrected in its place before anything is ordered.
    `sheet_row` is the row of the workbook that it came from, as the sheet counts; none for one from the catalogue.
    """

    __tablename__ = "sales_basket_line"
    __subject__ = SUBJECT
    __scope_parent__ = "basket_id"

    basket_id: Mapped[int] = mapped_column(ForeignKey("sales_basket.id", ondelete="CASCADE"), index=True)
    position: Mapped[int] = mapped_column(Integer)
    code: Mapped[str] = mapped_column(CleanText(60), default="")
    typed: Mapped[str] = mapped_column(CleanText(40), default="")
    product_id: Mapped[int | None] = mapped_column(ForeignKey("sales_product.id"), index=True)
    quantity: Mapped[Quantity | None]
    sheet_row: Mapped[int | None] = mapped_column(Integer)

    basket: Mapped[Basket] = relationship(back_populates="lines")
    product: Mapped[Product | None] = relationship()

    @property
    def amount(self) -> Decimal:
        """The quantity, 0 where none was understood."""
        return self.quantity or Decimal(0)
