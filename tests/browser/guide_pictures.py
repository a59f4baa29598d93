"""Takes the pictures of docs/excel.md: `pytest -p no:xdist tests/browser/guide_pictures.py`. No test: run by hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import openpyxl

from tests.browser.conftest import Site
from tests.browser.test_import_wizard import upload, work_off

if TYPE_CHECKING:
    from playwright.sync_api import Page

PROJECT = Path(__file__).parents[2]
FOLDER = PROJECT / "docs" / "img"
SAMPLE = PROJECT / "tests" / "data" / "sheets" / "customers_libreoffice.xlsx"


def shot(page: Page, name: str) -> None:
    page.wait_for_timeout(600)
    page.screenshot(path=FOLDER / f"{name}.png")


def with_mistakes(folder: Path) -> Path:
    book = openpyxl.load_workbook(SAMPLE)
    sheet: Any = book.worksheets[0]
    sheet.cell(4, 4).value, sheet.cell(6, 5).value = "0012345678", "0912"
    book.save(folder / "customers.xlsx")
    return folder / "customers.xlsx"


def test_pictures_of_the_guide(person: Callable[..., Page], site: Site, tmp_path: Path) -> None:
    FOLDER.mkdir(exist_ok=True)
    page = person("admin")
    page.set_viewport_size({"width": 1100, "height": 720})
    page.goto("/customers/list/")
    page.click("a[data-dialog]")
    page.wait_for_selector("dialog.asking[open]")
    shot(page, "export-dialog")
    with page.expect_download():
        page.click("dialog.asking button.btn-primary")
    page.goto("/exports/list/")
    shot(page, "exports")
    page.goto("/import/customers")
    shot(page, "import-upload")
    upload(page, "customers", with_mistakes(tmp_path))
    shot(page, "import-columns")
    page.click("button[form=import-mapping]")
    page.wait_for_url("**/wait")
    work_off(site)
    page.wait_for_url("**/preview")
    shot(page, "import-preview")
    page.goto("/customers/sheet")
    shot(page, "sheet")
