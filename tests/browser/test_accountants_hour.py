"""An accountant's hour on the screens: buy, sell, take back, receive, and read the statements.

Every figure is worked out by hand in the comments, never by the application.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from app.core.actor import Actor, acting_as
from app.core.clock import today
from app.core.db import db
from app.core.jalali import to_jalali
from app.sales.catalog.models import TaxClass
from tests.browser import office
from tests.browser.conftest import Site, picture, until
from tests.factories import CustomerFactory, ProductFactory

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

SHOP, OFFICE, MILL = "فروشگاه خورشید", "دفتر آسمان", "کارخانه البرز"
PAPER, PEN, BOOK = "HRA1", "HRB2", "HRC3"
# Four rows as Excel puts them on the clipboard: code, quantity, price.
PASTED = "HRA1\t3\t3335\r\nHRB2\t7\t1,999\r\nHRA1\t۱\t۱۲٬۳۴۵\r\nHRB2\t11\t777\r\n"


@pytest.fixture(scope="module")
def parties(site: Site) -> dict[str, int]:
    """Who there is to trade with, and what: paper and pens with VAT of 10 %, books without."""
    with site.app.app_context(), acting_as(Actor.system("test")):
        found = [CustomerFactory(name=name, is_supplier=name == MILL) for name in (SHOP, OFFICE, MILL)]
        for code, price in ((PAPER, 1_250_000), (PEN, 333_335)):
            ProductFactory(code=code, name=f"کالای {code}", price_rials=price)
        ProductFactory(code=BOOK, name=f"کتاب {BOOK}", price_rials=60_000, tax_class=TaxClass.EXEMPT)
        db.session.commit()
        keys = {str(one.name): int(one.id) for one in found}
        db.session.remove()
    return keys


def test_an_hour_of_the_accountant(person: Callable[..., Page], parties: dict[str, int]) -> None:
    page = person("accountant")
    bought = buy(page)
    sold = sell_to_the_shop(page)
    sell_to_the_office(page)
    take_back(page, sold[0])
    send_back(page, bought[0])
    receive(page, sold)
    cheques_clear_and_bounce(page)
    read_statements(page, parties)
    read_lists(page, parties)


# Three purchases --------------------------------------------------------------------------------


def buy(page: Page) -> list[str]:
    keys = []
    # 10 × 900,000 = 9,000,000; VAT 900,000.
    begin_purchase(page, "M-1001", [(PAPER, "10", "900000", "")])
    office.expect_totals(page, gross=9_000_000, tax=900_000, payable=9_900_000)
    keys.append(book(page, payable=9_900_000))
    # 7 × 199,999 = 1,399,993; VAT 139,999.3, floored to 139,999.
    begin_purchase(page, "M-1002", [(PEN, "7", "199999", "")])
    office.expect_totals(page, gross=1_399_993, tax=139_999, payable=1_539_992)
    keys.append(book(page, payable=1_539_992))
    # 2 × 910,000 = 1,820,000 less 5 % (91,000) = 1,729,000; VAT 172,900. 3 × 50,000 of books, no VAT.
    begin_purchase(page, "M-1003", [(PAPER, "2", "910000", "5%"), (BOOK, "3", "50000", "")])
    office.expect_totals(page, gross=1_970_000, discount=91_000, tax=172_900, payable=2_051_900)
    keys.append(book(page, payable=2_051_900))
    return keys


def begin_purchase(page: Page, number: str, rows: list[tuple[str, str, str, str]]) -> None:
    office.begin(page, "/purchases/editor/new", MILL)
    page.fill("#supplier-number", number)
    office.enter(page, rows)


def book(page: Page, *, payable: int) -> str:
    """Save and issue; the stored document shows the payable that was on the form."""
    office.save(page)
    assert office.totals(page)["payable"] == payable
    office.issue(page)
    assert office.totals(page)["payable"] == payable
    return office.key_of(page)


# Ten sales --------------------------------------------------------------------------------------


def sell_to_the_shop(page: Page) -> list[str]:
    keys = []
    # 3 × 1,250,000 (the price that is offered) = 3,750,000; VAT 375,000.
    office.begin(page, "/invoices/editor/new", SHOP)
    office.enter(page, [(PAPER, "3", "", "")])
    office.expect_totals(page, gross=3_750_000, tax=375_000, payable=4_125_000)
    keys.append(book(page, payable=4_125_000))
    keys.append(sell_from_excel(page))
    keys.append(sell_with_tax_inside(page))
    keys.append(sell_with_freight_and_discount(page))
    return keys


def sell_from_excel(page: Page) -> str:
    """Four rows over the clipboard. 10,005 + 13,993 + 12,345 + 8,547 = 44,890.

    VAT by line: 1,000 + 1,399 + 1,234 + 854 = 4,487 (of the whole it would be 4,489).
    """
    office.begin(page, "/invoices/editor/new", SHOP)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.evaluate("text => navigator.clipboard.writeText(text)", PASTED)
    office.to_lines(page)
    page.keyboard.press("Control+V")
    office.expect_totals(page, gross=44_890, tax=4_487, payable=49_377)
    picture(page, "hour-pasted")
    return book(page, payable=49_377)


def sell_with_tax_inside(page: Page) -> str:
    """8,000,000 holds 727,272 (net 7,272,728); 15,000,000 holds 1,363,636 (net 13,636,364)."""
    office.begin(page, "/invoices/editor/new", SHOP)
    page.locator("#inclusive").check()
    office.enter(page, [(PAPER, "1", "8000000", ""), (PEN, "2", "7500000", "")])
    office.expect_totals(page, gross=20_909_092, tax=2_090_908, payable=23_000_000)
    return book(page, payable=23_000_000)


def sell_with_freight_and_discount(page: Page) -> str:
    """3,750,000 + 666,666 + 780,000 = 5,196,666, less 100,000 (72,162 + 12,829 + 15,009).

    VAT floored by line: of 3,677,838 367,783, of 653,837 65,383, of 764,991 76,499: 509,665. Freight 250,000
    bears none: 5,096,666 + 509,665 + 250,000 = 5,856,331.
    """
    office.begin(page, "/invoices/editor/new", SHOP)
    office.enter(page, [(PAPER, "3", "1250000", ""), (PEN, "2", "333333", ""), (PAPER, "6", "130000", "")])
    page.fill("#document-discount", "۱۰۰٬۰۰۰")
    page.fill("[data-addition=freight]", "250000")
    office.expect_totals(page, gross=5_196_666, discount=100_000, tax=509_665, additions=250_000, payable=5_856_331)
    picture(page, "hour-freight")
    return book(page, payable=5_856_331)


def sell_to_the_office(page: Page) -> None:
    in_instalments(page)
    # 5 × 333,335 = 1,666,675; VAT 166,667.5, floored. One more for nothing: 333,335 in gross and in discount.
    begin_sale(page, [(PEN, "5", "", ""), (PEN, "1", "", "")])
    page.click("#line-free")
    office.expect_totals(page, gross=2_000_010, discount=333_335, tax=166_667, payable=1_833_342)
    book(page, payable=1_833_342)
    # Books bear no VAT.
    begin_sale(page, [(BOOK, "4", "", "")])
    office.expect_totals(page, gross=240_000, payable=240_000)
    book(page, payable=240_000)
    # 2 × 1,250,000 less 10 %: 2,250,000; VAT 225,000.
    begin_sale(page, [(PAPER, "2", "", "10%")])
    office.expect_totals(page, gross=2_500_000, discount=250_000, tax=225_000, payable=2_475_000)
    book(page, payable=2_475_000)
    # 2.5 × 400,001 = 1,000,002.5, floored; VAT 100,000.2, floored.
    begin_sale(page, [(PAPER, "2.5", "400001", "")])
    office.expect_totals(page, gross=1_000_002, tax=100_000, payable=1_100_002)
    book(page, payable=1_100_002)
    # A discount in rials: 333,335 less 33,335; VAT 30,000.
    begin_sale(page, [(PEN, "1", "", "33335")])
    office.expect_totals(page, gross=333_335, discount=33_335, tax=30_000, payable=330_000)
    book(page, payable=330_000)


def begin_sale(page: Page, rows: list[tuple[str, str, str, str]]) -> None:
    office.begin(page, "/invoices/editor/new", OFFICE)
    office.enter(page, rows)


def in_instalments(page: Page) -> None:
    """1,000,000 and VAT 100,000 in three: 366,667 + 366,667 + 366,666."""
    begin_sale(page, [(PAPER, "1", "1000000", "")])
    office.expect_totals(page, gross=1_000_000, tax=100_000, payable=1_100_000)
    page.select_option("#terms", "instalments")
    page.fill("#instalment-first", later(30))
    page.click("#instalment-make")
    until(page, "document.querySelectorAll('#instalment-rows li').length === 3")
    amounts = [office.rials(box.input_value()) for box in page.locator("#instalment-rows [data-rials]").all()]
    assert amounts == [366_667, 366_667, 366_666]
    picture(page, "hour-instalments")
    book(page, payable=1_100_000)


def later(days: int) -> str:
    """A Jalali day so many days from now, as it is typed."""
    year, month, day = to_jalali(today() + timedelta(days=days))
    return f"{year}/{month:02}/{day:02}"


# Two returns ------------------------------------------------------------------------------------


def take_back(page: Page, invoice_id: str) -> None:
    """One of three: 1,250,000 and VAT 125,000."""
    begin_return(page, f"/invoices/editor/{invoice_id}", "1", "شکسته بود")
    assert page.locator("dl.totals [data-total=payable]").inner_text() == "۱٬۳۷۵٬۰۰۰"
    book_return(page, 1_375_000)


def send_back(page: Page, invoice_id: str) -> None:
    """Four of ten: 3,600,000 and VAT 360,000."""
    begin_return(page, f"/purchases/editor/{invoice_id}", "4", "نم کشیده بود")
    assert page.locator("dl.totals [data-total=payable]").inner_text() == "۳٬۹۶۰٬۰۰۰"
    book_return(page, 3_960_000)


def begin_return(page: Page, address: str, quantity: str, reason: str) -> None:
    page.goto(address)
    page.locator("a[href*='-returns/editor/new']").click()
    page.locator("[data-quantity]").first.fill(quantity)
    page.locator("[data-condition]").first.select_option("damaged")
    page.fill("#return-reason", reason)
    until(page, "document.querySelector('dl.totals [data-total=payable]').innerText !== '۰'")


def book_return(page: Page, payable: int) -> None:
    office.save(page)
    office.issue(page)
    assert office.rials(page.locator("dl.totals [data-total=payable]").inner_text()) == payable
    picture(page, "hour-return")


# Receipts ---------------------------------------------------------------------------------------


def receive(page: Page, sold: list[str]) -> None:
    receive_cash(page, sold[0])
    receive_by_card(page, sold[1])
    receive_cheques(page)


def settle(page: Page, invoice_id: str) -> None:
    page.goto(f"/invoices/editor/{invoice_id}")
    page.locator("a[href*='/settlement/invoice/']").click()
    page.locator("#open-items :checked").wait_for()


def post(page: Page) -> None:
    page.click("#post")
    page.wait_for_url(re.compile(r"/settlement/\d+$"))


def receive_cash(page: Page, invoice_id: str) -> None:
    """4,125,000 are owed; 1,375,000 of them stand against the return, the rest 2,750,000 is cash."""
    settle(page, invoice_id)
    assert office.rials(page.locator("[data-name=amount]").input_value()) == 4_125_000
    page.locator("#credit-items input[type=checkbox]").check()
    page.fill("[data-name=amount]", "2750000")
    assert [office.rials(page.inner_text(f"#sum-{one}")) for one in ("money", "chosen", "rest")] == [
        4_125_000,
        4_125_000,
        0,
    ]
    post(page)


def receive_by_card(page: Page, invoice_id: str) -> None:
    settle(page, invoice_id)
    line = page.locator(".cashier-line").first
    assert office.rials(line.locator("[data-name=amount]").input_value()) == 49_377
    line.locator("[data-name=method]").select_option("card")
    line.locator("[data-name=tracking]").fill("987654")
    post(page)


def receive_cheques(page: Page) -> None:
    """23,000,000 and 5,856,331, oldest first: 28,856,331 together."""
    page.goto("/settlement/new")
    office.choose_party(page, SHOP)
    page.locator("#open-items li").first.wait_for()
    cheque(page, 0, "23000000", "1111222233334444")
    page.click("#add-line")
    cheque(page, 1, "5856331", "5555666677778888")
    assert [office.rials(page.inner_text(f"#sum-{one}")) for one in ("money", "chosen", "rest")] == [
        28_856_331,
        28_856_331,
        0,
    ]
    picture(page, "hour-cheques")
    post(page)


def cheque(page: Page, place: int, amount: str, sayad: str) -> None:
    line = page.locator(".cashier-line").nth(place)
    line.locator("[data-name=amount]").fill(amount)
    line.locator("[data-name=method]").select_option("cheque")
    line.locator("[data-name=due_on]").fill(later(60))
    line.locator("[data-name=sayad_id]").fill(sayad)
    line.locator("[data-name=bank]").fill("ملت")


def cheques_clear_and_bounce(page: Page) -> None:
    move(page, "1111222233334444", "deposit", "clear")
    move(page, "5555666677778888", "deposit")
    page.locator("[href*='/step/bounce/']").click()
    page.fill("#reason", "کسر موجودی")
    page.locator("form.model-form button[type=submit]").click()
    page.locator(".badge", has_text="برگشتی").first.wait_for()


def move(page: Page, sayad: str, *steps: str) -> None:
    page.goto(f"/cheques/list/?q={sayad}")
    page.locator("table tbody tr", has_text=re.compile("ملت")).locator("a").first.click()
    for step in steps:
        form = page.locator(f"form[action*='/step/{step}/']")
        asks = form.get_attribute("data-confirm")
        with page.expect_navigation():
            form.locator("button").click()
            if asks:
                page.locator("dialog[open] button.btn-primary").click()


# Statements and lists ---------------------------------------------------------------------------


def read_statements(page: Page, parties: dict[str, int]) -> None:
    assert office.statement(page, parties[SHOP]) == [
        (4_125_000, 0, 4_125_000),
        (49_377, 0, 4_174_377),
        (23_000_000, 0, 27_174_377),
        (5_856_331, 0, 33_030_708),
        (0, 1_375_000, 31_655_708),
        (0, 2_750_000, 28_905_708),
        (0, 49_377, 28_856_331),
        (0, 23_000_000, 5_856_331),
        (0, 5_856_331, 0),
        (5_856_331, 0, 5_856_331),
        (38_887_039, 33_030_708, 5_856_331),
    ]
    picture(page, "hour-statement")
    assert office.statement(page, parties[OFFICE]) == [
        (366_667, 0, 366_667),
        (366_667, 0, 733_334),
        (366_666, 0, 1_100_000),
        (1_833_342, 0, 2_933_342),
        (240_000, 0, 3_173_342),
        (2_475_000, 0, 5_648_342),
        (1_100_002, 0, 6_748_344),
        (330_000, 0, 7_078_344),
        (7_078_344, 0, 7_078_344),
    ]
    assert office.statement(page, parties[MILL]) == [
        (0, 9_900_000, -9_900_000),
        (0, 1_539_992, -11_439_992),
        (0, 2_051_900, -13_491_892),
        (3_960_000, 0, -9_531_892),
        (3_960_000, 13_491_892, -9_531_892),
    ]


def read_lists(page: Page, parties: dict[str, int]) -> None:
    """The shop's invoices, the last one first, with what the receipts and the bounce made of them."""
    wanted: list[tuple[int, str]] = [
        (5_856_331, "تسویه‌نشده"),
        (23_000_000, "تسویه‌شده"),
        (49_377, "تسویه‌شده"),
        (4_125_000, "تسویه‌شده"),
    ]
    page.goto(f"/invoices/list/?f_customer={parties[SHOP]}&sort=-number")
    picture(page, "hour-list")
    rows: list[Any] = page.locator("table tbody tr").all()
    assert len(rows) == len(wanted)
    for row, (payable, settled) in zip(rows, wanted, strict=True):
        assert office.rials(row.locator("td[data-label*='قابل پرداخت']").inner_text()) == payable
        assert settled in row.inner_text()
