"""Sensitive acts ask for the password again, and then go on where they stopped."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from sqlalchemy import func, select

from app.core import clock, fresh
from app.core.db import db
from app.core.feature import Role
from app.org.employees.services import set_password
from app.org.sign_ins import second_factor
from app.org.sign_ins.freshness import own_address
from app.org.sign_ins.models import SecondFactorDemand, SignIn
from tests.factories import EmployeeFactory

PASSWORD = "Right-Pass-12"


@pytest.fixture
def stale(app: Any, session: Any, as_user: Any) -> Any:
    """The browser of an administrator whose password was entered an hour ago."""
    person = EmployeeFactory(role=("Admin",))
    set_password(person, PASSWORD, must_change=False)
    visitor = as_user(person)
    row = session.scalars(select(SignIn).where(SignIn.employee_id == person.id)).one()
    row.fresh_at = clock.now() - timedelta(hours=1)
    session.flush()
    return visitor


def confirm(visitor: Any, address: str, password: str = PASSWORD, **held: Any) -> Any:
    return visitor.post(address, data={**held, "confirm_password": password})


SENSITIVE = (
    ("GET", "/account/second-factor/"),
    ("POST", "/account/second-factor/prepare"),
    ("POST", "/account/second-factor/turn-on"),
    ("POST", "/account/second-factor/codes"),
    ("POST", "/account/second-factor/turn-off"),
    ("POST", "/account/sign-ins/end-others"),
    ("POST", "/account/sign-ins/1/end"),
    ("GET", "/roles/add"),
    ("POST", "/roles/edit/1"),
    ("POST", "/roles/delete/1"),
    ("GET", "/resetpassword/form?pk=1"),
    ("POST", "/second-factor-roles/add"),
    ("POST", "/sign-ins/action_post"),
    ("POST", "/employees/action/invite/1"),
    ("POST", "/employees/action/renew_password/1"),
    ("POST", "/employees/action/reset_second_factor/1"),
)


@pytest.mark.parametrize(("method", "path"), SENSITIVE)
def test_a_sensitive_act_asks_first(stale: Any, session: Any, method: str, path: str) -> None:
    before = session.scalar(select(func.count()).select_from(SignIn))
    answer = stale.open(path, method=method)
    if method == "GET":
        assert answer.status_code == 302
        assert answer.location.startswith("/account/confirm?next=")
    else:
        assert answer.status_code == 200
        assert 'name="confirm_password"' in answer.text
    assert session.scalar(select(func.count()).select_from(SignIn)) == before


def test_a_page_opens_after_the_password(stale: Any) -> None:
    asked = stale.get("/account/second-factor/?x=1").location
    assert confirm(stale, asked, "wrong").status_code == 422
    answer = confirm(stale, asked)
    assert (answer.status_code, answer.location) == (303, "/account/second-factor/?x=1")
    assert stale.get(answer.location).status_code == 200


def test_a_form_goes_on_by_itself(app: Any, stale: Any, session: Any) -> None:
    """The fields wait on the page that asks, through a wrong password too, and are sent on by a 307."""
    role = app.extensions["appbuilder"].sm.find_role(Role.SALES.value)
    page = stale.post("/second-factor-roles/add", data={"role": role.id, "note": 'سلام <b>&"'})
    for password, status in (("wrong", 422), (PASSWORD, 307)):
        action = unescape(re.search(r'action="(/account/confirm[^"]+)"', page.text)[1])
        held = re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page.text)
        fields = {unescape(name): unescape(value) for name, value in held}
        assert fields["note"] == 'سلام <b>&"'
        page = stale.post(action, data={**fields, "confirm_password": password})
        assert page.status_code == status
    assert page.location == "/second-factor-roles/add"
    assert stale.post(page.location, data={**fields, "confirm_password": PASSWORD}).status_code == 302
    assert session.scalars(select(SecondFactorDemand.role_id)).all() == [role.id]


def test_scripts_are_told_where_to_go(stale: Any) -> None:
    answer = stale.post("/account/second-factor/prepare", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json["code"]) == (403, "password_needed")
    assert answer.headers["Location"] == "/account/confirm"


def test_files_are_not_held(stale: Any) -> None:
    import io

    answer = stale.post("/second-factor-roles/add", data={"file": (io.BytesIO(b"x"), "x.txt")})
    assert answer.status_code == 302
    assert answer.location == "/account/confirm?next=/"


def test_it_stays_fresh_for_ten_minutes(stale: Any) -> None:
    confirm(stale, "/account/confirm?next=/")
    with clock.frozen(clock.now() + timedelta(minutes=9)):
        assert stale.get("/account/second-factor/").status_code == 200
    with clock.frozen(clock.now() + timedelta(minutes=11)):
        assert stale.get("/account/second-factor/").status_code == 302


def test_signing_in_is_fresh_and_another_browser_is_not(app: Any, stale: Any) -> None:
    other = app.test_client()
    other.post("/login/", data={"username": stale.user.username, "password": PASSWORD})
    assert other.get("/account/second-factor/").status_code == 200
    assert stale.get("/account/second-factor/").status_code == 302


def test_guessing_it_is_slow_too(stale: Any) -> None:
    with clock.frozen(clock.now()):
        answers = [confirm(stale, "/account/confirm?next=/", f"guess {n}") for n in range(6)]
    assert [answer.status_code for answer in answers] == [422] * 3 + [429] * 3


def test_the_present_password_on_the_password_form_is_slow_too(stale: Any) -> None:
    sent = {"current_password": "wrong", "password": "Second-Pass-34", "conf_password": "Second-Pass-34"}
    with clock.frozen(clock.now()):
        statuses = [stale.post("/resetmypassword/form", data=sent).status_code for _ in range(5)]
    assert statuses[-2:] == [429, 429]


@pytest.mark.parametrize(
    ("target", "address"),
    [
        ("/customers/list/?sort=-name", "/customers/list/?sort=-name"),
        ("https://evil.example/x", "/"),
        ("//evil.example/x", "/"),
        ("/\\evil.example", "/"),
        ("\\\\evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("", "/"),
        (None, "/"),
    ],
)
def test_the_way_back_stays_here(target: str | None, address: str) -> None:
    assert own_address(target) == address


def test_who_is_not_signed_in_is_sent_to_sign_in(client: Any) -> None:
    assert client.get("/account/second-factor/").location.startswith("/login/")
    assert client.post("/account/confirm", data={"confirm_password": "x"}).location.startswith("/login/")


def test_fabs_screens_of_rights_are_guarded(app: Any) -> None:
    """Every road of FAB that changes a right, as they are now."""
    writing = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if rule.endpoint.split(".")[0].endswith("ModelView")
        and not rule.endpoint.startswith(("UserDB", "UserLDAP", "UserOAuth"))
        and "POST" in (rule.methods or ())
    }
    assert writing <= fresh.guarded()


def test_an_installation_without_passwords_asks_for_the_code(
    app: Any, stale: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "AUTH_TYPE", 4)
    page = stale.get("/account/confirm?next=/").text
    assert 'name="confirm_password"' not in page
    assert "/logout/" in page
    factor = second_factor.prepare(stale.user.id)
    factor.confirmed_at = clock.now()
    db.session.flush()
    assert "one-time-code" in stale.get("/account/confirm?next=/").text


def test_a_made_up_bearer_token_beside_the_cookie_is_no_way_round(stale: Any) -> None:
    header = {"Authorization": "Bearer made-up"}
    assert second_factor.of(stale.user.id) is None
    answer = stale.post("/account/second-factor/prepare", headers=header)
    assert answer.status_code in {200, 302, 401, 403}
    assert second_factor.of(stale.user.id) is None
