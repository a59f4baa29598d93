"""Pages for people outside who hold an unguessable address: no session, no cookie, no place in a search engine.

Whoever knows the address may do what the page offers, and nobody else can write it into a form
elsewhere; so it needs no page token, which would need a cookie. A form sent from another site is
refused by its origin all the same.
"""

from __future__ import annotations

from flask import Response, request
from flask_babel import lazy_gettext as _l

from app.core import rate_limits
from app.core.errors import DomainError

HEADERS = {
    "Cache-Control": "no-store, private",
    "X-Robots-Tag": "noindex, nofollow",
    "Referrer-Policy": "no-referrer",
}
_endpoints: set[str] = set()


class ForeignForm(DomainError):
    """A form of another site was sent here."""

    code = "csrf"
    default_message = _l("This form was not sent from our page. Open the link again.")


def register(*endpoints: str) -> None:
    """Declare endpoints as public pages; they are counted by the limit of public pages too."""
    _endpoints.update(endpoints)
    rate_limits.public(*endpoints)


def is_public() -> bool:
    """Whether this request is for a public page."""
    return request.endpoint in _endpoints


def refuse_foreign() -> None:
    """Raises ForeignForm where the browser says that the form came from elsewhere."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
        raise ForeignForm
    origin = request.headers.get("Origin")
    if origin not in (None, "null") and origin != request.host_url.rstrip("/"):
        raise ForeignForm


def add_headers(response: Response) -> Response:
    """What every answer of a public page says."""
    if is_public():
        response.headers.update(HEADERS)
    return response
