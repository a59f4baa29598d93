"""The export dialog in Chromium: the file comes, the list stays; by keyboard and on a phone too."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import openpyxl
import pytest

from tests.browser.conftest import picture

if TYPE_CHECKING:
    from playwright.sync_api import Page


def opened(page: Page) -> None:
    page.click("a[data-dialog]")
    page.wait_for_selector("dialog.asking[open]")


@pytest.mark.parametrize(("locale", "width"), [("fa", 1280), ("en", 400)])
def test_the_file_comes_and_the_list_stays(
    person: Callable[..., Page], tmp_path: Path, locale: str, width: int
) -> None:
    page = person("manager", locale=locale, width=width)
    page.goto("/customers/list/?sort=-name")
    opened(page)
    picture(page, f"export-{locale}-{width}")
    assert page.evaluate("document.querySelector('dialog.asking').scrollWidth <= innerWidth")
    page.check("input[name=columns][value=seen]")
    with page.expect_download() as coming:
        page.click("dialog.asking button.btn-primary")
    coming.value.save_as(tmp_path / "list.xlsx")

    page.wait_for_selector("dialog.asking", state="detached")
    assert page.url.endswith("sort=-name")
    sheet = openpyxl.load_workbook(tmp_path / "list.xlsx").worksheets[0]
    assert sheet.max_row > 2
    opened(page)
    assert page.is_checked("input[name=columns][value=seen]")


def test_escape_gives_the_focus_back(person: Callable[..., Page]) -> None:
    page = person("manager")
    page.goto("/customers/list/")
    page.focus("a[data-dialog]")
    page.keyboard.press("Enter")
    page.wait_for_selector("dialog.asking[open]")
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog.asking", state="detached")

    assert page.evaluate("document.activeElement.matches('a[data-dialog]')")
