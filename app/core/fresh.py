"""Sensitive acts ask for the password again, unless it was entered a moment ago.

`require_fresh_password` guards a view function, `guard` the endpoints of views that are not ours.
How it is asked is the sign-in's business: `org.sign_ins` installs it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Flask, request

Asker = Callable[[], Any]
_ask: list[Asker] = []
_guarded: set[str] = set()


def install_asker(ask: Asker) -> None:
    """Say what asks: it returns None when the password is fresh, else the answer to send instead."""
    _ask[:] = [ask]


def require_fresh_password(work: Callable[..., Any]) -> Callable[..., Any]:
    """A view function that runs only after the password was entered; the person comes back to it."""

    @wraps(work)
    def wrapped(*args: Any, **options: Any) -> Any:
        refusal = ask()
        return work(*args, **options) if refusal is None else refusal

    return wrapped


def ask() -> Any:
    """None when the password is fresh; else the page, or the problem JSON, that asks for it."""
    return _ask[0]() if _ask else None


def guard(*endpoints: str) -> None:
    """Guard whole endpoints, e.g. `RoleModelView.edit`; form pages too, so that nothing is typed in vain."""
    _guarded.update(endpoints)


def guarded() -> frozenset[str]:
    """The endpoints that are guarded by name."""
    return frozenset(_guarded)


def install(app: Flask) -> None:
    """Watch the guarded endpoints; after the check of the page's token."""

    @app.before_request
    def check_guarded() -> Any:
        return ask() if request.endpoint in _guarded else None
