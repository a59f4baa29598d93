"""The organisation's screens, first passwords, and the doors that FAB leaves open."""

from __future__ import annotations

import re
from datetime import date
from html import unescape
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.security import check_password_hash

from app.core.feature import Role
from app.org.delegations.models import Delegation
from app.org.departments.models import Department
from app.org.employees.models import Employee, Membership
from app.org.employees.services import set_password
from app.org.posts.models import PostHolder
from tests.factories import DelegationFactory, DepartmentFactory, EmployeeFactory, PostFactory

SCREENS = ("departments", "posts", "post-holders", "employees", "delegations")
HIRE = {
    "first_name": "سارا",
    "last_name": "كريمي",
    "email": "sara@example.com",
    "username": "sara.k",
    "mobile": "09123456789",
    "active": "y",
}


@pytest.fixture
def chief(as_user: Any) -> Any:
    return as_user("admin")


@pytest.mark.parametrize("screen", SCREENS)
def test_every_list_and_form_opens_for_the_administrator(chief: Any, screen: str) -> None:
    DelegationFactory()
    PostFactory(parent=PostFactory())
    assert chief.get(f"/{screen}/list/").status_code == 200
    assert chief.get(f"/{screen}/add").status_code == 200


def test_departments_are_shown_as_a_tree(chief: Any) -> None:
    top = DepartmentFactory(name="ستاد")
    DepartmentFactory(name="شعبه", parent=top)
    assert "\u2003شعبه" in chief.get("/departments/list/").text


def test_a_loop_is_refused_on_the_form(chief: Any, session: Any) -> None:
    top = DepartmentFactory()
    below = DepartmentFactory(parent=top)
    sent = {"code": top.code, "name": top.name, "parent": below.id, "position": "0", "is_active": "y"}
    assert chief.post(f"/departments/edit/{top.id}", data=sent).status_code == 422
    assert top.parent_id is None


def test_a_department_with_people_is_not_closed_on_the_form(chief: Any, session: Any) -> None:
    department = EmployeeFactory().home_department
    sent = {"code": department.code, "name": department.name, "position": "0"}
    assert chief.post(f"/departments/edit/{department.id}", data=sent).status_code == 422
    assert department.is_active


def test_a_taken_seat_is_refused_on_the_form(chief: Any, session: Any) -> None:
    post, first, second = PostFactory(), EmployeeFactory(), EmployeeFactory()
    sent = {"post": post.id, "from_on": "1405/01/01"}
    assert chief.post("/post-holders/add", data={**sent, "employee": first.id}).status_code == 302
    assert chief.post("/post-holders/add", data={**sent, "employee": second.id}).status_code == 422
    assert [row.employee_id for row in session.scalars(select(PostHolder))] == [first.id]


# Employees -------------------------------------------------------------------------------------


def hire_on_form(chief: Any, session: Any, **values: Any) -> tuple[Employee, str]:
    sales = chief.application.extensions["appbuilder"].sm.find_role(Role.SALES.value)
    home = session.scalars(select(Department)).first()
    answer = chief.post("/employees/add", data={**HIRE, "home_department": home.id, "roles": [sales.id], **values})
    assert answer.status_code == 302, answer.text
    person = session.scalars(select(Employee).where(Employee.username == "sara.k")).one()
    page = chief.post(f"/employees/action/invite/{person.id}")
    return person, unescape(re.search(r'id="secret">([^<]+)<', page.text)[1])


def test_an_employee_is_hired_on_the_form_and_invited(chief: Any, session: Any, client: Any) -> None:
    further = DepartmentFactory()
    person, link = hire_on_form(chief, session, member_departments=[further.id])
    assert [role.name for role in person.roles] == [Role.SALES.value]
    assert person.member_departments == [further]
    assert person.last_name == "کریمی"
    assert link not in chief.get(f"/employees/show/{person.id}").text
    assert client.get(link).status_code == 200


