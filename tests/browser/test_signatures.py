"""A proforma with three signers in turn: drawn, refused, changed, signed again, and by a delegate; then checked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.conftest import PASSWORD, Site, picture, until
from tests.browser.test_proformas import _fits

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser
SELLER, ACCOUNTANT, MANAGER, DELEGATE = "zq_seller", "zq_accountant", "zq_manager", "zq_delegate"


def _arrange(site: Site) -> int:
    """A draft and its four people in one department; the manager is on leave."""
    from flask import current_app
    from sqlalchemy import select
    from werkzeug.security import generate_password_hash

    from app.core.actor import Actor, acting_as
    from app.core.clock import today
    from app.core.db import db
    from app.core.feature import Role
    from app.office.signatures.models import SignatureSlot
    from tests.factories import CustomerFactory, DelegationFactory, EmployeeFactory
    from tests.factories.proformas import draft_proforma
    from tests.factories.signatures import given

    with site.app.app_context(), acting_as(Actor.system("test")):
        customer = CustomerFactory(name="Zq Signed Buyer")
        roles = {SELLER: Role.SALES, ACCOUNTANT: Role.ACCOUNTANT, MANAGER: Role.MANAGER, DELEGATE: Role.SUPERVISOR}
        names = {SELLER: "Sara Rad", ACCOUNTANT: "Mina Sadr", MANAGER: "Ali Kia", DELEGATE: "Reza Nik"}
        people = {
            name: EmployeeFactory(
                username=name, role=role, home_department=customer.department,
                first_name=names[name].split()[0], last_name=names[name].split()[1],
                password=generate_password_hash(PASSWORD),
            )
            for name, role in roles.items()
        }  # fmt: skip
        DelegationFactory(
            principal=people[MANAGER], delegate=people[DELEGATE], from_on=today(), until_on=today() + timedelta(days=1)
        )
        for old in db.session.scalars(select(SignatureSlot).where(SignatureSlot.subject == "sales.proformas")):
            old.is_active = False
        for position, (role, fa, en) in enumerate(
            [(Role.SALES, "تنظیم‌کننده", "Prepared by"), (Role.ACCOUNTANT, "مدیر مالی", "Finance"),
             (Role.MANAGER, "مدیرعامل", "Managing director")], start=1
        ):  # fmt: skip
            found = current_app.extensions["appbuilder"].sm.find_role(role.value)
            db.session.add(
                SignatureSlot(subject="sales.proformas", label_fa=fa, label_en=en, position=position, role_id=found.id)
            )
        db.session.commit()
        for name in (ACCOUNTANT, DELEGATE):
            given(people[name])
        made = draft_proforma(customer)
        db.session.commit()
        found_id = made.id
        db.session.remove()
    return found_id


def _draw(page: Page) -> None:
    page.goto("/signature/new")
    pad = page.locator("#signature-pad")
    pad.scroll_into_view_if_needed()
    box: Any = pad.bounding_box()
    page.mouse.move(box["x"] + 60, box["y"] + 110)
    page.mouse.down()
    for across, down in ((120, 40), (160, 130), (230, 50), (290, 120), (360, 60)):
        page.mouse.move(box["x"] + across, box["y"] + down, steps=5)
    page.mouse.up()
    until(page, "document.getElementById('signature').value.startsWith('data:image/png')")
    picture(page, "signature_drawn")
    with page.expect_navigation():
        page.locator(".signature-form button[type=submit]").click()
    page.locator(".scan-look summary").click()
    until(page, "document.querySelector('.scan-look img').naturalWidth > 0")


def _sign(page: Page, url: str) -> None:
    page.goto(url)
    with page.expect_navigation():
        page.locator("#signatures form[action$='/sign'] button").first.click()


def _worth(page: Page) -> str:
    return str(page.locator("#signatures").get_attribute("class"))


def test_three_sign_in_turn_over_refusal_edit_and_leave(
    site: Site, browser: Browser, person: Callable[..., Page]
) -> None:
    offer = _arrange(site)
    url = f"/proformas/editor/{offer}"
    seller, accountant = person(SELLER), person(ACCOUNTANT, locale="en")
    _draw(seller)
    picture(seller, "signature_own")
    seller.goto(url)
    with seller.expect_navigation():
        seller.locator("form[action$='/send'] button").click()
    _sign(seller, url)
    accountant.goto("/signing/")
    accountant.locator(f"a[href$='/{offer}']").click()
    accountant.locator(".refuse summary").click()
    accountant.locator(".refuse textarea").fill("The price is not ours")
    with accountant.expect_navigation():
        accountant.locator(".refuse form button").click()
    assert "worth-refused" in _worth(accountant)
    picture(accountant, "signature_refused")
    seller.goto(url)
    seller.locator("[data-field=note]").fill("Price agreed with finance")
    with seller.expect_navigation():
        seller.locator("#document-save").click()
    seller.goto(url)
    assert "worth-changed" in _worth(seller)
    picture(seller, "signature_voided")
    _sign(seller, url)
    _sign(accountant, url)
    delegate = person(DELEGATE, width=400)
    delegate.goto("/signing/")
    assert _fits(delegate)
    picture(delegate, "signature_waiting_400")
    delegate.locator("input[name=turn]").last.check()
    with delegate.expect_navigation():
        delegate.locator("form[action$='/sign'] button").click()
    delegate.goto(url)
    assert "worth-genuine" in _worth(delegate)
    assert "Ali Kia" in delegate.locator("#signatures").inner_text()
    assert _fits(delegate)
    picture(delegate, "signature_genuine_400")
    outside = browser.new_context(viewport={"width": 400, "height": 860}, base_url=site.url).new_page()
    outside.goto(str(delegate.locator("#signatures a.card-all").get_attribute("href")) + "?lang=en")
    assert outside.locator(".check-genuine").count() == 1
    assert _fits(outside)
    picture(outside, "signature_check_400")
    outside.context.close()
    for page, name in ((seller, "fa"), (accountant, "en")):
        answer = page.request.get(f"{site.url}{url}/paper.pdf")
        assert answer.ok
        (picture(page, f"signature_paper_{name}").with_suffix(".pdf")).write_bytes(answer.body())
