"""How often one caller may ask: sign-in, passwords, the programming interface, uploads, public pages.

FAB limits only its own sign-in page. The counters lie where Flask-Limiter keeps its own: in the
memory of the one web process, or in Redis.
"""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, current_app, request, session
from flask_babel import lazy_gettext as _l
from limits import RateLimitItem, parse
from limits.storage import storage_from_string
from limits.strategies import FixedWindowRateLimiter

from app.core.db import SAFE_METHODS
from app.core.errors import DomainError

STORE = "kartabl_rate_limits"
SIGN_IN_PATHS = frozenset({"/login/", "/api/v1/security/login", "/api/v1/security/refresh"})
MISSED = "missed"
"""The limit of addresses that hold nothing: far below that of public pages, whose tokens somebody was given."""
LARGE_BODY = 100_000
"""Bytes of a request that carries files; no form that people type is as long."""
_public: set[str] = set()
_passwords: set[str] = set()


class TooMany(DomainError):
    """The caller asks more often than one person or program does."""

    code = "too_many_requests"
    status = HTTPStatus.TOO_MANY_REQUESTS
    default_message = _l("Too many tries. Wait a moment.")


@dataclass(frozen=True, slots=True)
class Ask:
    """One request against a limit: which limit, and who is counted."""

    name: str
    caller: str


def public(*endpoints: str) -> None:
    """Endpoints that people outside open without signing in."""
    _public.update(endpoints)


def passwords(*endpoints: str) -> None:
    """Endpoints that check a password or a code."""
    _passwords.update(endpoints)


def install(app: Flask) -> None:
    """Count before anything else is done; before the check of the page's token."""
    storage = storage_from_string(app.config.get("RATELIMIT_STORAGE_URI") or "memory://")
    app.extensions[STORE] = FixedWindowRateLimiter(storage)
    app.before_request(check)
    app.after_request(count_miss)


def check() -> None:
    """Count this request. Raises TooMany with the seconds to wait in `retry_after`."""
    if not current_app.config["RATELIMIT_ENABLED"]:
        return
    limiter = _limiter()
    for ask in _asks():
        item = _limit(ask.name)
        # A miss is counted when the answer is known; before it stands only whether there were too many.
        passes = limiter.test if ask.name == MISSED else limiter.hit
        if not passes(item, ask.name, ask.caller):
            reset = limiter.get_window_stats(item, ask.name, ask.caller).reset_time
            raise TooMany(retry_after=max(1, int(reset - time.time()) + 1))


def count_miss(response: Response) -> Response:
    """Count a public address that holds nothing: a link that was mistyped, or a guess."""
    missed = response.status_code == HTTPStatus.NOT_FOUND and request.endpoint in _public
    if missed and current_app.config["RATELIMIT_ENABLED"]:
        _limiter().hit(_limit(MISSED), MISSED, request.remote_addr or "")
    return response


def _limiter() -> FixedWindowRateLimiter:
    found: FixedWindowRateLimiter = current_app.extensions[STORE]
    return found


def _limit(name: str) -> RateLimitItem:
    return parse(current_app.config["RATE_LIMITS"][name])


def _asks() -> list[Ask]:
    address, endpoint = request.remote_addr or "", request.endpoint or ""
    is_write = request.method not in SAFE_METHODS
    found = []
    if request.path in SIGN_IN_PATHS and is_write:
        found.append(Ask("sign_in", address))
    elif request.path.startswith("/api/"):
        found.append(Ask("api", _program() or address))
    if endpoint in _public:
        found += [Ask("public", address), Ask(MISSED, address)]
    if endpoint in _passwords and is_write:
        found.append(Ask("password", address))
    if is_write and (request.content_length or 0) > LARGE_BODY:
        found.append(Ask("upload", _browser() or _program() or address))
    return found


def _program() -> str:
    """Who sends a bearer token, without keeping it."""
    token = request.headers.get("Authorization", "")
    return hashlib.sha256(token.encode()).hexdigest()[:32] if token else ""


def _browser() -> str:
    """Which browser asks, by its signed cookie; many people may share one address."""
    cookie = request.cookies.get(current_app.config["SESSION_COOKIE_NAME"], "") if session.get("_user_id") else ""
    return hashlib.sha256(str(session.get("sign_in", cookie)).encode()).hexdigest()[:32] if cookie else ""


def wait_of(error: Any) -> int | None:
    """The seconds that a refusal asks the caller to wait."""
    seconds = getattr(error, "subject", {}).get("retry_after")
    return int(seconds) if seconds else None
