"""Making, moving and closing departments."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.core.actor import require_current
from app.core.db import db
from app.core.errors import DomainError, FieldError, Invalid
from app.core.text import clean
from app.core.tree import refuse_loop
from app.org.departments.models import Department
from app.org.departments.queries import staff_count

SUBJECT = "org.departments"


class DepartmentInUse(DomainError):
    """People work in the department, or open departments lie below it."""

    code = "department_in_use"
    default_message = _l("Move the people and sub-departments of this department first.")


def check_department(department: Department) -> None:
    """Raises Invalid (name, code) or TreeLoop for a department that may not be saved."""
    errors = []
    department.code = (department.code or "").strip()
    department.name = clean(department.name or "")
    if not department.name:
        errors.append(FieldError("name", "required", _l("A department needs a name.")))
    if not department.code:
        errors.append(FieldError("code", "required", _l("A department needs a code.")))
    elif _code_taken(department):
        errors.append(FieldError("code", "taken", _l("Another department has this code.")))
    if errors:
        raise Invalid(errors)
    refuse_loop(department)
    if department.is_active is False:
        refuse_close(department)


def create_department(*, code: str, name: str, parent: Department | None = None, position: int = 0) -> Department:
    """A new open department below `parent`. Raises NotAllowed, Invalid."""
    require_current().require("add", SUBJECT)
    department = Department(code=code, name=name, parent=parent, position=position, is_active=True)
    check_department(department)
    db.session.add(department)
    db.session.flush()
    return department


def move_department(department: Department, *, parent: Department | None) -> None:
    """Put a department with everything below it under another. Raises NotAllowed, TreeLoop."""
    require_current().require("edit", SUBJECT)
    department.parent = parent
    check_department(department)
    db.session.flush()


def close_department(department: Department) -> None:
    """Take a department out of use; its rows stay. Raises NotAllowed, DepartmentInUse."""
    require_current().require("edit", SUBJECT)
    refuse_close(department)
    department.is_active = False
    db.session.flush()


def refuse_close(department: Department) -> None:
    """Raises DepartmentInUse while people or open departments are in it."""
    if department.id is None:
        return
    with db.session.no_autoflush:
        below = select(Department.id).where(Department.parent_id == department.id, Department.is_active)
        if staff_count(department.id) or db.session.scalars(below.limit(1)).first() is not None:
            raise DepartmentInUse(department=department)


def _code_taken(department: Department) -> bool:
    query = select(Department.id).where(Department.code == department.code)
    if department.id is not None:
        query = query.where(Department.id != department.id)
    with db.session.no_autoflush:
        return db.session.scalars(query.limit(1)).first() is not None
