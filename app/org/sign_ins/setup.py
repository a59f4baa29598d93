"""What the sign-in puts on the application at every start."""

from __future__ import annotations

from typing import Any

from flask import Flask, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from app.core import fresh, rate_limits, web
from app.core.actor import Actor, current
from app.org.sign_ins import freshness, sessions
from app.org.sign_ins.devices import send_mark
from app.org.sign_ins.passwords import check_for_forms

BEFORE_CODE = frozenset({"static", "appbuilder.static", "CodeView.page", "LocaleView.index", "InvitationView.page"})
WHILE_SETTING_UP = ("AccountView.", "SecondFactorView.", "HelpView.", "LocaleView.", "ResetMyPasswordView.")
FAB_RIGHTS = (
    "RoleModelView",
    "UserGroupModelView",
    "PermissionViewModelView",
    "PermissionModelView",
    "ViewMenuModelView",
)
"""FAB's own screens of rights; ours use `require_fresh_password`."""


def install(app: Flask) -> None:
    """Sessions, the question for the password, rate limits of our pages, the way through the second factor."""
    app.config.setdefault("FAB_PASSWORD_COMPLEXITY_VALIDATOR", check_for_forms)
    sessions.install(app)
    fresh.install_asker(freshness.ask)
    fresh.guard(*(f"{view}.{act}" for view in FAB_RIGHTS for act in ("add", "edit", "delete", "action", "action_post")))
    fresh.guard("ResetPasswordView.this_form_get", "ResetPasswordView.this_form_post")
    fresh.guard(
        "SecondFactorDemandView.add", "SecondFactorDemandView.delete", "SignInView.action", "SignInView.action_post"
    )
    rate_limits.public("InvitationView.page")
    rate_limits.passwords(
        "AccountView.confirm", "CodeView.page", "InvitationView.page", "SecondFactorView.turn_on",
        "ResetMyPasswordView.this_form_post",
    )  # fmt: skip
    app.before_request(lead_to_code)
    app.before_request(lead_to_set_up)
    app.after_request(send_mark)


def lead_to_code() -> Any:
    """Whoever gave the password and not yet the code is asked for it, wherever they go."""
    endpoint = request.endpoint or ""
    if endpoint in BEFORE_CODE or endpoint.endswith((".login", ".logout")) or web.is_api():
        return None
    if sessions.waiting() is None:
        return None
    if web.wants_json():
        return web.problem(401, "second_factor", _("Enter your second factor first."))
    return redirect(url_for("CodeView.page", next=request.full_path.rstrip("?")))


def lead_to_set_up() -> Any:
    """Whoever needs a second factor and has none sets it up; the rights are withheld until then."""
    who: Actor | None = current()
    if who is None or not who.needs_second_factor or not (current_user and current_user.is_authenticated):
        return None
    endpoint = request.endpoint or ""
    if endpoint in BEFORE_CODE or endpoint.endswith(".logout") or endpoint.startswith(WHILE_SETTING_UP):
        return None
    message = _("Your role demands a second factor. Set it up first; it takes two minutes.")
    if web.wants_json():
        return web.problem(403, "second_factor_demanded", message)
    flash(message, "warning")
    return redirect(url_for("SecondFactorView.page"))
