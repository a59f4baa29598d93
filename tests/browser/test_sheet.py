"""A list as a sheet in the browser: typing, pasting, filling, undoing, saving, two people at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.conftest import picture, until

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser
READY = "window.kartablSheet?.grid.table.initialized"


def open_sheet(page: Page, address: str = "/customers/sheet") -> None:
    page.goto(address)
    until(page, READY)
    until(page, "document.querySelector('#sheet-total').textContent")


def cell(page: Page, row: int, field: str) -> Any:
    return page.evaluate("([row, field]) => kartablSheet.grid.shown[row][field]", [row, field])


@pytest.mark.parametrize("width", [1280, 400])
@pytest.mark.parametrize("locale", ["fa", "en"])
def test_the_sheet_fits_and_opens_in_both_languages(person: Callable[..., Page], locale: str, width: int) -> None:
    page = person("admin", locale=locale, width=width)
    for name, address in (
        ("customers", "/customers/sheet"),
        ("products", "/products/sheet"),
        ("invoices", "/invoices/sheet"),
    ):
        open_sheet(page, address)
        picture(page, f"sheet-{name}-{locale}-{width}")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name} overflows"
