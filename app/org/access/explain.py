"""What a person can see and do, and why: which role, department or ownership gives it, or what is missing.

Whether a record is seen is asked of the row scope itself; the reasons are worked out beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask_appbuilder.security.sqla.models import Group, Role, assoc_group_role, assoc_user_group, assoc_user_role
from flask_babel import gettext as _
from sqlalchemy import inspect, select

from app.core import levels, scope
from app.core.actor import Actor, FieldLevel, Reach, acting_as
from app.core.db import db
from app.core.field_rights import level
from app.core.formats import label_of as words_of_member
from app.core.scope import Scoped
from app.core.workflow import Workflow
from app.org import security
from app.org.access.fields import Closable, Record, records
from app.org.access.matrix import REACH_LABELS, Ability, Module, Right, modules
from app.org.departments.models import Department
from app.org.employees.models import Employee

Held = dict[int, set[Right]]


@dataclass(frozen=True, slots=True)
class HeldRole:
    """A role that a person has, and the group that brings it where one does."""

    role: Role
    group: str = ""


@dataclass(frozen=True, slots=True)
class Granted:
    """An ability, whether the person has it, and the roles that give it."""

    ability: Ability
    has: bool
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ModuleAccess:
    """What a person sees and may do in a module."""

    module: Module
    reach: Reach
    roles: tuple[str, ...]
    granted: tuple[Granted, ...]

    @property
    def reach_words(self) -> Any:
        return REACH_LABELS[self.reach]


@dataclass(frozen=True, slots=True)
class ClosedField:
    """A field that a person may only read or not see."""

    record: Record
    field: Closable
    level: FieldLevel


@dataclass(slots=True)
class PersonAccess:
    """All that a person can see and do. `obstacles` are sentences about what stops everything."""

    person: Employee
    actor: Actor
    roles: list[HeldRole]
    obstacles: list[str]
    places: list[str]
    modules: list[ModuleAccess] = field(default_factory=list)
    closed: list[ClosedField] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Reason:
    """One sentence of an explanation, and whether it speaks for or against."""

    speaks_for: bool
    words: str


def _for(words: str) -> Reason:
    return Reason(speaks_for=True, words=words)


def _against(words: str) -> Reason:
    return Reason(speaks_for=False, words=words)


@dataclass(slots=True)
class RecordAccess:
    """Whether a person sees a record and why, and what they may do with it."""

    person: Employee
    record: Any
    module: Module
    is_seen: bool
    reasons: list[Reason]
    steps: list[Reason] = field(default_factory=list)
    closed: list[ClosedField] = field(default_factory=list)


def actor_for(person: Employee) -> Actor:
    """The actor that somebody is once they are signed in, with a password of their own and all factors."""
    roles, _is_demanded = security.roles_of(person.id)
    return security.full_actor(person, roles)


def roles_held(person: Employee) -> list[HeldRole]:
    """The roles of a person: those given to them, then those of their groups."""
    direct = db.session.scalars(
        select(Role)
        .join(assoc_user_role, assoc_user_role.c.role_id == Role.id)
        .where(assoc_user_role.c.user_id == person.id)
        .order_by(Role.name)
    )
    by_group = db.session.execute(
        select(Role, Group.name)
        .join(assoc_group_role, assoc_group_role.c.role_id == Role.id)
        .join(Group, Group.id == assoc_group_role.c.group_id)
        .join(assoc_user_group, assoc_user_group.c.group_id == Group.id)
        .where(assoc_user_group.c.user_id == person.id)
        .order_by(Role.name)
    )
    return [HeldRole(role) for role in direct] + [HeldRole(role, group) for role, group in by_group]


def access_of(person: Employee) -> PersonAccess:
    """All that a person can see and do, module by module, and why."""
    actor, roles = actor_for(person), roles_held(person)
    held = security.rights_by_role({one.role.id for one in roles})
    names = {one.role.id: str(one.role) for one in roles}
    found = PersonAccess(person, actor, roles, list(_obstacles(person, roles)), list(_places(person, actor)))
    found.modules = [_module_access(module, actor, held, names) for module in modules()]
    found.closed = [one for record in records() for one in _closed(record, actor)]
    return found


def _obstacles(person: Employee, roles: Sequence[HeldRole]) -> Iterator[str]:
    if not person.active:
        yield _("The account is closed, so nothing below can be used.")
    if person.must_change_password:
        yield _("Until the password is changed at the next sign-in, nothing else is open.")
    if not roles:
        yield _("This person has no role, so nothing is open but the home page.")


def _places(person: Employee, actor: Actor) -> Iterator[str]:
    """Where rows may come from, in sentences."""
    if actor.customer_id is not None:
        yield _("Belongs to the dealer %(name)s and sees only what is about that party.", name=_party(actor))
        return
    if actor.is_admin:
        yield _("Administrators see every row of every department.")
        return
    if person.home_department is not None:
        yield _("Home department: %(name)s, with everything below it.", name=str(person.home_department))
    for department in person.member_departments:
        yield _("Also works with: %(name)s, with everything below it.", name=str(department))
    if actor.team_ids:
        yield _("Team: %(count)d people in the posts below.", count=len(actor.team_ids))


def _party(actor: Actor) -> str:
    model: Any = inspect(Employee).relationships["customer"].mapper.class_
    return str(db.session.get(model, actor.customer_id) or actor.customer_id)


def _module_access(module: Module, actor: Actor, held: Held, names: dict[int, str]) -> ModuleAccess:
    reach = Reach.ALL if actor.is_unrestricted else module.reach_in(actor.rights)
    widest = tuple(
        names[role] for role, rights in held.items() if reach is not Reach.NONE and _reaches(module, rights, reach)
    )
    granted = tuple(_granted(ability, actor, held, names) for ability in module.abilities)
    return ModuleAccess(module, reach, widest, granted)


def _reaches(module: Module, rights: set[Right], reach: Reach) -> bool:
    if not module.reaches:
        return bool(module.see.rights & rights)
    return module.reach_right(reach) in rights


def _granted(ability: Ability, actor: Actor, held: Held, names: dict[int, str]) -> Granted:
    has = actor.is_unrestricted or ability.rights <= actor.rights
    roles = tuple(names[role] for role, rights in held.items() if ability.rights & rights)
    return Granted(ability, has, roles)


def _closed(record: Record, actor: Actor) -> Iterator[ClosedField]:
    for one in record.fields:
        found = level(record.model, one.name, actor)
        if found is not FieldLevel.FULL:
            yield ClosedField(record, one, found)


# One record ------------------------------------------------------------------------------------


def explain(person: Employee, record: Any, module: Module) -> RecordAccess:
    """Whether a person sees a record and what they may do with it, each with its reasons."""
    actor, roles = actor_for(person), roles_held(person)
    held = security.rights_by_role({one.role.id for one in roles})
    names = {one.role.id: str(one.role) for one in roles}
    is_in_scope = _in_scope(actor, record)
    may_open = actor.is_unrestricted or bool(module.see.rights & actor.rights)
    reasons = [_against(words) for words in _obstacles(person, roles)]
    reasons += _reasons(person, actor, record, module, held, names)
    is_seen = is_in_scope and may_open and person.active is True
    if (
        is_seen
        and not any(reason.speaks_for for reason in reasons[1:])
        and not actor.is_unrestricted
        and _is_scoped(record)
    ):
        reasons.append(_for(_("It was handed over or referred to this person.")))
    found = RecordAccess(person, record, module, is_seen, reasons)
    found.steps = list(_steps(actor, record, module, held, names, is_seen=is_seen))
    kinds = [one for one in records() if one.model is type(record)]
    found.closed = [one for kind in kinds for one in _closed(kind, actor)]
    return found


def _is_scoped(record: Any) -> bool:
    return isinstance(record, Scoped)


def _in_scope(actor: Actor, record: Any) -> bool:
    """The row scope's own answer."""
    model = type(record)
    with acting_as(actor), db.session.no_autoflush:
        return db.session.execute(select(model.id).where(model.id == record.id)).first() is not None


