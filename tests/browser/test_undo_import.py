"""The pages of imports: the list, what prevents an undo, the undo itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from openpyxl import Workbook

from tests.browser.conftest import Site, picture

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def _bring(site: Site, path: Path, codes: list[str], *, edit: str = "") -> int:
    """Import customers as the accountant; somebody may change one of them afterwards."""
    from sqlalchemy import select

    from app.core.actor import acting_as
    from app.core.db import db, writing
    from app.core.sheets import sheet_named
    from app.crm.customers.models import Customer
    from app.org.employees.models import Employee
    from app.org.security import actor_of
    from imports.apply import Order, run_import

    book = Workbook()
    sheet: Any = book.active
    sheet.append(["کد", "نام", "شهر"])
    for code in codes:
        sheet.append([code, f"فروشگاه {code}", "اصفهان"])
    book.save(path)
    with site.app.app_context(), writing():
        admin = actor_of(db.session.scalars(select(Employee).where(Employee.username == "admin")).one())
        with acting_as(admin):
            number = run_import(path, Order(sheet_named("customers")), name="مشتریان آذر.xlsx").batch_id
            db.session.commit()
            if edit:
                db.session.scalars(select(Customer).where(Customer.code == edit)).one().city = "یزد"
                db.session.commit()
        db.session.remove()
    assert number is not None
    return number


@pytest.mark.parametrize("locale", ["fa", "en"])
def test_an_import_is_undone_by_its_button(
    site: Site, person: Callable[..., Page], tmp_path: Path, locale: str
) -> None:
    from app.core import jobs

    number = _bring(site, tmp_path / "a.xlsx", [f"{locale}1", f"{locale}2"])
    held = _bring(site, tmp_path / "b.xlsx", [f"{locale}3", f"{locale}4"], edit=f"{locale}3")
    pages = [person("admin", locale=locale, width=width) for width in (1280, 400)]
    for page, width in zip(pages, (1280, 400), strict=True):
        page.goto("/imports/")
        picture(page, f"imports-{locale}-{width}")
        page.goto(f"/imports/{held}")
        assert page.locator("form[action$='/undo']").count() == 0
        picture(page, f"import-held-{locale}-{width}")
        page.goto(f"/imports/{number}")
        picture(page, f"import-{locale}-{width}")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page = pages[-1]
    page.locator("form[action$='/undo'] button").click()
    page.locator("dialog[open] .btn-danger, dialog[open] .btn-primary, .modal.show .btn-danger").first.click()
    page.wait_for_url("**job=*")
    with site.app.app_context():
        jobs.work_off()
    page.goto(f"/imports/{number}")
    assert page.locator("form[action$='/undo']").count() == 0
    picture(page, f"import-undone-{locale}-400")
