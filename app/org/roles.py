"""The shipped roles and what the features grant them, written once and never taken back.

A grant is given the first time it is seen; an administrator's later removal stays. What was
given is remembered in `org_shipped_grant`.
"""

from __future__ import annotations

from collections.abc import Sequence

from flask import current_app
from flask_appbuilder import Model
from flask_appbuilder.security.sqla.models import Role as RoleRow
from flask_babel import lazy_gettext as _l
from sqlalchemy import String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Identified, db
from app.core.feature import Feature, Role, features_of, grants_by_subject

ROLE_LABELS = {
    Role.MANAGER: _l("Manager"),
    Role.TELEMARKETER: _l("Telemarketer"),
    Role.SALES: _l("Sales expert"),
    Role.REP: _l("Field rep"),
    Role.SUPERVISOR: _l("Field supervisor"),
    Role.DEALER: _l("Dealer"),
    Role.ACCOUNTANT: _l("Accountant"),
    Role.COLLECTOR: _l("Collector"),
    Role.SECRETARY: _l("Secretary"),
}
FAB_LABELS = {"Admin": _l("Administrator")}
# A role's name is a key in the database; people read its title or label.
RoleRow.__str__ = lambda row: row.title or str(ROLE_LABELS.get(row.name, FAB_LABELS.get(row.name, row.name)))
EVERYBODY = (
    ("can_preview", "core.documents"),
    ("can_get", "core.openapi"),
    ("can_get", "MenuApi"),
    ("can_userinfo", "UserDBModelView"),
    ("can_this_form_get", "ResetMyPasswordView"),
    ("can_this_form_post", "ResetMyPasswordView"),
    ("can_this_form_get", "UserInfoEditView"),
    ("can_this_form_post", "UserInfoEditView"),
)


class ShippedGrant(Identified, Model):
    """A grant that was given once by the product itself."""

    __tablename__ = "org_shipped_grant"
    __table_args__ = (UniqueConstraint("role", "action", "subject"),)

    role: Mapped[str] = mapped_column(String(64))
    action: Mapped[str] = mapped_column(String(100))
    subject: Mapped[str] = mapped_column(String(250))


def sync_roles() -> int:
    """Write all permissions, the shipped roles and their new grants; returns how many were new."""
    builder = current_app.extensions["appbuilder"]
    builder.sm.ensure_roles()
    builder.add_permissions(update_perms=True)
    given = {(g.role, g.action, g.subject) for g in db.session.scalars(select(ShippedGrant))}
    wanted = _wanted(features_of(current_app))
    count = 0
    for role_name in Role:
        role = builder.sm.find_role(role_name.value) or builder.sm.add_role(role_name.value)
        for action, subject in sorted(wanted[role_name]):
            if (role_name.value, action, subject) in given:
                continue
            permission = builder.sm.add_permission_view_menu(action, subject)
            if permission not in role.permissions:
                role.permissions.append(permission)
            db.session.add(ShippedGrant(role=role_name.value, action=action, subject=subject))
            count += 1
    db.session.commit()
    return count


def wanted_of(role: Role) -> set[tuple[str, str]]:
    """The (action, subject) pairs that the product gives a shipped role."""
    return _wanted(features_of(current_app))[role]


def _wanted(features: Sequence[Feature]) -> dict[Role, set[tuple[str, str]]]:
    wanted: dict[Role, set[tuple[str, str]]] = {role: set(EVERYBODY) for role in Role}
    for feature in features:
        for subject, grants in grants_by_subject(feature).items():
            for role, actions in grants.items():
                wanted[role] |= {(f"can_{action}", subject) for action in actions}
                if "list" in actions:
                    wanted[role] |= _menu(feature, subject)
    return wanted


def _menu(feature: Feature, subject: str) -> set[tuple[str, str]]:
    """The menu entries of a feature's views of a subject, with their heading."""
    names = {e.name for e in feature.entries if e.label and e.view.class_permission_name == subject}
    if names and feature.category:
        names.add(feature.category)
    return {("menu_access", name) for name in names}
