"""The demo company itself: departments, posts, and one employee per role of the product."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flask import current_app
from sqlalchemy import select

from app.core import clock
from app.core.calendar import jalali_year_range, to_jalali
from app.core.db import db
from app.core.feature import Role
from app.demo import material
from app.org.departments.models import Department
from app.org.departments.queries import default_department
from app.org.departments.seed import seed as seed_root
from app.org.departments.services import create_department
from app.org.employees.models import Employee
from app.org.employees.services import hire
from app.org.posts.models import Post
from app.org.posts.services import create_post, seat

ROOT_CODE = "1"


@dataclass(frozen=True, slots=True)
class Login:
    """A demo employee; `password` is None when the employee was there before."""

    username: str
    name: str
    role: str
    password: str | None


def make_departments() -> dict[str, Department]:
    """The demo departments by code, made below the root where they are missing."""
    seed_root()
    root = default_department()
    assert root is not None
    found = {department.code: department for department in db.session.scalars(select(Department))}
    found[ROOT_CODE] = root
    for entry in material.table("company")["departments"]:
        if entry["code"] not in found:
            parent = found[entry["parent"]]
            found[entry["code"]] = create_department(code=entry["code"], name=entry["name"], parent=parent)
    return found


def make_posts(departments: dict[str, Department]) -> dict[str, Post]:
    """The demo posts by code."""
    found = {post.code: post for post in db.session.scalars(select(Post))}
    for entry in material.table("company")["posts"]:
        if entry["code"] in found:
            continue
        found[entry["code"]] = create_post(
            code=entry["code"],
            name=entry["name"],
            parent=found.get(entry["parent"]),
            department=departments[entry["department"]],
            seats=entry.get("seats", 1),
        )
    return found


def make_people(departments: dict[str, Department], posts: dict[str, Post]) -> list[Login]:
    """One employee per shipped role, each in a post since the beginning of the Jalali year."""
    since = jalali_year_range(to_jalali(clock.today())[0])[0]
    return [_person(entry, departments, posts, since) for entry in material.table("company")["people"]]


def _person(entry: dict[str, str], departments: dict[str, Department], posts: dict[str, Post], since: date) -> Login:
    role = Role(entry["role"])
    there = db.session.scalars(select(Employee).where(Employee.username == entry["username"])).first()
    if there is not None:
        return Login(there.username, str(there), role.value, None)
    hired = hire(
        username=entry["username"],
        first_name=entry["first"],
        last_name=entry["last"],
        email=f"{entry['username']}@demo.example",
        home_department=departments[entry["department"]],
        roles=[current_app.extensions["appbuilder"].sm.find_role(role.value)],
        memberships=[departments[code] for code in entry.get("member_of", ())],
    )
    # The demo is for looking around: its passwords are random already, and shown once.
    hired.employee.must_change_password = False
    if entry["post"]:
        seat(hired.employee, post=posts[entry["post"]], from_on=since)
    return Login(hired.employee.username, str(hired.employee), role.value, hired.password)
