"""The import wizard in Chromium: an accountant's list with a merged header goes in untouched."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from tests.browser.conftest import Site, picture, until

if TYPE_CHECKING:
    from playwright.sync_api import Page

INVOICES = Path(__file__).parents[1] / "data" / "sheets" / "invoice_list_merged_header.xlsx"
TARGETS = {"A": "number", "B": "invoice_on", "C": "customer", "E": "discount_amount", "F": "tax_rials"}


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
