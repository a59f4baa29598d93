"""Employees: hired with a password shown once; nobody rises above themselves."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import current_app
from flask_appbuilder.security.sqla.models import Role
from flask_appbuilder.validators import default_password_complexity
from werkzeug.security import check_password_hash

from app.core.actor import Actor, acting_as
from app.core.errors import Invalid, NotAllowed
from app.org.employees.models import Employee, Membership
from app.org.employees.services import (
    LastAdministrator,
    change_password,
    check_employee,
    dismiss,
    hire,
    random_password,
    renew_password,
)
from tests.factories import DepartmentFactory, EmployeeFactory
from tests.factories.acting import actor_with

HR = (("add", "org.employees"), ("edit", "org.employees"))
SYSTEM = Actor.system("test")


def role(session: Any, name: str, *grants: tuple[str, str]) -> Role:
    made = session.query(Role).filter_by(name=name).one_or_none() or Role(name=name)
    session.add(made)
    session.flush()
    manager = current_app.extensions["appbuilder"].sm
    permissions = [manager.add_permission_view_menu(action, subject) for action, subject in grants]
    made.permissions.extend(permissions)
    session.flush()
    return made


def newcomer(**values: Any) -> dict[str, Any]:
    usual = {
        "username": "Sara.K",
        "first_name": "سارا",
        "last_name": "كريمي",
        "email": "Sara@Example.com",
        "home_department": DepartmentFactory(),
    }
    return {**usual, **values}


def test_a_newcomer_gets_a_random_password_to_be_changed(session: Any) -> None:
    with acting_as(actor_with(EmployeeFactory(), *HR)):
        hired = hire(**newcomer(mobile="۰۹۱۲۳۴۵۶۷۸۹"))
    person = hired.employee
    assert check_password_hash(person.password, hired.password)
    assert person.must_change_password
    assert (person.username, person.last_name, person.email) == ("sara.k", "کریمی", "sara@example.com")
    assert person.mobile == "+989123456789"
    assert person.full_name_sort


def test_random_passwords_differ_and_are_complex() -> None:
    made = {random_password() for _ in range(50)}
    assert len(made) == 50
    for password in made:
        default_password_complexity(password)
        assert re.fullmatch(r"[\w-]{16}", password)


def test_who_may_not_add_hires_nobody(session: Any) -> None:
    with acting_as(actor_with(EmployeeFactory(), HR[1])), pytest.raises(NotAllowed):
        hire(**newcomer())


@pytest.mark.parametrize(
    ("values", "path"),
    [
        ({"username": "سارا"}, "username"),
        ({"username": "ab"}, "username"),
        ({"email": "nowhere"}, "email"),
        ({"last_name": " "}, "last_name"),
        ({"mobile": "0912345678"}, "mobile"),
    ],
    ids=["persian user name", "short user name", "e-mail", "no family name", "short mobile"],
)
def test_bad_values_are_named(session: Any, values: dict[str, Any], path: str) -> None:
    with acting_as(actor_with(EmployeeFactory(), *HR)), pytest.raises(Invalid) as refused:
        hire(**newcomer(**values))
    assert [error.path for error in refused.value.errors] == [path]


def test_user_names_and_addresses_are_taken_once_in_any_case(session: Any) -> None:
    EmployeeFactory(username="sara", email="s@example.com")
    with acting_as(actor_with(EmployeeFactory(), *HR)), pytest.raises(Invalid) as refused:
        hire(**newcomer(username="SARA", email="S@example.com"))
    assert {error.path for error in refused.value.errors} == {"username", "email"}


def test_nobody_is_seated_in_a_closed_department(session: Any) -> None:
    with acting_as(actor_with(EmployeeFactory(), *HR)), pytest.raises(Invalid):
        hire(**newcomer(home_department=DepartmentFactory(is_active=False)))


@pytest.mark.parametrize("powerful", ["Admin", "by grant", "by employees"])
def test_only_administrators_give_power(session: Any, powerful: str) -> None:
    roles = {
        "Admin": lambda: role(session, "Admin"),
        "by grant": lambda: role(session, "Power", ("can_edit", "RoleModelView")),
        "by employees": lambda: role(session, "Staff", ("can_add", "org.employees")),
    }
    given = roles[powerful]()
    with acting_as(actor_with(EmployeeFactory(), *HR)), pytest.raises(NotAllowed):
        hire(**newcomer(roles=[given]))
    session.expire(given)
    with acting_as(SYSTEM):
        assert hire(**newcomer(roles=[given])).employee.roles == [given]


def test_an_administrator_is_not_touched_by_others(session: Any) -> None:
    chief = EmployeeFactory()
    chief.roles = [role(session, "Admin")]
    session.flush()
    with acting_as(actor_with(EmployeeFactory(), *HR)):
        for attempt in (
            lambda: renew_password(chief),
            lambda: change_password(chief, "Something-123"),
            lambda: dismiss(chief),
        ):
            with pytest.raises(NotAllowed):
                attempt()
        session.expire(chief)
        chief.roles = []
        with pytest.raises(NotAllowed):
            check_employee(chief)


@pytest.mark.parametrize("what", ["roles", "home", "membership"])
def test_nobody_changes_their_own_roles_or_departments(session: Any, what: str) -> None:
    me, plain = EmployeeFactory(), role(session, "Plain")
    with acting_as(actor_with(me, *HR)):
        if what == "roles":
            me.roles = [plain]
        elif what == "home":
            me.home_department = DepartmentFactory()
        else:
            me.memberships = [Membership(department=DepartmentFactory())]
        with pytest.raises(NotAllowed):
            check_employee(me)


def test_the_last_administrator_stays(session: Any) -> None:
    chief = session.query(Employee).filter_by(username="admin").one()
    with acting_as(SYSTEM):
        with pytest.raises(LastAdministrator):
            dismiss(chief)
        session.refresh(chief)
        chief.roles = []
        with pytest.raises(LastAdministrator):
            check_employee(chief)


def test_nobody_closes_their_own_account(session: Any) -> None:
    me = EmployeeFactory()
    with acting_as(actor_with(me, *HR)), pytest.raises(NotAllowed):
        dismiss(me)


def test_another_persons_new_password_lasts_until_the_next_sign_in(session: Any) -> None:
    me, other = EmployeeFactory(), EmployeeFactory()
    with acting_as(actor_with(me, *HR)):
        change_password(other, "Quiet-River-77")
        change_password(me, "Green-Lamp-4471")
        assert other.must_change_password
        assert not me.must_change_password
        renewed = renew_password(other)
    assert check_password_hash(other.password, renewed)


def test_without_the_right_only_the_own_password_changes(session: Any) -> None:
    me, other = EmployeeFactory(), EmployeeFactory()
    with acting_as(actor_with(me)):
        change_password(me, "Green-Lamp-4471")
        with pytest.raises(NotAllowed):
            change_password(other, "Quiet-River-77")
