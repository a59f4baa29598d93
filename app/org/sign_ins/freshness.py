"""The password once more before a sensitive act; afterwards the act goes on where it stopped.

A form that was sent is held on the page that asks, and sent on by the browser itself (307) once the
password was right: nothing typed is lost, and no script is needed.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from flask import current_app, flash, redirect, render_template, request, url_for
from flask_appbuilder.const import AUTH_DB, AUTH_LDAP
from flask_babel import gettext as _
from flask_login import current_user

from app.core import clock, web
from app.core.db import SAFE_METHODS, db
from app.core.rate_limits import TooMany
from app.org.sign_ins import passwords, second_factor, sessions
from app.org.sign_ins.backoff import Guess

FIELD = "confirm_password"
LEFT_OUT = frozenset({FIELD, "csrf_token", "is_form"})
MOST_FIELDS, MOST_CHARACTERS = 500, 200_000


def ask() -> Any:
    """None when the password was entered a moment ago; else what asks for it."""
    if web.is_api() or not current_user or not current_user.is_authenticated or is_fresh():
        return None  # a program has no password to enter; who is not signed in is refused by the view
    back = request.full_path.rstrip("?")
    if web.wants_json():
        message = _("Enter your password again to go on.")
        answer = web.problem(HTTPStatus.FORBIDDEN, "password_needed", message)
        answer.headers["Location"] = url_for("AccountView.confirm")
        return answer
    if request.method in SAFE_METHODS:
        return redirect(url_for("AccountView.confirm", next=back))
    held = _held()
    if request.files or len(held) > MOST_FIELDS or sum(len(value) for _name, value in held) > MOST_CHARACTERS:
        flash(_("Enter your password again to go on."), "warning")
        return redirect(url_for("AccountView.confirm", next=_came_from()))
    return confirm_page(back, is_form=True)


def is_fresh() -> bool:
    """Whether the password was entered in this browser a moment ago."""
    row = sessions.present()
    if row is None or row.fresh_at is None:
        return False
    return bool(clock.now() - row.fresh_at < current_app.config["FRESH_PASSWORD_FOR"])


def confirm_page(back: str, *, is_form: bool, refusal: Any = "", status: int = HTTPStatus.UNPROCESSABLE_ENTITY) -> Any:
    """The page that asks; with `is_form` it holds the fields of the form that waits."""
    page = render_template(
        "sign_ins/confirm.html", title=_("Enter your password again"), next=back, held=_held(), is_form=is_form,
        refusal=refusal,
        asks_password=asks_password(), asks_code=not asks_password() and second_factor.is_on(current_user.id),
    )  # fmt: skip
    return (page, status) if refusal else page


def confirm(back: str) -> Any:
    """Check what was entered and go on."""
    is_form = request.form.get("is_form") == "1"
    try:
        guess = Guess(current_user.username)
    except TooMany as error:
        return confirm_page(back, is_form=is_form, refusal=error, status=error.status)
    if not _is_right(request.form.get(FIELD, "")):
        return confirm_page(back, is_form=is_form, refusal=_("This is not right. Try again."))
    guess.was_right()
    row = sessions.present()
    if row is not None:
        row.fresh_at = clock.now()
    db.session.commit()
    return redirect(back, HTTPStatus.TEMPORARY_REDIRECT if is_form else HTTPStatus.SEE_OTHER)


def _held() -> list[tuple[str, str]]:
    return [(name, value) for name, value in request.form.items(multi=True) if name not in LEFT_OUT]


def asks_password() -> bool:
    """Whether this installation knows passwords; with OAuth and the like they are somebody else's."""
    return current_app.config["AUTH_TYPE"] in {AUTH_DB, AUTH_LDAP}


def _is_right(entered: str) -> bool:
    if current_app.config["AUTH_TYPE"] == AUTH_DB:
        return passwords.is_password_of(current_user, entered)
    if current_app.config["AUTH_TYPE"] == AUTH_LDAP:
        found = current_app.extensions["appbuilder"].sm.bind_ldap(current_user.username, entered)
        return found is not None and found.id == current_user.id
    return second_factor.accepts(current_user.id, entered)


def _came_from() -> str:
    referrer = urlsplit(request.referrer or "")
    is_ours = referrer.netloc == request.host and referrer.path.startswith("/")
    return referrer.path + (f"?{referrer.query}" if referrer.query else "") if is_ours else "/"


def own_address(target: str | None) -> str:
    """A path of this application to go to; home for anything else."""
    text = (target or "").replace("\\", "/")
    parts = urlsplit(text)
    if not text.startswith("/") or text.startswith("//") or parts.scheme or parts.netloc:
        return "/"
    return text
