"""The catalogue (کاتالوگ): goods and services, their units, dated prices and dated tax rates.

The catalogue belongs to the whole company, not to a department; rights alone decide who sees and
who changes it.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from flask_appbuilder import Model
from flask_babel import lazy_gettext as _l
from sqlalchemy import (
    Boolean,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.audit import Audited
from app.core.db import (
    CleanText,
    Identified,
    Quantity,
    Rate,
    Rials,
    Sorted,
    SortKey,
    Stamped,
    Versioned,
    enum_type,
    rare_index,
)
from app.core.search import Searchable
from app.core.tree import InTree


class ProductKind(StrEnum):
    """A thing (کالا) or a piece of work (خدمت)."""

    GOODS = "goods"
    SERVICE = "service"

    @property
    def label(self) -> Any:
        return _l("Goods") if self is ProductKind.GOODS else _l("Service")


class TaxClass(StrEnum):
    """How value-added tax treats a product."""

    TAXABLE = "taxable"
    EXEMPT = "exempt"
    ZERO = "zero"

    @property
    def label(self) -> Any:
        return {"taxable": _l("Taxable"), "exempt": _l("Exempt"), "zero": _l("Zero-rated")}[self.value]


class TaxKind(StrEnum):
    """Which column of the tax system an amount belongs to: VAT, other duty, other legal charge."""

    VAT = "vat"
    DUTY = "duty"
    OTHER = "other"

    @property
    def label(self) -> Any:
        return {"vat": _l("Value-added tax"), "duty": _l("Other duty"), "other": _l("Other legal charge")}[self.value]


class Unit(Audited, Sorted, Identified, Stamped, Model):
    """A unit of measure (واحد اندازه‌گیری) with its code in the tax system."""

    __tablename__ = "sales_unit"
    __table_args__ = (CheckConstraint("decimals BETWEEN 0 AND 3", name="decimals"),)

    code: Mapped[str] = mapped_column(String(20), unique=True)
    name: Mapped[str] = mapped_column(CleanText(60))
    name_sort: Mapped[str] = mapped_column(SortKey(240), default="", index=True)
    moadian_code: Mapped[str | None] = mapped_column(String(10))
    decimals: Mapped[int] = mapped_column(Integer, default=0)
    is_active: Mapped[bool] = mapped_column(Boolean, default=True)

    def __str__(self) -> str:
        return self.name


class ProductCategory(Audited, InTree, Identified, Stamped, Model):
    """A group of products (گروه کالا) in a tree."""

    __tablename__ = "sales_product_category"

    code: Mapped[str] = mapped_column(String(30), unique=True)
    name: Mapped[str] = mapped_column(CleanText(120))
    name_sort: Mapped[str] = mapped_column(SortKey(480), default="", index=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("sales_product_category.id"), index=True)

    parent: Mapped[ProductCategory | None] = relationship(back_populates="children", remote_side="ProductCategory.id")
    children: Mapped[list[ProductCategory]] = relationship(
        back_populates="parent", order_by="ProductCategory.tree_order", passive_deletes="all"
    )

    def __str__(self) -> str:
        return self.name


class Product(Audited, Searchable, Sorted, Identified, Stamped, Versioned, Model):
    """A product or service that can stand on a document; deactivated, not deleted, once used.

    `tax_code` is the 13-digit identifier of the tax system (شناسه کالا/خدمت); `price_rials` is the
    price of one base unit where no price list says otherwise. `duty_code` and `charge_code` name
    the dated rates (TaxRate.code) of a further duty and a further legal charge.
    """

    __tablename__ = "sales_product"
    __audit_skip__ = ("name_sort", "search_text")
    __search_fields__ = ("name", "code", "barcode", "tax_code")
    __table_args__ = (
        CheckConstraint("price_rials >= 0", name="price"),
        Index("ix_sales_product_name", "name_sort", "id"),
        rare_index("sales_product", "is_active", value=False),
        Index(
            "ix_sales_product_barcode",
            "barcode",
            sqlite_where=text("barcode IS NOT NULL"),
            postgresql_where=text("barcode IS NOT NULL"),
        ),
    )

    code: Mapped[str] = mapped_column(String(60), unique=True)
    kind: Mapped[ProductKind] = mapped_column(enum_type(ProductKind), default=ProductKind.GOODS)
    name: Mapped[str] = mapped_column(CleanText(300))
    name_sort: Mapped[str] = mapped_column(SortKey(1200), default="")
    barcode: Mapped[str | None] = mapped_column(String(60))
    category_id: Mapped[int | None] = mapped_column(ForeignKey("sales_product_category.id"), index=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("sales_unit.id"), index=True)
    tax_code: Mapped[str | None] = mapped_column(String(13))
    tax_class: Mapped[TaxClass] = mapped_column(enum_type(TaxClass), default=TaxClass.TAXABLE)
    duty_code: Mapped[str | None] = mapped_column(String(30))
    charge_code: Mapped[str | None] = mapped_column(String(30))
    price_rials: Mapped[Rials | None] = mapped_column(index=True)
    is_active: Mapped[bool] = mapped_column(Boolean, default=True)
    note: Mapped[str | None] = mapped_column(CleanText(1000))

    category: Mapped[ProductCategory | None] = relationship()
    unit: Mapped[Unit] = relationship(foreign_keys=[unit_id])
    units: Mapped[list[ProductUnit]] = relationship(
        back_populates="product", cascade="all, delete-orphan", order_by="ProductUnit.factor"
    )
    picture: Mapped[ProductPicture | None] = relationship(
        back_populates="product", cascade="all, delete-orphan", uselist=False
    )

    def __str__(self) -> str:
        return self.name


class ProductUnit(Audited, Identified, Model):
    """A further unit that a product is sold in; one of it holds `factor` base units."""

    __tablename__ = "sales_product_unit"
    __audit_parent__ = "product_id"
    __table_args__ = (
        UniqueConstraint("product_id", "unit_id"),
        CheckConstraint("factor > 0", name="factor"),
    )

    product_id: Mapped[int] = mapped_column(ForeignKey("sales_product.id", ondelete="CASCADE"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("sales_unit.id"))
    factor: Mapped[Quantity] = mapped_column(default=Decimal(1))
    barcode: Mapped[str | None] = mapped_column(String(60))

    product: Mapped[Product] = relationship(back_populates="units")
    unit: Mapped[Unit] = relationship()

    def __str__(self) -> str:
        return f"{self.product} · {self.unit}"


class ProductPicture(Identified, Stamped, Model):
    """A product's picture, re-encoded by us: nothing of the uploaded bytes is kept."""

    __tablename__ = "sales_product_picture"

    product_id: Mapped[int] = mapped_column(ForeignKey("sales_product.id", ondelete="CASCADE"), unique=True)
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    thumbnail: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    media_type: Mapped[str] = mapped_column(String(40))
    sha256: Mapped[str] = mapped_column(String(64))
    width: Mapped[int]
    height: Mapped[int]

    product: Mapped[Product] = relationship(back_populates="picture")


