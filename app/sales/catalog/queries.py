"""What a product costs on a day, and which taxes it bears."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from flask_babel import lazy_gettext as _l
from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from app.core.db import db
from app.core.errors import DomainError
from app.sales.catalog.models import (
    PriceList,
    PriceListItem,
    Product,
    ProductUnit,
    TaxClass,
    TaxKind,
    TaxRate,
    Unit,
)


class NoRate(DomainError):
    """The table of rates has no row for that day."""

    code = "no_rate"
    default_message = _l("There is no tax rate for this date. Add one to the table of rates.")


class NoConversion(DomainError):
    """The product is not sold in that unit."""

    code = "no_conversion"
    default_message = _l("This product has no conversion to that unit.")


class PriceSource(StrEnum):
    """Where a price was found: in the list for that unit, in the list by conversion, on the product."""

    LIST = "list"
    CONVERTED = "converted"
    PRODUCT = "product"


@dataclass(frozen=True, slots=True)
class Price:
    """The price of one unit in rials, exact to three decimals when it was converted."""

    rials: Decimal
    source: PriceSource
    includes_tax: bool = False


@dataclass(frozen=True, slots=True)
class ProductTax:
    """A tax or duty that a line with the product bears, in percent."""

    kind: TaxKind
    name: str
    percent: Decimal


def factor_of(product: Product, unit: Unit) -> Decimal:
    """How many base units one `unit` of the product holds. Raises NoConversion."""
    if unit.id == product.unit_id:
        return Decimal(1)
    for further in product.units:
        if further.unit_id == unit.id:
            return further.factor
    raise NoConversion(product=product, unit=unit)


def units_of(product: Product) -> Sequence[Unit]:
    """The units the product may be sold in, the base unit first."""
    return [product.unit, *(further.unit for further in product.units)]


def base_price_list() -> PriceList | None:
    """The list that holds where no other is named."""
    return db.session.scalars(
        select(PriceList).where(PriceList.is_base, PriceList.is_active).order_by(PriceList.id).limit(1)
    ).first()


def price_of(product: Product, *, unit: Unit, price_list: PriceList | None, on: date) -> Price | None:
    """The price of one `unit` on a day; None when nobody set one.

    Looked for in the list for that unit, in the list for the base unit times the conversion, then
    on the product itself. Raises NoConversion.
    """
    factor = factor_of(product, unit)
    listed = {} if price_list is None else listed_prices(price_list.id, product_ids=[product.id], on=on)
    includes_tax = price_list is not None and price_list.prices_include_tax
    exact = listed.get((product.id, unit.id))
    if exact is not None:
        return Price(Decimal(exact), PriceSource.LIST, includes_tax)
    base = listed.get((product.id, product.unit_id))
    if base is not None:
        return Price(base * factor, PriceSource.CONVERTED, includes_tax)
    if product.price_rials is not None:
        return Price(product.price_rials * factor, PriceSource.PRODUCT)
    return None


def listed_prices(
    price_list_id: int, *, on: date, product_ids: Iterable[int] | None = None
) -> dict[tuple[int, int], int]:
    """Rials by (product id, unit id) that a list says for a day, in one query."""
    query = select(PriceListItem.product_id, PriceListItem.unit_id, PriceListItem.price_rials).where(
        PriceListItem.price_list_id == price_list_id,
        PriceListItem.from_on <= on,
        or_(PriceListItem.until_on.is_(None), PriceListItem.until_on >= on),
    )
    if product_ids is not None:
        query = query.where(PriceListItem.product_id.in_(list(product_ids)))
    rows = db.session.execute(query.order_by(PriceListItem.from_on))
    return {(product_id, unit_id): rials for product_id, unit_id, rials in rows}


def rates_on(on: date) -> dict[str, TaxRate]:
    """Every code with the row that holds on a day."""
    latest = (
        select(TaxRate.code, func.max(TaxRate.from_on).label("from_on"))
        .where(TaxRate.from_on <= on)
        .group_by(TaxRate.code)
        .subquery()
    )
    query = select(TaxRate).join(latest, and_(latest.c.code == TaxRate.code, latest.c.from_on == TaxRate.from_on))
    return {rate.code: rate for rate in db.session.scalars(query)}


def rate_on(kind: TaxKind, on: date, *, code: str | None = None) -> Decimal:
    """The percent that holds on a day, of a kind's general rate or of a named one. Raises NoRate."""
    found = rates_on(on).get(code or kind.value)
    if found is None or found.kind is not kind:
        raise NoRate(kind=kind, on=on)
    return found.percent


def taxes_of(product: Product, *, on: date, rates: dict[str, TaxRate] | None = None) -> list[ProductTax]:
    """What a line with the product bears on a day: VAT, then duty, then the other legal charge.

    An exempt product bears no VAT line, a zero-rated one a line of 0 %. `rates` spares the query
    where many lines of one day are worked out. Raises NoRate.
    """
    known = rates_on(on) if rates is None else rates
    wanted = [] if product.tax_class is TaxClass.EXEMPT else [TaxKind.VAT.value]
    wanted += [code for code in (product.duty_code, product.charge_code) if code]
    taxes = []
    for code in wanted:
        rate = known.get(code)
        if rate is None:
            raise NoRate(product=product, on=on)
        is_zero = rate.kind is TaxKind.VAT and product.tax_class is TaxClass.ZERO
        taxes.append(ProductTax(rate.kind, rate.name, Decimal(0) if is_zero else rate.percent))
    return taxes


def products_by_code(codes: Iterable[str]) -> dict[str, Product]:
    """Products by code or barcode, with their units, in one query."""
    wanted = {code for code in codes if code}
    if not wanted:
        return {}
    query = (
        select(Product)
        .where(or_(Product.code.in_(wanted), Product.barcode.in_(wanted)))
        .options(joinedload(Product.unit), selectinload(Product.units).joinedload(ProductUnit.unit))
    )
    found: dict[str, Product] = {}
    for product in db.session.scalars(query):
        if product.barcode in wanted:
            found.setdefault(product.barcode or "", product)
        if product.code in wanted:
            found[product.code] = product
    return found
