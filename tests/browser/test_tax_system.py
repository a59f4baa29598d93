"""The tax system as an accountant meets it: a draft that would be refused, put right, issued, its file written."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from app.core import clock
from app.core.actor import Actor, acting_as
from app.core.db import db
from app.core.jalali import to_jalali
from app.finance.moadian.models import TaxMemory
from tests.browser.conftest import Site, picture, until
from tests.factories import moadian as make
from tests.factories.finance import line

if TYPE_CHECKING:
    from playwright.sync_api import Page


@pytest.fixture(scope="module")
def drafts(site: Site) -> dict[str, int]:
    """Two drafts of a branch of their own, which alone is turned on: one to be refused, one late but good."""
    with site.app.app_context(), acting_as(Actor.system("test")):
        branch = make.other_branch()
        make.memory_in_use(branch_id=branch.id)
        today = clock.today()
        year, month, day = to_jalali(today)
        head = {"branch_id": branch.id, "invoice_on": f"{year}/{month}/{day}"}
        product = make.known_product(name="کاغذ A4")
        bare = make.known_product(name="ماژیک", tax_code=None)
        buyer = make.known_buyer(name="شرکت آزمون")
        good = make.good_draft(customer=buyer, lines=[make.known_line("12", "3335", product)], **head)
        lines = [make.known_line("2", "8000", bare), make.known_line("3", "777", product), line("1", "500")]
        bad = make.good_draft(customer=make.known_buyer(name="بازرگانی سپید", legal_id=None), lines=lines, **head)
        memory = db.session.query(TaxMemory).one()
        found = {"good": good.id, "bad": bad.id, "memory": memory.id}
        db.session.commit()
        db.session.remove()
    return found


def no_sideways(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


def test_a_draft_is_checked_issued_and_written(person: Callable[..., Any], site: Site, drafts: dict[str, int]) -> None:
    page = person("admin")
    page.goto(f"/invoices/editor/{drafts['bad']}")
    assert page.locator(".finding.tone-bad").count() == 4
    assert page.get_by_role("button", name="صدور", exact=True).count() == 0
    picture(page, "moadian_preflight_fa_1280")
    page.goto(f"/invoices/editor/{drafts['good']}")
    page.get_by_role("button", name="صدور", exact=True).click()
    page.locator("dialog button.btn-primary").click()
    until(page, "document.querySelector('.tax-chain')")
    picture(page, "moadian_issued_fa_1280")
    tax_id = page.locator(".tax-chain bdi").first.inner_text()
    assert len(tax_id) == 22
    assert tax_id.startswith(make.MEMORY)
    page.locator(".tax-chain a").first.click()
    page.locator("#tab-fields").click()
    assert "tprdis" in page.locator("#pane-fields").inner_text()
    picture(page, "moadian_document_fa_1280")
    page.goto("/moadian/tax-documents/list/")
    page.locator("input[name=rowid]").first.check()
    picture(page, "moadian_list_fa_1280")


@pytest.mark.parametrize("locale", ["fa", "en"])
@pytest.mark.parametrize("width", [1280, 400])
def test_every_screen_fits(person: Callable[..., Any], drafts: dict[str, int], locale: str, width: int) -> None:
    page = person("admin", locale=locale, width=width)
    screens = {
        "draft": f"/invoices/editor/{drafts['bad']}",
        "queue": "/moadian/tax-documents/list/",
        "memory": f"/moadian/tax-memories/edit/{drafts['memory']}",
        "memories": "/moadian/tax-memories/list/",
        "windows": "/moadian/send-windows/list/",
    }
    for name, address in screens.items():
        page.goto(address)
        assert no_sideways(page), name
        picture(page, f"moadian_{name}_{locale}_{width}")
    page.goto("/invoices/list/?f_state=draft")
    for box in page.locator("input[name=rowid]").all()[:5]:
        box.check()
    page.locator(".bulk-bar button[value=preflight], button[name=action][value=preflight]").first.click()
    confirm = page.locator("dialog[open] button.btn-primary")
    if confirm.count():
        confirm.click()
    until(page, "document.querySelector('section.preflight')")
    assert no_sideways(page)
    picture(page, f"moadian_checked_{locale}_{width}")
