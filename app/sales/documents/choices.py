"""What the editors of documents offer while one types: products with price and taxes, parties."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from app.core.calendar import InvalidDate, parse_date
from app.core.clock import today
from app.core.db import db
from app.core.digits import to_ascii
from app.core.field_rights import seen
from app.core.row_numbers import row_number
from app.core.search import matching_ids
from app.core.text import clean
from app.crm.customers.models import Customer
from app.sales.catalog import queries as catalog
from app.sales.catalog.models import PriceList, Product, TaxKind
from app.sales.documents.filling import plain
from app.sales.documents.models import AdditionKind

CHOICES = 12
Prices = Mapping[int, Decimal | int | None]
"""Price of one base unit in rials by the product's id."""
Pricing = Callable[[Sequence[Product], int | None, date], Prices]
"""What products cost for the party of an id, if one is chosen, on a day."""


def list_prices(products: Sequence[Product], customer_id: int | None, day: date) -> Prices:
    """Each product's price to a customer: of their price list, else its own."""
    price_list = price_list_of(customer_id)
    listed = catalog.listed_prices(price_list.id, product_ids=[p.id for p in products], on=day) if price_list else {}
    return {one.id: listed.get((one.id, one.unit_id), seen(one).price_rials) for one in products}


def product_choices(
    text: str, *, pricing: Pricing = list_prices, customer_id: Any = None, on: Any = None
) -> list[dict[str, Any]]:
    """Products for the line grid: best matches of what was typed, with price and taxes."""
    query = select(Product).where(Product.is_active).options(joinedload(Product.unit))
    text = clean(text)
    if text:
        ids = matching_ids(db.session(), Product, text, limit=CHOICES)
        code = to_ascii(text)
        query = query.where(or_(Product.id.in_(ids), Product.code == code, Product.barcode == code))
    query = query.order_by(Product.name_sort, Product.id).limit(CHOICES)
    return priced(db.session.scalars(query).all(), pricing=pricing, customer_id=customer_id, on=on)


def products_named(
    texts: Sequence[str], *, pricing: Pricing = list_prices, customer_id: Any = None, on: Any = None
) -> list[dict[str, Any] | None]:
    """For each pasted text the product whose code, barcode or whole name it is; None otherwise."""
    keys = [clean(text) for text in texts]
    codes = [to_ascii(key) for key in keys]
    query = (
        select(Product)
        .where(
            Product.is_active,
            or_(Product.code.in_(codes), Product.barcode.in_(codes), Product.name.in_(keys)),
        )
        .options(joinedload(Product.unit))
        .order_by(Product.id.desc())
    )
    found = db.session.scalars(query).all()
    rows = priced(found, pricing=pricing, customer_id=customer_id, on=on)
    shown = {product.id: row for product, row in zip(found, rows, strict=True)}
    by_key: dict[str, dict[str, Any]] = {}
    for product in found:
        for key in (product.name, product.barcode, product.code):
            if key:
                by_key[key] = shown[product.id]
    return [by_key.get(code) or by_key.get(key) for key, code in zip(keys, codes, strict=True)]


def priced(
    products: Sequence[Product], *, pricing: Pricing = list_prices, customer_id: Any = None, on: Any = None
) -> list[dict[str, Any]]:
    """Products as choices, each with its price and taxes for a party and a day."""
    day = _day(on)
    prices, rates = pricing(products, row_number(customer_id), day), catalog.rates_on(day)
    return [_choice(one, prices.get(one.id), catalog.taxes_of(one, on=day, rates=rates)) for one in products]


def party_choices(text: str, *, is_bought: bool = False) -> dict[str, Any]:
    """Visible, active parties for an editor's remote select: suppliers where something is bought."""
    query = select(Customer).where(Customer.is_active)
    if is_bought:
        query = query.where(Customer.is_supplier)
    text = clean(text)
    if text:
        query = query.where(Customer.id.in_(matching_ids(db.session(), Customer, text, limit=CHOICES)))
    found = db.session.scalars(query.order_by(Customer.name_sort, Customer.id).limit(CHOICES))
    rows = [{"id": c.id, "text": c.name, "hint": c.company_name or c.mobile or c.city or ""} for c in map(seen, found)]
    return {"results": rows, "more": False}


def default_taxes() -> list[dict[str, str]]:
    """The taxes of a line that names no product: general VAT of today."""
    return [{"name": "VAT", "percent": _percent(catalog.rate_on(TaxKind.VAT, today()))}]


def tax_name(kind: TaxKind) -> str:
    """The name of a tax in a document's figures."""
    return "VAT" if kind is TaxKind.VAT else kind.value


def addition_kinds() -> Sequence[AdditionKind]:
    """What can be added to a document or deducted from it, in order."""
    query = select(AdditionKind).where(AdditionKind.is_active)
    return db.session.scalars(query.order_by(AdditionKind.position, AdditionKind.id)).all()


def _choice(product: Product, price: Decimal | int | None, taxes: Sequence[Any]) -> dict[str, Any]:
    words = "" if price is None else plain(Decimal(price))
    return {
        "id": product.id,
        "code": product.code,
        "name": product.name,
        "text": f"{product.code} {product.name}",
        "hint": f"{Decimal(words):,f}" if words else "",
        "unit_id": product.unit_id,
        "unit": product.unit.name,
        "price": words,
        "taxes": [{"name": tax_name(tax.kind), "percent": _percent(tax.percent)} for tax in taxes],
    }


def _percent(value: Any) -> str:
    return format(value.normalize(), "f")


def _day(on: Any) -> date:
    try:
        return parse_date(on or "") or today()
    except InvalidDate:
        return today()


def price_list_of(customer_id: int | None) -> PriceList | None:
    """The list that holds for a customer: their own, else the base list."""
    if customer_id is not None:
        own = db.session.scalar(
            select(PriceList).join(Customer, Customer.price_list_id == PriceList.id).where(Customer.id == customer_id)
        )
        if own is not None:
            return own
    return catalog.base_price_list()
