"""The document editor by keyboard: type, find a product, paste from Excel, save, issue, print."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from tests.browser.conftest import Site, picture, until

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

PASTE = """text => {
  const data = new DataTransfer();
  data.setData('text/plain', text);
  const target = document.querySelector('#document-grid .tabulator-tableholder');
  target.dispatchEvent(new ClipboardEvent('paste', {clipboardData: data, bubbles: true, cancelable: true}));
}"""


def _products(site: Site, count: int) -> list[tuple[str, str]]:
    from app.core.db import db
    from app.sales.catalog.models import Product

    with site.app.app_context():
        rows = db.session.query(Product.code, Product.name).order_by(Product.id).limit(count).all()
        db.session.remove()
    return [(code, name) for code, name in rows]


def _choose_customer(page: Page) -> None:
    page.locator(".ts-control").first.click()
    page.locator(".ts-dropdown .option").first.wait_for()
    page.locator(".ts-dropdown .option").first.click()


def _rows(page: Page) -> list[dict[str, str]]:
    found: list[dict[str, str]] = page.evaluate("window.kartablDocument.grid.rows")
    return [row for row in found if row["product"]]


def _payable(page: Page) -> str:
    return page.locator("[data-total=payable]").first.inner_text()


def test_a_line_is_entered_by_keyboard_alone(site: Site, person: Callable[..., Page]) -> None:
    page = person("accountant")
    page.goto("/invoices/editor/new")
    until(page, "window.kartablDocument?.grid.table.initialized")
    code, _name = _products(site, 1)[0]
    page.keyboard.type(code)  # as fast as a scanner: no key may land in the cell left behind
    page.keyboard.press("Enter")
    page.keyboard.type("3")  # Enter on the product led to its quantity
    page.keyboard.press("Tab")
    page.keyboard.type("2500")
    page.keyboard.press("Tab")
    page.keyboard.type("10%")
    page.keyboard.press("Enter")
    until(page, "window.kartablDocument.grid.rows[0].discount === '10%'")
    until(page, "window.kartablDocument.grid.rows[0].payable")
    row = _rows(page)[0]
    assert (row["quantity"], row["unit_price"], row["discount"]) == ("3", "2500", "10%")
    picture(page, "editor-keyboard")


def test_the_grid_takes_no_focus_from_who_has_gone_on(person: Callable[..., Page]) -> None:
    page = person("admin")
    page.goto("/invoices/editor/new")
    until(page, "window.kartablDocument?.grid.table.initialized")
    gone_on = """() => new Promise((resolve) => {
      window.kartablDocument.grid.goOn("next");
      document.getElementById("document-discount").focus();
      setTimeout(() => resolve(document.activeElement.id), 60);
    })"""
    assert page.evaluate(gone_on) == "document-discount"


def test_block_from_excel_becomes_lines_and_is_issued(site: Site, person: Callable[..., Page]) -> None:
    page = person("accountant")
    page.goto("/invoices/editor/new")
    until(page, "window.kartablDocument?.grid.table.initialized")
    page.wait_for_timeout(200)
    lines = [f"{code}\t{n + 1}\t۱٬۰۰۰٬۰۰۰" for n, (code, _name) in enumerate(_products(site, 5))]
    page.evaluate(PASTE, "\r\n".join(lines) + "\r\n")
    until(page, "window.kartablDocument.grid.rows.filter(r => r.product_id).length === 5")
    until(page, "window.kartablDocument.grid.rows.filter(r => r.payable).length === 5")
    assert [row["quantity"] for row in _rows(page)] == ["1", "2", "3", "4", "5"]
    assert all(row["unit_price"] == "1000000" for row in _rows(page))
    page.locator("#document-save").click()
    page.locator("#document-errors li").first.wait_for()  # no customer yet: said, nothing lost
    picture(page, "editor-refused")
    assert len(_rows(page)) == 5
    _choose_customer(page)
    until(page, "document.querySelector('[data-total=payable]').innerText !== '۰'")
    before = _payable(page)
    page.locator("#document-save").click()
    page.wait_for_url(re.compile(r"/invoices/editor/\d+$"))
    page.locator("[data-total=payable]", has_text=before).first.wait_for()
    picture(page, "editor-draft")
    page.locator("form[action$='/issue'] button").click()
    page.locator("dialog[open] button.btn-primary, dialog[open] .btn-danger").first.click()
    page.locator("#document-save").wait_for(state="detached")
    picture(page, "editor-issued")
    invoice_id = page.url.rstrip("/").rsplit("/", 1)[1]
    answer = page.request.get(f"/print/invoices/{invoice_id}.pdf")
    assert answer.status == 200
    assert answer.body()[:5] == b"%PDF-"


def test_two_people_edit_one_draft_and_the_second_is_told(person: Callable[..., Page], site: Site) -> None:
    from app.core.db import db
    from app.finance.invoices.models import SalesInvoice
    from app.finance.invoices.states import InvoiceState

    with site.app.app_context():
        draft = (
            db.session.query(SalesInvoice.id)
            .filter_by(state=InvoiceState.DRAFT)
            .order_by(SalesInvoice.id.desc())
            .first()
        )
        db.session.remove()
    assert draft is not None
    first, second = person("accountant"), person("manager")
    for page in (first, second):
        page.goto(f"/invoices/editor/{draft[0]}")
        until(page, "window.kartablDocument?.grid.table.initialized")
        page.fill("#note", "یادداشت")
    with first.expect_response(lambda answer: answer.request.method == "POST" and "/save" in answer.url):
        first.locator("#document-save").click()
    second.locator("#document-save").click()
    second.locator("#document-live[data-tone=bad]").wait_for()
    picture(second, "editor-conflict")
