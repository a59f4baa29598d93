"""A cashier takes cash and a cheque for two invoices, by keyboard, wide and on a phone."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from app.core.actor import Actor, acting_as
from app.core.clock import today
from app.core.db import db
from tests.browser.conftest import picture
from tests.factories import CustomerFactory
from tests.factories.finance import issued_invoice, line

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def debtor(site: Any) -> int:
    """A party that owes two invoices of 1,000,000 rials each."""
    with site.app.app_context(), acting_as(Actor.system("test")):
        customer = CustomerFactory(name="فروشگاه نمونه")
        for due in ("1405/10/01", "1405/11/01"):
            issued_invoice(customer, [line("1", "1000000", taxes=[])], due_on=due, invoice_on=today().isoformat())
        db.session.commit()
        key = int(customer.id)
        db.session.remove()
    return key


@pytest.mark.parametrize(("locale", "width"), [("fa", 1280), ("en", 1280), ("fa", 400), ("en", 400)])
def test_the_pages_of_settlement_fit(person: Callable[..., Page], debtor: int, locale: str, width: int) -> None:
    page = person("admin", locale=locale, width=width)
    for name, address in {
        "cashier": f"/settlement/new?customer={debtor}",
        "statement": f"/settlement/statement/{debtor}",
        "cheque-calendar": "/cheque-calendar/",
        "payments": "/payments/list/",
    }.items():
        page.goto(address)
        page.wait_for_load_state("networkidle")
        picture(page, f"{name}-{locale}-{width}")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name} overflows"


def test_cash_and_a_cheque_settle_two_invoices(person: Callable[..., Page], debtor: int) -> None:
    page = person("admin", locale="en")
    page.goto(f"/settlement/new?customer={debtor}")
    page.wait_for_selector("#open-items li")
    assert page.locator("#open-items li").count() == 2
    page.fill("[data-name=amount]", "1200000")
    assert page.locator("#open-items :checked").count() == 2
    assert page.inner_text("#sum-rest") == "0"
    page.keyboard.press("Alt+N")
    second = page.locator(".cashier-line").nth(1)
    second.locator("[data-name=amount]").fill("800000")
    second.locator("[data-name=method]").select_option("cheque")
    second.locator("[data-name=sayad_id]").fill("12")
    second.locator("[data-name=due_on]").fill("1405/12/01")
    second.locator("[data-name=bank]").fill("Mellat")
    assert page.inner_text("#sum-chosen") == "2,000,000"
    page.click("#post")
    page.wait_for_selector("#cashier-errors li")
    assert "16" in page.inner_text("#cashier-errors")
    picture(page, "cashier-refused")
    second.locator("[data-name=sayad_id]").fill("1234567890123456")
    page.click("#post")
    page.wait_for_url(re.compile(r"/settlement/\d+"))
    picture(page, "cashier-posted")
    page.goto(f"/settlement/statement/{debtor}")
    assert page.locator("table.statement tfoot").inner_text().strip().endswith("0")
    picture(page, "statement-settled")
    page.goto("/cheque-calendar/")
    picture(page, "cheque-calendar-one")
