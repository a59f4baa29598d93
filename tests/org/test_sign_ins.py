"""A cookie ends with its sign-in: at sign-out, at a new password, at a dismissal, by a limit, from elsewhere."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.core import clock
from app.core.actor import Actor, acting_as
from app.core.db import db
from app.core.feature import Role
from app.org.employees.services import dismiss, renew_password, set_password
from app.org.sign_ins.devices import device_name
from app.org.sign_ins.models import SignIn
from app.org.sign_ins.sessions import forget_ended
from tests.factories import EmployeeFactory

PASSWORD = "Right-Pass-12"
PAGE = "/customers/list/"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"


@pytest.fixture
def person(session: Any) -> Any:
    made = EmployeeFactory(role=Role.SALES)
    set_password(made, PASSWORD, must_change=False)
    session.flush()
    return made


def browser(app: Any, person: Any, agent: str = FIREFOX) -> Any:
    visitor = app.test_client()
    sent = {"username": person.username, "password": PASSWORD}
    visitor.post("/login/", data=sent, headers={"User-Agent": agent})
    assert visitor.get(PAGE).status_code == 200
    return visitor


def copied(app: Any, visitor: Any) -> Any:
    """Another browser with the same cookie."""
    thief = app.test_client()
    with visitor.session_transaction() as cookie:
        content = dict(cookie)
    with thief.session_transaction() as cookie:
        cookie.update(content)
    assert thief.get(PAGE).status_code == 200
    return thief


def is_out(visitor: Any) -> bool:
    return visitor.get(PAGE).status_code in {302, 401, 403}


def test_a_copied_cookie_ends_with_the_sign_out(app: Any, person: Any, session: Any) -> None:
    visitor, other = browser(app, person), browser(app, person)
    thief = copied(app, visitor)
    visitor.post("/logout/")
    assert is_out(visitor)
    assert is_out(thief)
    assert not is_out(other)
    assert session.scalar(select(func.count()).select_from(SignIn)) == 1


def test_signing_out_by_a_link_only_asks(app: Any, person: Any) -> None:
    visitor = browser(app, person)
    page = visitor.get("/logout/")
    assert page.status_code == 200
    assert 'method="post"' in page.text
    assert not is_out(visitor)


def test_a_cookie_without_a_row_is_worth_nothing(app: Any, person: Any) -> None:
    forged = app.test_client()
    with forged.session_transaction() as cookie:
        cookie["_user_id"], cookie["_fresh"] = str(person.id), True
    assert is_out(forged)


def test_a_new_password_ends_the_other_browsers(app: Any, person: Any, session: Any) -> None:
    visitor, other = browser(app, person), browser(app, person)
    sent = {"current_password": PASSWORD, "password": "Second-Pass-34", "conf_password": "Second-Pass-34"}
    assert visitor.post("/resetmypassword/form", data=sent).status_code == 302
    assert not is_out(visitor)
    assert is_out(other)


@pytest.mark.parametrize("change", [renew_password, dismiss])
def test_a_lost_password_or_a_dismissal_ends_all(app: Any, person: Any, session: Any, change: Any) -> None:
    visitor = browser(app, person)
    with acting_as(Actor.system("test")):
        change(person)
    session.flush()
    assert is_out(visitor)


def test_the_token_itself_is_not_stored(app: Any, person: Any, session: Any) -> None:
    visitor = browser(app, person)
    with visitor.session_transaction() as cookie:
        token = cookie["sign_in"]
    assert session.scalars(select(SignIn.token_hash)).one() != token


def test_a_sign_in_keeps_nothing_of_the_cookie_before(app: Any, person: Any) -> None:
    visitor = app.test_client()
    with visitor.session_transaction() as cookie:
        cookie["planted"], cookie["locale"] = "by somebody else", "en"
    visitor.post("/login/", data={"username": person.username, "password": PASSWORD})
    with visitor.session_transaction() as cookie:
        assert "planted" not in cookie
        assert cookie["locale"] == "en"


# Limits ----------------------------------------------------------------------------------------


def later(**hours: float) -> Any:
    return clock.frozen(clock.now() + timedelta(**hours))


def test_a_browser_that_nobody_uses_is_signed_out(app: Any, person: Any) -> None:
    visitor = browser(app, person)
    with later(minutes=119):
        assert not is_out(visitor)
    with later(minutes=121):
        assert is_out(visitor)


@pytest.fixture
def watched(committed_app: Flask) -> tuple[Flask, Any]:
    """An application that keeps the last use to the minute, and a browser; with real commits."""
    committed_app.config["SESSION_SEEN_EVERY"] = timedelta(minutes=1)
    made = EmployeeFactory(role=Role.SALES)
    set_password(made, PASSWORD, must_change=False)
    db.session.commit()
    return committed_app, browser(committed_app, made)


def test_use_keeps_a_sign_in_open_but_not_beyond_its_longest_time(watched: Any) -> None:
    _app, visitor = watched
    for hour in range(1, 12):
        with later(hours=hour):
            assert not is_out(visitor), hour
    with later(hours=12.1):
        assert is_out(visitor)


def test_the_bell_that_asks_by_itself_keeps_nobody_signed_in(watched: Any) -> None:
    _app, visitor = watched
    for minutes in (30, 60, 90, 115):
        with later(minutes=minutes):
            assert visitor.get("/bell/").status_code in {200, 304}
    with later(minutes=121):
        assert is_out(visitor)


@pytest.mark.databases
def test_the_last_use_is_kept_to_the_minute(watched: Any) -> None:
    _app, visitor = watched
    with later(minutes=7):
        visitor.get(PAGE)
    row = db.session.scalars(select(SignIn)).one()
    assert timedelta(minutes=6) < row.last_seen_at - row.begun_at < timedelta(minutes=8)


def test_ended_rows_are_swept_away(app: Flask, person: Any, session: Any) -> None:
    browser(app, person)
    with later(hours=3):
        forget_ended()
    assert session.scalar(select(func.count()).select_from(SignIn)) == 0


# The list --------------------------------------------------------------------------------------


def test_the_account_names_every_browser_and_marks_this_one(app: Any, person: Any) -> None:
    browser(app, person, "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Safari/604.1")
    page = browser(app, person).get("/account/").text
    assert "Firefox · Linux" in page
    assert "Safari · iPhone" in page
    assert "127.0.0.1" in page
    assert page.count("همین مرورگر") == 1


def rows_of(session: Any, person: Any) -> list[SignIn]:
    return list(session.scalars(select(SignIn).where(SignIn.employee_id == person.id).order_by(SignIn.id)))


def test_one_of_ones_own_browsers_is_ended_from_another(app: Any, person: Any, session: Any) -> None:
    lost, here = browser(app, person), browser(app, person)
    answer = here.post(f"/account/sign-ins/{rows_of(session, person)[0].id}/end")
    assert answer.status_code == 302
    assert is_out(lost)
    assert not is_out(here)


def test_all_other_browsers_are_ended_at_once(app: Any, person: Any, session: Any) -> None:
    first, second, here = (browser(app, person) for _ in range(3))
    here.post("/account/sign-ins/end-others")
    assert [is_out(visitor) for visitor in (first, second, here)] == [True, True, False]


def test_nobody_ends_anothers_browser_by_its_number(app: Any, person: Any, session: Any, as_user: Any) -> None:
    visitor = browser(app, person)
    as_user(EmployeeFactory()).post(f"/account/sign-ins/{rows_of(session, person)[0].id}/end")
    assert not is_out(visitor)


def test_the_administrator_sees_and_ends_them(app: Any, person: Any, session: Any, as_user: Any) -> None:
    visitor, chief = browser(app, person), as_user("admin")
    assert "Firefox · Linux" in chief.get("/sign-ins/list/").text
    assert "Firefox · Linux" in chief.get(f"/employees/show/{person.id}").text
    row = rows_of(session, person)[0]
    assert chief.post("/sign-ins/action_post", data={"action": "end", "rowid": [row.id]}).status_code == 302
    assert is_out(visitor)


@pytest.mark.parametrize("role", [Role.SALES, Role.MANAGER])
def test_others_do_not_see_who_is_signed_in(app: Any, person: Any, session: Any, as_user: Any, role: Role) -> None:
    visitor, other = browser(app, person), as_user(role)
    assert other.get("/sign-ins/list/").status_code in {302, 403}
    row = rows_of(session, person)[0]
    other.post("/sign-ins/action_post", data={"action": "end", "rowid": [row.id]})
    assert not is_out(visitor)


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge · Windows"),
        ("Mozilla/5.0 (Linux; Android 15) SamsungBrowser/28.0 Chrome/130.0 Mobile Safari/537.36",
         "Samsung Internet · Android"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Chrome/140.0 Safari/537.36", "Chrome · macOS"),
        ("curl/8.9", "curl/8.9"),
        ("", ""),
    ],
    ids=["edge", "samsung", "chrome", "program", "nothing"],
)  # fmt: skip
def test_a_browser_has_a_name_that_people_recognise(agent: str, name: str) -> None:
    assert device_name(agent) == name


# Bearer tokens ---------------------------------------------------------------------------------


def test_a_bearer_token_ends_with_the_password(app: Any, person: Any, session: Any) -> None:
    program = app.test_client()
    sent = {"username": person.username, "password": PASSWORD, "provider": "db", "refresh": True}
    tokens = program.post("/api/v1/security/login", json=sent, csrf=False).json
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert program.get("/api/v1/customers/", headers=bearer).status_code == 200
    set_password(person, "Second-Pass-34", must_change=False)
    session.flush()
    assert program.get("/api/v1/customers/", headers=bearer).status_code == 401
    again = {"Authorization": f"Bearer {tokens['refresh_token']}"}
    assert program.post("/api/v1/security/refresh", headers=again, csrf=False).status_code == 401
