"""FAB's ways in, with what they lack: sign-out by POST alone, and a page for who has to wait.

All kinds of AUTH_TYPE keep FAB's own code. The second factor comes after any of them, by the row of
the sign-in; the backoff sits in the security manager.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode, urlsplit

from flask import flash, g, has_request_context, make_response, redirect, render_template, request
from flask_appbuilder import expose
from flask_appbuilder.security.api import SecurityApi as FabSecurityApi
from flask_appbuilder.security.decorators import no_cache
from flask_appbuilder.security.forms import LoginForm_db
from flask_appbuilder.security.views import AuthDBView as FabAuthDBView
from flask_appbuilder.security.views import AuthLDAPView as FabAuthLDAPView
from flask_appbuilder.security.views import AuthOAuthView as FabAuthOAuthView
from flask_appbuilder.security.views import AuthRemoteUserView as FabAuthRemoteUserView
from flask_babel import gettext as _
from flask_jwt_extended import create_access_token, create_refresh_token

from app.core.actor import current
from app.core.errors import DomainError, FieldError
from app.core.home import landing_of
from app.core.rate_limits import TooMany, wait_of
from app.core.web import problem
from app.org.sign_ins import second_factor
from app.org.sign_ins.backoff import Guess


class SignOutByPost:
    """Sign-out changes something, so a picture or a link elsewhere must not do it."""

    appbuilder: Any

    @expose("/logout/", methods=["GET", "POST"])
    def logout(self) -> Any:
        """A GET asks; a POST signs out."""
        if request.method == "POST":
            own = landing_of(current())
            answer = super().logout()  # type: ignore[misc]
            return redirect(f"{self.appbuilder.get_url_for_login}?{urlencode({'next': own.url})}") if own else answer
        if g.user is None or not g.user.is_authenticated:
            return redirect(self.appbuilder.get_url_for_login)
        return render_template("sign_ins/sign_out.html", title=_("Sign out"))


_faces: dict[str, str] = {}


def register_face(prefix: str, template: str) -> None:
    """Let the sign-in page look like a part of the site for who is on the way there; safe to repeat.

    `prefix` is the beginning of the paths of that part.
    """
    _faces[prefix] = template


def _face_of(target: str) -> str:
    """The sign-in page for who is on the way to an address."""
    path = urlsplit(target).path
    found = (template for prefix, template in _faces.items() if path.startswith(prefix))
    return next(found, "appbuilder/general/security/login_db.html")


class WaitingForm:
    """The form of name and password; says how long to wait after too many tries."""

    title: Any
    appbuilder: Any

    @property
    def login_template(self) -> str:
        """The page that fits where one is going."""
        return _face_of(request.args.get("next", "") if has_request_context() else "")

    @expose("/login/", methods=["GET", "POST"])
    @no_cache
    def login(self) -> Any:
        try:
            return super().login()  # type: ignore[misc]
        except TooMany as error:
            flash(str(error), "danger")
            page = self.render_template(  # type: ignore[attr-defined]
                self.login_template, title=self.title, form=LoginForm_db(), appbuilder=self.appbuilder
            )
            answer = make_response(page, HTTPStatus.TOO_MANY_REQUESTS)
            answer.headers["Retry-After"] = str(wait_of(error) or 1)
            return answer


class AuthDBView(WaitingForm, SignOutByPost, FabAuthDBView):
    """Name and password of our own table."""


class AuthLDAPView(WaitingForm, SignOutByPost, FabAuthLDAPView):
    """Name and password of a directory."""


class AuthOAuthView(SignOutByPost, FabAuthOAuthView):
    """Somebody else's sign-in page; FAB's own list of them needs an inline script, which our pages forbid."""

    login_template = "sign_ins/providers.html"


class AuthRemoteUserView(SignOutByPost, FabAuthRemoteUserView):
    """The web server in front has signed in."""


class SecurityApi(FabSecurityApi):
    """Where a program gets its bearer token; asks for the second factor of whoever has one."""

    @expose("/login", methods=["POST"])
    def login(self) -> Any:
        """A bearer token for a name and a password.

        ---
        post:
          description: Sign in and get an access token, and a refresh token where one is asked for
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  required: [username, password]
                  properties:
                    username: {type: string}
                    password: {type: string}
                    provider: {type: string, enum: [db, ldap], default: db}
                    refresh: {type: boolean, default: false}
                    code: {type: string, description: the second factor of a person who has one}
          responses:
            200:
              description: Signed in
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      access_token: {type: string}
                      refresh_token: {type: string}
            400: {$ref: '#/components/responses/400'}
            401: {$ref: '#/components/responses/401'}
            422: {$ref: '#/components/responses/422'}
          security: []
        """
        body = request.get_json(silent=True)
        if not isinstance(body, dict):
            return problem(HTTPStatus.BAD_REQUEST, "bad_json", _("Send a JSON object."))
        values, errors = _texts(body)
        if errors:
            return problem(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid", _("Some values are not valid."), errors)
        try:
            return self._tokens(values, wants_refresh=body.get("refresh") is True)
        except TooMany as error:
            answer = problem(error.status, error.code, error)
            answer.headers["Retry-After"] = str(wait_of(error) or 1)
            return answer
        except DomainError as error:
            return problem(error.status, error.code, error)

    def _tokens(self, values: dict[str, str], *, wants_refresh: bool) -> Any:
        manager = self.appbuilder.sm
        check = manager.auth_user_ldap if values["provider"] == "ldap" else manager.auth_user_db
        user = check(values["username"], values["password"])
        if user is None:
            return problem(HTTPStatus.UNAUTHORIZED, "unauthorized", _("Name or password is not right."))
        if second_factor.is_on(user.id):
            if not values["code"]:
                message = _("Send the second factor of this person as “code”.")
                return problem(HTTPStatus.UNAUTHORIZED, "second_factor", message)
            guess = Guess(str(user.id), kind="code")
            if not second_factor.accepts(user.id, values["code"]):
                return problem(HTTPStatus.UNAUTHORIZED, "wrong_code", second_factor.WrongCode.default_message)
            guess.was_right()
        tokens = {"access_token": create_access_token(identity=str(user.id), fresh=True)}
        if wants_refresh:
            tokens["refresh_token"] = create_refresh_token(identity=str(user.id))
        return self.response(HTTPStatus.OK, **tokens)


def _texts(body: dict[str, Any]) -> tuple[dict[str, str], tuple[FieldError, ...]]:
    values = {"provider": "db", "code": ""} | {
        name: body[name] for name in ("username", "password", "provider", "code") if name in body
    }
    errors = [
        FieldError(name, "required", _("This field is needed."))
        for name in ("username", "password")
        if not isinstance(values.get(name), str) or not values[name]
    ]
    if values["provider"] not in ("db", "ldap"):
        errors.append(FieldError("provider", "unknown", _("This choice does not exist.")))
    if not isinstance(values["code"], str):
        errors.append(FieldError("code", "malformed", _("This is not a text.")))
    return values, tuple(errors)
