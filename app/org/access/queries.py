"""What the screens of roles ask: the list, the matrix of one role, its people, the record of an address."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from flask import current_app
from flask_appbuilder.security.sqla.models import Role, assoc_group_role, assoc_user_group, assoc_user_role
from sqlalchemy import func, inspect, select, union
from sqlalchemy.orm import joinedload, selectinload
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from app.core.actor import FieldLevel, Reach
from app.core.db import db
from app.core.errors import NotFound
from app.core.links import fab, view_of
from app.core.row_numbers import row_number
from app.org.access.fields import Closable, Record, records
from app.org.access.matrix import COLUMNS, Ability, Module, Right, by_heading, modules
from app.org.access.models import FieldRight
from app.org.access.services import field_rights_of, is_shipped, rights_of, shipped_rights
from app.org.employees.models import Employee
from app.org.employees.services import ADMIN


@dataclass(frozen=True, slots=True)
class RoleLine:
    """A role in the list."""

    role: Role
    people_count: int
    module_count: int
    is_shipped: bool
    is_changed: bool


def role_lines() -> list[RoleLine]:
    """Every role that can be given, shipped ones first, in two statements besides their rights."""
    hidden = current_app.config["AUTH_ROLE_PUBLIC"]
    query = select(Role).where(Role.name != hidden).options(_rights_loaded())
    counts, closing = _people_counts(), set(db.session.scalars(select(FieldRight.role_id).distinct()))
    lines = [_line(role, counts.get(role.id, 0), has_closed=role.id in closing) for role in db.session.scalars(query)]
    return sorted(lines, key=lambda line: (line.role.name != ADMIN, not line.is_shipped, str(line.role)))


def _rights_loaded() -> Any:
    relation: Any = Role.permissions
    target = relation.property.mapper.class_
    return selectinload(relation).options(joinedload(target.permission), joinedload(target.view_menu))


def _line(role: Role, people: int, *, has_closed: bool) -> RoleLine:
    rights = rights_of(role)
    opened = sum(1 for module in modules() if role.name == ADMIN or module.see.rights & rights)
    is_ours = is_shipped(role)
    return RoleLine(role, people, opened, is_ours, is_ours and (has_closed or bool(rights ^ shipped_rights(role))))


def _people_counts() -> dict[int, int]:
    """How many active people have each role, by themselves or by a group."""
    direct = select(assoc_user_role.c.role_id, assoc_user_role.c.user_id)
    by_group = select(assoc_group_role.c.role_id, assoc_user_group.c.user_id).join(
        assoc_user_group, assoc_user_group.c.group_id == assoc_group_role.c.group_id
    )
    pairs = union(direct, by_group).subquery()
    query = (
        select(pairs.c.role_id, func.count())
        .join(Employee, Employee.id == pairs.c.user_id)
        .where(Employee.active)
        .group_by(pairs.c.role_id)
    )
    return {row[0]: row[1] for row in db.session.execute(query)}


def is_changed(role: Role) -> bool:
    """Whether a shipped role differs from what the product gives it."""
    return is_shipped(role) and bool(rights_of(role) ^ shipped_rights(role) or field_rights_of(role))


def people_of(role: Role) -> Sequence[Employee]:
    """The people with a role, by name; those who left stand last."""
    direct = select(assoc_user_role.c.user_id).where(assoc_user_role.c.role_id == role.id)
    query = select(Employee).where(Employee.id.in_(direct)).options(joinedload(Employee.home_department))
    return db.session.scalars(query.order_by(Employee.active.desc(), Employee.full_name_sort)).all()


# The matrix ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Box:
    """One tick of the matrix; `differs` from what is shipped."""

    ability: Ability
    state: str
    differs: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A module of the matrix for one role."""

    module: Module
    reach: Reach
    reach_differs: bool
    boxes: dict[str, Box | None]
    further: tuple[Box, ...]


