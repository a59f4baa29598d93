"""Browsers: what a person recognises one by, and the mark that tells a known one from a stranger's."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Response, current_app, g, request
from itsdangerous import BadData, URLSafeTimedSerializer

from app.core import vault

BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)
COOKIE = "kartabl_device"
KNOWN_FOR = 180 * 24 * 3600
NAMES_OF_ONE = 12
"""Names that one browser is known for: a few people at a shared desk, each with two."""


def device_name(user_agent: str) -> str:
    """`Firefox · Windows`, or the beginning of what the browser says of itself."""
    browser = next((name for mark, name in BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in SYSTEMS if mark in user_agent), "")
    return " · ".join(part for part in (browser, system) if part) or user_agent[:80]


def known_device(name: str) -> str | None:
    """The mark of this browser when somebody of this name signed in by it before."""
    nonce, names = _read()
    return nonce if nonce and _mark(name) in names else None


def remember_device(employee: Any) -> None:
    """Mark this browser as known to a person, by a cookie on the answer to this request."""
    nonce, names = _read()
    mine = [_mark(employee.username), _mark(employee.email or employee.username)]
    kept = [*(name for name in names if name not in mine), *mine][-NAMES_OF_ONE:]
    g.kartabl_device = _signer().dumps([nonce or secrets.token_urlsafe(12), kept])


def send_mark(response: Response) -> Response:
    """Put the mark of a browser that just became known on the answer."""
    made = g.pop("kartabl_device", None)
    if made is not None:
        response.set_cookie(
            COOKIE,
            made,
            max_age=KNOWN_FOR,
            path="/",
            httponly=True,
            samesite="Lax",
            secure=bool(current_app.config["SESSION_COOKIE_SECURE"]),
        )
    return response


def _read() -> tuple[str, list[str]]:
    try:
        nonce, names = _signer().loads(request.cookies.get(COOKIE, ""), max_age=KNOWN_FOR)
    except (BadData, ValueError, TypeError):
        return "", []
    return str(nonce), [str(name) for name in names]


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(str(current_app.config["SECRET_KEY"]), salt="kartabl known device")


def _mark(name: str) -> str:
    return vault.digest(name.strip().lower(), purpose="known device")[:16]
