"""Who may fill a place: by role or post, and for whom during a leave."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, false, or_

from app.core.actor import Actor
from app.office.signatures.models import SignatureSlot
from app.org.delegations.queries import principals_of
from app.org.posts.queries import posts_of
from app.org.security import roles_of


@dataclass(frozen=True, slots=True)
class Authority:
    """Somebody in whose place the actor may sign: the actor first, then those who are away."""

    holder_id: int
    role_ids: frozenset[int]
    post_ids: frozenset[int]

    def fills(self, slot: SignatureSlot) -> bool:
        """Whether the role or post of a place is theirs; both where it names both."""
        by_role = slot.role_id is None or slot.role_id in self.role_ids
        by_post = slot.post_id is None or slot.post_id in self.post_ids
        return by_role and by_post

    def condition(self) -> ColumnElement[bool]:
        """`fills` as a query asks it."""
        roles = or_(SignatureSlot.role_id.is_(None), SignatureSlot.role_id.in_(self.role_ids or {-1}))
        posts = or_(SignatureSlot.post_id.is_(None), SignatureSlot.post_id.in_(self.post_ids or {-1}))
        return roles & posts


def authorities(actor: Actor) -> list[Authority]:
    """In whose places the actor may sign today; nobody's for a part of the system."""
    if actor.user_id is None:
        return []
    holders = [actor.user_id, *(person.id for person in principals_of(actor.user_id) if person.is_active)]
    return [
        Authority(holder, frozenset(roles_of(holder)[0]), frozenset(post.id for post in posts_of(holder)))
        for holder in holders
    ]


def any_of(found: list[Authority]) -> ColumnElement[bool]:
    """The places that any of them fills."""
    return or_(false(), *(one.condition() for one in found))


def post_of(employee_id: int) -> str:
    """The post that stands under a name; empty for who holds none."""
    found = posts_of(employee_id)
    return found[0].name if found else ""
