"""Signing in with a real browser: second factor, account, the password once more, an invitation."""

from __future__ import annotations

from typing import Any

import pytest

from app.core.actor import Actor, acting_as
from app.core.db import db
from app.org.employees.models import Employee
from app.org.sign_ins import second_factor
from app.org.sign_ins.models import SignIn
from tests.browser.conftest import PASSWORD, Site, picture
from tests.factories import EmployeeFactory
from tests.org.test_second_factor import phone

pytestmark = pytest.mark.browser
SIZES = (("fa", 1280), ("fa", 400), ("en", 1280), ("en", 400))


def fits(page: Any) -> bool:
    """Whether nothing sticks out of the window."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth + 1"))


def make_stale(site: Site, username: str) -> None:
    """As if the password had been entered yesterday."""
    with site.app.app_context(), acting_as(Actor.system("test")):
        person = db.session.query(Employee).filter_by(username=username).one()
        db.session.query(SignIn).filter_by(employee_id=person.id).update({"fresh_at": None})
        db.session.commit()
        db.session.remove()


@pytest.mark.parametrize(("locale", "width"), SIZES)
def test_the_account_and_the_way_to_a_second_factor(site: Site, person: Any, locale: str, width: int) -> None:
    page = person("collector", locale=locale, width=width)
    person("collector", locale=locale, width=width)
    page.goto("/account/")
    assert fits(page)
    picture(page, f"account_{locale}_{width}")
    make_stale(site, "collector")
    page.goto("/account/second-factor/")
    assert page.locator("input[name=confirm_password]").count() == 1
    assert fits(page)
    picture(page, f"confirm_{locale}_{width}")
    page.fill("input[name=confirm_password]", PASSWORD)
    page.press("input[name=confirm_password]", "Enter")
    page.wait_for_url("**/account/second-factor/")
    page.locator("form.post-button button").first.click()
    page.wait_for_selector("img.qr")
    assert fits(page)
    picture(page, f"second_factor_{locale}_{width}")
    page.fill("input[name=code]", phone(page.locator("code.key").inner_text()))
    page.press("input[name=code]", "Enter")
    page.wait_for_selector(".recovery-codes")
    assert page.locator(".recovery-codes code").count() == 10
    assert fits(page)
    picture(page, f"codes_{locale}_{width}")
    code = page.locator(".recovery-codes code").first.inner_text()

    page.goto("/logout/")
    picture(page, f"sign_out_{locale}_{width}")
    page.locator("form[action='/logout/'] button.btn-primary").click()
    page.goto("/login/?next=/customers/list/")
    picture(page, f"login_{locale}_{width}")
    page.fill("input[name=username]", "collector")
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_selector("input[name=code]")
    assert fits(page)
    picture(page, f"code_{locale}_{width}")
    page.fill("input[name=code]", "000000")
    page.press("input[name=code]", "Enter")
    page.wait_for_selector(".field-errors")
    page.fill("input[name=code]", code)
    page.press("input[name=code]", "Enter")
    page.wait_for_url("**/customers/list/")
    with site.app.app_context(), acting_as(Actor.system("test")):
        second_factor.turn_off(db.session.query(Employee).filter_by(username="collector").one().id)
        db.session.commit()
        db.session.remove()


def test_a_form_goes_on_after_the_password(site: Site, person: Any) -> None:
    """The browser itself sends the held form on, by the 307."""
    page = person("admin")
    other = person("admin")
    make_stale(site, "admin")
    page.goto("/account/")
    page.on("dialog", lambda dialog: dialog.accept())
    page.locator("form[action='/account/sign-ins/end-others'] button").click()
    page.locator("dialog[open] button.btn-primary, dialog[open] .btn-danger").first.click()
    page.wait_for_selector("input[name=confirm_password]")
    page.fill("input[name=confirm_password]", PASSWORD)
    page.press("input[name=confirm_password]", "Enter")
    page.wait_for_url("**/account/")
    other.goto("/customers/list/")
    assert "/login/" in other.url


@pytest.mark.parametrize(("locale", "width"), SIZES)
def test_an_invitation_from_the_link_to_the_first_page(site: Site, person: Any, locale: str, width: int) -> None:
    with site.app.app_context(), acting_as(Actor.system("test")):
        guest = EmployeeFactory(
            username=f"guest-{locale}-{width}", email=f"g{locale}{width}@example.com", locale=locale
        )
        db.session.commit()
        number, name = guest.id, guest.username
        db.session.remove()
    page = person("admin", locale=locale, width=width)
    page.goto(f"/employees/show/{number}")
    assert fits(page)
    picture(page, f"employee_{locale}_{width}")
    token = page.locator("meta[name=csrf-token]").get_attribute("content")
    answer = page.request.post(f"/employees/action/invite/{number}", form={"csrf_token": token})
    page.set_content(answer.text())
    link = page.locator("#secret").inner_text()
    page.goto("/logout/")
    page.locator("form[action='/logout/'] button.btn-primary").click()
    page.goto(link.replace("http://localhost", site.url))
    assert fits(page)
    picture(page, f"invitation_{locale}_{width}")
    page.fill("#password", "password123")
    page.fill("#again", "password123")
    page.press("#again", "Enter")
    page.wait_for_selector(".field-errors")
    picture(page, f"invitation_refused_{locale}_{width}")
    page.fill("#password", "Quiet-River-77")
    page.fill("#again", "Quiet-River-77")
    page.press("#again", "Enter")
    page.wait_for_url("**/login/")
    page.fill("input[name=username]", name)
    page.fill("input[name=password]", "Quiet-River-77")
    page.press("input[name=password]", "Enter")
    page.wait_for_url("**/")
    page.goto(link.replace("http://localhost", site.url))
    picture(page, f"invitation_over_{locale}_{width}")


@pytest.mark.parametrize(("locale", "width"), SIZES)
def test_help_speaks_of_signing_in(person: Any, locale: str, width: int) -> None:
    page = person("sales", locale=locale, width=width)
    page.goto("/help/#signing-in")
    assert fits(page)
    picture(page, f"help_signing_in_{locale}_{width}")
