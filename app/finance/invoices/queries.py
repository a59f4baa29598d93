"""What the invoice screens ask: products with price and taxes for a customer and a day, open drafts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import func, or_, select
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
from app.finance.invoices.models import Invoice
from app.finance.invoices.states import InvoiceState
from app.sales.catalog import queries as catalog
from app.sales.catalog.models import PriceList, Product, TaxKind

CHOICES = 12


def product_choices(text: str, *, customer_id: Any = None, on: Any = None) -> list[dict[str, Any]]:
    """Products for the line grid: best matches of what was typed, with price and taxes."""
    query = select(Product).where(Product.is_active).options(joinedload(Product.unit))
    text = clean(text)
    if text:
        ids = matching_ids(db.session(), Product, text, limit=CHOICES)
        code = to_ascii(text)
        query = query.where(or_(Product.id.in_(ids), Product.code == code, Product.barcode == code))
    query = query.order_by(Product.name_sort, Product.id).limit(CHOICES)
    return _with_prices(db.session.scalars(query).all(), customer_id=customer_id, on=on)


def customer_choices(text: str) -> dict[str, Any]:
    """Visible, active customers for the editor's remote select."""
    query = select(Customer).where(Customer.is_active)
    text = clean(text)
    if text:
        query = query.where(Customer.id.in_(matching_ids(db.session(), Customer, text, limit=CHOICES)))
    found = db.session.scalars(query.order_by(Customer.name_sort, Customer.id).limit(CHOICES))
    rows = [{"id": c.id, "text": c.name, "hint": c.company_name or c.mobile or c.city or ""} for c in map(seen, found)]
    return {"results": rows, "more": False}


def products_named(texts: Sequence[str], *, customer_id: Any = None, on: Any = None) -> list[dict[str, Any] | None]:
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
    shown = dict(zip([p.id for p in found], _with_prices(found, customer_id=customer_id, on=on), strict=True))
    by_key: dict[str, dict[str, Any]] = {}
    for product in found:
        for key in (product.name, product.barcode, product.code):
            if key:
                by_key[key] = shown[product.id]
    return [by_key.get(code) or by_key.get(key) for key, code in zip(keys, codes, strict=True)]


def default_taxes() -> list[dict[str, str]]:
    """The taxes of a line that names no product: general VAT of today."""
    return [{"name": "VAT", "percent": _percent(catalog.rate_on(TaxKind.VAT, today()))}]


def _with_prices(products: Sequence[Product], *, customer_id: Any, on: Any) -> list[dict[str, Any]]:
    day = _day(on)
    price_list = _price_list(customer_id)
    listed = catalog.listed_prices(price_list.id, product_ids=[p.id for p in products], on=day) if price_list else {}
    rates = catalog.rates_on(day)
    return [_choice(product, listed, catalog.taxes_of(product, on=day, rates=rates)) for product in products]


def _choice(product: Product, listed: dict[tuple[int, int], int], taxes: Sequence[Any]) -> dict[str, Any]:
    price = listed.get((product.id, product.unit_id), seen(product).price_rials)
    return {
        "id": product.id,
        "code": product.code,
        "name": product.name,
        "text": f"{product.code} {product.name}",
        "hint": f"{price:,}" if price is not None else "",
        "unit_id": product.unit_id,
        "unit": product.unit.name,
        "price": "" if price is None else str(price),
        "taxes": [{"name": tax_name(tax.kind), "percent": _percent(tax.percent)} for tax in taxes],
    }


def tax_name(kind: TaxKind) -> str:
    """The name of a tax in a document's figures."""
    return "VAT" if kind is TaxKind.VAT else kind.value


def _percent(value: Any) -> str:
    return format(value.normalize(), "f")


def _day(on: Any) -> date:
    try:
        return parse_date(on or "") or today()
    except InvalidDate:
        return today()


def _price_list(customer_id: Any) -> PriceList | None:
    if (number := row_number(customer_id)) is not None:
        own = db.session.scalar(
            select(PriceList).join(Customer, Customer.price_list_id == PriceList.id).where(Customer.id == number)
        )
        if own is not None:
            return own
    return catalog.base_price_list()


def waiting_drafts(limit: int) -> Sequence[Invoice]:
    """The oldest drafts that wait to be issued, for the home page."""
    return db.session.scalars(
        select(Invoice).where(Invoice.state == InvoiceState.DRAFT).order_by(Invoice.invoice_on, Invoice.id).limit(limit)
    ).all()


def waiting_draft_count(most: int = 1000) -> int:
    """How many drafts wait, counted to `most` + 1 at the most."""
    some = select(Invoice.id).where(Invoice.state == InvoiceState.DRAFT).limit(most + 1).subquery()
    return db.session.scalar(select(func.count()).select_from(some)) or 0
