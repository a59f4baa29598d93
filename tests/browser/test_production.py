"""Production at the works: made from an order, begun and ended on the board and the page, back to the order."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import urlparse

import pytest

from tests.browser.conftest import Site, picture, until

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

pytestmark = pytest.mark.browser
DIGITS = str.maketrans("۰۱۲۳۴۵۶۷۸۹", "0123456789")


def _order(site: Site) -> int:
    """An approved production order of two products, the first with a bill of materials; two general stages."""
    from app.core.actor import Actor, acting_as
    from app.core.clock import today
    from app.core.db import db
    from app.sales.catalog.models import Product
    from app.sales.orders.kinds import OrderKind
    from app.sales.production.models import Material, Stage
    from tests.factories.orders import approved_order

    with site.app.app_context(), acting_as(Actor.system("test")):
        for stage in db.session.query(Stage):
            stage.is_active = stage.position < 3
        table, chair, steel = db.session.query(Product).order_by(Product.id).limit(3).all()
        if db.session.query(Material).count() == 0:
            db.session.add(Material(product=table, component=steel, quantity="1.5", waste_percent=10))
        lines = [
            {"product_id": one.id, "quantity": "12", "unit_price": "0", "description": one.name}
            for one in (table, chair)
        ]
        order = approved_order(lines=lines, kind=OrderKind.PRODUCTION, deliver_on=today().isoformat())
        db.session.commit()
        found = order.id
        db.session.remove()
    return found


def _fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def _whole(page: Page, name: str) -> None:
    page.screenshot(path=str(picture(page, name)), full_page=True)
    assert _fits(page), name


def _card(page: Page, column: int, place: int, process: str) -> Locator:
    """A card of the board that belongs to the process of this test."""
    own = f".board-card:has(a[href$='{urlparse(process).path}'])"
    return page.locator(".board-column").nth(column).locator(own).nth(place)


def _run_on_page(page: Page, line: int, *, good: str, waste: str) -> None:
    """Begin the next stage of a line on the page of its process, and end it."""
    section = page.locator(".made-line").nth(line)
    section.locator("form[action$='/begin'] input[name=people]").fill("Reza, Maryam")
    section.locator("form[action$='/begin'] button").click()
    section.locator("form[action$='/end'] input[name=good]").fill(good)
    section.locator("form[action$='/end'] input[name=waste]").fill(waste)
    section.locator("form[action$='/end'] button").click()
    page.wait_for_load_state()


@pytest.mark.parametrize(("locale", "width"), [("fa", 1280), ("en", 400)])
def test_an_order_is_made_stage_by_stage(site: Site, person: Callable[..., Page], locale: str, width: int) -> None:
    order, page, name = _order(site), person("admin", locale=locale, width=width), f"{locale}_{width}"
    page.goto(f"/production-orders/editor/{order}")
    page.locator("a[data-dialog][href*='/make/']").click()
    page.locator("dialog.asking[open] button.btn-primary").click()
    page.wait_for_url("**/production/show/**")
    process = page.url
    _whole(page, f"production_planned_{name}")
    # The first line goes through its first stage on the board, by keyboard.
    page.goto("/production-work/")
    _whole(page, f"production_board_{name}")
    card = _card(page, 0, 0, process)
    card.locator("summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("Sara")
    page.keyboard.press("Enter")
    page.wait_for_load_state()
    card = _card(page, 1, 0, process)
    assert "Sara" in card.inner_text()
    card.locator("summary").click()
    _whole(page, f"production_board_open_{name}")
    card.locator("input[name=good]").fill("13")
    card.locator("form button").click()
    page.locator(".alert-danger, .notice.tone-bad").first.wait_for()  # more than came
    card = _card(page, 1, 0, process)
    card.locator("summary").click()
    card.locator("input[name=good]").fill("۱۱" if locale == "fa" else "11")
    card.locator("input[name=waste]").fill("1")
    card.locator("form button").click()
    page.wait_for_load_state()
    # The rest on its page: the second stage of the first line, both of the second.
    page.goto(process)
    section = page.locator(".made-line").first
    used = section.locator(".material-use input[name=quantity]")
    used.fill("20")
    section.locator(".material-use button").click()
    page.wait_for_load_state()
    section.locator(".ts-control").click()
    page.locator(".ts-dropdown .option").nth(5).click()
    section.locator("form[action$='/material'] input[id^=used-]").fill("2.5")
    section.locator("form[action$='/material']:has(select) button").click()
    until(page, "document.querySelectorAll('.made-line .material-use').length === 2")
    _run_on_page(page, 0, good="10", waste="1")
    _run_on_page(page, 1, good="12", waste="")
    _whole(page, f"production_running_{name}")
    _run_on_page(page, 1, good="12", waste="0")
    until(page, "document.querySelectorAll('form[action$=\"/begin\"]').length === 0")
    _whole(page, f"production_finished_{name}")
    page.goto("/production/list/")
    _whole(page, f"production_list_{name}")
    # Ten and twelve of twelve came back to the order; two are left to be made again.
    page.goto(f"/production-orders/editor/{order}")
    rows = page.locator(".order-ledger tbody tr")
    figures = [
        [cell.inner_text().translate(DIGITS).split()[0] for cell in row.locator("td.amount bdi").all()]
        for row in rows.all()
    ]
    assert figures == [["12", "10", "2", "10"], ["12", "12", "0", "12"]]
    page.locator(".order-ledger").scroll_into_view_if_needed()
    _whole(page, f"production_order_{name}")
