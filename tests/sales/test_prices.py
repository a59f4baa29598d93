"""Prices and taxes hold from a day to a day, in every unit a product is sold in."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from app.core.actor import Actor, acting_as
from app.core.errors import Invalid, NotAllowed
from app.sales.catalog.models import PriceListItem, TaxClass, TaxKind, TaxRate
from app.sales.catalog.queries import (
    NoConversion,
    NoRate,
    PriceSource,
    base_price_list,
    listed_prices,
    price_of,
    products_by_code,
    rate_on,
    rates_on,
    taxes_of,
    units_of,
)
from app.sales.catalog.seed import seed
from app.sales.catalog.services import (
    PriceOverlap,
    check_price,
    check_rate,
    make_base,
    set_conversion,
    set_price,
)
from tests.factories import (
    EmployeeFactory,
    PriceListFactory,
    PriceListItemFactory,
    ProductFactory,
    TaxRateFactory,
    UnitFactory,
)
from tests.factories.acting import actor_with

EDIT = ("edit", "sales.prices")
NOWRUZ_1402, NOWRUZ_1403 = date(2023, 3, 21), date(2024, 3, 20)
SUMMER_1403 = date(2024, 7, 1)


@pytest.fixture
def clerk(session: Any) -> Any:
    with acting_as(actor_with(EmployeeFactory(), EDIT, ("edit", "sales.catalog"))) as actor:
        yield actor


def test_the_list_goes_before_the_product(clerk: Any) -> None:
    product, prices = ProductFactory(price_rials=100_000), PriceListFactory()
    set_price(product, unit=product.unit, price_list=prices, price_rials=90_000, from_on=NOWRUZ_1403)
    listed = price_of(product, unit=product.unit, price_list=prices, on=NOWRUZ_1403)
    before = price_of(product, unit=product.unit, price_list=prices, on=date(2024, 3, 19))
    assert listed is not None
    assert before is not None
    assert (listed.rials, listed.source) == (90_000, PriceSource.LIST)
    assert (before.rials, before.source) == (100_000, PriceSource.PRODUCT)


def test_a_carton_costs_its_contents_unless_it_has_a_price(clerk: Any) -> None:
    product, carton, prices = ProductFactory(), UnitFactory(), PriceListFactory()
    set_conversion(product, unit=carton, factor=Decimal("12.5"))
    set_price(product, unit=product.unit, price_list=prices, price_rials=999, from_on=NOWRUZ_1403)
    converted = price_of(product, unit=carton, price_list=prices, on=SUMMER_1403)
    assert converted is not None
    assert (converted.rials, converted.source) == (Decimal("12487.5"), PriceSource.CONVERTED)
    set_price(product, unit=carton, price_list=prices, price_rials=11_000, from_on=NOWRUZ_1403)
    own = price_of(product, unit=carton, price_list=prices, on=SUMMER_1403)
    assert own is not None
    assert (own.rials, own.source) == (11_000, PriceSource.LIST)
    assert units_of(product) == [product.unit, carton]


def test_a_new_price_ends_the_old_one_the_day_before(clerk: Any) -> None:
    product, prices = ProductFactory(), PriceListFactory()
    old = set_price(product, unit=product.unit, price_list=prices, price_rials=1, from_on=NOWRUZ_1402)
    set_price(product, unit=product.unit, price_list=prices, price_rials=2, from_on=NOWRUZ_1403)
    assert old.until_on == date(2024, 3, 19)
    key = (product.id, product.unit_id)
    assert listed_prices(prices.id, on=date(2024, 3, 19))[key] == 1
    assert listed_prices(prices.id, on=NOWRUZ_1403)[key] == 2
    assert listed_prices(prices.id, on=date(2020, 1, 1)) == {}


def test_two_prices_never_hold_on_one_day(clerk: Any) -> None:
    item = PriceListItemFactory(from_on=NOWRUZ_1402, until_on=date(2024, 3, 19))
    rival = PriceListItem(
        price_list_id=item.price_list.id,
        product_id=item.product.id,
        unit_id=item.unit.id,
        price_rials=5,
        from_on=date(2024, 3, 19),
    )
    with pytest.raises(PriceOverlap):
        check_price(rival)
    rival.from_on = NOWRUZ_1403
    check_price(rival)


@pytest.mark.parametrize(
    "values",
    [{"price_rials": -1}, {"until_on": date(2020, 1, 1)}, {"unit": None}],
    ids=["negative", "backwards", "foreign unit"],
)
def test_a_price_that_makes_no_sense_is_refused(clerk: Any, values: dict[str, Any]) -> None:
    product = ProductFactory()
    unit = UnitFactory() if "unit" in values else product.unit
    usual = {"price_rials": 1, "from_on": NOWRUZ_1403, "until_on": None}
    numbers = {name: value for name, value in values.items() if name != "unit"}
    item = PriceListItem(
        price_list_id=PriceListFactory().id, product_id=product.id, unit_id=unit.id, **{**usual, **numbers}
    )
    with pytest.raises(Invalid):
        check_price(item)


def test_who_may_not_edit_sets_no_price(session: Any) -> None:
    product, prices, carton = ProductFactory(), PriceListFactory(), UnitFactory()
    with acting_as(actor_with(EmployeeFactory(), ("list", "sales.catalog"))):
        with pytest.raises(NotAllowed):
            set_price(product, unit=product.unit, price_list=prices, price_rials=1, from_on=NOWRUZ_1403)
        with pytest.raises(NotAllowed):
            set_conversion(product, unit=carton, factor=Decimal(2))
        with pytest.raises(NotAllowed):
            make_base(prices)


def test_a_unit_without_conversion_has_no_price(clerk: Any) -> None:
    with pytest.raises(NoConversion):
        price_of(ProductFactory(), unit=UnitFactory(), price_list=None, on=SUMMER_1403)


def test_no_price_anywhere_is_none_and_not_zero(clerk: Any) -> None:
    product = ProductFactory(price_rials=None)
    assert price_of(product, unit=product.unit, price_list=PriceListFactory(), on=SUMMER_1403) is None


def test_prices_of_a_tax_inclusive_list_say_so(clerk: Any) -> None:
    item = PriceListItemFactory(price_list=PriceListFactory(prices_include_tax=True))
    found = price_of(item.product, unit=item.unit, price_list=item.price_list, on=date(2025, 5, 1))
    assert found is not None
    assert found.includes_tax


def test_the_base_unit_takes_no_conversion(clerk: Any) -> None:
    product = ProductFactory()
    with pytest.raises(Invalid):
        set_conversion(product, unit=product.unit, factor=Decimal(2))


def test_one_list_is_the_base(clerk: Any) -> None:
    first, second = PriceListFactory(is_base=True), PriceListFactory()
    make_base(second)
    assert not first.is_base
    assert base_price_list() is second


# Taxes -----------------------------------------------------------------------------------------


@pytest.fixture
def rates(session: Any) -> None:
    with acting_as(Actor.system("test")):
        seed()


@pytest.mark.parametrize(
    ("on", "percent"),
    [(date(2012, 1, 1), 9), (date(2024, 3, 19), 9), (NOWRUZ_1403, 10), (date(2026, 11, 23), 10)],
    ids=["1390", "1402-12-29", "1403-01-01", "1405"],
)
def test_vat_rises_with_1403(rates: None, on: date, percent: int) -> None:
    assert rate_on(TaxKind.VAT, on) == percent


def test_before_the_table_begins_there_is_no_rate(rates: None) -> None:
    with pytest.raises(NoRate):
        rate_on(TaxKind.VAT, date(2000, 1, 1))


def test_seeds_are_planted_once_and_keep_changes(rates: None, session: Any) -> None:
    session.query(TaxRate).filter_by(percent=10).one().percent = Decimal(12)
    session.flush()
    with acting_as(Actor.system("test")):
        seed()
    assert rate_on(TaxKind.VAT, NOWRUZ_1403) == 12
    assert session.query(TaxRate).count() == 2


@pytest.mark.parametrize(
    ("tax_class", "percents"),
    [(TaxClass.TAXABLE, [10]), (TaxClass.EXEMPT, []), (TaxClass.ZERO, [0])],
    ids=lambda value: getattr(value, "value", ""),
)
def test_the_tax_class_decides_over_vat(rates: None, tax_class: TaxClass, percents: list[int]) -> None:
    product = ProductFactory(tax_class=tax_class)
    assert [tax.percent for tax in taxes_of(product, on=SUMMER_1403)] == percents


def test_further_duties_come_after_vat(rates: None) -> None:
    TaxRateFactory(kind=TaxKind.DUTY, code="tobacco", name="عوارض دخانیات", percent=Decimal("2.5"), from_on=NOWRUZ_1402)
    TaxRateFactory(kind=TaxKind.OTHER, code="green", name="عوارض سبز", percent=Decimal(1), from_on=NOWRUZ_1402)
    product = ProductFactory(duty_code="tobacco", charge_code="green")
    taxes = taxes_of(product, on=SUMMER_1403, rates=rates_on(SUMMER_1403))
    assert [(tax.kind, tax.percent) for tax in taxes] == [
        (TaxKind.VAT, 10),
        (TaxKind.DUTY, Decimal("2.5")),
        (TaxKind.OTHER, 1),
    ]
    with pytest.raises(NoRate):
        taxes_of(product, on=date(2020, 1, 1))


@pytest.mark.parametrize(
    "values",
    [{"percent": Decimal(101)}, {"percent": Decimal(-1)}, {"kind": TaxKind.DUTY}, {"from_on": NOWRUZ_1403}],
    ids=["over 100", "negative", "code of another kind", "same day twice"],
)
def test_a_rate_that_makes_no_sense_is_refused(rates: None, values: dict[str, Any]) -> None:
    usual = {"kind": TaxKind.VAT, "code": "vat", "name": "VAT", "percent": Decimal(11), "from_on": date(2027, 3, 21)}
    with pytest.raises(Invalid):
        check_rate(TaxRate(**{**usual, **values}))


def test_products_are_found_by_code_and_by_barcode(session: Any) -> None:
    product = ProductFactory(code="G-1", barcode="6260000000017")
    other = ProductFactory(code="G-2")
    found = products_by_code(["6260000000017", "G-2", "none", ""])
    assert found == {"6260000000017": product, "G-2": other}