def _reasons(
    person: Employee, actor: Actor, record: Any, module: Module, held: Held, names: dict[int, str]
) -> Iterator[Reason]:
    if actor.is_unrestricted:
        yield _for(_("Administrators see and may do everything."))
        return
    opening = [names[role] for role, rights in held.items() if module.see.rights & rights]
    what = str(module.label)
    if opening:
        yield _for(_("%(module)s is opened by: %(roles)s.", module=what, roles=_joined(opening)))
    else:
        yield _against(_("No role of this person opens %(module)s.", module=what))
    if not _is_scoped(record):
        if opening:
            yield _for(_("Its rows belong to no department: whoever opens %(module)s sees them all.", module=what))
        return
    above = _top(record)
    if (refusal := levels.refusal_of(actor, levels.VIEW, above)) is not None:
        yield _against(str(refusal))
    if above is not record:
        yield _for(_("It belongs to “%(name)s” and is seen exactly with it.", name=str(above)))
    yield from _reach_reasons(person, actor, above, module, held, names)


def _top(record: Any) -> Any:
    """The record whose department and owner count: that on which a row hangs, if it hangs on one."""
    while record.__scope_parent__:
        _column, parent = scope.parent_of(type(record))
        record = db.session.get_one(parent, getattr(record, record.__scope_parent__))
    return record


