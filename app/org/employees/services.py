"""Hiring, changing and dismissing employees, and their passwords.

Who manages employees without being an administrator cannot make one: roles that open the security
screens, and the people who hold them, are changed by administrators only; nobody changes their own
roles or departments.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import current_app
from flask_appbuilder.security.sqla.models import Role
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, inspect, select
from werkzeug.security import generate_password_hash

from app.core import clock, identity
from app.core.actor import Actor, require_current
from app.core.db import db
from app.core.errors import DomainError, FieldError, Invalid, NotAllowed
from app.core.text import clean
from app.org.departments.models import Department
from app.org.employees.models import Employee, Membership
from app.org.sign_ins import second_factor
from app.org.sign_ins.passwords import check_new_password
from app.org.sign_ins.sessions import end_others

SUBJECT = "org.employees"
ADMIN = "Admin"
SECURITY_SUBJECTS = frozenset(
    {
        "RoleModelView",
        "UserDBModelView",
        "PermissionModelView",
        "PermissionViewModelView",
        "ViewMenuModelView",
        "UserGroupModelView",
        "ResetPasswordView",
        "org.access",
        SUBJECT,
    }
)
HARMLESS = frozenset({"can_userinfo", "can_list", "can_show"})
USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{2,63}")


class LastAdministrator(DomainError):
    """The change would leave the installation without an administrator."""

    code = "last_administrator"
    default_message = _l("There must remain one active administrator.")


@dataclass(frozen=True, slots=True)
class Hired:
    """A new employee and the first password, which is known only now."""

    employee: Employee
    password: str


def random_password() -> str:
    """A password to be shown once and changed at the first sign-in; about 95 bits."""
    while True:
        made = secrets.token_urlsafe(12)
        if all(re.search(kind, made) for kind in ("[a-z].*[a-z].*[a-z]", "[A-Z].*[A-Z]", "[0-9].*[0-9]", "[-_]")):
            return made


def is_powerful(role: Role) -> bool:
    """Whether a role lets its holder change users or rights."""
    if role.name == ADMIN:
        return True
    return any(
        grant.view_menu.name in SECURITY_SUBJECTS and grant.permission.name not in HARMLESS
        for grant in role.permissions
    )


def grantable_roles(actor: Actor) -> Sequence[Role]:
    """The roles that an actor may give and take, by name."""
    roles = db.session.scalars(select(Role).order_by(Role.name)).all()
    hidden = current_app.config["AUTH_ROLE_PUBLIC"]
    return [r for r in roles if r.name != hidden and (actor.is_unrestricted or not is_powerful(r))]


def check_employee(employee: Employee) -> None:
    """Raises Invalid for bad values, NotAllowed for reaching above oneself, LastAdministrator."""
    actor = require_current()
    with db.session.no_autoflush:
        _refuse_escalation(employee, actor)
        if employee.id is not None and employee.id == actor.user_id and not employee.active:
            raise NotAllowed(_l("You cannot close your own account."), employee=employee)
        errors = [*_name_errors(employee), *_contact_errors(employee)]
        if employee.home_department is not None and not employee.home_department.is_active:
            message = _l("This department is closed.")
            errors.append(FieldError("home_department_id", "closed", message))
        if errors:
            raise Invalid(errors)
        _keep_an_administrator(employee)


def hire(
    *,
    username: str,
    first_name: str,
    last_name: str,
    email: str,
    home_department: Department | None,
    roles: Iterable[Role] = (),
    mobile: str | None = None,
    memberships: Iterable[Department] = (),
) -> Hired:
    """A new employee with a random first password. Raises NotAllowed, Invalid."""
    require_current().require("add", SUBJECT)
    employee = Employee(
        username=username,
        first_name=first_name,
        last_name=last_name,
        email=email,
        mobile=mobile,
        home_department=home_department,
        roles=list(roles),
        memberships=[Membership(department=department) for department in memberships],
        active=True,
    )
    password = welcome(employee)
    db.session.add(employee)
    db.session.flush()
    return Hired(employee, password)


def welcome(employee: Employee) -> str:
    """Check a new employee and give it a random first password, which is returned."""
    check_employee(employee)
    employee.active = True
    password = random_password()
    set_password(employee, password, must_change=True)
    return password


def renew_password(employee: Employee) -> str:
    """A new random password for somebody who lost theirs. Raises NotAllowed."""
    actor = require_current()
    actor.require("edit", SUBJECT)
    _refuse_escalation(employee, actor)
    password = random_password()
    set_password(employee, password, must_change=True)
    db.session.flush()
    return password


def check_invitable(employee: Employee) -> None:
    """Raises NotAllowed for who may not give this person a new way in."""
    actor = require_current()
    actor.require("edit", SUBJECT)
    _refuse_escalation(employee, actor)


def reset_second_factor(employee: Employee) -> bool:
    """Forget the second factor of somebody who lost it, and sign the person out; False when there was none.

    The history of the person keeps who did it. Raises NotAllowed.
    """
    check_invitable(employee)
    was_on = second_factor.turn_off(employee.id)
    end_others(employee.id)
    db.session.flush()
    return was_on


def set_password(employee: Employee, password: str, *, must_change: bool) -> None:
    """Store a password's hash and close the other browsers; the only place that does."""
    employee.password = generate_password_hash(
        password=password,
        method=current_app.config.get("FAB_PASSWORD_HASH_METHOD", "scrypt"),
        salt_length=current_app.config.get("FAB_PASSWORD_HASH_SALT_LENGTH", 16),
    )
    employee.must_change_password = must_change
    employee.password_set_at = clock.now()
    if employee.id is not None:
        end_others(employee.id)


