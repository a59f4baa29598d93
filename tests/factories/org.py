"""Departments, posts, employees and delegations."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

import factory
from flask import current_app

from app.core.feature import Role
from app.org.delegations.models import Delegation
from app.org.departments.models import Department
from app.org.employees.models import Employee, Membership
from app.org.posts.models import Post
from tests.factories.base import RowFactory


class DepartmentFactory(RowFactory):
    class Meta:
        model = Department

    code = factory.Sequence(lambda n: f"D{n}")
    name = factory.Sequence(lambda n: f"واحد {n}")
    is_active = True


class PostFactory(RowFactory):
    class Meta:
        model = Post

    code = factory.Sequence(lambda n: f"P{n}")
    name = factory.Sequence(lambda n: f"سمت {n}")
    seats = 1


class EmployeeFactory(RowFactory):
    """An employee; `role=Role.SALES` gives shipped roles, `member_of=[department]` memberships."""

    class Meta:
        model = Employee

    username = factory.Sequence(lambda n: f"user{n}")
    first_name = "سارا"
    last_name = factory.Sequence(lambda n: f"کریمی {n}")
    email = factory.LazyAttribute(lambda row: f"{row.username}@example.com")
    active = True
    must_change_password = False
    home_department = factory.SubFactory(DepartmentFactory)

    @factory.post_generation
    def role(self, create: bool, extracted: Role | Iterable[Role | str] | None, **_kwargs: Any) -> None:
        if extracted is None:
            return
        names = [extracted] if isinstance(extracted, str) else list(extracted)
        manager = current_app.extensions["appbuilder"].sm
        self.roles = [manager.find_role(str(name)) for name in names]

    @factory.post_generation
    def member_of(self, create: bool, extracted: Iterable[Department] | None, **_kwargs: Any) -> None:
        self.memberships = [Membership(department=department) for department in extracted or ()]


class DelegationFactory(RowFactory):
    class Meta:
        model = Delegation

    principal = factory.SubFactory(EmployeeFactory)
    delegate = factory.SubFactory(EmployeeFactory)
    department = factory.LazyAttribute(lambda row: row.principal.home_department)
    from_on = date(2026, 3, 21)
    until_on = date(2026, 3, 27)
