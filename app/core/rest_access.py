"""Bearer authentication for endpoints that ask for their right themselves."""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from http import HTTPStatus
from typing import Any

from flask import current_app
from flask_babel import gettext as _
from flask_jwt_extended import verify_jwt_in_request

from app.core.actor import ActorKind, current
from app.core.web import problem


def bearer_only(work: Callable[..., Any]) -> Callable[..., Any]:
    """Let in whoever sends a valid token or API key; which right is needed the endpoint says.

    FAB's `protect` asks for a right on the class, which does not fit where the right belongs to
    what the request names.
    """

    def wrapped(self: Any, *args: Any, **options: Any) -> Any:
        manager = current_app.extensions["appbuilder"].sm
        key = manager.extract_api_key_from_request()
        if key is None:
            verify_jwt_in_request()
        who = current() if key is None or manager.validate_api_key(key) else None
        if who is None or who.kind is ActorKind.ANONYMOUS:
            return problem(HTTPStatus.UNAUTHORIZED, "unauthorized", _("Send a bearer token."))
        return work(self, *args, **options)

    return update_wrapper(wrapped, work)
