"""Trees kept in tables keep their order and refuse loops, on every road."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from app.core.tree import TreeLoop, subtree_ids
from app.org.departments.models import Department
from tests.factories import DepartmentFactory


def names_and_depths(session: Any, root: Department) -> list[tuple[str, int]]:
    inside = Department.id.in_(subtree_ids(session, Department, root.id))
    rows = session.execute(select(Department.name, Department.depth).where(inside).order_by(Department.tree_order))
    return [(name, depth) for name, depth in rows]


def test_a_tree_is_read_from_the_top_in_persian_order(session: Any) -> None:
    root = DepartmentFactory(name="شرکت")
    DepartmentFactory(name="فروش", parent=root)
    sales = DepartmentFactory(name="پخش", parent=root)
    DepartmentFactory(name="گیلان", parent=sales)
    DepartmentFactory(name="تهران", parent=sales)
    assert names_and_depths(session, root) == [("شرکت", 0), ("پخش", 1), ("تهران", 2), ("گیلان", 2), ("فروش", 1)]


def test_position_goes_before_the_name(session: Any) -> None:
    root = DepartmentFactory(name="شرکت")
    DepartmentFactory(name="الف", parent=root, position=2)
    DepartmentFactory(name="ی", parent=root, position=1)
    assert [name for name, _ in names_and_depths(session, root)] == ["شرکت", "ی", "الف"]


def test_a_moved_branch_takes_its_children_along(session: Any) -> None:
    root = DepartmentFactory(name="شرکت")
    old, new = DepartmentFactory(name="آ", parent=root), DepartmentFactory(name="ب", parent=root)
    child = DepartmentFactory(name="پ", parent=old)
    old.parent = new
    session.flush()
    assert names_and_depths(session, root) == [("شرکت", 0), ("ب", 1), ("آ", 2), ("پ", 3)]
    assert child.depth == 3
    assert subtree_ids(session, Department, new.id) == {new.id, old.id, child.id}


@pytest.mark.parametrize("by", ["object", "key"])
def test_a_branch_is_not_put_below_itself(session: Any, by: str) -> None:
    top = DepartmentFactory()
    below = DepartmentFactory(parent=DepartmentFactory(parent=top))
    if by == "object":
        top.parent = below
    else:
        top.parent_id = below.id
    with pytest.raises(TreeLoop):
        session.flush()


def test_a_branch_is_not_its_own_parent(session: Any) -> None:
    department = DepartmentFactory()
    department.parent_id = department.id
    with pytest.raises(TreeLoop):
        session.flush()