def test_memberships_are_changed_without_losing_the_kept_ones(chief: Any, session: Any) -> None:
    kept, dropped, new = (DepartmentFactory() for _ in range(3))
    person = EmployeeFactory(username="sara.k", member_of=[kept, dropped])
    session.flush()
    before = next(row for row in person.memberships if row.department_id == kept.id).id
    sent = {**HIRE, "home_department": person.home_department_id, "member_departments": [kept.id, new.id]}
    assert chief.post(f"/employees/edit/{person.id}", data=sent).status_code == 302
    rows = session.scalars(select(Membership).where(Membership.employee_id == person.id)).all()
    assert {row.department_id for row in rows} == {kept.id, new.id}
    assert before in {row.id for row in rows}


def test_the_last_administrator_is_not_closed_on_the_form(chief: Any, session: Any) -> None:
    sent = {"action": "dismiss", "rowid": [chief.user.id]}
    chief.post("/employees/action_post", data=sent)
    assert chief.user.active


@pytest.mark.parametrize("screen", SCREENS[:4])
def test_a_manager_looks_and_changes_nothing(as_user: Any, session: Any, screen: str) -> None:
    manager = as_user(Role.MANAGER)
    assert manager.get(f"/{screen}/list/").status_code == 200
    assert manager.get(f"/{screen}/add").status_code in {302, 403}
    victim = EmployeeFactory()
    for name in ("renew_password", "dismiss"):
        manager.post(f"/employees/action/{name}/{victim.id}")
    assert victim.active
    assert not victim.must_change_password


@pytest.mark.parametrize("screen", SCREENS[:4])
@pytest.mark.parametrize("role", [Role.SALES, Role.DEALER])
def test_others_see_nothing_of_the_organisation(as_user: Any, role: Role, screen: str) -> None:
    assert as_user(role).get(f"/{screen}/list/").status_code in {302, 403}


# First passwords -------------------------------------------------------------------------------


def signed_in_fresh(as_user: Any, session: Any, role: Role = Role.SALES) -> Any:
    person = EmployeeFactory(role=role)
    set_password(person, "First-Pass-12", must_change=True)
    visitor = as_user(person)
    visitor.user.must_change_password = True
    session.flush()
    return visitor


@pytest.mark.parametrize("path", ["/customers/list/", "/", "/search"])
def test_a_first_password_is_changed_before_anything_else(as_user: Any, session: Any, path: str) -> None:
    visitor = signed_in_fresh(as_user, session)
    answer = visitor.get(path)
    assert answer.status_code == 302
    assert answer.location.endswith("/resetmypassword/form")
    assert visitor.get("/resetmypassword/form").status_code == 200


def test_a_program_with_a_first_password_has_no_rights(as_program: Any, session: Any) -> None:
    program = as_program(Role.SALES)
    program.user.must_change_password = True
    session.flush()
    assert program.get("/api/v1/customers/").status_code == 403


@pytest.mark.parametrize(
    ("present", "new", "repeated", "changed"),
    [
        ("First-Pass-12", "Second-Pass-34", "Second-Pass-34", True),
        ("wrong", "Second-Pass-34", "Second-Pass-34", False),
        ("First-Pass-12", "First-Pass-12", "First-Pass-12", False),
        ("First-Pass-12", "Second-Pass-34", "other", False),
        ("First-Pass-12", "short", "short", False),
    ],
    ids=["good", "wrong present one", "same again", "not repeated", "too simple"],
)
def test_the_own_password_is_changed_with_the_present_one(
    as_user: Any, session: Any, present: str, new: str, repeated: str, changed: bool
) -> None:
    visitor = signed_in_fresh(as_user, session)
    sent = {"current_password": present, "password": new, "conf_password": repeated}
    visitor.post("/resetmypassword/form", data=sent)
    assert check_password_hash(visitor.user.password, new) is (changed or new == "First-Pass-12")
    assert visitor.user.must_change_password is not changed
    if changed:
        assert visitor.get("/customers/list/").status_code == 200


