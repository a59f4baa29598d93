"""What the administrator sees: who is signed in where, and which roles need a second factor."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from flask import flash
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from app.core import formats
from app.core.db import db
from app.core.fab import ModelView, action
from app.org.sign_ins import sessions
from app.org.sign_ins.models import SecondFactorDemand, SignIn

SUBJECT = "org.sign_ins"


class SignInView(ModelView):
    """Browsers that are signed in; each can be ended."""

    model = SignIn
    class_permission_name = SUBJECT
    route_base = "/sign-ins"
    list_title = _l("Sign-ins")
    item_title = _l("Sign-in")
    icon = "window-stack"
    base_permissions: ClassVar[list[str]] = ["can_list", "can_end"]
    list_columns = ("employee", "device", "address", "begun_at", "last_seen_at")
    sort_columns = ("last_seen_at",)
    default_sort = "-last_seen_at"
    filter_columns = ("employee",)
    labels: ClassVar[dict[str, Any]] = {
        "employee": _l("Employee"),
        "device": _l("Browser"),
        "address": _l("Address"),
        "begun_at": _l("Signed in"),
        "last_seen_at": _l("Last seen"),
    }

    formatters_columns: ClassVar[dict[str, Any]] = {"address": lambda value: formats.ltr(value or "")}

    def list_conditions(self) -> Iterable[Any]:
        return (sessions.is_alive(),)

    @action("end", _l("Sign out"), _l("The chosen browsers are signed out at once. Go on?"), "box-arrow-right")
    def end(self, rows: Sequence[SignIn]) -> None:
        for row in rows:
            db.session.delete(row)
        flash(ngettext("One browser is signed out.", "%(num)s browsers are signed out.", len(rows)), "success")


class SecondFactorDemandView(ModelView):
    """Roles whose holders need a second factor."""

    model = SecondFactorDemand
    class_permission_name = "org.second_factor_demands"
    route_base = "/second-factor-roles"
    list_title = _l("Second factor by role")
    item_title = _l("Role with a second factor")
    icon = "shield-lock"
    base_permissions: ClassVar[list[str]] = ["can_list", "can_add", "can_delete"]
    list_columns = ("role",)
    form_columns = ("role",)
    default_sort = "-id"
    labels: ClassVar[dict[str, Any]] = {"role": _l("Role")}
    description_columns: ClassVar[dict[str, Any]] = {
        "role": _l("Whoever has this role sets up a second factor before doing anything else."),
    }
