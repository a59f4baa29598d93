"""The basket as a workbook: the list to fill in, errors in their rows, corrected in place."""

from __future__ import annotations

import io
import re
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from openpyxl import Workbook, load_workbook
from sqlalchemy import select

from app.core.db import db
from app.org.employees.models import Employee
from app.sales.dealers import sheet
from app.sales.dealers.models import Basket
from app.sales.orders.models import SalesOrder
from tests.app_fixtures import Visitor
from tests.factories import ProductFactory
from tests.factories.dealers import dealer_person
from tests.sales.dealers.test_panel import hidden

XLSX = "basket.xlsx"


@pytest.fixture
def person(app: Flask) -> Employee:
    return dealer_person()


@pytest.fixture
def panel(as_user: Any, person: Employee) -> Visitor:
    visitor: Visitor = as_user(person)
    return visitor


def book(*rows: tuple[Any, ...], head: tuple[str, ...] = ("Code", "Quantity")) -> bytes:
    made, out = Workbook(), io.BytesIO()
    for row in (head, *rows):
        made.active.append(row)  # type: ignore[union-attr]
    made.save(out)
    return out.getvalue()


def upload(panel: Visitor, content: bytes, name: str = XLSX) -> str:
    answer = panel.post("/dealer/basket/upload", data={"file": (io.BytesIO(content), name)})
    assert answer.headers["Location"].endswith("/dealer/basket")
    return panel.get("/dealer/basket").text


def lines_of(person: Employee) -> list[tuple[int | None, Decimal | None]]:
    basket = db.session.scalar(select(Basket).where(Basket.user_id == person.id, Basket.order_id.is_(None)))
    return [(line.product_id, line.quantity) for line in basket.lines] if basket is not None else []


def test_the_list_holds_codes_and_own_prices_and_comes_back(panel: Visitor, person: Employee) -> None:
    product, unpriced = ProductFactory(name="=1+1", price_rials=5_500), ProductFactory(price_rials=None)
    answer = panel.get("/dealer/basket/list.xlsx")
    filled = load_workbook(io.BytesIO(answer.data))
    table = filled.active
    assert table is not None
    codes = {row[0].value: row for row in table.iter_rows()}  # type: ignore[union-attr]
    assert unpriced.code not in codes
    row = codes[product.code]
    assert (row[1].value, row[1].data_type, row[3].value) == ("=1+1", "s", 5_500)
    row[4].value = 7
    out = io.BytesIO()
    filled.save(out)
    upload(panel, out.getvalue())
    assert lines_of(person) == [(product.id, Decimal(7))]


def test_three_bad_rows_are_corrected_in_place_and_ordered(panel: Visitor, person: Employee) -> None:
    good, mistyped, odd, part = (ProductFactory(price_rials=1_000) for _ in range(4))
    rows = [(good.code, 2), ("no-such-code", 3), (odd.code, "many"), (part.code, 1.5), ("unwanted", None)]
    page = upload(panel, book(*rows))
    assert page.count("basket-line invalid") == 3
    assert 'name="shown"' not in page  # nothing is ordered while a row is wrong
    fixes = {"no-such-code": (mistyped.code, "3"), odd.code: (odd.code, "۴"), part.code: (part.code, "1")}
    form = {}
    for line_id, code in re.findall(r'name="code-(\d+)" value="([^"]*)"', page):
        form[f"code-{line_id}"], form[f"quantity-{line_id}"] = fixes.get(code, (code, "2"))
    panel.post("/dealer/basket/lines", data=form)
    page = panel.get("/dealer/basket").text
    assert "basket-line invalid" not in page
    panel.post("/dealer/basket/order", data={"key": hidden(page, "key"), "shown": hidden(page, "shown")})
    order = db.session.scalars(select(SalesOrder)).one()
    wanted = {good.id: 2, mistyped.id: 3, odd.id: 4, part.id: 1}
    assert {line.product_id: line.quantity for line in order.lines} == wanted


def test_what_is_corrected_wrongly_stays_to_be_corrected(panel: Visitor) -> None:
    page = upload(panel, book(("no-such-code", 3)))
    line_id = re.findall(r'name="code-(\d+)"', page)[0]
    panel.post("/dealer/basket/lines", data={f"code-{line_id}": "still-wrong", f"quantity-{line_id}": "0"})
    page = panel.get("/dealer/basket").text
    assert "basket-line invalid" in page
    assert "still-wrong" in page


def test_the_same_file_twice_adds_nothing(panel: Visitor, person: Employee) -> None:
    product = ProductFactory()
    content = book((product.code, 2), ("no-such-code", 1))
    upload(panel, content)
    first = lines_of(person)
    upload(panel, content)
    assert lines_of(person) == first
    assert len(first) == 2


def test_a_product_that_comes_twice_is_added_up(panel: Visitor, person: Employee) -> None:
    product = ProductFactory(code="00123", barcode="6260001")
    head = ("کد کالا", "تعداد")
    upload(panel, book(("۰۰۱۲۳", "۲"), ("00123", 3), (6260001, 1), head=head))
    assert lines_of(person) == [(product.id, Decimal(6))]


def test_an_error_of_a_cell_is_told_and_not_passed_over(panel: Visitor) -> None:
    product = ProductFactory()
    page = upload(panel, book((product.code, "#REF!"), (product.code, "=1+1")))
    assert page.count("basket-line invalid") == 2


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"", XLSX), (b"%PDF-1.4", "a.pdf"), (b"PK\x03\x04broken", XLSX),
        (book(("a", 1), head=("one", "two")), XLSX), (book(("a", None)), XLSX),
    ],
)  # fmt: skip
def test_a_file_that_is_no_basket_is_told(panel: Visitor, person: Employee, content: bytes, name: str) -> None:
    assert "tone-bad" in upload(panel, content, name)
    assert lines_of(person) == []


def test_without_a_file_nothing_happens(panel: Visitor) -> None:
    assert panel.post("/dealer/basket/upload", data={}).status_code == 302
    assert "tone-bad" in panel.get("/dealer/basket").text


def test_a_longer_workbook_than_any_basket_is_refused(
    panel: Visitor, person: Employee, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheet, "MOST_ROWS", 2)
    assert "tone-bad" in upload(panel, book(*((f"c{place}", 1) for place in range(4))))
    assert lines_of(person) == []
