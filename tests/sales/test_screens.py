"""The screens of the catalogue: products, prices and tax rates have doors of their own."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import select

from app.core.feature import Role
from app.sales.catalog.models import PriceList, PriceListItem, Product, TaxRate, Unit
from tests.factories import PriceListFactory, PriceListItemFactory, ProductCategoryFactory, ProductFactory

LISTS = (
    "/products/list/",
    "/price-lists/list/",
    "/prices/list/",
    "/tax-rates/list/",
    "/units/list/",
    "/product-groups/list/",
)


@pytest.fixture
def desk(as_user: Any) -> Any:
    return as_user(Role.ACCOUNTANT)


def png() -> Any:
    out = io.BytesIO()
    Image.new("RGB", (300, 200), "blue").save(out, "PNG")
    out.seek(0)
    return out


def product_form(session: Any, **values: Any) -> dict[str, Any]:
    unit = session.scalars(select(Unit).where(Unit.code == "pcs")).one()
    usual = {"code": "G-1", "name": "شير", "kind": "goods", "unit": unit.id, "tax_class": "taxable", "is_active": "y"}
    return {**usual, **values}


@pytest.mark.parametrize("path", LISTS)
def test_every_list_opens(desk: Any, path: str) -> None:
    PriceListItemFactory(product=ProductFactory(category=ProductCategoryFactory(parent=ProductCategoryFactory())))
    assert desk.get(path).status_code == 200


@pytest.mark.parametrize(
    "path",
    ["/products/add", "/price-lists/add", "/prices/add", "/tax-rates/add", "/product-groups/add", "/product-units/add"],
)
def test_every_form_opens(desk: Any, path: str) -> None:
    assert desk.get(path).status_code == 200


def test_a_product_is_added_with_its_picture(desk: Any, session: Any) -> None:
    sent = product_form(session, price_rials="۱۲۰٬۰۰۰", picture_file=(png(), "x.png"))
    answer = desk.post("/products/add", data=sent)
    product = session.scalars(select(Product)).one()
    assert answer.status_code == 302
    assert (product.name, product.price_rials) == ("شیر", 120_000)
    page = desk.get(f"/products/show/{product.id}")
    assert f"/products/picture/{product.id}" in page.text
    picture = desk.get(f"/products/picture/{product.id}")
    assert picture.mimetype == "image/webp"
    again = desk.get(f"/products/picture/{product.id}", headers={"If-None-Match": picture.headers["ETag"]})
    assert again.status_code == 304


def test_a_bad_picture_is_refused_with_the_form(desk: Any, session: Any) -> None:
    answer = desk.post("/products/add", data=product_form(session, picture_file=(io.BytesIO(b"<svg/>"), "x.svg")))
    assert answer.status_code == 422
    assert session.scalars(select(Product)).first() is None


def test_an_edit_without_a_file_keeps_the_picture(desk: Any, session: Any) -> None:
    desk.post("/products/add", data=product_form(session, picture_file=(png(), "x.png")))
    product = session.scalars(select(Product)).one()
    sent = product_form(session, name="ماست", version=product.version)
    assert desk.post(f"/products/edit/{product.id}", data=sent).status_code == 302
    assert product.name == "ماست"
    assert product.picture is not None


def test_prices_in_jalali_and_toman_are_read(desk: Any, session: Any) -> None:
    product, prices = ProductFactory(), PriceListFactory()
    sent = {
        "price_list": prices.id,
        "product": product.id,
        "unit": product.unit_id,
        "price_rials": "۹٬۰۰۰ تومان",
        "from_on": "۱۴۰۳/۰۱/۰۱",
    }
    assert desk.post("/prices/add", data=sent).status_code == 302
    item = session.scalars(select(PriceListItem)).one()
    assert (item.price_rials, item.from_on) == (90_000, date(2024, 3, 20))
    assert desk.post("/prices/add", data=sent).status_code == 422


def test_one_list_is_made_the_base(desk: Any, session: Any) -> None:
    chosen = PriceListFactory()
    desk.post(f"/price-lists/action/make_base/{chosen.id}")
    assert [row.id for row in session.scalars(select(PriceList).where(PriceList.is_base))] == [chosen.id]


def test_a_rate_is_added_and_none_deleted(desk: Any, session: Any) -> None:
    sent = {"kind": "vat", "code": "", "name": "VAT", "percent": "۱۱", "from_on": "1406/01/01"}
    assert desk.post("/tax-rates/add", data=sent).status_code == 302
    made = session.scalars(select(TaxRate).where(TaxRate.from_on == date(2027, 3, 21))).one()
    assert (made.code, made.percent) == ("vat", Decimal(11))
    desk.post(f"/tax-rates/delete/{made.id}")
    assert session.scalars(select(TaxRate).where(TaxRate.id == made.id)).first() is not None


# Closed doors ----------------------------------------------------------------------------------


@pytest.mark.parametrize("path", LISTS)
def test_a_dealer_sees_nothing_of_the_catalogue(as_user: Any, path: str) -> None:
    assert as_user(Role.DEALER).get(path).status_code in {302, 403}


@pytest.mark.parametrize("path", ["/tax-rates/list/", "/price-lists/list/", "/prices/list/"])
def test_a_secretary_sees_products_but_no_prices_and_rates(as_user: Any, path: str) -> None:
    secretary = as_user(Role.SECRETARY)
    assert secretary.get("/products/list/").status_code == 200
    assert secretary.get(path).status_code in {302, 403}


def test_a_sales_expert_changes_no_product_price_or_rate(as_user: Any, session: Any) -> None:
    visitor = as_user(Role.SALES)
    item = PriceListItemFactory(price_rials=5)
    product = item.product
    visitor.post("/products/add", data=product_form(session))
    visitor.post(f"/products/edit/{product.id}", data=product_form(session, version=product.version))
    visitor.post("/products/action_post", data={"action": "deactivate", "rowid": [product.id]})
    visitor.post(f"/price-lists/action/make_base/{item.price_list.id}")
    visitor.post(f"/prices/delete/{item.id}")
    visitor.post("/tax-rates/add", data={"kind": "vat", "name": "x", "percent": "1", "from_on": "1406/01/01"})
    assert session.scalars(select(Product)).all() == [product]
    assert product.is_active
    assert product.code != "G-1"
    assert not item.price_list.is_base
    assert session.scalars(select(PriceListItem)).all() == [item]
    assert len(session.scalars(select(TaxRate)).all()) == 2


def test_programs_follow_the_same_rights(as_program: Any, session: Any) -> None:
    product = ProductFactory()
    seller, accountant = as_program(Role.SALES), as_program(Role.ACCOUNTANT)
    assert [row["id"] for row in seller.get("/api/v1/products/").json["result"]] == [product.id]
    assert seller.put(f"/api/v1/products/{product.id}", json={"name": "x"}).status_code == 403
    assert as_program(Role.DEALER).get("/api/v1/products/").status_code == 403
    assert accountant.put(f"/api/v1/products/{product.id}", json={"name": "شير"}).status_code == 200
    assert product.name == "شیر"
    assert accountant.put(f"/api/v1/products/{product.id}", json={"tax_code": "12"}).status_code == 422
