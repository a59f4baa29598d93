"""What an accountant does on the screens, one verb each; figures come back as whole rials."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tests.browser.conftest import until

if TYPE_CHECKING:
    from playwright.sync_api import Page

DIGITS = str.maketrans("۰۱۲۳۴۵۶۷۸۹", "0123456789")
FIGURES = ("gross", "discount", "tax", "additions", "payable")


LINES = "[kartablDocument.grid.rows, kartablDocument.grid.held, document.activeElement.outerHTML]"
"""What a failure to take a product tells: the lines, the keys that wait, and where the cursor is."""


def rials(text: str) -> int:
    """The amount that a person reads: digits of either script, separators, a sign or the word of a creditor."""
    plain = text.translate(DIGITS)
    digits = re.sub(r"[^0-9]", "", plain)
    return -int(digits) if re.search(r"[-\u2212]|بستانکار|بس|Cr", plain) else int(digits or 0)


def begin(page: Page, address: str, party: str) -> None:
    """Open an empty editor and choose whom it is for."""
    page.goto(address)
    until(page, "window.kartablDocument?.grid.table.initialized")
    choose_party(page, party)


def choose_party(page: Page, name: str) -> None:
    """Whom the document is for; the first remote list of the page."""
    page.locator(".ts-control").first.click()
    page.locator(".ts-dropdown input:visible").fill(name)
    page.locator(".ts-dropdown .option", has_text=name).first.click()


def to_lines(page: Page) -> None:
    """Put the cursor on the first line's product."""
    page.locator("#document-grid .tabulator-row").first.locator(".tabulator-cell[tabulator-field=product]").click()


def enter(page: Page, rows: Sequence[tuple[str, str, str, str]]) -> None:
    """Type lines by keyboard alone: product, quantity, unit price ("" keeps the offered one), discount."""
    to_lines(page)
    for place, (product, quantity, price, discount) in enumerate(rows):
        page.keyboard.type(product)
        page.keyboard.press("Enter")
        # A price is offered with the product; a person reads it before going on.
        until(page, f"window.kartablDocument.grid.rows[{place}]?.product_id", shows=LINES)
        page.keyboard.type(quantity)
        page.keyboard.press("Tab")
        page.keyboard.type(price)
        page.keyboard.press("Tab")
        page.keyboard.type(discount)
        if place < len(rows) - 1:
            page.keyboard.press("Tab")
        elif discount:
            page.keyboard.press("Enter")


def totals(page: Page) -> dict[str, int]:
    """The sums below the lines."""
    return {name: rials(page.locator(f".totals [data-total={name}]").inner_text()) for name in FIGURES}


def expect_totals(page: Page, **figures: int) -> None:
    """The sums below the lines become these; what is not named is zero."""
    wanted = {name: figures.get(name, 0) for name in FIGURES}
    for _turn in range(200):
        if totals(page) == wanted:
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"{totals(page)} is not {wanted}")


def save(page: Page) -> None:
    """Save the draft and see its page."""
    page.locator("#document-save, #return-save").click()
    page.wait_for_url(re.compile(r"/editor/\d+$"))


def issue(page: Page) -> str:
    """Issue the draft on the page; returns its number as shown."""
    page.locator("form[action$='/issue'] button").click()
    page.locator("dialog[open] button.btn-primary").click()
    page.locator(".badge", has_text="صادرشده").first.wait_for()
    found = re.search(r"\d{4}-\d+", page.inner_text("h1").translate(DIGITS))
    assert found is not None
    return found.group()


def key_of(page: Page) -> str:
    """The key of the document that the page shows."""
    return page.url.rstrip("/").rsplit("/", 1)[1]


def statement(page: Page, customer_id: int) -> list[tuple[int, int, int]]:
    """Debit, credit and balance of every row of a party's statement of account, the sums last."""
    page.goto(f"/settlement/statement/{customer_id}")
    rows = page.locator("table.statement tbody tr, table.statement tfoot tr").all()
    found = [[rials(cell.inner_text()) for cell in row.locator("td.amount").all()] for row in rows]
    return [(debit, credit, balance) for debit, credit, balance in found]
