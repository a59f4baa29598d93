"""The screens that people live in, in both languages, wide and on a phone."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from tests.browser.conftest import picture

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

SCREENS = {
    "home": "/",
    "customers": "/customers/list/",
    "customer": "/customers/show/1",
    "customer-form": "/customers/edit/1",
    "products": "/products/list/",
    "invoices": "/invoices/list/",
    "editor": "/invoices/editor/new",
    "issued": "/invoices/editor/1",
    "missing": "/customers/show/999999",
}
GREGORIAN = ("2024", "2025", "2026", "2027")


@pytest.mark.parametrize("width", [1280, 400])
@pytest.mark.parametrize("locale", ["fa", "en"])
def test_screens_fit_and_speak_one_language(person: Callable[..., Page], locale: str, width: int) -> None:
    page = person("admin", locale=locale, width=width)
    for name, address in SCREENS.items():
        page.goto(address)
        page.wait_for_load_state("networkidle")
        picture(page, f"{name}-{locale}-{width}")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name} overflows"
        assert page.evaluate("document.documentElement.dir") == ("rtl" if locale == "fa" else "ltr")
        text = page.inner_text("body")
        assert "Traceback" not in text
        if locale == "fa":
            assert not any(year in text for year in GREGORIAN), f"{name} shows a Gregorian year"


def test_sign_in_page_and_refusal(person: Callable[..., Page], site: object, browser: object) -> None:
    context = browser.new_context(base_url=site.url, viewport={"width": 400, "height": 800})  # type: ignore[attr-defined]
    page = context.new_page()
    page.goto("/login/")
    picture(page, "login-fa-400")
    page.fill("input[name=username]", "accountant")
    page.fill("input[name=password]", "wrong-password")
    page.press("input[name=password]", "Enter")
    page.wait_for_load_state()
    assert "/login" in page.url
    context.close()


def test_search_box_finds_a_customer_by_part_of_the_name(person: Callable[..., Page]) -> None:
    page = person("accountant")
    page.goto("/customers/list/")
    name = page.locator("table tbody tr td[data-label] a, table tbody tr a").first.inner_text().strip()
    page.goto(f"/search?q={name[:6]}")
    assert name in page.inner_text("main")


def test_telemarketer_sees_no_invoices(person: Callable[..., Page]) -> None:
    page = person("telemarketer")
    assert page.locator('a[href*="/invoices/list"]').count() == 0
    response = page.goto("/invoices/list/")
    assert response is not None
    assert response.status == 403 or "/login" in page.url
    assert page.locator("table").count() == 0
