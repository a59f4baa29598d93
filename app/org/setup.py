"""The first start: schema, roles, first administrator."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from flask import current_app
from flask_babel import gettext as _
from flask_migrate import upgrade
from sqlalchemy import func, select

from app.core.actor import Actor, acting_as
from app.core.db import db
from app.core.feature import features_of
from app.org.departments.queries import default_department
from app.org.employees.models import Employee
from app.org.roles import sync_roles
from app.org.security import ADMIN
from app.org.sign_ins.passwords import check_new_password

LAYERS = ("org", "office", "crm", "sales", "field", "comms", "finance")


@dataclass(frozen=True, slots=True)
class FirstAdmin:
    """The administrator that was just made; `password` only when it was generated here."""

    username: str
    password: str | None


def prepare(*, admin: str = "admin", password: str | None = None) -> FirstAdmin | None:
    """Bring schema and roles up to date; make the first administrator where there is no user.

    Returns None when users exist already. Raises WeakPassword.
    """
    if password is not None:
        check_new_password(password)
    upgrade()
    with acting_as(Actor.system("init")):
        sync_roles()
        plant_seeds()
        if db.session.scalar(select(func.count()).select_from(Employee)):
            return None
        return _make_admin(admin, password)


def plant_seeds() -> None:
    """Make the rows that an empty start needs, feature by feature; safe to repeat."""
    # Lower layers first: a feature's rows may point to those of the contexts below it.
    for feature in sorted(features_of(current_app), key=lambda f: LAYERS.index(f.name.split(".")[0])):
        if feature.seed is not None:
            feature.seed()
    db.session.commit()


def _make_admin(username: str, password: str | None) -> FirstAdmin:
    generated = None if password else secrets.token_urlsafe(12)
    manager = current_app.extensions["appbuilder"].sm
    user = manager.add_user(
        username=username,
        first_name=_("System"),
        last_name=_("administrator"),
        email=f"{username}@localhost.localdomain",
        role=manager.find_role(ADMIN),
        password=password or generated,
    )
    user.must_change_password = generated is not None
    root = default_department()
    user.home_department_id = root.id if root else None
    db.session.commit()
    return FirstAdmin(username, generated)
