"""Making and changing roles; only administrators do. Services flush, the edge commits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256

from flask import current_app
from flask_appbuilder.security.sqla.models import Role, assoc_group_role, assoc_user_role
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, or_, select

from app.core.actor import Actor, FieldLevel, Reach, require_current
from app.core.db import db
from app.core.errors import DomainError, FieldError, Invalid, NotAllowed, NotFound, StaleVersion
from app.core.feature import Role as Shipped
from app.core.text import clean
from app.org.access.fields import record_of
from app.org.access.matrix import Module, Right, modules
from app.org.access.models import FieldRight
from app.org.access.recording import PROTECTED
from app.org.employees.models import Employee
from app.org.employees.services import ADMIN, check_employee
from app.org.roles import EVERYBODY, wanted_of

SUBJECT = "org.access"
LONGEST_TITLE, LONGEST_PURPOSE = 60, 300


class RoleInUse(DomainError):
    """People have the role, so it cannot be deleted."""

    code = "role_in_use"
    default_message = _l("People have this role. Take it from them first, then delete it.")


@dataclass(frozen=True, slots=True)
class Choice:
    """What somebody chose for a module: how far it is seen, and which abilities."""

    reach: Reach = Reach.NONE
    abilities: frozenset[str] = field(default=frozenset())


def require_administrator() -> Actor:
    """The acting administrator. Raises NotAllowed for everybody else."""
    actor = require_current()
    if not actor.is_unrestricted:
        raise NotAllowed(_l("Only an administrator changes roles."))
    return actor


def open_role(role_id: int) -> Role:
    """A role. Raises NotFound; also for the role of visitors, which has no rights here."""
    role = db.session.get(Role, role_id)
    if role is None or role.name == current_app.config["AUTH_ROLE_PUBLIC"]:
        raise NotFound(role=role_id)
    return role


def is_shipped(role: Role) -> bool:
    """Whether the product brings the role."""
    return role.name in {one.value for one in Shipped}


def rights_of(role: Role) -> frozenset[Right]:
    """The (action, subject) pairs of a role."""
    return frozenset((one.permission.name, one.view_menu.name) for one in role.permissions if one.permission)


def fingerprint(role: Role) -> str:
    """A mark of a role's rights and closed fields; another one when somebody changed them since."""
    closed = sorted((one.model, one.field, one.level.value) for one in field_rights_of(role))
    return sha256(repr((sorted(rights_of(role)), closed)).encode()).hexdigest()[:16]


def field_rights_of(role: Role) -> list[FieldRight]:
    """The fields that a role closes."""
    return list(db.session.scalars(select(FieldRight).where(FieldRight.role_id == role.id).order_by(FieldRight.id)))


# Making ----------------------------------------------------------------------------------------


def create_role(title: str, *, purpose: str = "", like: Role | None = None) -> Role:
    """A new role, empty or with the rights and closed fields of another. Raises Invalid, NotAllowed."""
    require_administrator()
    title, purpose = _checked(title, purpose, but=None)
    if like is not None and like.name == ADMIN:
        raise NotAllowed(_l("The administrator's role cannot be copied: it may do everything."))
    role = Role(name=title, title=title, purpose=purpose)
    db.session.add(role)
    db.session.flush()
    _set(role, rights_of(like) if like is not None else frozenset(EVERYBODY))
    for one in field_rights_of(like) if like is not None else ():
        right = FieldRight(role_id=role.id, subject=one.subject, model=one.model, field=one.field, level=one.level)
        db.session.add(right)
    db.session.flush()
    return role


def rename_role(role: Role, title: str, *, purpose: str = "") -> None:
    """Call a role otherwise; a shipped one keeps its key. Raises Invalid, NotAllowed."""
    require_administrator()
    title, purpose = _checked(title, purpose, but=role)
    role.title, role.purpose = title, purpose
    if role.name not in PROTECTED:
        role.name = title
    db.session.flush()


def delete_role(role: Role) -> None:
    """Delete a role that nobody has. Raises RoleInUse, NotAllowed for a shipped one."""
    require_administrator()
    if role.name in PROTECTED:
        raise NotAllowed(_l("A shipped role is not deleted. Take it from people, or take its rights away."))
    for held in (assoc_user_role, assoc_group_role):
        if db.session.execute(select(held.c.id).where(held.c.role_id == role.id).limit(1)).first() is not None:
            raise RoleInUse(role=role)
    for one in field_rights_of(role):
        db.session.delete(one)
    db.session.delete(role)
    db.session.flush()


def _checked(title: str, purpose: str, *, but: Role | None) -> tuple[str, str]:
    title, purpose = clean(title), clean(purpose)
    errors = []
    if not title:
        errors.append(FieldError("title", "required", _l("Give the role a name.")))
    elif len(title) > LONGEST_TITLE:
        errors.append(FieldError("title", "too_long", _l("The name is longer than 60 characters.")))
    elif _taken(title, but):
        errors.append(FieldError("title", "taken", _l("Another role has this name.")))
    if len(purpose) > LONGEST_PURPOSE:
        errors.append(FieldError("purpose", "too_long", _l("The purpose is longer than 300 characters.")))
    if errors:
        raise Invalid(errors)
    return title, purpose


