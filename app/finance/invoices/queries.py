"""What the invoice screens ask: products with price and taxes for a customer and a day, open drafts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
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
from app.finance.invoices.bulk import plain
from app.finance.invoices.kinds import POLICIES, InvoiceKind
from app.finance.invoices.models import AdditionKind, Branch, Invoice, InvoiceLine, SalesInvoice
from app.finance.invoices.states import InvoiceState
from app.sales.catalog import queries as catalog
from app.sales.catalog.models import PriceList, Product, TaxKind

CHOICES = 12


def product_choices(
    text: str, *, kind: InvoiceKind = InvoiceKind.SALES, customer_id: Any = None, on: Any = None
) -> list[dict[str, Any]]:
    """Products for the line grid: best matches of what was typed, with price and taxes."""
    query = select(Product).where(Product.is_active).options(joinedload(Product.unit))
    text = clean(text)
    if text:
        ids = matching_ids(db.session(), Product, text, limit=CHOICES)
        code = to_ascii(text)
        query = query.where(or_(Product.id.in_(ids), Product.code == code, Product.barcode == code))
    query = query.order_by(Product.name_sort, Product.id).limit(CHOICES)
    return _with_prices(db.session.scalars(query).all(), kind=kind, customer_id=customer_id, on=on)


def customer_choices(text: str, *, kind: InvoiceKind = InvoiceKind.SALES) -> dict[str, Any]:
    """Visible, active parties for the editor's remote select: suppliers where something is bought."""
    query = select(Customer).where(Customer.is_active)
    if POLICIES[kind].is_bought:
        query = query.where(Customer.is_supplier)
    text = clean(text)
    if text:
        query = query.where(Customer.id.in_(matching_ids(db.session(), Customer, text, limit=CHOICES)))
    found = db.session.scalars(query.order_by(Customer.name_sort, Customer.id).limit(CHOICES))
    rows = [{"id": c.id, "text": c.name, "hint": c.company_name or c.mobile or c.city or ""} for c in map(seen, found)]
    return {"results": rows, "more": False}


def products_named(
    texts: Sequence[str], *, kind: InvoiceKind = InvoiceKind.SALES, customer_id: Any = None, on: Any = None
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
    shown = dict(
        zip([p.id for p in found], _with_prices(found, kind=kind, customer_id=customer_id, on=on), strict=True)
    )
    by_key: dict[str, dict[str, Any]] = {}
    for product in found:
        for key in (product.name, product.barcode, product.code):
            if key:
                by_key[key] = shown[product.id]
    return [by_key.get(code) or by_key.get(key) for key, code in zip(keys, codes, strict=True)]


def default_taxes() -> list[dict[str, str]]:
    """The taxes of a line that names no product: general VAT of today."""
    return [{"name": "VAT", "percent": _percent(catalog.rate_on(TaxKind.VAT, today()))}]


def _with_prices(products: Sequence[Product], *, kind: InvoiceKind, customer_id: Any, on: Any) -> list[dict[str, Any]]:
    day = _day(on)
    prices = _bought_at(products, customer_id) if POLICIES[kind].is_bought else _sold_at(products, customer_id, day)
    rates = catalog.rates_on(day)
    return [_choice(one, prices.get(one.id), catalog.taxes_of(one, on=day, rates=rates)) for one in products]


def _sold_at(products: Sequence[Product], customer_id: Any, day: date) -> dict[int, Decimal | int | None]:
    """Each product's price to a customer: of their price list, else its own."""
    price_list = _price_list(customer_id)
    listed = catalog.listed_prices(price_list.id, product_ids=[p.id for p in products], on=day) if price_list else {}
    return {one.id: listed.get((one.id, one.unit_id), seen(one).price_rials) for one in products}


def _bought_at(products: Sequence[Product], supplier_id: Any) -> dict[int, Decimal | int | None]:
    """What each product cost by its last line of a supplier's issued invoices; sales prices say nothing."""
    number = row_number(supplier_id)
    if number is None:
        return {}
    last = (
        select(func.max(InvoiceLine.id))
        .join(Invoice, Invoice.id == InvoiceLine.invoice_id)
        .where(
            InvoiceLine.product_id.in_([one.id for one in products]),
            Invoice.kind == InvoiceKind.PURCHASE,
            Invoice.customer_id == number,
            Invoice.state == InvoiceState.ISSUED,
            Invoice.voids_id.is_(None),
        )
        .group_by(InvoiceLine.product_id)
    )
    query = select(InvoiceLine.product_id, InvoiceLine.unit_price).where(InvoiceLine.id.in_(last))
    return {key: price for key, price in db.session.execute(query) if key is not None}


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


def waiting_drafts(limit: int) -> Sequence[SalesInvoice]:
    """The oldest drafts that wait to be issued, for the home page."""
    return db.session.scalars(
        select(SalesInvoice)
        .where(SalesInvoice.state == InvoiceState.DRAFT)
        .order_by(SalesInvoice.invoice_on, SalesInvoice.id)
        .limit(limit)
    ).all()


def waiting_draft_count(most: int = 1000) -> int:
    """How many drafts wait, counted to `most` + 1 at the most."""
    some = select(SalesInvoice.id).where(SalesInvoice.state == InvoiceState.DRAFT).limit(most + 1).subquery()
    return db.session.scalar(select(func.count()).select_from(some)) or 0


def branches() -> Sequence[Branch]:
    """The branches, in the order in which they were made."""
    return db.session.scalars(select(Branch).order_by(Branch.id)).all()


def addition_kinds() -> Sequence[AdditionKind]:
    """What can be added to a document or deducted from it, in order."""
    query = select(AdditionKind).where(AdditionKind.is_active)
    return db.session.scalars(query.order_by(AdditionKind.position, AdditionKind.id)).all()


def returns_of(invoice: Invoice) -> Sequence[Invoice]:
    """The visible returns of an invoice, drafts and void ones too, oldest first."""
    query = select(Invoice).where(Invoice.original_id == invoice.id, Invoice.voids_id.is_(None))
    return db.session.scalars(query.order_by(Invoice.id)).all()


def counter_documents(invoice: Invoice) -> Sequence[Invoice]:
    """The visible document that voids an invoice, if there is one."""
    return db.session.scalars(select(Invoice).where(Invoice.voids_id == invoice.id)).all()
