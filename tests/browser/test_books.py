"""The print dialog over an invoice and the books with their chart, looked at in Chromium."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from tests.browser.conftest import picture, until

if TYPE_CHECKING:
    from playwright.sync_api import Page

WHOLE = "?from=1400/01/01&until=1409/12/29"


@pytest.mark.parametrize(("locale", "width"), [("fa", 1280), ("en", 400)])
def test_a_book_is_drawn_and_told(person: Callable[..., Page], locale: str, width: int) -> None:
    page = person("admin", locale=locale, width=width)
    page.goto(f"/books/sales/month{WHOLE}")
    until(page, "window.Chart && window.Chart.getChart('book-chart')")
    assert page.locator("#book-table tbody tr").count() >= 1
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.wait_for_timeout(400)
    picture(page, f"books-{locale}-{width}")


@pytest.mark.parametrize(("locale", "width"), [("fa", 1280), ("en", 400)])
def test_the_print_button_asks_first(person: Callable[..., Page], locale: str, width: int) -> None:
    page = person("admin", locale=locale, width=width)
    page.goto("/invoices/list/")
    page.locator("tbody a[href*='/invoices/show/']").first.click()
    page.wait_for_load_state("networkidle")
    page.locator("a[data-dialog][href*='/print/invoices/']").click()
    dialog = page.locator("dialog.asking")
    dialog.locator("input[name=style][value=company]").check()
    picture(page, f"print-dialog-{locale}-{width}")
    assert dialog.locator("input[type=radio]:checked").count() == 4
    dialog.locator("[data-close]").click()
    assert page.locator("dialog.asking").count() == 0
