"""Goods and services as a sheet."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.core.cells import CODE, RIALS, YES_NO, Choice, Digits, Reference
from app.core.db import db
from app.core.sheets import Column, SheetSpec
from app.sales.catalog.models import Product, ProductCategory, ProductKind, TaxClass, Unit

KINDS = {
    "goods": ("کالا", "جنس", "محصول", "good", "product", "item"),
    "service": ("خدمت", "خدمات", "سرویس", "services"),
}
TAX_CLASSES = {
    "taxable": ("مشمول", "مشمول مالیات", "دارد"),
    "exempt": ("معاف", "معاف از مالیات", "ندارد"),
    "zero": ("نرخ صفر", "صفر"),
}


def complete_new(columns: dict[str, list[Any]]) -> None:
    """A new product without a unit is counted in the first unit of the catalogue."""
    units = columns.get("unit_id", [None] * len(columns["code"]))
    if None in units:
        first = db.session.scalars(select(Unit.id).where(Unit.is_active).order_by(Unit.id).limit(1)).one()
        columns["unit_id"] = [first if unit is None else unit for unit in units]


PRODUCTS = SheetSpec(
    name="products",
    subject="sales.catalog",
    label=_l("Products and services"),
    model=Product,
    keys=(("code",),),
    unique=("code", "barcode"),
    complete_new=complete_new,
    columns=(
        Column(
            "code", _l("Product code"), CODE,
            ("کد کالا", "کد", "کد محصول", "کد خدمت", "کد کالا/خدمت", "شماره فنی", "کد جنس", "sku", "product code",
             "item code", "part number"),
            required=True,
        ),
        Column(
            "name", _l("Product name"),
            aliases=("نام کالا", "نام", "نام محصول", "شرح کالا", "شرح", "عنوان", "نام کالا/خدمت", "عنوان کالا", "کالا",
                     "product", "description", "title", "item"),
            required=True, width=36,
        ),
        Column("kind", _l("Kind"), Choice(ProductKind, KINDS), ("نوع", "نوع کالا", "کالا/خدمت نوع", "type")),
        Column("barcode", _l("Barcode"), CODE, ("بارکد", "کد میله ای", "ایران کد", "ean", "gtin")),
        Column(
            "category", _l("Product group (code)"), Reference(ProductCategory, ("code", "name_sort"), create=True),
            ("گروه", "گروه کالا", "دسته", "دسته بندی", "category", "group"), attr="category_id",
        ),
        Column(
            "unit", _l("Unit (code)"), Reference(Unit, ("code", "name_sort"), create=True),
            ("واحد", "واحد اندازه گیری", "واحد شمارش", "واحد سنجش", "unit", "uom"), attr="unit_id",
        ),
        Column(
            "tax_code", _l("Tax identifier"), Digits(13),
            ("شناسه کالا", "شناسه کالا/خدمت", "شناسه مالیاتی", "شناسه کالا و خدمت", "tax code"),
        ),
        Column(
            "tax_class", _l("Tax class"), Choice(TaxClass, TAX_CLASSES),
            ("وضعیت مالیات", "مالیات", "نوع مالیات", "مشمول مالیات", "tax"),
        ),
        Column(
            "price_rials", _l("Price (rials)"), RIALS,
            ("قیمت", "قیمت فروش", "قیمت واحد", "مبلغ", "فی", "بهای واحد", "نرخ", "price", "unit price", "sale price"),
        ),
        Column("is_active", _l("Active"), YES_NO, ("فعال", "فعال است", "active")),
        Column("note", _l("Note"), aliases=("توضیحات", "توضیح", "یادداشت", "ملاحظات", "notes", "remarks")),
    ),
)  # fmt: skip
