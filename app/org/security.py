"""Sign-in and rights: FAB's security manager over employees, answering from the actor.

One query a request reads all rights; FAB itself asks once per menu entry and button.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from flask import g, request
from flask_appbuilder.security.sqla.manager import SecurityManager as FabSecurityManager
from flask_appbuilder.security.sqla.models import (
    Permission,
    PermissionView,
    Role,
    ViewMenu,
    assoc_group_role,
    assoc_permissionview_role,
    assoc_user_group,
    assoc_user_role,
)
from flask_jwt_extended import current_user as jwt_user
from flask_login import current_user
from sqlalchemy import func, or_, select, union, update

from app.core import levels, vault
from app.core.actor import ANONYMOUS, Actor, ActorKind, FieldLevel, FieldLimit, acting_as, current
from app.core.audit import recorded_by_caller
from app.core.db import db
from app.org import account
from app.org.access.models import FieldRight
from app.org.api_keys import services as api_keys
from app.org.departments.models import Department
from app.org.employees.models import Employee, Membership
from app.org.employees.services import change_password
from app.org.posts.queries import team_of
from app.org.sign_ins import doors, second_factor, sessions
from app.org.sign_ins.backoff import Guess
from app.org.sign_ins.models import SecondFactorDemand

ADMIN = "Admin"
PASSWORD_RIGHTS = frozenset(
    {("can_this_form_get", "ResetMyPasswordView"), ("can_this_form_post", "ResetMyPasswordView")}
)
"""All that somebody may do before a first or renewed password is changed."""
NOBODY = "-"
"""No user name: it is too short."""
PASSWORD_CLAIM = "kbl_pw"  # noqa: S105 - the name of a claim


class SecurityManager(FabSecurityManager):
    """FAB's manager with our user, our schema discipline and one right look-up a request."""

    user_model = Employee
    userdbmodelview = account.UserDBModelView
    userldapmodelview = account.UserLDAPModelView
    useroauthmodelview = account.UserOAuthModelView
    userremoteusermodelview = account.UserRemoteUserModelView
    authdbview = doors.AuthDBView
    authldapview = doors.AuthLDAPView
    authoauthview = doors.AuthOAuthView
    authremoteuserview = doors.AuthRemoteUserView
    security_api = doors.SecurityApi
    resetmypasswordview = account.ResetMyPasswordView
    userstatschartview = None  # its charts are drawn by a foreign server

    def register_views(self) -> None:
        super().register_views()
        security = self.appbuilder.menu.find("Security")
        if security is not None:  # employees have a screen of their own
            security.childs = [entry for entry in security.childs if entry.name != "List Users"]

    def reset_password(self, userid: int | str, password: str) -> None:
        """Store a new password: for oneself for good, for somebody else until the next sign-in."""
        with acting_as(current() or Actor.system("command line")):
            change_password(db.session.get_one(Employee, int(userid)), password)
            db.session.commit()

    def auth_user_db(self, username: str, password: str) -> Any:
        """FAB's check, slowed down for who guesses; it fails for who has no password. Raises TooMany."""
        known = self.find_user(username=username) or self.find_user(email=username)
        name = NOBODY if known is not None and not known.password else username
        check = super().auth_user_db
        return _guessed(username, lambda: check(name, password))

    def auth_user_ldap(self, username: str, password: str) -> Any:
        """The directory's check, slowed down for who guesses. Raises TooMany."""
        check = super().auth_user_ldap
        return _guessed(username, lambda: check(username, password))

    def bind_ldap(self, username: str, password: str) -> Any:
        """The directory's check alone, for a password that is entered again."""
        return super().auth_user_ldap(username, password)

    def validate_api_key(self, api_key_string: str) -> Any:
        """The employee of a living API key that is used from an allowed address; None for any other."""
        with acting_as(Actor.system("sign-in")):
            user = api_keys.user_of(api_key_string, request.remote_addr or "")
        if user is not None:
            g.user, g._api_key_user = user, True
        return user

    def create_jwt_manager(self, app: Any) -> Any:
        """Bearer tokens carry a mark of the password, and end with it."""
        manager = super().create_jwt_manager(app)
        manager.additional_claims_loader(_claims_of)
        return manager

    def load_user_jwt(self, jwt_header: Any, jwt_data: dict[str, Any]) -> Any:
        """The user of a bearer token that was made for the present password."""
        user = db.session.get(Employee, int(jwt_data["sub"]))
        if user is None or not user.is_active or jwt_data.get(PASSWORD_CLAIM) != _mark_of(user):
            return None
        g.user = user
        return user

    def _create_db(self) -> None:
        """The schema comes from migrations; the built-in roles from `ensure_roles`."""

    def ensure_roles(self) -> None:
        """Make FAB's built-in roles; safe to repeat."""
        for name in (ADMIN, self.auth_role_public):
            if self.find_role(name) is None:
                self.add_role(name)

    def load_user(self, pk: Any) -> Any:
        """The user of a session that was not closed; asking who asks would load the user again."""
        with acting_as(Actor.system("sign-in")):
            user = super().load_user(pk)
            return user if user is not None and sessions.is_open(user.id) else None

    def noop_user_update(self, user: Any) -> None:
        """FAB's write that changes nothing, so that an unknown name takes as long as a wrong password."""
        with recorded_by_caller("sets a counter to the value that it has"):
            super().noop_user_update(user)

    def update_user_auth_stat(self, user: Any, success: bool = True) -> None:
        """FAB's count of a sign-in; a failed one by the statement that an unknown name costs, to take as long."""
        if success:
            super().update_user_auth_stat(user, success)
            return
        with recorded_by_caller("counts a failed try, which is no change of the person"):
            counted = update(Employee).where(Employee.id == user.id)
            db.session.execute(counted.values(fail_login_count=func.coalesce(Employee.fail_login_count, 0) + 1))
        db.session.commit()

    def has_access(self, permission_name: str, view_name: str) -> bool:
        actor = request_actor()
        return actor.kind is not ActorKind.ANONYMOUS and actor.can(permission_name, view_name)

    def is_item_public(self, permission_name: str, view_name: str) -> bool:
        """Nothing is public by a role; public pages are routes of their own."""
        return False

    def get_user_menu_access(self, menu_names: list[str] | None = None) -> set[str]:
        actor = request_actor()
        if actor.is_unrestricted:
            return set(menu_names or ())
        return {name for action, name in actor.rights if action == "menu_access"}