def change_password(employee: Employee, password: str) -> None:
    """A new password chosen by a person: oneself, or somebody who may edit employees.

    Another's password must be changed again at the next sign-in. Raises NotAllowed.
    """
    actor = require_current()
    is_own = actor.user_id == employee.id
    if not is_own:
        actor.require("edit", SUBJECT)
        _refuse_escalation(employee, actor)
    check_new_password(password, employee)
    set_password(employee, password, must_change=not is_own)
    db.session.flush()


def join_departments(employee: Employee, departments: Iterable[Department]) -> None:
    """Let somebody work with exactly these further departments; kept memberships stay as they are."""
    wanted = {department.id: department for department in departments}
    kept = [m for m in employee.memberships if m.department_id in wanted]
    new = wanted.keys() - {m.department_id for m in kept}
    if new or len(kept) < len(employee.memberships):
        employee.memberships = [*kept, *(Membership(department=wanted[number]) for number in sorted(new))]


def dismiss(employee: Employee) -> None:
    """Close somebody's sign-in; the person's records stay. Raises NotAllowed, LastAdministrator."""
    require_current().require("edit", SUBJECT)
    employee.active = False
    check_employee(employee)
    end_others(employee.id)
    db.session.flush()


def _refuse_escalation(employee: Employee, actor: Actor) -> None:
    if actor.is_unrestricted:
        return
    history: Any = inspect(employee).attrs.roles.load_history()
    before, changed = set(history.deleted or ()) | set(history.unchanged or ()), set(history.added or ())
    changed |= set(history.deleted or ())
    by_group = {role for group in employee.groups or () for role in group.roles}
    if any(is_powerful(role) for role in before | changed | by_group):
        raise NotAllowed(_l("Only an administrator may change this person."), employee=employee)
    if employee.id is not None and employee.id == actor.user_id and (changed or _place_changed(employee)):
        raise NotAllowed(_l("You cannot change your own roles or departments."), employee=employee)


def _place_changed(employee: Employee) -> bool:
    state: Any = inspect(employee)
    return any(
        state.attrs[name].load_history().has_changes()
        for name in ("home_department", "home_department_id", "memberships", "customer", "customer_id")
    )


def _name_errors(employee: Employee) -> list[FieldError]:
    errors = []
    employee.username = (employee.username or "").strip().lower()
    employee.first_name = clean(employee.first_name or "")
    employee.last_name = clean(employee.last_name or "")
    if not USERNAME.fullmatch(employee.username):
        message = _l("A user name has 3 to 64 small Latin letters, digits, dots, dashes or underscores.")
        errors.append(FieldError("username", "malformed", message))
    elif _taken(employee, Employee.username, employee.username):
        errors.append(FieldError("username", "taken", _l("Another employee has this user name.")))
    for name in ("first_name", "last_name"):
        if not getattr(employee, name):
            errors.append(FieldError(name, "required", _l("This field is needed.")))
    return errors


def _contact_errors(employee: Employee) -> list[FieldError]:
    errors = []
    employee.email = (employee.email or "").strip().lower()
    if not re.fullmatch(r"[^@\s]+@[^@\s]+", employee.email):
        errors.append(FieldError("email", "malformed", _l("This is not an e-mail address.")))
    elif _taken(employee, Employee.email, employee.email):
        errors.append(FieldError("email", "taken", _l("Another employee has this e-mail address.")))
    if employee.mobile:
        try:
            employee.mobile = identity.normalize_phone(employee.mobile)
        except DomainError as error:
            errors.append(FieldError("mobile", error.code, error.message))
    else:
        employee.mobile = None
    return errors


def _taken(employee: Employee, column: object, value: str) -> bool:
    query = select(Employee.id).where(func.lower(column) == value)
    if employee.id is not None:
        query = query.where(Employee.id != employee.id)
    return db.session.scalars(query.limit(1)).first() is not None


def _keep_an_administrator(employee: Employee) -> None:
    if employee.id is None or (employee.active and any(role.name == ADMIN for role in employee.roles)):
        return
    history: Any = inspect(employee).attrs.roles.load_history()
    was_admin = any(role.name == ADMIN for role in history.deleted or ())
    is_admin = any(role.name == ADMIN for role in employee.roles)
    if not (was_admin or is_admin):
        return
    others = (
        select(func.count())
        .select_from(Employee)
        .where(Employee.id != employee.id, Employee.active, Employee.roles.any(Role.name == ADMIN))
    )
    if not db.session.scalar(others):
        raise LastAdministrator(employee=employee)
