"""The import wizard in Chromium: an accountant's list with a merged header goes in untouched."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from openpyxl import Workbook
from sqlalchemy import select

from tests.browser.conftest import Site, picture, until

if TYPE_CHECKING:
    from playwright.sync_api import Page

INVOICES = Path(__file__).parents[1] / "data" / "sheets" / "invoice_list_merged_header.xlsx"


def work_off(site: Site) -> None:
    """Do what a worker would do."""
    from app.core import jobs

    with site.app.app_context():
        jobs.work_off()


def upload(page: Page, spec: str, file: Path) -> None:
    page.goto(f"/import/{spec}")
    page.set_input_files("input[type=file]", file)
    page.click("button[form=import-upload]")
    page.wait_for_url("**/mapping")


def looked(page: Page) -> None:
    """Wait until the page shows the form as it is now."""
    page.wait_for_timeout(400)
    until(page, "!document.querySelector('#mapping-body[aria-busy]')")


def test_the_list_with_the_merged_header_goes_in_untouched(site: Site, person: Callable[..., Page]) -> None:
    page = person("accountant")
    upload(page, "sales_invoices", INVOICES)

    assert page.input_value("#target-0") == "number"
    assert page.input_value("#target-1") == "invoice_on"
    assert page.input_value("#target-2") == "customer"
    assert page.input_value("#target-4") == "discount_amount"
    assert page.input_value("#target-3") == ""
    page.select_option("#target-3", "unit_price")
    looked(page)
    page.fill("#constant-quantity", "1")
    page.press("#constant-quantity", "Tab")
    looked(page)
    page.click("details.more-constants summary")
    page.fill("#constant-description", "فروش طبق فهرست")
    page.fill("#constant-tax_percent", "9")
    page.press("#constant-tax_percent", "Tab")
    looked(page)
    picture(page, "import-mapping-fa-1280")
    page.click("button[form=import-mapping]")
    page.wait_for_url("**/wait")
    work_off(site)
    page.wait_for_url("**/values")
    picture(page, "import-values-fa-1280")
    suggestion = page.locator("button[data-pick]").first
    at = str(suggestion.get_attribute("data-pick"))
    chosen = str(suggestion.get_attribute("data-value"))
    suggestion.click()
    assert page.input_value(f"#{at}") == chosen
    page.evaluate("at => document.getElementById(at).tomselect.setValue('')", at)
    page.select_option("select[data-rest]", "create:company")
    page.click("button[form=import-values]")
    page.wait_for_url("**/wait")
    work_off(site)
    page.wait_for_url("**/preview")
    picture(page, "import-preview-fa-1280")
    page.click("button[form=import-apply]")
    page.wait_for_url("**/wait")
    work_off(site)
    page.wait_for_url("**/report")
    picture(page, "import-report-fa-1280")

    found = stored(site)
    assert [one["reference"] for one in found] == [str(number) for number in range(1001, 1013)]
    assert found[0] == {"reference": "1001", "customer": "بازرگانی آریا", "payable": 10_900_000, "state": "draft"}
    assert {one["state"] for one in found} == {"draft"}


def customer_list(folder: Path) -> Path:
    """A list with a header that is like a known one, a unit of money, and cells that cannot be read."""
    book = Workbook()
    sheet: Any = book.active
    for row in (
        ["فهرست مشتریان"],
        ["نام", "نام خانوادگی", "شماره همراه مشتری", "تاریخ عضویت", "اعتبار (تومان)", "لیست قیمت"],
        ["علی", "رضایی", "۰۹۱۲۱۱۱۲۲۳۳", "۱۴۰۳/۰۲/۱۵", "۴۵۰٬۰۰۰", "همکاران تهران"],
        ["محمد رضا", "یزدانی", "12345", "1403/12/45", "دویست", "همکاران تهران"],
    ):
        sheet.append(row)
    book.save(folder / "customers.xlsx")
    return folder / "customers.xlsx"


def fits(page: Page) -> bool:
    """Whether nothing stands out over the side of the page."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


@pytest.mark.parametrize("locale", ["fa", "en"])
@pytest.mark.parametrize("width", [1280, 400])
def test_columns_show_how_they_are_read_and_take_a_suggestion_with_one_click(
    site: Site, person: Callable[..., Page], tmp_path: Path, locale: str, width: int
) -> None:
    page = person("admin", locale=locale, width=width)
    upload(page, "customers", customer_list(tmp_path))
    row = page.locator("tr", has=page.locator("#target-2"))

    assert page.input_value("#target-0") == "first_name"
    assert row.locator(".sample-read").count() == 0, "a suggestion is no choice"
    page.click("button[name=accept]")
    looked(page)
    assert page.input_value("#target-2") == "mobile"
    assert page.evaluate("document.activeElement.id") == "target-2"
    assert row.locator(".sample.bad").count() == 1
    page.select_option("#unit-4", "rial")
    looked(page)
    credit = page.locator("tr", has=page.locator("#target-4")).locator(".sample-read").first.inner_text()
    assert credit == ("۴۵۰٬۰۰۰ ریال" if locale == "fa" else "450,000 rials")
    assert fits(page)
    page.screenshot(path=picture(page, f"import-columns-{locale}-{width}"), full_page=True)
    page.click("button[form=import-mapping]")
    page.wait_for_url("**/wait")
    work_off(site)
    page.wait_for_url("**/values")
    assert fits(page)
    page.screenshot(path=picture(page, f"import-unknown-{locale}-{width}"), full_page=True)


def stored(site: Site) -> list[dict[str, Any]]:
    """The invoices of the list, as they are stored."""
    from app.core.actor import Actor, acting_as
    from app.core.db import db
    from app.finance.invoices.models import Invoice

    with site.app.app_context(), acting_as(Actor.system("test")):
        wanted = select(Invoice).where(Invoice.reference.between("1001", "1012")).order_by(Invoice.reference)
        return [
            {
                "reference": one.reference, "customer": one.customer.name, "payable": one.payable_rials,
                "state": one.state.value,
            }
            for one in db.session.scalars(wanted)
        ]  # fmt: skip
