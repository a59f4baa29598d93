"""Who acts: a user, a named system part, or nobody.

Services and events ask `current()`; they never read the request. In a request the actor comes
from the resolver that the security manager installs; a job or a command sets it by `acting_as`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache

from flask import g, has_request_context

from app.core.errors import NotAllowed
from app.core.level_rules import Standing


class ActorKind(StrEnum):
    ANONYMOUS = "anonymous"
    USER = "user"
    SYSTEM = "system"


class Reach(StrEnum):
    """How far a right to see goes: nothing, own rows, the team's, the departments, everything."""

    NONE = "none"
    OWN = "own"
    TEAM = "team"
    DEPARTMENT = "department"
    ALL = "all"


class FieldLevel(StrEnum):
    """What may be done with a field: read and change, read, nothing."""

    FULL = "full"
    READ = "read"
    HIDDEN = "hidden"


SEEING = ("see_own", "see_team", "see_department", "see_all")
FieldLimit = tuple[str, str, FieldLevel]
"""Table, field as `core.field_rights` names it, and what is left of it."""


@dataclass(frozen=True, slots=True)
class Actor:
    """A person or part of the system with the rights it has now.

    `rights` holds (action, subject) pairs as in FAB, e.g. ("can_issue", "finance.invoices").
    `department_ids` are the departments whose rows are visible, sub-departments included;
    `team_ids` the people who hold posts below. `field_limits` name the fields that are not free,
    `levels` what edit levels say of the documents (see core.levels).
    """

    kind: ActorKind
    name: str
    user_id: int | None = None
    is_admin: bool = False
    rights: frozenset[tuple[str, str]] = field(default=frozenset(), repr=False)
    department_ids: frozenset[int] = frozenset()
    home_department_id: int | None = None
    customer_id: int | None = None  # set for a dealer: the party whose data alone is seen
    needs_second_factor: bool = False  # a role demands one that is not set up yet: no rights until then
    team_ids: frozenset[int] = frozenset()
    field_limits: frozenset[FieldLimit] = field(default=frozenset(), repr=False)
    levels: Standing = field(default=frozenset(), repr=False)

    @classmethod
    def system(cls, name: str) -> Actor:
        """A named part of the system: sees and may do everything, and signs the log."""
        return cls(ActorKind.SYSTEM, name)

    @property
    def is_unrestricted(self) -> bool:
        return self.kind is ActorKind.SYSTEM or self.is_admin

    def can(self, action: str, subject: str) -> bool:
        """Whether the actor holds a right; actions with or without FAB's `can_`."""
        name = action if action.startswith(("can_", "menu_")) else f"can_{action}"
        return self.is_unrestricted or (name, subject) in self.rights

    def require(self, action: str, subject: str) -> None:
        """Raises NotAllowed without the right."""
        if not self.can(action, subject):
            raise NotAllowed(action=action, subject_name=subject)

    def reach(self, subject: str) -> Reach:
        """How far this actor sees rows of a subject; for a dealer's person never beyond their own."""
        if self.is_unrestricted:
            return Reach.ALL
        if self.customer_id is not None:
            return Reach.OWN if any(self.can(action, subject) for action in SEEING) else Reach.NONE
        if self.can("see_all", subject):
            return Reach.ALL
        if self.can("see_department", subject):
            return Reach.DEPARTMENT
        if self.can("see_team", subject):
            return Reach.TEAM
        return Reach.OWN if self.can("see_own", subject) else Reach.NONE

    def field_level(self, table: str, name: str) -> FieldLevel:
        """What the actor may do with a field of a table; asked through `core.field_rights`."""
        if self.is_unrestricted or not self.field_limits:
            return FieldLevel.FULL
        return _levels(self.field_limits).get((table, name), FieldLevel.FULL)


@lru_cache(maxsize=512)
def _levels(limits: frozenset[FieldLimit]) -> dict[tuple[str, str], FieldLevel]:
    return {(table, name): level for table, name, level in limits}


ANONYMOUS = Actor(ActorKind.ANONYMOUS, "anonymous")
_current: ContextVar[Actor | None] = ContextVar("kartabl_actor", default=None)
_resolve: list[Callable[[], Actor]] = []


def install_resolver(resolve: Callable[[], Actor]) -> None:
    """Say how a request's actor is found. The composition root calls this once."""
    _resolve[:] = [resolve]


def current() -> Actor | None:
    """The acting actor; None outside requests, jobs and commands that named one."""
    actor = _current.get()
    if actor is not None or not has_request_context():
        return actor
    cached: Actor | None = getattr(g, "kartabl_actor", None)
    if cached is not None:
        return cached
    # Loading the user runs queries, which ask who acts: answer them as the system.
    with acting_as(Actor.system("sign-in")):
        found = _resolve[0]() if _resolve else ANONYMOUS
    if found.kind is ActorKind.USER:
        g.kartabl_actor = found
    return found


def require_current() -> Actor:
    """The acting actor, or NotAllowed when nobody acts."""
    actor = current()
    if actor is None or actor.kind is ActorKind.ANONYMOUS:
        raise NotAllowed
    return actor


@contextmanager
def acting_as(actor: Actor) -> Iterator[Actor]:
    """Act as somebody for the length of a block."""
    token = _current.set(actor)
    try:
        yield actor
    finally:
        _current.reset(token)


def forget() -> None:
    """Drop the request's remembered actor, after sign-in, sign-out or a change of rights."""
    if has_request_context():
        g.pop("kartabl_actor", None)
