"""A proforma from the desk to the customer's phone and back: link, answer with a signature, invoice."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from tests.browser.conftest import Site, picture, until

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser


def _offer(site: Site) -> int:
    """An approved offer to the first customer of the demo company, with two products."""
    from app.core.actor import Actor, acting_as
    from app.core.db import db
    from app.crm.customers.models import Customer
    from app.sales.catalog.models import Product
    from app.sales.proformas import services
    from app.sales.proformas.kinds import ProformaKind
    from app.sales.proformas.workflow import flow_of

    by = Actor.system("test")
    with site.app.app_context(), acting_as(by):
        products = db.session.query(Product).order_by(Product.id).limit(2).all()
        lines = [
            {"product_id": one.id, "quantity": "3", "unit_price": "1250000", "discounts": [{"percent": "5"}],
             "taxes": [{"name": "VAT", "percent": "10"}]}
            for one in products
        ]  # fmt: skip
        customer = db.session.query(Customer).order_by(Customer.id).first()
        entry = {"customer_id": customer.id if customer else 0, "policy": "line_floor", "lines": lines}
        made = services.save_draft(entry, kind=ProformaKind.SALES)
        flow_of(made).apply(made, "approve", actor=by)
        db.session.commit()
        found = made.id
        db.session.remove()
    return found


def _link(page: Page, offer: int) -> str:
    page.goto(f"/proformas/editor/{offer}")
    page.fill("#recipient", "Sara")
    page.locator(".link-form button").click()
    return page.locator("#secret").inner_text()


def _fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


@pytest.mark.parametrize(("locale", "width"), [("fa", 1280), ("en", 400)])
def test_a_customer_accepts_on_the_phone(
    site: Site, browser: Browser, person: Callable[..., Page], locale: str, width: int
) -> None:
    offer, desk = _offer(site), person("admin", locale=locale, width=width)
    url = _link(desk, offer)
    outside = browser.new_context(viewport={"width": 400 if locale == "fa" else 1280, "height": 860})
    phone = outside.new_page()
    phone.goto(f"{url}?lang={locale}")
    assert _fits(phone)
    picture(phone, f"proforma_public_{locale}")
    phone.fill("#name", "Sara Rad")
    box = phone.locator("#signature-pad").bounding_box()
    assert box is not None
    phone.locator("#signature-pad").scroll_into_view_if_needed()
    box = phone.locator("#signature-pad").bounding_box() or box
    phone.mouse.move(box["x"] + 40, box["y"] + 60)
    phone.mouse.down()
    phone.mouse.move(box["x"] + 140, box["y"] + 25, steps=6)
    phone.mouse.move(box["x"] + 230, box["y"] + 70, steps=6)
    phone.mouse.up()
    until(phone, "document.getElementById('signature').value.startsWith('data:image/png')")
    phone.screenshot(path=str(picture(phone, f"proforma_signing_{locale}")), full_page=True)
    phone.locator("button[value=accept]").click()
    phone.locator(".notice.tone-ok").wait_for()
    assert "Sara Rad" in phone.locator(".notice.tone-ok").inner_text()
    assert outside.cookies() == []
    outside.close()
    desk.goto(f"/proformas/editor/{offer}")
    desk.locator("#document-grid .tabulator-row").first.wait_for()
    assert desk.locator(".answer-signature").evaluate("image => image.naturalWidth") > 0
    assert _fits(desk)
    desk.screenshot(path=str(picture(desk, f"proforma_page_{locale}_{width}")), full_page=True)
    desk.locator("a[href*='/make/']").click()
    desk.locator("dialog.asking[open]").wait_for()
    picture(desk, f"proforma_make_{locale}_{width}")
    assert _fits(desk)
    desk.locator("dialog.asking[open] button.btn-primary").click()
    desk.wait_for_url("**/invoices/editor/**")
    desk.goto("/proformas/list/")
    picture(desk, f"proforma_list_{locale}_{width}")
    assert _fits(desk)
