"""Reads over the department tree."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select

from app.core.actor import Actor
from app.core.db import db
from app.core.tree import subtree_ids
from app.org.departments.models import Department
from app.org.employees.models import Employee, Membership


def department_tree(*, with_closed: bool = False) -> Sequence[Department]:
    """Departments from the top down; `depth` says how far each is indented."""
    query = select(Department).order_by(Department.tree_order)
    if not with_closed:
        query = query.where(Department.is_active)
    return db.session.scalars(query).all()


def default_department() -> Department | None:
    """The topmost open department, where rows go that nobody placed."""
    query = select(Department).where(Department.parent_id.is_(None), Department.is_active)
    return db.session.scalars(query.order_by(Department.tree_order).limit(1)).first()


def home_department_id(actor: Actor | None) -> int | None:
    """Where new rows of an actor belong: the own department, else the topmost one."""
    if actor is not None and actor.home_department_id is not None:
        return actor.home_department_id
    root = default_department()
    return root.id if root else None


def department_and_below(department_id: int) -> set[int]:
    """The id of a department and of everything below it."""
    return subtree_ids(db.session, Department, department_id)


def staff_count(department_id: int) -> int:
    """How many active employees work in a department, by home or by membership."""
    member = select(Membership.employee_id).where(Membership.department_id == department_id)
    query = select(func.count()).select_from(Employee)
    query = query.where(Employee.active, (Employee.home_department_id == department_id) | Employee.id.in_(member))
    return db.session.scalar(query) or 0