def _reach_reasons(
    person: Employee, actor: Actor, record: Any, module: Module, held: Held, names: dict[int, str]
) -> Iterator[Reason]:
    reach = actor.reach(record.__subject__)
    roles = _joined(
        names[role] for role, rights in held.items() if reach is not Reach.NONE and _reaches(module, rights, reach)
    )
    if reach is Reach.NONE:
        yield _against(_("No role says which rows of %(module)s are seen.", module=str(module.label)))
    elif actor.customer_id is not None:
        yield from _party_reason(actor, record)
    elif reach is Reach.ALL:
        yield _for(_("All rows are seen by: %(roles)s.", roles=roles))
    else:
        yield from _near_reasons(person, actor, record, reach, roles)


def _party_reason(actor: Actor, record: Any) -> Iterator[Reason]:
    party = record.__scope_party__
    if party is not None and getattr(record, party) == actor.customer_id:
        yield _for(_("It is about the dealer to whom this person belongs."))
    else:
        yield _against(_("This person belongs to a dealer, and the record is not about that party."))


def _near_reasons(person: Employee, actor: Actor, record: Any, reach: Reach, roles: str) -> Iterator[Reason]:
    owner_id = getattr(record, record.__scope_owner__) if record.__scope_owner__ else None
    owner = db.session.get(Employee, owner_id) if owner_id is not None else None
    if owner_id is not None and owner_id == person.id:
        yield _for(_("The record is this person's own (by: %(roles)s).", roles=roles))
    elif owner is not None and reach is Reach.TEAM and owner_id in actor.team_ids:
        yield _for(_("Its owner %(name)s holds a post below (by: %(roles)s).", name=str(owner), roles=roles))
    else:
        whose = _("The record has no owner.")
        if owner is not None:
            whose = _("The record's owner is %(name)s, not this person.", name=str(owner))
        yield _against(whose)
    if reach is not Reach.DEPARTMENT:
        widest = str(REACH_LABELS[reach])
        yield _against(_("The roles reach only: %(rows)s (by: %(roles)s).", rows=widest, roles=roles))
        return
    department = db.session.get(Department, record.department_id)
    by = _root_of(person, department)
    if by is not None:
        words = _("The record belongs to %(place)s, which is in %(root)s, a department of this person (by: %(roles)s).",
                  place=str(department), root=str(by), roles=roles)  # fmt: skip
        yield _for(words)
    else:
        own = _joined(str(one) for one in _roots(person)) or _("none")
        words = _("The record belongs to %(place)s; the departments of this person are: %(own)s.",
                  place=str(department), own=own)  # fmt: skip
        yield _against(words)


def _roots(person: Employee) -> list[Department]:
    return [one for one in (person.home_department, *person.member_departments) if one is not None]


def _root_of(person: Employee, department: Department | None) -> Department | None:
    """The department of a person under which another lies."""
    roots = {one.id: one for one in _roots(person)}
    while department is not None:
        if department.id in roots:
            return roots[department.id]
        department = department.parent
    return None


def _steps(
    actor: Actor, record: Any, module: Module, held: Held, names: dict[int, str], *, is_seen: bool
) -> Iterator[Reason]:
    """Each ability with what gives it or is missing; a step of a workflow also with the record's state."""
    for ability in module.abilities:
        one = _granted(ability, actor, held, names)
        label = str(ability.label)
        if not one.has:
            yield _against(_("%(what)s: no role of this person gives it.", what=label))
        elif not is_seen:
            yield _against(_("%(what)s: given, but the record is out of sight.", what=label))
        elif (refusal := _refusal(actor, record, ability)) is not None:
            yield _against(_("%(what)s: given, but not now: %(why)s", what=label, why=refusal))
        else:
            by = _joined(one.roles) or _("administrator")
            yield _for(_("%(what)s (by: %(roles)s)", what=label, roles=by))


def _refusal(actor: Actor, record: Any, ability: Ability) -> str | None:
    """Why an edit level or the record's state stands against a step now."""
    key = {"delete": levels.EDIT}.get(ability.key, ability.key)
    if (refusal := levels.refusal_of(actor, key, record)) is not None:
        return str(refusal)
    flow = Workflow.of(type(record))
    steps = [] if flow is None else [t for t in flow.transitions.values() if t.action == ability.key]
    if flow is None or not steps:
        return None
    with acting_as(actor), db.session.no_autoflush:
        refusals = [flow.refusal_of(record, step, actor) for step in steps]
    if any(one is None for one in refusals):
        return None
    state = words_of_member(record.state)
    return _("the record is “%(state)s”. %(why)s", state=state, why=str(refusals[0]))


def _joined(names: Any) -> str:
    return _(", ").join(dict.fromkeys(names))