class PriceList(Audited, Sorted, Identified, Stamped, Model):
    """A list of prices (لیست قیمت) for a group of customers; one of them is the base list."""

    __tablename__ = "sales_price_list"

    code: Mapped[str] = mapped_column(String(30), unique=True)
    name: Mapped[str] = mapped_column(CleanText(120))
    name_sort: Mapped[str] = mapped_column(SortKey(480), default="", index=True)
    is_base: Mapped[bool] = mapped_column(Boolean, default=False)
    prices_include_tax: Mapped[bool] = mapped_column(Boolean, default=False)
    is_active: Mapped[bool] = mapped_column(Boolean, default=True)

    items: Mapped[list[PriceListItem]] = relationship(
        back_populates="price_list", cascade="all, delete-orphan", passive_deletes=True
    )

    def __str__(self) -> str:
        return self.name


class PriceListItem(Audited, Identified, Stamped, Model):
    """The price of one unit of a product from a day on; `until_on` is the last day, open while empty."""

    __tablename__ = "sales_price_list_item"
    __table_args__ = (
        UniqueConstraint("price_list_id", "product_id", "unit_id", "from_on"),
        CheckConstraint("until_on IS NULL OR until_on >= from_on", name="term"),
        CheckConstraint("price_rials >= 0", name="price"),
    )

    price_list_id: Mapped[int] = mapped_column(ForeignKey("sales_price_list.id", ondelete="CASCADE"))
    product_id: Mapped[int] = mapped_column(ForeignKey("sales_product.id"), index=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("sales_unit.id"))
    price_rials: Mapped[Rials] = mapped_column(index=True)
    from_on: Mapped[date] = mapped_column(index=True)
    until_on: Mapped[date | None]

    price_list: Mapped[PriceList] = relationship(back_populates="items")
    product: Mapped[Product] = relationship()
    unit: Mapped[Unit] = relationship()

    def __str__(self) -> str:
        return f"{self.price_list} · {self.product}"


class TaxRate(Audited, Identified, Stamped, Model):
    """A rate in percent from a day on, until the next row of the same code.

    The general rate of a kind has the kind's own word as its code (`vat`).
    """

    __tablename__ = "sales_tax_rate"
    __table_args__ = (
        UniqueConstraint("code", "from_on"),
        CheckConstraint("percent >= 0", name="percent"),
    )

    kind: Mapped[TaxKind] = mapped_column(enum_type(TaxKind))
    code: Mapped[str] = mapped_column(String(30))
    name: Mapped[str] = mapped_column(CleanText(80))
    percent: Mapped[Rate]
    from_on: Mapped[date]

    def __str__(self) -> str:
        return self.name