def _guessed(username: str, check: Callable[[], Any]) -> Any:
    guess = Guess(username or "")
    user = check()
    if user is not None:
        guess.was_right()
    return user


def _claims_of(identity: str) -> dict[str, str]:
    with acting_as(Actor.system("sign-in")):
        user = db.session.get(Employee, int(identity))
    return {PASSWORD_CLAIM: _mark_of(user)} if user is not None else {}


def _mark_of(user: Employee) -> str:
    return vault.digest(user.password or "", purpose="bearer token")[:16]


def request_actor() -> Actor:
    """The actor of the request; anonymous when nobody is signed in."""
    return current() or ANONYMOUS


def resolve_actor() -> Actor:
    """Find who sends this request: a bearer token's user, else the session's."""
    user = _request_user()
    if user is None or not user.is_active:
        return ANONYMOUS
    return actor_of(user)


def _request_user() -> Any:
    if getattr(g, "_api_key_user", False):
        return g.user
    if request.headers.get("Authorization", "").lower().startswith("bearer "):
        try:
            return jwt_user._get_current_object() if jwt_user else None
        except RuntimeError:  # no token has been verified in this request
            return None
    return current_user._get_current_object() if current_user and current_user.is_authenticated else None


def actor_of(user: Employee) -> Actor:
    """The actor an employee is now: rights of roles and groups, departments with their sub-trees."""
    if user.must_change_password:
        return Actor(ActorKind.USER, str(user), user_id=user.id, rights=PASSWORD_RIGHTS)
    roles, is_demanded = roles_of(user.id)
    if is_demanded and not second_factor.is_on(user.id):
        return Actor(ActorKind.USER, str(user), user_id=user.id, needs_second_factor=True)
    return full_actor(user, roles)