def test_a_renewed_password_goes_through_the_password_screen(chief: Any, session: Any, client: Any) -> None:
    person = EmployeeFactory(role=Role.SALES, username="sara.k")
    session.flush()
    page = chief.post(f"/employees/action/renew_password/{person.id}")
    password = unescape(re.search(r'id="secret">([^<]+)<', page.text)[1])
    client.post("/login/", data={"username": "sara.k", "password": password})
    assert client.get("/customers/list/").location.endswith("/resetmypassword/form")
    sent = {"current_password": password, "password": "Second-Pass-34", "conf_password": "Second-Pass-34"}
    assert client.post("/resetmypassword/form", data=sent).status_code == 302
    assert client.get("/customers/list/").status_code == 200


# FAB's own doors -------------------------------------------------------------------------------


FAB_DOORS = (
    "/users/list/",
    "/users/add",
    "/users/edit/1",
    "/roles/list/",
    "/roles/add",
    "/roles/edit/1",
    "/resetpassword/form?pk=1",
)


@pytest.mark.parametrize("path", FAB_DOORS)
@pytest.mark.parametrize("role", list(Role))
def test_fabs_screens_are_closed_to_every_role(as_user: Any, role: Role, path: str) -> None:
    assert as_user(role).get(path).status_code in {302, 403, 404}


@pytest.mark.parametrize("path", ["/users/list/", "/users/add", "/users/edit/1"])
def test_fabs_list_of_users_is_gone_for_administrators_too(chief: Any, path: str) -> None:
    assert chief.get(path).status_code in {302, 403, 404}


@pytest.mark.parametrize("who", [Role.SALES, Role.MANAGER])
def test_nobody_resets_another_password_through_fab(as_user: Any, session: Any, who: Role) -> None:
    visitor = as_user(who)
    admin = session.scalars(select(Employee).where(Employee.username == "admin")).one()
    before = admin.password
    sent = {"password": "Stolen-Pass-12", "conf_password": "Stolen-Pass-12"}
    visitor.post(f"/resetpassword/form?pk={admin.id}", data=sent)
    visitor.post("/users/edit/1", data={"roles": ["1"], "username": "x", "first_name": "x", "last_name": "x"})
    assert admin.password == before


def test_ones_own_data_is_shown(as_user: Any) -> None:
    visitor = as_user(Role.SALES)
    answer = visitor.get("/users/userinfo/", follow_redirects=True)
    assert answer.request.path == "/account/"
    assert visitor.user.username in answer.text


# Delegations -----------------------------------------------------------------------------------


def test_work_is_handed_over_on_the_form(as_user: Any, session: Any) -> None:
    visitor, other = as_user(Role.SALES), EmployeeFactory()
    sent = {"delegate": other.id, "from_on": "1420/01/01", "until_on": "1420/01/07"}
    assert visitor.post("/delegations/add", data=sent).status_code == 302
    made = session.scalars(select(Delegation)).one()
    assert (made.principal_id, made.from_on) == (visitor.user.id, date(2041, 3, 20))


def test_a_delegation_of_others_is_neither_seen_nor_changed(as_user: Any, session: Any) -> None:
    row, visitor = DelegationFactory(), as_user(Role.SALES)
    for path in (f"/delegations/show/{row.id}", f"/delegations/edit/{row.id}"):
        assert visitor.get(path).status_code == 404
    visitor.post(f"/delegations/delete/{row.id}")
    sent = {
        "principal": row.principal_id,
        "delegate": visitor.user.id,
        "from_on": "1420/01/01",
        "until_on": "1420/01/02",
    }
    assert visitor.post("/delegations/add", data=sent).status_code in {403, 422}
    assert session.scalars(select(Delegation)).all() == [row]


def test_a_delegate_sees_it_but_does_not_change_it(as_user: Any, session: Any) -> None:
    visitor = as_user(Role.SALES)
    row = DelegationFactory(delegate=visitor.user)
    assert visitor.get(f"/delegations/show/{row.id}").status_code == 200
    sent = {
        "delegate": visitor.user.id,
        "principal": row.principal_id,
        "from_on": "1420/01/01",
        "until_on": "1420/01/02",
    }
    assert visitor.post(f"/delegations/edit/{row.id}", data=sent).status_code in {403, 422}
    visitor.post(f"/delegations/delete/{row.id}")
    assert session.scalars(select(Delegation)).all() == [row]
    assert row.from_on == date(2026, 3, 21)
