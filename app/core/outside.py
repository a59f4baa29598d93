"""Files for people outside: a signed link that works for some days, without signing in.

A layer above registers a kind of file; the link carries kind, record and the day it ends, signed
with the installation's key, so that nothing of it can be changed. Whoever holds it may open it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, current_app, url_for
from flask_appbuilder import BaseView, expose
from flask_babel import lazy_gettext as _l
from itsdangerous import BadData, URLSafeSerializer

from app.core import clock, rate_limits
from app.core.actor import Actor, acting_as
from app.core.errors import DomainError, NotFound

LONGEST = timedelta(days=90)
Opener = Callable[[int], Response]
_openers: dict[str, Opener] = {}


class LinkGone(DomainError):
    """The link is not ours, or its days are over."""

    code = "link_gone"
    status = HTTPStatus.GONE
    default_message = _l("This link is not valid any more. Ask whoever sent it for a new one.")


def register(kind: str, opener: Opener) -> None:
    """Say how a file of a kind is made from its record's number; it runs as a named system actor."""
    _openers[kind] = opener


def make_link(kind: str, record_id: int, *, lasting: timedelta) -> str:
    """The full address of a file; the caller has checked that the actor may give it away."""
    if kind not in _openers or not timedelta() < lasting <= LONGEST:
        raise ValueError(f"no link of kind {kind!r} for {lasting}")
    until = int((clock.now() + lasting).timestamp())
    return url_for("OutsideView.file", token=_signer().dumps([kind, record_id, until]), _external=True)


def open_link(token: str) -> Response:
    """The file of a link, as a download. Raises LinkGone."""
    try:
        kind, record_id, until = _signer().loads(token)
    except (BadData, ValueError, TypeError) as error:
        raise LinkGone from error
    if until < clock.now().timestamp() or kind not in _openers:
        raise LinkGone
    try:
        with acting_as(Actor.system("outside link")):
            response = _openers[kind](int(record_id))
    except NotFound as error:
        raise LinkGone from error
    disposition = response.headers.get("Content-Disposition", "attachment").replace("inline", "attachment", 1)
    response.headers["Content-Disposition"] = disposition
    response.headers["Cache-Control"] = "no-store, private"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


class OutsideView(BaseView):
    """`/outside/<token>`: open to whoever holds the link."""

    route_base = "/outside"
    class_permission_name = "core.outside"
    base_permissions: list[str] = []
    default_view = "file"

    @expose("/<token>", methods=("GET",))
    def file(self, token: str) -> Any:
        return open_link(token)


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.config["SECRET_KEY"]), salt="kartabl outside link")


def install(_app: Flask, builder: Any) -> None:
    """Add the public route."""
    builder.add_view_no_menu(OutsideView)
    rate_limits.public("OutsideView.file")
