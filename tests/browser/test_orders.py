"""The page of an order: parts of it become an invoice, it is amended, and its tree and ledger tell of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from app.core.actor import Actor, acting_as
from app.core.db import db
from app.finance.invoices import services as invoices
from app.sales.documents import conversions
from app.sales.orders import services
from tests.browser.conftest import Site, picture, until
from tests.factories import CustomerFactory, ProductFactory
from tests.factories.finance import line
from tests.factories.orders import approved_order

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser
BY = Actor.system("test")
TO_INVOICE = "sales.orders-finance.invoices"


def worked_order(site: Site, name: str) -> int:
    """An order of which a part is invoiced, once amended."""
    with site.app.app_context(), acting_as(BY):
        goods = ProductFactory(name="میز تحریر چوبی", price_rials=1_200_000)
        rows = [
            line("10", "1200000", product_id=goods.id, description=goods.name),
            line("4", "350000", description="صندلی"),
        ]
        order = approved_order(CustomerFactory(name=name), rows, order_on="", deliver_on="")
        change = services.document_of(order)
        change["lines"][0]["quantity"] = "12"
        services.amend(order.id, change, reason="به خواست مشتری")
        made = conversions.convert(
            TO_INVOICE,
            order.id,
            key=f"browser-{order.id:08d}",
            quantities={order.lines[0].id: order.lines[0].quantity / 3},
        )
        made.invoice_on = order.order_on
        invoices.issue_invoice(made.id)
        key = int(order.id)
        db.session.commit()
        db.session.remove()
    return key


@pytest.mark.parametrize(("locale", "width"), [("fa", 1280), ("en", 1280), ("fa", 400), ("en", 400)])
def test_an_order_shows_what_became_of_it(site: Site, person: Callable[..., Page], locale: str, width: int) -> None:
    order_id = worked_order(site, "فروشگاه آزمون سفارش")
    page = person("manager", locale=locale, width=width)
    page.goto(f"/orders/editor/{order_id}")
    until(page, "window.kartablDocument")
    assert page.locator(".order-ledger tbody tr").count() == 2
    assert page.locator(".family-row").count() == 2
    assert page.locator(".amendments > li").count() == 1
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth + 1")
    page.screenshot(path=picture(page, f"order-{locale}-{width}"), full_page=True)
    page.click("a[data-dialog][href*='/make/']")
    page.wait_for_selector("dialog.asking[open]")
    picture(page, f"order-make-{locale}-{width}")
    page.keyboard.press("Escape")
    assert page.locator("dialog.asking").count() == 0


def test_what_is_left_becomes_an_invoice_by_keyboard(site: Site, person: Callable[..., Page]) -> None:
    order_id = worked_order(site, "فروشگاه آزمون باقی‌مانده")
    page = person("manager", locale="en")
    page.goto(f"/orders/editor/{order_id}")
    page.focus(f"a[data-dialog][href$='{TO_INVOICE}']")
    page.keyboard.press("Enter")
    page.wait_for_selector("dialog.asking[open]")
    first = page.locator("dialog input[name^=quantity_]").first
    first.fill("3")
    first.press("Enter")
    page.wait_for_url("**/invoices/editor/*")
    assert page.locator(".family-row").count() == 3
    picture(page, "order-tree-on-an-invoice")


def test_an_order_is_amended_with_its_reason(site: Site, person: Callable[..., Page]) -> None:
    order_id = worked_order(site, "فروشگاه آزمون اصلاح")
    page = person("manager", locale="en")
    page.goto(f"/orders/editor/{order_id}/amendment")
    until(page, "window.kartablDocument")
    page.fill("#deliver-on", "1410/01/15")
    page.click("#document-save")
    page.wait_for_selector("#amendment-reason.is-invalid")
    page.fill("#amendment-reason", "Later delivery")
    page.click("#document-save")
    page.wait_for_url(f"**/orders/editor/{order_id}")
    assert "Later delivery" in page.locator(".amendments").inner_text()
    assert page.locator(".amendments > li").count() == 2
