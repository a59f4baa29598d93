"""From a dealer's phone to the office's tree: basket, order, production, two revisions, answer, invoice.

Every figure is worked out by hand in the comments, never by the application.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest
from openpyxl import Workbook
from werkzeug.security import generate_password_hash

from app.core.actor import Actor, acting_as
from app.core.db import db
from app.sales.catalog.models import ProductCategory
from app.sales.orders.models import SalesOrder
from app.sales.production.models import Stage
from tests.browser import office
from tests.browser.conftest import PASSWORD, Site, picture, until
from tests.factories import CustomerFactory, ProductFactory
from tests.factories.dealers import dealer_person

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

DEALER, USER = "نمایندگی پامچال", "pamchal"
STAGE = "مونتاژ پامچال"
# Code, name, price. The first is made in the works, in one stage.
GOODS = (
    ("PCH-A", "میز پامچال", 1_200_000),
    ("PCH-B", "صندلی پامچال", 350_000),
    ("PCH-C", "چراغ پامچال", 80_000),
    ("PCH-D", "جاقلمی پامچال", 45_505),
)
ROWS = (("کد کالا", "تعداد"), ("PCH-A", 10), ("PCH-X", 4), ("PCH-C", "شش"), ("PCH-D", 1.5))
"""A good row; a code that nobody sells, a word for a quantity, half a piece."""
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture
def dealer_id(site: Site) -> int:
    """A dealer with a person, and what they buy, with VAT of 10 %."""
    with site.app.app_context(), acting_as(Actor.system("test")):
        made = ProductCategory(code="PCH", name="مبلمان پامچال")
        db.session.add_all([made, Stage(name=STAGE, category=made)])
        for code, name, price in GOODS:
            ProductFactory(code=code, name=name, price_rials=price, category=made if code == "PCH-A" else None)
        dealer = CustomerFactory(name=DEALER, is_dealer=True)
        person = dealer_person(dealer, username=USER, email="pamchal@example.com")
        person.password = generate_password_hash(PASSWORD)
        db.session.commit()
        key = int(dealer.id)
        db.session.remove()
    return key


@pytest.fixture
def phone(site: Site, browser: Browser) -> Iterator[Callable[[], Page]]:
    """`phone()`: a page of a phone that nobody used before."""
    contexts = []

    def new() -> Page:
        context = browser.new_context(viewport={"width": 360, "height": 740}, base_url=site.url, locale="fa-IR")
        contexts.append(context)
        return context.new_page()

    yield new
    for context in contexts:
        context.close()


def test_an_order_from_the_dealers_phone_to_the_tree(
    site: Site, person: Callable[..., Page], phone: Callable[[], Page], dealer_id: int
) -> None:
    dealer = phone()
    order = order_by_workbook(dealer)
    assert orders_of(site, dealer_id) == 1
    desk = person("manager")
    address = approve(desk)
    make_at_the_works(desk)
    offer, first, second = offer_twice(desk, address)
    accept(phone(), first, second)
    invoice = bill(desk, offer)
    read_the_tree(desk, address, offer, invoice)
    look_again(dealer, order)


# The dealer -------------------------------------------------------------------------------------


def order_by_workbook(page: Page) -> str:
    """Ten, four, six and two: 12,000,000 + 1,400,000 + 480,000 + 91,010 = 13,971,010.

    VAT floored by line: 1,200,000 + 140,000 + 48,000 + 9,101 = 1,397,101; payable 15,368,111.
    """
    page.goto("/dealer/login")
    page.fill("input[name=username]", USER)
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url("**/dealer/")
    page.locator(".dealer-menu a").nth(1).click()
    page.set_input_files("#file", {"name": "سبد.xlsx", "mimeType": XLSX, "buffer": workbook()})
    page.locator(".basket-excel button").click()
    page.locator(".basket-line.invalid").nth(2).wait_for()
    bad = page.locator(".basket-line.invalid")
    assert [row_of(one.inner_text()) for one in bad.all()] == [3, 4, 5]
    picture(page, "tree-bad-rows")
    bad.nth(0).locator("input[name^=code-]").fill("PCH-B")
    bad.nth(1).locator("input[name^=quantity-]").fill("6")
    bad.nth(2).locator("input[name^=quantity-]").fill("۲")
    page.locator(".basket-save button").click()
    page.locator(".basket-order").wait_for()
    assert bad.count() == 0
    assert sums(page) == [13_971_010, 1_397_101, 15_368_111]
    return order_over_a_bad_line(page)


def workbook() -> bytes:
    made, out = Workbook(), io.BytesIO()
    for row in ROWS:
        made.active.append(row)  # type: ignore[union-attr]
    made.save(out)
    return out.getvalue()


def row_of(text: str) -> int:
    """The row of the workbook that an error names."""
    found = re.search(r"ردیف (\d+)", text.translate(office.DIGITS))
    assert found is not None, text
    return int(found.group(1))


def sums(page: Page) -> list[int]:
    """Lines, tax and payable as the panel shows them."""
    return [office.rials(one.inner_text()) for one in page.locator(".offer-sums dd").all()]


def order_over_a_bad_line(page: Page) -> str:
    """The answer to the press never comes. Back on the basket the order is named; sent again it is the same one."""
    sent: dict[str, str | float | bool] = {
        str(box.get_attribute("name")): box.input_value() for box in page.locator(".basket-order input").all()
    }
    page.route("**/basket/order", lose_the_answer, times=1)
    page.locator(".basket-order button").click()
    page.locator("h1", has_text="504").wait_for()
    page.go_back()
    page.locator(".dealer-last a").click()
    page.wait_for_url("**/dealer/orders/*")
    again = page.context.request.post("/dealer/basket/order", form=sent)
    assert again.url == page.url
    assert sums(page)[-1] == 15_368_111
    picture(page, "tree-dealers-order")
    return page.url


def lose_the_answer(route: Route) -> None:
    """The request arrives; on the way back the line breaks."""
    route.fetch(max_redirects=0)
    route.fulfill(status=504, content_type="text/html", body="<h1>504</h1>")


def orders_of(site: Site, dealer_id: int) -> int:
    with site.app.app_context(), acting_as(Actor.system("test")):
        found = db.session.query(SalesOrder).filter_by(customer_id=dealer_id).count()
        db.session.remove()
    return found


# The office -------------------------------------------------------------------------------------


def approve(page: Page) -> str:
    """From the box of the home page to the orders that wait, among them to the dealer's, and approve it there."""
    page.goto("/")
    picture(page, "tree-home")
    page.locator("a[href^='/orders/list/'][href*='f_state=submitted']").first.click()
    page.locator("main input[name=q]").fill(DEALER)
    page.keyboard.press("Enter")
    page.locator("tbody tr", has_text=DEALER).locator("a").first.click()
    page.wait_for_url("**/orders/editor/*")
    step(page, "approve")
    return page.url


