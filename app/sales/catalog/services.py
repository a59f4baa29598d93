"""Making and changing products, their units, prices and tax rates."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import or_, select

from app.core import digits
from app.core.actor import require_current
from app.core.db import db
from app.core.errors import DomainError, FieldError, Invalid
from app.core.text import clean
from app.sales.catalog.models import (
    PriceList,
    PriceListItem,
    Product,
    ProductUnit,
    TaxKind,
    TaxRate,
    Unit,
)

SUBJECT = "sales.catalog"
PRICES = "sales.prices"
RATES = "sales.rates"
TAX_CODE = re.compile(r"[0-9]{13}")


class PriceOverlap(DomainError):
    """Two prices of one product and unit would hold on the same day."""

    code = "price_overlap"
    default_message = _l("Another price of this product and unit holds in that time.")


def check_product(product: Product) -> None:
    """Fold the codes and raise Invalid with every bad value of a product."""
    for name in ("code", "barcode", "tax_code"):
        value = getattr(product, name)
        setattr(product, name, digits.to_ascii(value).strip() or None if value else None)
    product.name = clean(product.name or "")
    errors = []
    if not product.name:
        errors.append(FieldError("name", "required", _l("A product needs a name.")))
    if product.unit is None and product.unit_id is None:
        errors.append(FieldError("unit_id", "required", _l("A product needs a unit.")))
    if not product.code:
        errors.append(FieldError("code", "required", _l("A product needs a code.")))
    elif _taken(Product, Product.code == product.code, product.id):
        errors.append(FieldError("code", "taken", _l("Another product has this code.")))
    if product.barcode and _taken(Product, Product.barcode == product.barcode, product.id):
        errors.append(FieldError("barcode", "taken", _l("Another product has this barcode.")))
    if product.tax_code and not TAX_CODE.fullmatch(product.tax_code):
        message = _l("The tax system's product identifier has 13 digits.")
        errors.append(FieldError("tax_code", "malformed", message))
    if product.price_rials is not None and product.price_rials < 0:
        errors.append(FieldError("price_rials", "negative", _l("A price cannot be negative.")))
    errors += _rate_code_errors(product)
    if errors:
        raise Invalid(errors)


def create_product(*, code: str, name: str, unit: Unit, **values: Any) -> Product:
    """A new product; `values` are further columns. Raises NotAllowed, Invalid."""
    require_current().require("add", SUBJECT)
    product = Product(code=code, name=name, unit_id=unit.id, **values)
    check_product(product)
    db.session.add(product)
    db.session.flush()
    return product


def update_product(product: Product, **changes: Any) -> Product:
    """Change columns of a product. Raises NotAllowed, Invalid."""
    require_current().require("edit", SUBJECT)
    with db.session.no_autoflush:
        for name, value in changes.items():
            setattr(product, name, value)
        check_product(product)
    db.session.flush()
    return product


def check_product_unit(further: ProductUnit) -> None:
    """Raises Invalid for a conversion that says nothing or contradicts the base unit."""
    product = further.product or db.session.get_one(Product, further.product_id)
    unit_id = further.unit.id if further.unit is not None else further.unit_id
    errors = []
    if unit_id == product.unit_id:
        message = _l("The base unit needs no conversion.")
        errors.append(FieldError("unit_id", "base_unit", message))
    if further.factor is None or further.factor <= 0:
        errors.append(FieldError("factor", "too_small", _l("A conversion is greater than zero.")))
    if errors:
        raise Invalid(errors)


def set_conversion(product: Product, *, unit: Unit, factor: Any) -> ProductUnit:
    """Say how many base units one `unit` of a product holds. Raises NotAllowed, Invalid."""
    require_current().require("edit", SUBJECT)
    further = next((known for known in product.units if known.unit_id == unit.id), None)
    if further is None:
        further = ProductUnit(product_id=product.id, unit_id=unit.id)
    further.factor = factor
    check_product_unit(further)
    if further not in product.units:
        product.units.append(further)
    db.session.flush()
    return further


def check_price(item: PriceListItem) -> None:
    """Raises Invalid or PriceOverlap for a price that may not be saved."""
    errors = []
    if item.price_rials is None or item.price_rials < 0:
        errors.append(FieldError("price_rials", "negative", _l("A price cannot be negative.")))
    if item.until_on is not None and item.until_on < item.from_on:
        errors.append(FieldError("until_on", "before_start", _l("The last day lies before the first.")))
    with db.session.no_autoflush:
        product = item.product or db.session.get_one(Product, item.product_id)
        unit_id = item.unit.id if item.unit is not None else item.unit_id
        if unit_id != product.unit_id and all(further.unit_id != unit_id for further in product.units):
            message = _l("This product has no conversion to that unit.")
            errors.append(FieldError("unit_id", "no_conversion", message))
        if errors:
            raise Invalid(errors)
        list_id = item.price_list.id if item.price_list is not None else item.price_list_id
        if list_id is not None and _overlapping(item, list_id, product.id, unit_id):
            raise PriceOverlap(path="from_on", item=item)


def set_price(product: Product, *, unit: Unit, price_list: PriceList, price_rials: int, from_on: date) -> PriceListItem:
    """Begin a new price on a day; the price that held until then ends the day before.

    Raises NotAllowed, Invalid, PriceOverlap (a later price is already planned).
    """
    require_current().require("edit", PRICES)
    before = db.session.scalars(
        select(PriceListItem).where(
            PriceListItem.price_list_id == price_list.id,
            PriceListItem.product_id == product.id,
            PriceListItem.unit_id == unit.id,
            PriceListItem.from_on < from_on,
            or_(PriceListItem.until_on.is_(None), PriceListItem.until_on >= from_on),
        )
    ).first()
    if before is not None:
        before.until_on = from_on - timedelta(days=1)
        db.session.flush()
    item = PriceListItem(
        price_list_id=price_list.id,
        product_id=product.id,
        unit_id=unit.id,
        price_rials=price_rials,
        from_on=from_on,
    )
    check_price(item)
    db.session.add(item)
    db.session.flush()
    return item


def check_rate(rate: TaxRate) -> None:
    """Raises Invalid for a tax rate that may not be saved."""
    errors = []
    rate.code = (rate.code or "").strip() or (rate.kind.value if rate.kind else "")
    if rate.percent is None or not 0 <= rate.percent <= 100:
        errors.append(FieldError("percent", "out_of_range", _l("A rate lies between 0 and 100 percent.")))
    if rate.from_on is None:
        errors.append(FieldError("from_on", "required", _l("Say from which day the rate holds.")))
    if rate.code in set(TaxKind) and rate.kind is not None and rate.code != rate.kind.value:
        errors.append(FieldError("code", "reserved", _l("This code belongs to another kind of tax.")))
    if _taken(TaxRate, (TaxRate.code == rate.code) & (TaxRate.from_on == rate.from_on), rate.id):
        errors.append(FieldError("from_on", "taken", _l("There is a rate from this day already.")))
    if errors:
        raise Invalid(errors)


def check_named(record: Any) -> None:
    """Raises Invalid for a unit, group or price list without a code or name, or with a taken code."""
    model = type(record)
    record.code = digits.to_ascii(record.code or "").strip()
    record.name = clean(record.name or "")
    errors = []
    if not record.name:
        errors.append(FieldError("name", "required", _l("This field is needed.")))
    if not record.code:
        errors.append(FieldError("code", "required", _l("This field is needed.")))
    elif _taken(model, model.code == record.code, record.id):
        errors.append(FieldError("code", "taken", _l("Another row has this code.")))
    if errors:
        raise Invalid(errors)


def make_base(price_list: PriceList) -> None:
    """Let a price list hold wherever none is named; there is one of these. Raises NotAllowed."""
    require_current().require("edit", PRICES)
    for other in db.session.scalars(select(PriceList).where(PriceList.is_base)):
        other.is_base = other is price_list
    price_list.is_base = True
    db.session.flush()


def _overlapping(item: PriceListItem, list_id: int, product_id: int, unit_id: int) -> bool:
    query = select(PriceListItem.id).where(
        PriceListItem.price_list_id == list_id,
        PriceListItem.product_id == product_id,
        PriceListItem.unit_id == unit_id,
        or_(PriceListItem.until_on.is_(None), PriceListItem.until_on >= item.from_on),
    )
    if item.until_on is not None:
        query = query.where(PriceListItem.from_on <= item.until_on)
    if item.id is not None:
        query = query.where(PriceListItem.id != item.id)
    return db.session.scalars(query.limit(1)).first() is not None


def _rate_code_errors(product: Product) -> list[FieldError]:
    errors = []
    for name, kind in (("duty_code", TaxKind.DUTY), ("charge_code", TaxKind.OTHER)):
        code = getattr(product, name) or None
        setattr(product, name, code)
        if code is None:
            continue
        with db.session.no_autoflush:
            query = select(TaxRate.id).where(TaxRate.code == code, TaxRate.kind == kind)
            if db.session.scalars(query.limit(1)).first() is None:
                errors.append(FieldError(name, "unknown", _l("There is no rate with this code.")))
    return errors


def _taken(model: Any, condition: Any, but: int | None) -> bool:
    query = select(model.id).where(condition)
    if but is not None:
        query = query.where(model.id != but)
    with db.session.no_autoflush:
        return db.session.scalars(query.limit(1)).first() is not None
