"""An invitation: a link by which a person sets a password of their own, once."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.security import check_password_hash

from app.core import audit, clock
from app.core.feature import Role
from app.org.sign_ins.models import Invitation
from tests.factories import EmployeeFactory

PASSWORD = "Quiet-River-77"


@pytest.fixture
def person(session: Any) -> Any:
    made = EmployeeFactory(role=Role.SALES)
    session.flush()
    return made


@pytest.fixture
def chief(as_user: Any) -> Any:
    return as_user("admin")


def link_of(chief: Any, person: Any) -> str:
    page = chief.post(f"/employees/action/invite/{person.id}")
    assert page.status_code == 200
    assert page.headers["Cache-Control"] == "no-store"
    return unescape(re.search(r'id="secret">([^<]+)<', page.text)[1])


def accept(client: Any, link: str, password: str = PASSWORD, again: str | None = None) -> Any:
    return client.post(link, data={"password": password, "again": password if again is None else again})


def test_the_person_sets_a_password_and_signs_in(client: Any, chief: Any, person: Any) -> None:
    link = link_of(chief, person)
    assert client.get(link).status_code == 200
    answer = accept(client, link)
    assert answer.location == "/login/"
    client.post("/login/", data={"username": person.username, "password": PASSWORD})
    assert client.get("/customers/list/").status_code == 200
    assert not person.must_change_password
    assert "invitation_used" in [entry.action for entry in audit.history_of(person)]


def test_looking_at_it_uses_nothing_up(client: Any, chief: Any, person: Any) -> None:
    link = link_of(chief, person)
    for _ in range(3):
        assert client.get(link).status_code == 200
        assert client.head(link).status_code == 200
    assert accept(client, link).status_code == 302


def test_it_works_once(client: Any, chief: Any, person: Any) -> None:
    link = link_of(chief, person)
    accept(client, link)
    before = person.password
    assert client.get(link).status_code == 410
    assert accept(client, link, "Other-River-88").status_code == 410
    assert person.password == before


def test_a_newer_one_replaces_it(client: Any, chief: Any, person: Any) -> None:
    old, new = link_of(chief, person), link_of(chief, person)
    assert client.get(old).status_code == 410
    assert client.get(new).status_code == 200


def test_it_expires(client: Any, chief: Any, person: Any) -> None:
    link = link_of(chief, person)
    with clock.frozen(clock.now() + timedelta(days=7, minutes=1)):
        assert accept(client, link).status_code == 410


def test_a_closed_account_has_none(client: Any, chief: Any, person: Any, session: Any) -> None:
    link = link_of(chief, person)
    person.active = False
    session.flush()
    assert accept(client, link).status_code == 410


@pytest.mark.parametrize("token", ["x", "", "..", "WzEsIngiXQ.AAAA", "a" * 3000, "%00", "سلام"])
def test_another_link_is_none(client: Any, token: str) -> None:
    assert client.get(f"/invitation/{token}").status_code in {404, 410}


def test_a_changed_link_is_none(client: Any, chief: Any, person: Any, session: Any) -> None:
    link = link_of(chief, person)
    for at in (-2, -20, -40):  # the last letter has bits that say nothing
        changed = link[:at] + ("A" if link[at] != "A" else "B") + link[at + 1 :]
        assert accept(client, changed).status_code == 410
    token = link.rsplit("/", 1)[1]
    assert token not in session.scalars(select(Invitation.secret_hash)).one()


@pytest.mark.parametrize(("password", "again"), [(PASSWORD, "other"), ("short", "short"), ("", "")])
def test_a_bad_password_leaves_it_open(client: Any, chief: Any, person: Any, password: str, again: str) -> None:
    link, before = link_of(chief, person), person.password
    assert accept(client, link, password, again).status_code == 422
    assert person.password == before
    assert accept(client, link).status_code == 302


def test_it_needs_the_pages_token(client: Any, chief: Any, person: Any) -> None:
    link = link_of(chief, person)
    sent = {"password": PASSWORD, "again": PASSWORD}
    assert client.post(link, data=sent, csrf=False).status_code == 400
    assert not check_password_hash(person.password or "x", PASSWORD)


@pytest.mark.parametrize("role", [Role.SALES, Role.MANAGER])
def test_who_does_not_edit_employees_invites_nobody(as_user: Any, person: Any, session: Any, role: Role) -> None:
    as_user(role).post(f"/employees/action/invite/{person.id}")
    assert session.scalars(select(Invitation)).first() is None


def test_an_hr_clerk_invites_no_administrator(as_user: Any, session: Any, app: Any) -> None:
    """A link is a way in: whoever may not change somebody may not make one."""
    manager = app.extensions["appbuilder"].sm
    clerk_role = manager.add_role("Clerk")
    for action in ("can_list", "can_show", "can_edit"):
        clerk_role.permissions.append(manager.add_permission_view_menu(action, "org.employees"))
    clerk = EmployeeFactory()
    clerk.roles = [clerk_role]
    admin = EmployeeFactory(role=("Admin",))
    session.flush()
    as_user(clerk).post(f"/employees/action/invite/{admin.id}")
    assert session.scalars(select(Invitation)).first() is None