def step(page: Page, name: str) -> None:
    """Take a step of the document on the page; a question is answered with yes."""
    form = page.locator(f"form[action*='/step/{name}/']")
    asks = form.get_attribute("data-confirm")
    with page.expect_navigation():
        form.locator("button").click()
        if asks:
            page.locator("dialog[open] button.btn-primary").click()


def make(page: Page, what: str, quantities: dict[str, str]) -> None:
    """Make a document from the one on the page: quantities by the product's name, nothing of the others."""
    page.locator(f"a[href*='/make/'][href$='{what}']").click()
    page.wait_for_selector("dialog.asking[open]")
    for line in page.locator("dialog .making-lines li").all():
        name = line.locator("strong").inner_text()
        line.locator("input").fill(quantities.get(name, ""))
    picture(page, f"tree-make-{what}")
    with page.expect_navigation():
        page.locator("dialog.asking[open] button.btn-primary").click()


def make_at_the_works(page: Page) -> None:
    """Four of ten tables, in one stage: three come out good and back to the order, one is waste."""
    order = page.url
    make(page, "sales.production_orders", {"میز پامچال": "4"})
    step(page, "submit")
    step(page, "approve")
    make(page, "sales.production", {"میز پامچال": "4"})
    page.wait_for_url("**/production/show/**")
    page.fill("form[action$='/begin'] input[name=people]", "رضا")
    with page.expect_navigation():
        page.locator("form[action$='/begin'] button").click()
    page.fill("form[action$='/end'] input[name=good]", "۳")
    page.fill("form[action$='/end'] input[name=waste]", "1")
    with page.expect_navigation():
        page.locator("form[action$='/end'] button").click()
    page.goto(order)
    assert ledger(page)[0] == [10, 0, 10, 4, 6, 0]
    assert office.rials(page.locator(".order-ledger td.amount .hint bdi").first.inner_text()) == 3


def ledger(page: Page) -> list[list[int]]:
    """Ordered; billed, left; in production, left; delivered: a row for each line of the order."""
    return [
        [office.rials(cell.locator("bdi").first.inner_text()) for cell in row.locator("td.amount").all()]
        for row in page.locator(".order-ledger tbody tr").all()
    ]


# The offer --------------------------------------------------------------------------------------


