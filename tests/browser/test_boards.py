"""Orders on their board and in their calendar: dragged, refused, moved by keyboard, on a phone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.browser.conftest import Site, picture

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser
PARTY = "Zaribar Board Trading"


def _order(site: Site, *, step: str = "", late: int = 3) -> tuple[int, int]:
    """An order that is late by some days, and its party."""
    from app.core.actor import Actor, acting_as
    from app.core.clock import today
    from app.core.db import db
    from app.sales.orders.workflow import flow_of
    from tests.factories.crm import CustomerFactory
    from tests.factories.orders import BY, draft_order

    with site.app.app_context(), acting_as(Actor.system("test")):
        on = today() - timedelta(days=late)
        order = draft_order(
            CustomerFactory(name=PARTY), order_on=(on - timedelta(days=1)).isoformat(), deliver_on=on.isoformat()
        )
        if step:
            flow_of(order).apply(order, step, actor=BY)
        db.session.commit()
        found = order.id, order.customer_id or 0
        db.session.remove()
    return found


def _state(site: Site, order: int) -> str:
    from app.core.actor import Actor, acting_as
    from app.core.db import db
    from app.sales.orders.models import Order

    with site.app.app_context(), acting_as(Actor.system("test")):
        state = str(db.session.get_one(Order, order).state)
        db.session.remove()
    return state


def _month_of(site: Site, order: int) -> str:
    """The month in which an order is to be delivered."""
    from app.core.actor import Actor, acting_as
    from app.core.db import db
    from app.core.month_grid import Month
    from app.sales.orders.models import Order

    with site.app.app_context(), acting_as(Actor.system("test")):
        on = db.session.get_one(Order, order).deliver_on
        db.session.remove()
    assert on is not None
    return Month.of(on).key


def _fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def test_a_card_is_dragged_refused_and_moved_by_keyboard(site: Site, person: Callable[..., Page]) -> None:
    order, party = _order(site, step="submit")
    page = person("manager", locale="fa")
    page.goto(f"/orders/board?f_customer={party}")
    card = page.locator(f"#card-{order}")
    card.drag_to(page.locator("#column-approved"))
    page.locator("#board-live.tone-ok").wait_for()
    assert page.locator(f"#column-approved #card-{order}").count() == 1
    assert _state(site, order) == "approved"
    # No person's step leads from approved to in progress: nothing is asked, and the card stays.
    card.drag_to(page.locator("#column-in_progress"))
    page.locator("#board-live.tone-warn").wait_for()
    assert page.locator(f"#column-approved #card-{order}").count() == 1
    # The menu by keyboard: put on hold, which asks for a reason.
    card.locator(".board-menu > button").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.locator("#board-reason[open] textarea").fill("منتظر پیش‌پرداخت")
    picture(page, "board_reason_fa_1280")
    page.locator("#board-reason button.btn-primary").click()
    page.locator("#board-live.tone-ok").wait_for()
    assert page.locator(f"#column-on_hold #card-{order}").count() == 1
    assert _state(site, order) == "on_hold"
    assert page.evaluate("document.activeElement.closest('.board-card')?.id") == f"card-{order}"


def test_a_refused_card_goes_back_and_the_reason_is_said(site: Site, person: Callable[..., Page]) -> None:
    order, party = _order(site, step="submit")
    page = person("manager", locale="fa", width=400)
    page.goto(f"/orders/board?f_customer={party}")
    assert _fits(page)
    _approve_elsewhere(site, order)
    page.locator(f"#card-{order} .board-menu > button").click()
    page.locator(f"#card-{order} [data-move]").first.click()
    page.locator("#board-live.tone-bad").wait_for()
    assert page.locator(f"#column-submitted #card-{order}").count() == 1
    picture(page, "board_refused_fa_400")
    page.goto(f"/orders/calendar?f_customer={party}&f_state=approved&month={_month_of(site, order)}")
    assert _fits(page)
    page.locator(".month-day.is-late .month-entry").first.click()
    page.wait_for_url(f"**/orders/editor/{order}")


def _approve_elsewhere(site: Site, order: int) -> None:
    from app.core.actor import Actor, acting_as
    from app.core.db import db
    from app.sales.orders.services import open_order
    from app.sales.orders.workflow import flow_of
    from tests.factories.orders import BY

    with site.app.app_context(), acting_as(Actor.system("test")):
        flow_of(open_order(order)).apply(open_order(order), "approve", actor=BY)
        db.session.commit()
        db.session.remove()