def _taken(title: str, but: Role | None) -> bool:
    wanted = title.lower()
    query = select(Role.id).where(or_(func.lower(Role.name) == wanted, func.lower(Role.title) == wanted))
    return any(number != (but.id if but is not None else None) for number in db.session.scalars(query))


# Rights ----------------------------------------------------------------------------------------


def set_rights(role: Role, choices: Mapping[str, Choice], *, seen: str) -> None:
    """Give and take the rights of modules as chosen; other rights stay.

    `seen` is the fingerprint of what the person saw. Raises StaleVersion when somebody changed the
    role since, Invalid for an ability without sight, NotAllowed.
    """
    require_administrator()
    _refuse_admin(role)
    if seen != fingerprint(role):
        raise StaleVersion(role=role)
    held, errors = set(rights_of(role)), list[FieldError]()
    for module in modules():
        choice = choices.get(module.subject, Choice())
        if choice.reach is Reach.NONE and choice.abilities:
            message = _l("Whoever may do something here must also see it. Choose which rows.")
            errors.append(FieldError(module.subject, "unseen", message))
        _choose(module, choice, held)
    if errors:
        raise Invalid(errors)
    _set(role, held)
    db.session.flush()


def _choose(module: Module, choice: Choice, held: set[Right]) -> None:
    now = module.reach_in(held)
    if choice.reach is Reach.NONE:
        held -= module.see.rights | {module.reach_right(reach) for reach in module.reaches}
    elif choice.reach is not now or not module.see.rights & held:
        held -= {module.reach_right(reach) for reach in module.reaches}
        held |= module.see.rights | ({module.reach_right(choice.reach)} if module.reaches else set())
    for ability in module.abilities:
        if ability.key in choice.abilities:
            held |= ability.rights
        elif ability.state(held) == "full":  # what experts gave in part stays as it is
            held -= ability.rights
    menu = {("menu_access", name) for name in module.menu}
    opens = ("can_list", module.subject) in held
    held -= set() if opens else menu
    held |= menu if opens else set()


def _set(role: Role, rights: Iterable[Right]) -> None:
    """Make a role's rights exactly these."""
    wanted = set(rights)
    manager = current_app.extensions["appbuilder"].sm
    kept = [one for one in role.permissions if (one.permission.name, one.view_menu.name) in wanted]
    known = {(one.permission.name, one.view_menu.name) for one in kept}
    new = [manager.add_permission_view_menu(action, subject) for action, subject in sorted(wanted - known)]
    if new or len(kept) < len(role.permissions):
        role.permissions = [*kept, *new]


def _refuse_admin(role: Role) -> None:
    if role.name == ADMIN:
        raise NotAllowed(_l("Administrators may do everything; this role has nothing to set."))


def set_fields(role: Role, levels: Mapping[tuple[str, str], FieldLevel], *, seen: str) -> None:
    """Close and open fields: (table, field) → level; what is not named is free.

    Raises StaleVersion, NotAllowed, Invalid for a field that cannot be closed so far.
    """
    require_administrator()
    _refuse_admin(role)
    if seen != fingerprint(role):
        raise StaleVersion(role=role)
    known = {(one.model, one.field): one for one in field_rights_of(role)}
    for (table, name), level in levels.items():
        record = record_of(table)
        closable = record.field(name) if record is not None else None
        if record is None or closable is None or level not in closable.levels:
            raise Invalid([FieldError(f"{table}.{name}", "unknown", _l("This field cannot be closed so far."))])
        stored = known.pop((table, name), None)
        if level is FieldLevel.FULL:
            if stored is not None:
                db.session.delete(stored)
        elif stored is None:
            right = FieldRight(role_id=role.id, subject=record.subject, model=table, field=name, level=level)
            db.session.add(right)
        elif stored.level is not level:
            stored.level = level
    for stored in known.values():
        db.session.delete(stored)
    db.session.flush()


# Shipped ---------------------------------------------------------------------------------------


def shipped_rights(role: Role) -> frozenset[Right]:
    """What the product gives a shipped role. Raises NotFound for others."""
    if not is_shipped(role):
        raise NotFound(role=role)
    return frozenset(wanted_of(Shipped(role.name)))


def restore_role(role: Role) -> None:
    """Give a shipped role exactly what the product ships for it, its name included."""
    require_administrator()
    _set(role, shipped_rights(role))
    for one in field_rights_of(role):
        db.session.delete(one)
    role.title = role.purpose = None
    db.session.flush()


# People ----------------------------------------------------------------------------------------


def give_role(role: Role, person: Employee) -> None:
    """Give somebody a role. Raises NotAllowed."""
    require_administrator()
    if role not in person.roles:
        person.roles = [*person.roles, role]
        check_employee(person)
    db.session.flush()


def take_role(role: Role, person: Employee) -> None:
    """Take a role from somebody. Raises LastAdministrator, NotAllowed."""
    require_administrator()
    person.roles = [one for one in person.roles if one.id != role.id]
    check_employee(person)
    db.session.flush()