def full_actor(user: Employee, roles: dict[int, str]) -> Actor:
    """The actor an employee is with these roles, once nothing of the sign-in is missing."""
    if ADMIN in roles.values():
        home = user.home_department_id
        return Actor(ActorKind.USER, str(user), user_id=user.id, is_admin=True, home_department_id=home)
    by_role = rights_by_role(roles.keys())
    rights = frozenset(right for rights in by_role.values() for right in rights)
    return Actor(
        kind=ActorKind.USER,
        name=str(user),
        user_id=user.id,
        rights=rights,
        department_ids=frozenset(_departments(user)),
        home_department_id=user.home_department_id,
        customer_id=user.customer_id,
        team_ids=frozenset(team_of(user.id)) if any(action == "can_see_team" for action, _s in rights) else frozenset(),
        field_limits=field_limits(by_role),
        levels=levels.standing_of(user.id, roles.keys()),
    )


def load_actor(user_id: int) -> Actor | None:
    """The actor of a user by id, with the rights of now; None for one who may not sign in any more."""
    user = db.session.get(Employee, user_id)
    return actor_of(user) if user is not None and user.is_active else None


def roles_of(user_id: int) -> tuple[dict[int, str], bool]:
    """The roles of a user by id, own and of groups, and whether one demands a second factor."""
    direct = select(assoc_user_role.c.role_id).where(assoc_user_role.c.user_id == user_id)
    by_group = (
        select(assoc_group_role.c.role_id)
        .join(assoc_user_group, assoc_user_group.c.group_id == assoc_group_role.c.group_id)
        .where(assoc_user_group.c.user_id == user_id)
    )
    rows = db.session.execute(
        select(Role.id, Role.name, SecondFactorDemand.id.label("demand"))
        .outerjoin(SecondFactorDemand, SecondFactorDemand.role_id == Role.id)
        .where(Role.id.in_(union(direct, by_group)))
    ).all()
    return {row.id: row.name for row in rows}, any(row.demand is not None for row in rows)


def rights_by_role(role_ids: Iterable[int]) -> dict[int, set[tuple[str, str]]]:
    """The (action, subject) pairs of each role, in one query."""
    ids = list(role_ids)
    held: dict[int, set[tuple[str, str]]] = {role_id: set() for role_id in ids}
    rows = db.session.execute(
        select(assoc_permissionview_role.c.role_id, Permission.name, ViewMenu.name)
        .select_from(PermissionView)
        .join(Permission, PermissionView.permission_id == Permission.id)
        .join(ViewMenu, PermissionView.view_menu_id == ViewMenu.id)
        .join(assoc_permissionview_role, assoc_permissionview_role.c.permission_view_id == PermissionView.id)
        .where(assoc_permissionview_role.c.role_id.in_(ids))
    )
    for role_id, action, subject in rows:
        held[role_id].add((action, subject))
    return held


def field_limits(by_role: dict[int, set[tuple[str, str]]]) -> frozenset[FieldLimit]:
    """What roles leave of fields, in one query; of several roles that open a module the most generous holds."""
    rows = db.session.scalars(select(FieldRight).where(FieldRight.role_id.in_(list(by_role)))).all()
    opening: dict[str, set[int]] = {}
    told: dict[tuple[str, str], dict[int, FieldLevel]] = {}
    for row in rows:
        if row.subject not in opening:
            opening[row.subject] = {role for role, held in by_role.items() if any(s == row.subject for _a, s in held)}
        told.setdefault((row.model, row.field), {})[row.role_id] = row.level
        told[row.model, row.field] |= {
            role: FieldLevel.FULL for role in opening[row.subject] if role not in told[row.model, row.field]
        }
    subjects = {(row.model, row.field): row.subject for row in rows}
    return frozenset(
        (model, name, level)
        for (model, name), levels in told.items()
        if (level := _most_generous(levels, opening[subjects[model, name]])) is not FieldLevel.FULL
    )


def _most_generous(levels: dict[int, FieldLevel], opening: set[int]) -> FieldLevel:
    """A role that does not open the module has no say, unless none does."""
    counted = [level for role, level in levels.items() if role in opening] or list(levels.values())
    return min(counted, key=list(FieldLevel).index)


def _departments(user: Employee) -> set[int]:
    """The home department and those of the memberships, with everything below them."""
    memberships = select(Membership.department_id).where(Membership.employee_id == user.id)
    is_root = or_(Department.id == user.home_department_id, Department.id.in_(memberships))
    tree = select(Department.id).where(is_root).cte("tree", recursive=True)
    tree = tree.union(select(Department.id).join(tree, Department.parent_id == tree.c.id))
    return set(db.session.scalars(select(tree.c.id)))
