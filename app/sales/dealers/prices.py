"""What products cost a dealer: of their price list, else the base list, else the product's own price."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from app.core.field_rights import seen
from app.sales.catalog import queries as catalog
from app.sales.catalog.models import Product
from app.sales.catalog.queries import Price, PriceSource
from app.sales.documents import choices
from app.sales.documents.filling import plain


def own_prices(products: Sequence[Product], customer_id: int, on: date) -> dict[int, Price]:
    """The price of one base unit by the product's id; without an entry nobody set one."""
    price_list = choices.price_list_of(customer_id)
    listed = {}
    if price_list is not None and products:
        listed = catalog.listed_prices(price_list.id, product_ids=[one.id for one in products], on=on)
    found = {}
    for one in products:
        rials, own = listed.get((one.id, one.unit_id)), seen(one).price_rials
        if price_list is not None and rials is not None:
            found[one.id] = Price(Decimal(rials), PriceSource.LIST, price_list.prices_include_tax)
        elif own is not None:
            found[one.id] = Price(Decimal(own), PriceSource.PRODUCT)
    return found


def line_entries(rows: Sequence[tuple[Product, Decimal, Price]], on: date) -> list[dict[str, Any]]:
    """Products with quantities and prices as the lines of an order's entry, with the taxes of a day."""
    rates = catalog.rates_on(on)
    return [
        {
            "product_id": product.id,
            "unit_id": product.unit_id,
            "quantity": plain(quantity),
            "unit_price": plain(price.rials),
            "taxes": [
                {"name": choices.tax_name(tax.kind), "percent": plain(tax.percent), "included": price.includes_tax}
                for tax in catalog.taxes_of(product, on=on, rates=rates)
            ],
        }
        for product, quantity, price in rows
    ]
