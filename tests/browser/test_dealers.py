"""The dealer panel on a phone: from the door over the catalogue to an order and its timeline."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from tests.browser.conftest import PASSWORD, Site, picture

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser
USER = "dealer360"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture
def phone(site: Site, browser: Browser) -> Callable[[str], Page]:
    """`phone("fa")`: a page 360 px wide of a dealer's person who came in by the panel's door."""

    def sign_in(locale: str) -> Page:
        _dealer(site)
        context = browser.new_context(viewport={"width": 360, "height": 740}, base_url=site.url)
        page = context.new_page()
        page.goto("/dealer/login")
        assert _fits(page)
        picture(page, f"dealer_login_{locale}")
        page.fill("input[name=username]", USER)
        page.fill("input[name=password]", PASSWORD)
        page.press("input[name=password]", "Enter")
        page.wait_for_url("**/dealer/")
        page.goto(f"/lang/{locale}")
        return page

    return sign_in


def _dealer(site: Site) -> None:
    """Somebody of the demo's first dealer, made once."""
    from werkzeug.security import generate_password_hash

    from app.core.actor import Actor, acting_as
    from app.core.db import db
    from app.crm.customers.models import Customer
    from app.org.employees.models import Employee
    from tests.factories.dealers import dealer_person

    with site.app.app_context(), acting_as(Actor.system("test")):
        if db.session.query(Employee).filter_by(username=USER).first() is None:
            dealer = db.session.query(Customer).order_by(Customer.id).first()
            assert dealer is not None
            dealer.is_dealer = True
            person = dealer_person(dealer, username=USER, email="dealer360@example.com")
            person.password = generate_password_hash(PASSWORD)
            db.session.commit()
        db.session.remove()


def _fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


@pytest.mark.parametrize("locale", ["fa", "en"])
def test_a_dealer_orders_on_the_phone(phone: Callable[[str], Page], locale: str) -> None:
    page = phone(locale)
    page.goto("/dealer/")
    assert _fits(page)
    page.screenshot(path=str(picture(page, f"dealer_catalogue_{locale}")))
    for place, quantity in ((0, "3"), (1, "12")):
        form = page.locator(".offer-form").nth(place)
        form.locator("input[name=quantity]").fill(quantity)
        form.locator("button").click()
        page.locator(".notice.tone-ok").wait_for()
    page.locator(".dealer-menu a").nth(1).click()
    assert page.locator(".basket-line").count() == 2
    assert _fits(page)
    page.screenshot(path=str(picture(page, f"dealer_basket_{locale}")), full_page=True)
    page.locator(".basket-order button").click()
    page.wait_for_url("**/dealer/orders/*")
    assert page.locator(".timeline-item").count() == 1
    assert _fits(page)
    page.screenshot(path=str(picture(page, f"dealer_order_{locale}")), full_page=True)
    page.locator(".dealer-menu a").nth(2).click()
    assert page.locator(".dealer-list li").count() >= 1
    assert _fits(page)
    picture(page, f"dealer_orders_{locale}")


def _bill(site: Site) -> None:
    """An issued invoice of the dealer, partly paid, with a cheque."""
    from app.core.db import db
    from app.org.employees.models import Employee
    from tests.factories.finance import issued_invoice, line
    from tests.factories.settlement import cash, cheque, posted_payment

    with site.app.app_context():
        dealer = db.session.query(Employee).filter_by(username=USER).one().customer
        issued_invoice(dealer, [line("12", "2500000")], invoice_on="")
        posted_payment(dealer, [cash(1_000_000), cheque(9_000_000)])
        db.session.commit()
        db.session.remove()


@pytest.mark.parametrize("locale", ["fa", "en"])
def test_invoices_and_the_account_fit_the_phone(site: Site, phone: Callable[[str], Page], locale: str) -> None:
    page = phone(locale)
    _bill(site)
    for name in ("invoices", "account"):
        page.goto(f"/dealer/{name}")
        assert page.locator(".dealer-row").count() >= 1
        assert _fits(page)
        page.screenshot(path=str(picture(page, f"dealer_{name}_{locale}")), full_page=True)


def _workbook(site: Site) -> bytes:
    """A basket of one good row and three bad ones: an unknown code, a word for a quantity, half a piece."""
    from openpyxl import Workbook

    from app.core.db import db
    from app.sales.catalog.models import Product

    with site.app.app_context():
        whole = db.session.query(Product).filter(Product.is_active, Product.price_rials.is_not(None))
        codes = [one.code for one in whole.order_by(Product.id) if one.unit.decimals == 0][:4]
        db.session.remove()
    made, out = Workbook(), io.BytesIO()
    for row in (("Code", "Quantity"), (codes[0], 5), ("NO-SUCH", 2), (codes[1], "some"), (codes[2], 1.5)):
        made.active.append(row)  # type: ignore[union-attr]
    made.save(out)
    return out.getvalue()


@pytest.mark.parametrize("locale", ["fa", "en"])
def test_three_bad_rows_of_a_workbook_are_corrected_and_ordered(
    site: Site, phone: Callable[[str], Page], locale: str
) -> None:
    page = phone(locale)
    page.goto("/dealer/basket")
    page.set_input_files("#file", {"name": "basket.xlsx", "mimeType": XLSX, "buffer": _workbook(site)})
    page.locator(".basket-excel button").click()
    page.locator(".basket-line.invalid").first.wait_for()
    assert page.locator(".basket-line.invalid").count() == 3
    assert page.locator(".basket-order").count() == 0
    assert _fits(page)
    page.screenshot(path=str(picture(page, f"dealer_bad_rows_{locale}")), full_page=True)
    page.locator(".basket-line.invalid input[name^=code-]:not([type=hidden])").fill("")
    page.locator(".basket-line.invalid").first.locator("input[name^=quantity-]").fill("")
    for place, quantity in ((1, "7"), (2, "2")):
        page.locator(".basket-line.invalid").nth(place).locator("input[name^=quantity-]").fill(quantity)
    page.locator(".basket-save button").click()
    page.locator(".notice.tone-ok").wait_for()
    assert page.locator(".basket-line.invalid").count() == 0
    assert page.locator(".basket-line").count() == 3
    page.locator(".basket-order button").click()
    page.wait_for_url("**/dealer/orders/*")
    assert page.locator(".offer-lines > li").count() == 3
