"""The preview of an import in Chromium: bad cells are found, corrected in the grid, and gone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from app.core import jobs
from app.core.db import db
from tests.browser.conftest import Site, picture, until
from tests.imports import planted

if TYPE_CHECKING:
    from playwright.sync_api import Page

ROWS, ERRORS = 150, 15


@pytest.fixture(scope="module")
def sheet() -> planted.Sheet:
    return planted.customers(seed=77, rows=ROWS, errors=ERRORS, price_list="")


def work_off(site: Site) -> None:
    with site.app.app_context():
        jobs.work_off()
        db.session.remove()


def preview(page: Page, site: Site, path: Path) -> None:
    """Upload a file and go on to its preview."""
    page.goto("/import/customers")
    page.set_input_files("input[name=file]", path)
    page.click("button[form=import-upload]")
    page.wait_for_url("**/mapping")
    page.click("button[form=import-mapping]:not([name])")
    page.wait_for_url("**/wait")
    work_off(site)
    page.wait_for_url("**/values")
    page.goto(page.url.replace("values", "preview"))
    until(page, "document.querySelectorAll('#import-grid .tabulator-row').length > 0")


def cell(page: Page, row: int, column: str) -> Any:
    found = page.locator("#import-grid .tabulator-row").filter(
        has=page.locator(f".tabulator-cell[tabulator-field=row] >> text=/^{row}$/")
    )
    return found.locator(f".tabulator-cell[tabulator-field={column}]")


def error_count(page: Page) -> int:
    return int(page.inner_text("[data-error-count]").replace(",", ""))


def test_every_bad_cell_is_marked_and_put_right_in_the_grid(
    site: Site, person: Callable[..., Page], sheet: planted.Sheet, tmp_path: Path
) -> None:
    page = person("admin", locale="en")
    preview(page, site, sheet.write(tmp_path / "mending.xlsx"))
    marked = page.locator("#import-grid .cell-bad")
    assert marked.count() == ERRORS
    assert error_count(page) == ERRORS
    address = page.url

    for place, one in enumerate(sorted(sheet.planted, key=lambda one: (one.row, one.column))):
        box = cell(page, one.row, one.column)
        box.scroll_into_view_if_needed()
        box.click()
        if one.right is None:
            page.keyboard.press("Delete")
        else:
            box.dblclick()
            page.locator("#import-grid .grid-input").fill(str(one.right))
            page.keyboard.press("Enter")
        until(page, f"document.querySelector('[data-error-count]').textContent === '{ERRORS - place - 1}'")
    assert page.locator("#import-grid .cell-bad").count() == 0
    assert page.locator("#import-grid .cell-mended").count() == ERRORS
    page.click("#import-go")
    page.wait_for_url("**/wait")
    work_off(site)
    page.wait_for_url(address.replace("preview", "report"))

    from app.crm.customers.models import Customer

    with site.app.app_context():
        codes = {one.right if one.column == "A" else sheet.rows[one.row - sheet.first_row][0] for one in sheet.planted}
        stored = db.session.query(Customer.code).filter(Customer.code.in_(codes)).count()
        db.session.remove()
    assert stored == len(codes) == ERRORS


def test_find_and_replace_counts_first_and_can_be_undone(
    site: Site, person: Callable[..., Page], sheet: planted.Sheet, tmp_path: Path
) -> None:
    page = person("admin", locale="en")
    preview(page, site, sheet.write(tmp_path / "replacing.xlsx"))

    page.click("#import-find")
    page.fill("#replace-find", "خصوصي")
    page.fill("#replace-by", "حقوقی")
    until(page, "!document.querySelector('#import-replace button').disabled")
    assert page.inner_text("#replace-found").startswith("1 cells.")
    page.click("#import-replace button")
    until(page, f"document.querySelector('[data-error-count]').textContent === '{ERRORS - 1}'")
    page.click("#import-undo")
    until(page, f"document.querySelector('[data-error-count]').textContent === '{ERRORS}'")
    assert page.is_disabled("#import-undo")


@pytest.mark.parametrize("locale", ["fa", "en"])
@pytest.mark.parametrize("width", [1280, 400])
def test_the_preview_looks_right(
    site: Site, person: Callable[..., Page], sheet: planted.Sheet, tmp_path: Path, locale: str, width: int
) -> None:
    page = person("admin", locale=locale, width=width)
    preview(page, site, sheet.write(tmp_path / f"مشتریان {locale} {width}.xlsx"))
    page.locator("#import-grid .cell-bad").first.click()
    until(page, "document.querySelector('.cell-note .cell-place') !== null")
    picture(page, f"import-preview-{locale}-{width}")
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
