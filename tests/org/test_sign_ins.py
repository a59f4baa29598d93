"""A cookie ends with its sign-in: at sign-out, at a new password, at a dismissal."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from app.core.actor import Actor, acting_as
from app.core.feature import Role
from app.org.employees.services import dismiss, renew_password, set_password
from app.org.sign_ins import SignIn
from tests.factories import EmployeeFactory

PASSWORD = "Right-Pass-12"
PAGE = "/customers/list/"


@pytest.fixture
def person(session: Any) -> Any:
    made = EmployeeFactory(role=Role.SALES)
    set_password(made, PASSWORD, must_change=False)
    session.flush()
    return made


def browser(app: Any, person: Any) -> Any:
    visitor = app.test_client()
    visitor.post("/login/", data={"username": person.username, "password": PASSWORD})
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
    visitor.get("/logout/")
    assert is_out(visitor)
    assert is_out(thief)
    assert not is_out(other)
    assert session.scalar(select(func.count()).select_from(SignIn)) == 1


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
