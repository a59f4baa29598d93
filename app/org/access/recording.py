"""The history of roles, whichever road changes them, and what no road may do to them.

FAB's own screens write the same rows as ours; so rights are recorded, and the last administrator
is kept, where the session writes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask_appbuilder.security.sqla.models import Group, PermissionView, Role, assoc_group_role, assoc_user_group
from flask_appbuilder.security.sqla.models import assoc_user_role as direct
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import event, inspect, or_, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app.core.actor import FieldLevel
from app.core.audit import record_bulk, resolve_labels
from app.core.errors import NotAllowed
from app.core.feature import Role as Shipped
from app.org.access.fields import record_of
from app.org.access.matrix import REACH_ACTIONS, REACH_LABELS, module_of
from app.org.access.models import FieldRight
from app.org.employees.models import Employee
from app.org.employees.services import ADMIN, LastAdministrator

_PENDING = "kartabl_roles"
PROTECTED = frozenset({ADMIN, "Public", *(role.value for role in Shipped)})
"""Roles that the product knows by their name; people may call them otherwise by a title."""
WORDS = {"name": _l("Key"), "title": _l("Name"), "purpose": _l("Purpose"), "people": _l("Person")}

Changes = dict[str, list[Any]]


class RoleProtected(NotAllowed, SQLAlchemyError):
    """A shipped role was renamed or deleted. Also an SQLAlchemyError, so that FAB answers a refusal."""

    code = "role_protected"
    default_message = _l("The product knows this role by its key, so it can be neither deleted nor given another key.")


class NoAdministratorLeft(LastAdministrator, SQLAlchemyError):
    """A change through FAB's screens would leave nobody to administer."""

    code = "last_administrator"


@event.listens_for(Session, "before_flush")
def _note(session: Session, _context: Any, _instances: Any) -> None:
    pending: list[tuple[Any, str, Changes]] = session.info.setdefault(_PENDING, [])
    with session.no_autoflush:
        for record in [*session.new, *session.dirty, *session.deleted]:
            if isinstance(record, Role):
                _guard(record, session)
                action = "created" if record in session.new else "deleted" if record in session.deleted else "updated"
                pending.append((record, action, _changes_of_role(record)))
            elif isinstance(record, FieldRight):
                pending.append((record, "updated", _changes_of_field(record, is_gone=record in session.deleted)))
            elif isinstance(record, Employee):
                pending += [(role, "updated", change) for role, change in _changes_of_person(record)]
            elif isinstance(record, Group):
                pending.append((record, "group", {}))


@event.listens_for(Session, "after_flush")
def _write(session: Session, _context: Any) -> None:
    pending: list[tuple[Any, str, Changes]] = session.info.pop(_PENDING, [])
    told: dict[tuple[int, str], Changes] = {}
    for record, action, changes in pending:
        if changes or action == "deleted":
            number = record.role_id if isinstance(record, FieldRight) else record.id
            told.setdefault((number, action), {}).update(changes)
    for (number, action), changes in told.items():
        record_bulk(session, Role, [(number, changes)], action=action)
    if any(isinstance(record, Group) or action == "deleted" for record, action, _changes in pending):
        _keep_an_administrator(session)


@event.listens_for(Session, "after_soft_rollback")
def _forget(session: Session, _transaction: Any) -> None:
    session.info.pop(_PENDING, None)


def _guard(role: Role, session: Session) -> None:
    before = inspect(role).attrs.name.load_history().deleted
    if (before and before[0] in PROTECTED) or (role in session.deleted and role.name in PROTECTED):
        raise RoleProtected(role=role)


def _changes_of_role(role: Role) -> Changes:
    state: Any = inspect(role)
    changes: Changes = {}
    for name in ("name", "title", "purpose"):
        history = state.attrs[name].history
        if history.has_changes():
            changes[name] = [
                history.deleted[0] if history.deleted else None,
                history.added[0] if history.added else None,
            ]
    rights = state.attrs.permissions.history
    changes |= {name_of_right(one): [True, False] for one in rights.deleted or ()}
    changes |= {name_of_right(one): [False, True] for one in rights.added or ()}
    return changes


def name_of_right(right: PermissionView) -> str:
    """The key of a right in a role's history: subject and action."""
    return f"{right.view_menu.name}:{right.permission.name}"


def _changes_of_field(right: FieldRight, *, is_gone: bool) -> Changes:
    history: Any = inspect(right).attrs.level.load_history()
    free = FieldLevel.FULL
    old = (history.deleted or history.unchanged or (free,))[0]
    new = free if is_gone else right.level
    return {f"{right.model}.{right.field}": [str(old.value), str(new.value)]} if old is not new else {}


def _changes_of_person(person: Employee) -> Iterator[tuple[Role, Changes]]:
    history: Any = inspect(person).attrs.roles.history
    for role in history.added or ():
        yield role, {f"people:{person.username}": [None, str(person)]}
    for role in history.deleted or ():
        yield role, {f"people:{person.username}": [str(person), None]}


def administrators(session: Any) -> list[int]:
    """The ids of the active people who are administrators, by themselves or by a group."""
    by_group = (
        select(assoc_user_group.c.user_id)
        .join(assoc_group_role, assoc_group_role.c.group_id == assoc_user_group.c.group_id)
        .join(Role, Role.id == assoc_group_role.c.role_id)
        .where(Role.name == ADMIN)
    )
    by_self = select(direct.c.user_id).join(Role, Role.id == direct.c.role_id).where(Role.name == ADMIN)
    query = select(Employee.id).where(Employee.active, or_(Employee.id.in_(by_self), Employee.id.in_(by_group)))
    return list(session.scalars(query))


def _keep_an_administrator(session: Session) -> None:
    has_people = session.scalar(select(Employee.id).limit(1)) is not None
    if has_people and not administrators(session):
        raise NoAdministratorLeft


def words_of(model: type[Any], name: str) -> Any:
    """What an entry of a role's history is called: a right, a field, a person; None for anything else."""
    if model is not Role:
        return None
    if name.startswith("people:"):
        return WORDS["people"]
    if ":" in name:
        subject, _sign, action = name.rpartition(":")
        return _words_of_right(subject, action)
    if "." in name:
        return _words_of_field(*name.split(".", 1))
    return WORDS.get(name)


def _words_of_right(subject: str, action: str) -> str:
    if action == "menu_access":
        return _("Menu: %(name)s", name=subject)
    module = module_of(subject)
    if module is None:
        return f"{subject}: {action}"
    plain = action.removeprefix("can_")
    reach = next((r for r, wanted in REACH_ACTIONS.items() if wanted == plain), None)
    if reach is not None:
        what = _("see %(rows)s", rows=str(REACH_LABELS[reach]))
    else:
        known = next((one for one in module.abilities if (action, subject) in one.rights), module.see)
        what = str(known.label)
    return _("%(module)s: %(what)s", module=str(module.label), what=what)


def _words_of_field(table: str, name: str) -> str:
    record = record_of(table)
    field = record.field(name) if record is not None else None
    if record is None or field is None:
        return f"{table}.{name}"
    return _("%(module)s: field “%(field)s”", module=str(record.label), field=str(field.label))


def install() -> None:
    """Give the history of roles its words; at every start."""
    resolve_labels(words_of)
