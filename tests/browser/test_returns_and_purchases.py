"""The page of a return and the editor of purchases: by keyboard, refused, asked about, wide and on a phone."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from app.core.actor import Actor, acting_as
from app.core.db import db
from tests.browser import office
from tests.browser.conftest import Site, picture, until
from tests.factories import CustomerFactory, ProductFactory
from tests.factories.finance import issued_invoice, line

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser
SUPPLIER, PRODUCT = "پخش البرز آزمون", "RPX1"


@pytest.fixture(scope="module")
def sold(site: Site) -> int:
    """An issued invoice of three and of two, with freight of 5,000 rials; a supplier and a product."""
    with site.app.app_context(), acting_as(Actor.system("test")):
        CustomerFactory(name=SUPPLIER, is_supplier=True)
        ProductFactory(code=PRODUCT, name="کالای خرید", price_rials=1_000)
        freight = [{"name": "freight", "amount": "5000", "sign": 1, "taxed": False}]
        rows = [line("3", "1000", description="سیم"), line("2", "500", description="کلید")]
        invoice = issued_invoice(CustomerFactory(name="خریدار آزمون"), rows, additions=freight, invoice_on="")
        db.session.commit()
        key = int(invoice.id)
        db.session.remove()
    return key


@pytest.mark.parametrize(("locale", "width"), [("fa", 1280), ("en", 1280), ("fa", 400), ("en", 400)])
def test_their_pages_fit(person: Callable[..., Page], sold: int, locale: str, width: int) -> None:
    page = person("accountant", locale=locale, width=width)
    addresses = {
        "return": f"/sales-returns/editor/new?invoice_id={sold}",
        "purchase": "/purchases/editor/new",
        "void": f"/invoices/step/void/{sold}",
        "years": "/fiscal-years/list/",
    }
    for name, address in addresses.items():
        page.goto(address)
        page.wait_for_load_state("networkidle")
        picture(page, f"{name}-{locale}-{width}")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name} overflows"


def test_a_return_by_keyboard_is_refused_corrected_and_issued(person: Callable[..., Page], sold: int) -> None:
    page = person("accountant")
    page.goto(f"/sales-returns/editor/new?invoice_id={sold}")
    first, second = page.locator("[data-quantity]").all()
    first.focus()
    page.keyboard.type("4")  # of three
    page.keyboard.press("Enter")
    assert second.evaluate("box => box === document.activeElement")
    until(page, "!document.getElementById('return-errors').hidden")
    assert first.get_attribute("aria-invalid") == "true"
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Control+A")
    page.keyboard.type("۱٫۵")
    # 1.5 × 1,000 = 1,500 and VAT 150.
    until(page, "document.querySelector('dl.totals [data-total=payable]').innerText === '۱٬۶۵۰'")
    assert page.locator("#return-errors").is_hidden()
    page.locator("[data-refund=freight]").fill("6000")  # of five thousand
    until(page, "document.querySelector('[data-refund=freight]').classList.contains('is-invalid')")
    page.locator("[data-refund=freight]").fill("5000")
    until(page, "document.querySelector('dl.totals [data-total=payable]').innerText === '۶٬۶۵۰'")
    page.keyboard.press("Control+S")  # without a reason
    until(page, "document.activeElement.id === 'return-reason'")
    page.keyboard.type("خراب بود")
    page.keyboard.press("Control+S")
    page.wait_for_url(re.compile(r"/sales-returns/editor/\d+$"))
    office.issue(page)
    assert office.rials(page.locator("dl.totals [data-total=payable]").inner_text()) == 6_650
    page.locator(".chain a").click()  # the invoice, which names the return
    assert "۶٬۶۵۰" in page.locator(".chain").inner_text()
    picture(page, "return-chain")


def test_everything_that_is_left_comes_back_with_one_button(person: Callable[..., Page], sold: int) -> None:
    """After 1.5 of the first line and all freight: 1,500 + 150, and 2 × 500 + 100."""
    page = person("accountant")
    page.goto(f"/sales-returns/editor/new?invoice_id={sold}")
    page.click("#return-whole")
    until(page, "document.querySelector('dl.totals [data-total=payable]').innerText === '۲٬۷۵۰'")
    page.click("#return-nothing")
    until(page, "document.querySelector('dl.totals [data-total=payable]').innerText === '۰'")


def test_a_purchase_that_looks_booked_is_asked_about(person: Callable[..., Page], sold: int) -> None:
    page = person("accountant")
    for number in ("B-77", "B-78"):
        office.begin(page, "/purchases/editor/new", SUPPLIER)
        page.fill("#supplier-number", number)
        office.enter(page, [(PRODUCT, "2", "700", "")])
        office.expect_totals(page, gross=1_400, tax=140, payable=1_540)
        page.keyboard.press("Control+S")
        if number == "B-78":
            page.locator("dialog[open]").wait_for()  # the same day and amount
            assert "B-77" in page.locator("dialog[open]").inner_text()
            picture(page, "purchase-alike")
            page.locator("dialog[open] button.btn-primary").click()
        page.wait_for_url(re.compile(r"/purchases/editor/\d+$"))
    office.begin(page, "/purchases/editor/new", SUPPLIER)
    page.fill("#supplier-number", "b ۷۷")
    office.enter(page, [(PRODUCT, "9", "", "")])
    page.keyboard.press("Control+S")
    until(page, "document.querySelector('#supplier-number').classList.contains('is-invalid')")
    assert page.url.endswith("/purchases/editor/new")
