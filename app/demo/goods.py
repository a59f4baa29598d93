"""Goods, services and price lists of the demo company."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from random import Random
from typing import Any

from sqlalchemy import select

from app.core import clock
from app.core.calendar import jalali_year_range, to_jalali
from app.core.db import db
from app.demo import material
from app.sales.catalog.models import (
    PriceList,
    PriceListItem,
    Product,
    ProductCategory,
    ProductKind,
    ProductUnit,
    TaxClass,
    Unit,
)
from app.sales.catalog.queries import base_price_list

STEP = 1_000


def make_goods(count: int, *, rng: Random) -> list[Product]:
    """Make products up to `count` in all, with cartons and prices in every list; returns the new ones."""
    units = {unit.code: unit for unit in db.session.scalars(select(Unit))}
    known = set(db.session.scalars(select(Product.code)))
    made = []
    for place, (group, name) in enumerate(_names(count)):
        code = f"{group['code']}-{place + 1:04d}"
        if code in known:
            continue
        product = _product(code, name, place, group=group, units=units, rng=rng)
        db.session.add(product)
        made.append(product)
    db.session.flush()
    _price(made, rng)
    return made


def _names(count: int) -> list[tuple[dict[str, Any], str]]:
    """`count` different (group, name) pairs, groups taken in turn."""
    pools = [
        [(group, f"{item} {size}") for size in group["sizes"] for item in group["items"]]
        for group in material.table("goods")
    ]
    names = [pair for pool in pools for pair in pool]
    rounds = -(-count // len(names))
    more = [(group, f"{name} {extra + 1}") for extra in range(1, rounds) for group, name in names]
    return (names + more)[:count]


def _product(
    code: str, name: str, place: int, *, group: dict[str, Any], units: dict[str, Unit], rng: Random
) -> Product:
    price = rng.randrange(group["from"], group["to"]) // STEP * STEP
    is_service = group["code"] == "SERVICE"
    product = Product(
        code=code,
        name=name,
        kind=ProductKind.SERVICE if is_service else ProductKind.GOODS,
        barcode=None if is_service else material.barcode(place),
        category=_category(group),
        unit=units[group["unit"]],
        tax_code=f"{2720000000000 + place * 137:013d}",
        tax_class=TaxClass(group["tax"]),
        price_rials=price,
        is_active=True,
    )
    if group["carton"]:
        product.units.append(ProductUnit(unit=units["ctn"], factor=Decimal(group["carton"])))
    return product


def _category(group: dict[str, Any]) -> ProductCategory:
    found = db.session.scalars(select(ProductCategory).where(ProductCategory.code == group["code"])).first()
    if found is None:
        found = ProductCategory(code=group["code"], name=group["name"])
        db.session.add(found)
        db.session.flush()
    return found


def price_lists() -> list[PriceList]:
    """The base list and the demo's further lists, made where they are missing."""
    for entry in material.table("company")["price_lists"]:
        if db.session.scalars(select(PriceList.id).where(PriceList.code == entry["code"])).first() is None:
            db.session.add(PriceList(code=entry["code"], name=entry["name"]))
    db.session.flush()
    return list(db.session.scalars(select(PriceList).order_by(PriceList.id)))


def _price(products: list[Product], rng: Random) -> None:
    """Prices of last year and of this year, so that a dated list has something to show."""
    percents = {entry["code"]: entry["percent"] for entry in material.table("company")["price_lists"]}
    this_year = to_jalali(clock.today())[0]
    base = base_price_list()
    for price_list in price_lists():
        percent = 100 if price_list is base else percents.get(price_list.code, 100)
        for product in products:
            now = (product.price_rials or 0) * percent // 100 // STEP * STEP
            before = now * rng.randrange(65, 85) // 100 // STEP * STEP
            old = jalali_year_range(this_year - 1)
            db.session.add(_item(price_list, product, before, old[0], old[1]))
            db.session.add(_item(price_list, product, now, jalali_year_range(this_year)[0], None))
    db.session.flush()


def _item(price_list: PriceList, product: Product, rials: int, from_on: date, until_on: date | None) -> PriceListItem:
    return PriceListItem(
        price_list_id=price_list.id,
        product_id=product.id,
        unit_id=product.unit_id,
        price_rials=rials,
        from_on=from_on,
        until_on=until_on,
    )
