"""Products, units, price lists and tax rates."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import factory

from app.sales.catalog.models import (
    PriceList,
    PriceListItem,
    Product,
    ProductCategory,
    TaxKind,
    TaxRate,
    Unit,
)
from tests.factories.base import RowFactory


class UnitFactory(RowFactory):
    class Meta:
        model = Unit

    code = factory.Sequence(lambda n: f"u{n}")
    name = factory.Sequence(lambda n: f"واحد {n}")


class ProductCategoryFactory(RowFactory):
    class Meta:
        model = ProductCategory

    code = factory.Sequence(lambda n: f"C{n}")
    name = factory.Sequence(lambda n: f"گروه {n}")


class ProductFactory(RowFactory):
    class Meta:
        model = Product

    code = factory.Sequence(lambda n: f"G{n}")
    name = factory.Sequence(lambda n: f"کالای {n}")
    unit = factory.SubFactory(UnitFactory)
    price_rials = 100_000


class PriceListFactory(RowFactory):
    class Meta:
        model = PriceList

    code = factory.Sequence(lambda n: f"L{n}")
    name = factory.Sequence(lambda n: f"لیست {n}")


class PriceListItemFactory(RowFactory):
    class Meta:
        model = PriceListItem

    price_list = factory.SubFactory(PriceListFactory)
    product = factory.SubFactory(ProductFactory)
    unit = factory.LazyAttribute(lambda row: row.product.unit)
    price_rials = 90_000
    from_on = date(2025, 3, 21)


class TaxRateFactory(RowFactory):
    class Meta:
        model = TaxRate

    kind = TaxKind.VAT
    code = "vat"
    name = "VAT"
    percent = Decimal(10)
    from_on = date(2024, 3, 20)