def offer_twice(page: Page, order: str) -> tuple[str, str, str]:
    """Six tables and all the rest, offered; then the table for 1,150,000. Page of the second offer, both links.

    First: 7,200,000 + 1,400,000 + 480,000 + 91,010 = 9,171,010; VAT 917,101; payable 10,088,111.
    Second: 6,900,000 instead: 8,871,010; VAT 690,000 + 140,000 + 48,000 + 9,101 = 887,101; payable 9,758,111.
    """
    page.goto(order)
    make(page, "sales.proformas", {"میز پامچال": "6", "صندلی پامچال": "4", "چراغ پامچال": "6", "جاقلمی پامچال": "2"})
    until(page, "window.kartablDocument?.grid.table.initialized")
    office.expect_totals(page, gross=9_171_010, tax=917_101, payable=10_088_111)
    step(page, "approve")
    offer, first = page.url, link(page)
    page.goto(offer)
    with page.expect_navigation():
        page.locator("form[action$='/revise'] button").click()
        page.locator("dialog[open] button.btn-primary").click()
    until(page, "window.kartablDocument?.grid.table.initialized")
    cell = page.locator("#document-grid .tabulator-row").first.locator("[tabulator-field=unit_price]")
    cell.click()
    page.keyboard.type("1150000")
    page.keyboard.press("Enter")
    office.expect_totals(page, gross=8_871_010, tax=887_101, payable=9_758_111)
    with page.expect_navigation():
        page.locator("#document-save").click()
    step(page, "approve")
    picture(page, "tree-revision")
    second = page.url
    page.goto(offer)
    until(page, "window.kartablDocument?.grid.table.initialized")
    office.expect_totals(page, gross=9_171_010, tax=917_101, payable=10_088_111)
    assert page.locator(".page-head .badge", has_text="جایگزین‌شده").count() == 1
    page.goto(second)
    return second, first, link(page)


def link(page: Page) -> str:
    """A new link of the offer on the page."""
    page.fill("#recipient", "خانم راد")
    page.locator(".link-form button").click()
    return page.locator("#secret").inner_text()


def accept(page: Page, first: str, second: str) -> None:
    """The link of the first revision is over; on the second one the customer writes, signs and accepts."""
    answer = page.goto(first)
    assert answer is not None
    assert answer.status == 410
    assert "پیشنهاد تازه‌تری" in page.inner_text("main")
    picture(page, "tree-link-over")
    page.goto(second)
    assert sums(page)[-1] == 9_758_111
    page.fill("#name", "سارا راد")
    page.fill("#note", "تحویل پیش از ظهر")
    sign(page)
    picture(page, "tree-signing")
    page.locator("button[value=accept]").click()
    page.locator(".notice.tone-ok", has_text="سارا راد").wait_for()
    picture(page, "tree-accepted")
    assert page.context.cookies() == []


def sign(page: Page) -> None:
    pad = page.locator("#signature-pad")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 40, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + 140, box["y"] + 25, steps=5)
    page.mouse.up()
    until(page, "document.getElementById('signature').value.startsWith('data:image/png')")


def bill(page: Page, offer: str) -> str:
    """The accepted offer becomes an invoice, whole, and is issued; the invoice's page."""
    page.goto(offer)
    assert page.locator(".answer-signature").evaluate("image => image.complete && image.naturalWidth > 0")
    assert "تحویل پیش از ظهر" in page.locator(".answer").inner_text()
    page.screenshot(path=str(picture(page, "tree-offer")), full_page=True)
    page.locator("a[data-dialog][href$='finance.invoices']").click()
    page.wait_for_selector("dialog.asking[open]")
    with page.expect_navigation():
        page.locator("dialog.asking[open] button.btn-primary").click()
    until(page, "window.kartablDocument?.grid.table.initialized")
    office.expect_totals(page, gross=8_871_010, tax=887_101, payable=9_758_111)
    office.issue(page)
    return page.url


# The tree ---------------------------------------------------------------------------------------


def read_the_tree(page: Page, order: str, offer: str, invoice: str) -> None:
    """The same five documents on every page, each with its state, and a way from each to the others."""
    states = ["در جریان", "در جریان", "پایان‌یافته", "فاکتورشده", "صادرشده"]
    for address in (invoice, offer, order):
        page.goto(address)
        page.screenshot(path=str(picture(page, f"tree-{address.split('/')[3]}")), full_page=True)
        rows = page.locator(".family-row")
        assert [row.locator(".badge").inner_text() for row in rows.all()] == states, address
        assert page.locator(".family-row a").count() == 4
    assert ledger(page) == [[10, 6, 4, 4, 6, 6], [4, 4, 0, 0, 4, 4], [6, 6, 0, 0, 6, 6], [2, 2, 0, 0, 2, 2]]


def look_again(page: Page, order: str) -> None:
    """The dealer's order was approved and is being worked on; the invoice is there, with its paper."""
    page.goto(order)
    picture(page, "tree-dealers-timeline")
    assert page.locator(".timeline-item").count() == 3
    page.locator(".dealer-menu a").nth(3).click()
    picture(page, "tree-dealers-invoice")
    assert office.rials(page.locator(".dealer-row .dealer-end bdi").inner_text()) == 9_758_111
    paper = page.context.request.get(str(page.locator(".dealer-paper").get_attribute("href")))
    assert paper.headers["content-type"] == "application/pdf"
    assert paper.body().startswith(b"%PDF")
