"""A person's own account: the password screen, and what is left of FAB's user screens.

Employees are managed in `org.employees`, where the rules are; FAB's own list of users would be a
road around them, for administrators too.
"""

from __future__ import annotations

from typing import Any

from flask import Flask, flash, redirect, request, url_for
from flask_appbuilder import expose
from flask_appbuilder.fieldwidgets import BS3PasswordFieldWidget
from flask_appbuilder.security.decorators import has_access
from flask_appbuilder.security.forms import ResetPasswordForm
from flask_appbuilder.security.views import ResetMyPasswordView as FabResetMyPasswordView
from flask_appbuilder.security.views import UserDBModelView as FabUserDBModelView
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from wtforms import PasswordField, ValidationError
from wtforms.validators import DataRequired

from app.core import web
from app.org.sign_ins import passwords
from app.org.sign_ins.backoff import Guess

OPEN_WHILE_CHANGING = frozenset(
    {"static", "appbuilder.static", "AuthDBView.logout", "AuthDBView.login", "CodeView.page"}
)
OPEN_VIEWS = ("ResetMyPasswordView.", "LocaleView.")


class OwnPasswordForm(ResetPasswordForm):
    """The present password, so that an open screen is not enough, and a new one twice."""

    current_password = PasswordField(
        _l("Present password"), validators=[DataRequired()], widget=BS3PasswordFieldWidget()
    )

    def validate_current_password(self, field: Any) -> None:
        guess = Guess(current_user.username)
        if not passwords.is_password_of(current_user, field.data or ""):
            raise ValidationError(_("This is not your present password."))
        guess.was_right()

    def validate_password(self, field: Any) -> None:
        if passwords.is_password_of(current_user, field.data or ""):
            raise ValidationError(_("Choose a password other than the present one."))


class ResetMyPasswordView(FabResetMyPasswordView):
    """Change one's own password."""

    class_permission_name = "ResetMyPasswordView"
    form = OwnPasswordForm
    form_title = _l("Change password")
    form_columns = ["current_password", "password", "conf_password"]
    message = _l("Your password is changed; other browsers are signed out.")
    description_columns = {"password": passwords.RULES}

    def form_post(self, form: Any) -> Any:
        super().form_post(form)
        return redirect(self.appbuilder.get_url_for_index)


class UserDBModelView(FabUserDBModelView):
    """FAB's address of one's own data; the account page stands there now."""

    class_permission_name = "UserDBModelView"
    base_permissions = ["can_userinfo"]
    include_route_methods = {"userinfo"}
    default_view = "userinfo"

    @expose("/userinfo/")
    @has_access
    def userinfo(self) -> Any:
        return redirect(url_for("AccountView.page"))


class UserLDAPModelView(UserDBModelView):
    """The same where a directory knows the passwords."""


class UserOAuthModelView(UserDBModelView):
    """The same where somebody else signs people in."""


class UserRemoteUserModelView(UserDBModelView):
    """The same where the web server signs people in."""


def ask_for_new_password() -> Any:
    """Before every request: a first or renewed password is changed before anything else.

    The rights are withheld by the security manager; this only leads to the right screen.
    """
    if not current_user.is_authenticated or not getattr(current_user, "must_change_password", False):
        return None
    endpoint = request.endpoint or ""
    if endpoint in OPEN_WHILE_CHANGING or endpoint.startswith(OPEN_VIEWS):
        return None
    if web.wants_json():
        return web.problem(403, "change_password", _("Change your password first."))
    flash(_("Change your password first."), "warning")
    return redirect(url_for("ResetMyPasswordView.this_form_get"))


def install(app: Flask) -> None:
    """Watch for passwords that must be changed; at every start."""
    app.before_request(ask_for_new_password)
