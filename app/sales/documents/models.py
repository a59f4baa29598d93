"""What every document with lines stores: orders, proformas and invoices share these columns.

Figures are computed once by core.totals and stored, so that lists, prints and workbooks read them.
Each context adds its own head, states and database checks.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar

from flask_appbuilder import Model
from sqlalchemy import JSON, Boolean, CheckConstraint, ForeignKey, Integer, String, false
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from app.core.audit import Audited
from app.core.db import (
    CleanText,
    Identified,
    Quantity,
    Rate,
    Rials,
    ScaledDecimal,
    Sorted,
    SortKey,
    Stamped,
    enum_type,
)
from app.core.totals import DiscountOf, Policy, TaxBase
from app.sales.catalog.models import Product, Unit


class DocumentFigures:
    """How a document is computed, and its sums in rials."""

    policy: Mapped[Policy] = mapped_column(enum_type(Policy), default=Policy.LINE_FLOOR)
    prices_include_tax: Mapped[bool] = mapped_column(default=False)
    gross_rials: Mapped[Rials] = mapped_column(default=0)
    discount_rials: Mapped[Rials] = mapped_column(default=0)
    net_rials: Mapped[Rials] = mapped_column(default=0)
    tax_rials: Mapped[Rials] = mapped_column(default=0)
    additions_rials: Mapped[Rials] = mapped_column(default=0)
    payable_rials: Mapped[Rials] = mapped_column(default=0, index=True)


class LineFigures:
    """What one line is of, its terms, and the figures computed for it."""

    position: Mapped[int] = mapped_column(Integer)
    product_code: Mapped[str] = mapped_column(CleanText(60), default="")
    description: Mapped[str] = mapped_column(CleanText(300))
    quantity: Mapped[Quantity]
    unit_price: Mapped[Decimal] = mapped_column(ScaledDecimal(4))
    discounts: Mapped[list[dict[str, str]]] = mapped_column(JSON, default=list)
    is_free: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    gross_rials: Mapped[Rials]
    discount_rials: Mapped[Rials]
    document_discount_rials: Mapped[Rials] = mapped_column(default=0)
    net_rials: Mapped[Rials]
    tax_rials: Mapped[Rials]
    payable_rials: Mapped[Rials]
    product_id: Mapped[int | None] = mapped_column(ForeignKey("sales_product.id"), index=True)
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("sales_unit.id"))

    @declared_attr
    def product(cls) -> Mapped[Product | None]:
        return relationship()

    @declared_attr
    def unit(cls) -> Mapped[Unit | None]:
        return relationship()


class TaxFigures:
    """One tax or duty of one line: its rate, what it was taken of, and its amount."""

    position: Mapped[int] = mapped_column(Integer, default=0)
    name: Mapped[str] = mapped_column(String(40))
    percent: Mapped[Rate]
    included: Mapped[bool] = mapped_column(default=False)
    base: Mapped[TaxBase] = mapped_column(enum_type(TaxBase), default=TaxBase.NET)
    base_rials: Mapped[Rials]
    amount_rials: Mapped[Rials]


class AdjustmentFigures:
    """A discount of the whole document, an addition (freight) or a deduction, in order."""

    position: Mapped[int] = mapped_column(Integer)
    is_discount: Mapped[bool]
    name: Mapped[str] = mapped_column(CleanText(80), default="")
    percent: Mapped[Rate | None]
    amount_rials: Mapped[Rials | None]
    of: Mapped[DiscountOf] = mapped_column(enum_type(DiscountOf), default=DiscountOf.NET)
    sign: Mapped[int] = mapped_column(Integer, default=1)
    taxed: Mapped[bool] = mapped_column(default=False)


class AdditionKind(Audited, Sorted, Identified, Stamped, Model):
    """An addition or deduction (اضافات و کسورات) that the editors offer, in order.

    `name` is what documents store and stays; `title` is what people read.
    """

    __tablename__ = "sales_addition_kind"
    __sort_keys__: ClassVar[dict[str, str]] = {"title_sort": "title"}
    __table_args__ = (CheckConstraint("sign IN (-1, 1)", name="sign"),)

    name: Mapped[str] = mapped_column(String(80), unique=True)
    title: Mapped[str] = mapped_column(CleanText(80))
    title_sort: Mapped[str] = mapped_column(SortKey(320), default="", index=True)
    sign: Mapped[int] = mapped_column(Integer, default=1)
    is_taxed: Mapped[bool] = mapped_column(Boolean, default=False)
    position: Mapped[int] = mapped_column(Integer, default=0, index=True)
    is_active: Mapped[bool] = mapped_column(Boolean, default=True)

    def __str__(self) -> str:
        return self.title


Figures = dict[str, Any]
"""Columns of a row by name, as `filling` makes them."""
