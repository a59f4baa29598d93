"""All active people with what edit levels may name of them, in a handful of statements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from flask_appbuilder.security.sqla.models import Role, assoc_group_role, assoc_user_group, assoc_user_role
from sqlalchemy import or_, select, union

from app.core import clock
from app.core.actor import Actor, acting_as
from app.core.db import db
from app.office.edit_levels.table import Places
from app.org import security
from app.org.delegations.models import Delegation
from app.org.employees.models import Employee
from app.org.employees.services import ADMIN
from app.org.posts.models import Post, PostHolder

MOST = 5_000


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with an open account; `rights` as in FAB."""

    id: int
    name: str
    places: Places
    rights: frozenset[tuple[str, str]]
    is_admin: bool


def people() -> list[Person]:
    """The active people by name, the first five thousand."""
    with acting_as(Actor.system("edit levels")):
        names = db.session.scalars(
            select(Employee).where(Employee.active).order_by(Employee.full_name_sort, Employee.id).limit(MOST)
        ).all()
        roles = _roles()
        held = security.rights_by_role({role for found in roles.values() for role in found})
        admins = set(db.session.scalars(select(Role.id).where(Role.name == ADMIN)))
        posts = _posts()
    return [
        Person(
            person.id,
            str(person),
            _places(roles[person.id], posts[person.id]),
            frozenset(right for role in roles[person.id] for right in held[role]),
            bool(admins & roles[person.id]),
        )
        for person in names
    ]


def _places(roles: Iterable[int], posts: Iterable[tuple[int, int]]) -> Places:
    depths = [depth + 1 for _post, depth in posts]
    return Places(frozenset(roles), frozenset(post for post, _depth in posts), min(depths, default=None))


def _roles() -> defaultdict[int, set[int]]:
    by_group = select(assoc_user_group.c.user_id, assoc_group_role.c.role_id).join(
        assoc_group_role, assoc_group_role.c.group_id == assoc_user_group.c.group_id
    )
    found: defaultdict[int, set[int]] = defaultdict(set)
    query = union(select(assoc_user_role.c.user_id, assoc_user_role.c.role_id), by_group)
    for user_id, role_id in db.session.execute(query):
        found[user_id].add(role_id)
    return found


def _posts() -> defaultdict[int, set[tuple[int, int]]]:
    """(post, depth) of everybody today, with those of the people for whom they stand in."""
    day = clock.today()
    own: defaultdict[int, set[tuple[int, int]]] = defaultdict(set)
    terms = (
        select(PostHolder.employee_id, Post.id, Post.depth)
        .join(Post, Post.id == PostHolder.post_id)
        .where(PostHolder.from_on <= day, or_(PostHolder.until_on.is_(None), PostHolder.until_on >= day))
    )
    for employee_id, post_id, depth in db.session.execute(terms):
        own[employee_id].add((post_id, depth))
    found = defaultdict(set, {person: set(posts) for person, posts in own.items()})
    standing_in = select(Delegation.delegate_id, Delegation.principal_id).where(
        Delegation.from_on <= day, Delegation.until_on >= day
    )
    for delegate_id, principal_id in db.session.execute(standing_in):
        found[delegate_id] |= own[principal_id]
    return found
