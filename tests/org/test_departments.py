"""Departments: made, moved and closed by those who may."""

from __future__ import annotations

from typing import Any

import pytest

from app.core.actor import Actor, acting_as
from app.core.errors import Invalid, NotAllowed
from app.core.tree import TreeLoop
from app.org.departments.queries import default_department, department_tree, staff_count
from app.org.departments.seed import seed
from app.org.departments.services import (
    DepartmentInUse,
    check_department,
    close_department,
    create_department,
    move_department,
)
from tests.factories import DepartmentFactory, EmployeeFactory
from tests.factories.acting import actor_with

ADD, EDIT = ("add", "org.departments"), ("edit", "org.departments")


def test_an_empty_start_gets_one_root_and_a_second_start_no_more(session: Any) -> None:
    with acting_as(Actor.system("test")):
        seed()
        seed()
        assert [department.code for department in department_tree()] == ["1"]
        assert default_department() is not None


def test_a_department_is_made_below_another(session: Any) -> None:
    root = DepartmentFactory()
    with acting_as(actor_with(EmployeeFactory(), ADD)):
        made = create_department(code=" F1 ", name="فروش ", parent=root)
    assert (made.code, made.name, made.depth) == ("F1", "فروش", 1)


def test_who_may_not_add_makes_no_department(session: Any) -> None:
    with acting_as(actor_with(EmployeeFactory(), EDIT)), pytest.raises(NotAllowed):
        create_department(code="X", name="X")


def test_who_may_not_edit_moves_and_closes_nothing(session: Any) -> None:
    department = DepartmentFactory()
    with acting_as(actor_with(EmployeeFactory(), ADD)):
        with pytest.raises(NotAllowed):
            move_department(department, parent=None)
        with pytest.raises(NotAllowed):
            close_department(department)


def test_a_code_is_taken_once(session: Any) -> None:
    DepartmentFactory(code="S")
    with acting_as(actor_with(EmployeeFactory(), ADD)), pytest.raises(Invalid) as refused:
        create_department(code="S", name="")
    assert {error.path for error in refused.value.errors} == {"code", "name"}


def test_a_move_below_itself_is_refused_before_the_flush(session: Any) -> None:
    top = DepartmentFactory()
    below = DepartmentFactory(parent=top)
    with acting_as(actor_with(EmployeeFactory(), EDIT)), pytest.raises(TreeLoop):
        move_department(top, parent=below)


@pytest.mark.parametrize("what", ["home", "membership", "branch"])
def test_a_department_in_use_stays_open(session: Any, what: str) -> None:
    department = DepartmentFactory()
    if what == "home":
        EmployeeFactory(home_department=department)
    elif what == "membership":
        EmployeeFactory(member_of=[department])
    else:
        DepartmentFactory(parent=department)
    with acting_as(actor_with(EmployeeFactory(), EDIT)), pytest.raises(DepartmentInUse):
        close_department(department)
    department.is_active = False
    with pytest.raises(DepartmentInUse):
        check_department(department)


def test_an_empty_department_is_closed_and_leaves_the_tree(session: Any) -> None:
    department = DepartmentFactory()
    with acting_as(actor_with(EmployeeFactory(), EDIT)):
        close_department(department)
    assert department not in department_tree()
    assert department in department_tree(with_closed=True)


def test_people_are_counted_once(session: Any) -> None:
    department = DepartmentFactory()
    EmployeeFactory(home_department=department, member_of=[department])
    EmployeeFactory(home_department=department, active=False)
    assert staff_count(department.id) == 1
