"""An administrator limits the issue of invoices: the cell, what it would mean, the saved table."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from app.core.db import db
from app.core.feature import Role
from app.office.edit_levels.models import LevelTable
from tests.browser.conftest import Site, picture

if TYPE_CHECKING:
    from playwright.sync_api import Page


def test_the_issue_of_invoices_is_limited_by_keyboard(site: Site, person: Callable[..., Page]) -> None:
    page = person("admin", locale="fa")
    page.goto("/edit-levels/finance.invoices")
    page.locator("a.level-cell[href$='/draft/issue']").focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    with site.app.app_context():
        role = site.app.extensions["appbuilder"].sm.find_role(Role.ACCOUNTANT.value).id
        db.session.remove()
    page.locator("select[name=who]").first.select_option(f"role:{role}")
    amount = page.locator("input[name=amount]").first
    amount.fill("20000000")
    with page.expect_navigation():
        amount.press("Enter")
    picture(page, "edit-levels-preview")
    assert page.locator(".turn-tighter, .turn-lost").count() >= 1
    with page.expect_navigation():
        page.locator("form[action$='/save'] button[type=submit]").click()
    cell = page.locator("a.level-cell[href$='/draft/issue']")
    assert "۲۰٬۰۰۰٬۰۰۰" in cell.inner_text()
    picture(page, "edit-levels-table")
    page.set_viewport_size({"width": 400, "height": 860})
    page.goto("/lang/en")
    page.goto("/edit-levels/finance.invoices")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    picture(page, "edit-levels-table-400")
    cell.click()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    picture(page, "edit-levels-cell-400")
    with site.app.app_context():
        db.session.query(LevelTable).filter_by(kind="finance.invoices").one()
        for table in db.session.query(LevelTable):
            db.session.delete(table)
        db.session.commit()
        db.session.remove()