def matrix_of(role: Role, headings: Any) -> list[tuple[Any, list[Line]]]:
    """What a role may do: its modules under their headings."""
    held = rights_of(role)
    shipped = shipped_rights(role) if is_shipped(role) else None
    return [(label, [_matrix_line(module, held, shipped) for module in found]) for label, found in by_heading(headings)]


def _matrix_line(module: Module, held: frozenset[Right], shipped: frozenset[Right] | None) -> Line:
    def box(ability: Ability) -> Box:
        state = ability.state(held)
        return Box(ability, state, shipped is not None and state != ability.state(shipped))

    reach = module.reach_in(held)
    return Line(
        module=module,
        reach=reach,
        reach_differs=shipped is not None and reach is not module.reach_in(shipped),
        boxes={key: box(one) if (one := module.ability(key)) is not None else None for key in COLUMNS},
        further=tuple(box(ability) for ability in module.further),
    )


@dataclass(frozen=True, slots=True)
class FieldLine:
    """A field of the second page, and what it is set to."""

    field: Closable
    level: FieldLevel


def fields_of(role: Role) -> list[tuple[Record, list[FieldLine]]]:
    """The fields of the records that a role opens, each with its level."""
    held = rights_of(role)
    opened = {module.subject for module in modules() if module.see.rights & held}
    levels = {(one.model, one.field): one.level for one in field_rights_of(role)}
    return [
        (record, [FieldLine(one, levels.get((record.table, one.name), FieldLevel.FULL)) for one in record.fields])
        for record in records()
        if record.subject in opened or any(table == record.table for table, _name in levels)
    ]


# Records ---------------------------------------------------------------------------------------


def model_of_table(table: str) -> type[Any]:
    """The model of a table that has a list. Raises NotFound."""
    for view in fab().baseviews:
        model = getattr(getattr(view, "datamodel", None), "obj", None)
        if model is not None and inspect(model).local_table.name == table and hasattr(view, "spec"):
            found: type[Any] = model
            return found
    raise NotFound(table=table)


def subject_of(model: type[Any]) -> str:
    """The subject under which records of a model are opened."""
    for view in fab().baseviews:
        if getattr(getattr(view, "datamodel", None), "obj", None) is model and hasattr(view, "spec"):
            return str(view.class_permission_name)
    raise NotFound(model=model.__name__)


def record_of(table: str, record_id: int) -> Any:
    """A record that the present actor sees. Raises NotFound."""
    model: Any = model_of_table(table)
    found = db.session.scalars(select(model).where(model.id == record_id)).first()
    if found is None:
        raise NotFound(table=table, record_id=record_id)
    return found


def record_at(address: str) -> Any:
    """The record whose page has this address. Raises NotFound."""
    path = urlsplit(address.strip()).path
    try:
        endpoint, values = current_app.url_map.bind("").match(path)
    except (HTTPException, RequestRedirect, ValueError) as error:
        raise NotFound(address=address) from error
    view: Any = view_of(endpoint.partition(".")[0])
    numbers = [number for number in map(row_number, values.values()) if number is not None]
    model = getattr(getattr(view, "datamodel", None), "obj", None) or _model_of_subject(view)
    if model is None or not numbers:
        raise NotFound(address=address)
    return record_of(inspect(model).local_table.name, numbers[0])


def _model_of_subject(view: Any) -> type[Any] | None:
    """The main model of a page that shows records without being a list: an editor."""
    subject = getattr(view, "class_permission_name", None)
    for other in fab().baseviews:
        if hasattr(other, "spec") and other.class_permission_name == subject and subject is not None:
            found: type[Any] = other.model
            return found
    return None


def roles_to_copy() -> Sequence[Role]:
    """The roles that a form offers to copy from."""
    hidden = (current_app.config["AUTH_ROLE_PUBLIC"], ADMIN)
    return sorted(db.session.scalars(select(Role).where(Role.name.not_in(hidden))), key=str)
