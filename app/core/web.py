"""The edge towards browsers and programs: CSRF, security headers, refusals in words.

A refusal is a page in the reader's language, or problem JSON for `/api/` and for scripts.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from flask import Flask, Request, Response, current_app, jsonify, redirect, render_template, request
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError, CSRFProtect
from jinja2 import TemplateNotFound
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from app.core import fab_patches, formats, fresh, public_pages, rate_limits, shell
from app.core.actor import ActorKind, current
from app.core.db import SAFE_METHODS, db
from app.core.errors import DomainError, FieldError, Invalid, NotAllowed, StaleVersion
from app.core.home import landing_of
from app.core.integrity import as_domain_error
from app.core.labels import words_of

POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "object-src 'none'",
        "base-uri 'self'",
        "frame-ancestors 'none'",
        "form-action 'self'",
    )
)
LOOSE = frozenset({"application/octet-stream", "text/plain", "text/csv", "text/xml", "application/xml"})
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(self), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
SANDBOX = "default-src 'none'; frame-ancestors 'none'; sandbox"
"""For files that people brought in or take out: opened by itself, such a file is nobody's page."""
TOKENLESS = frozenset({"/api/v1/security/login", "/api/v1/security/refresh"})
"""Where a program gets its bearer token; there is no cookie to misuse yet."""
CODES = {401: "unauthorized", 403: "not_allowed", 404: "not_found"}
PAGES = {400: "400", 401: "403", 403: "403", 404: "404", 429: "429", 500: "500"}


class SafeRequest(Request):
    """A request whose HEAD is a GET to every view; the server leaves the body out by itself.

    A view that asks "is this a GET?" would take a HEAD for a POST, and HEAD needs no token of a page.
    """

    def __init__(self, environ: dict[str, Any], *args: Any, **options: Any) -> None:
        super().__init__(environ, *args, **options)
        if self.method == "HEAD":
            self.method = "GET"


def install_web(app: Flask) -> None:
    """Put protection and error pages on the application. Call before AppBuilder starts."""
    app.request_class = SafeRequest
    fab_patches.apply()
    shell.install(app)
    app.jinja_env.globals.update(label_of_member=formats.label_of, action_words=words_of)
    csrf = CSRFProtect(app)
    rate_limits.install(app)

    @app.before_request
    def check_origin() -> Response | None:
        return _check_origin(csrf)

    fresh.install(app)
    app.after_request(_add_headers)
    app.after_request(public_pages.add_headers)  # runs before the one above, which leaves what is set
    app.after_request(_as_problem)
    from app.core import views  # they answer by this module

    views.install(app)
    app.register_error_handler(DomainError, _on_domain_error)
    app.register_error_handler(CSRFError, _on_csrf_error)
    app.register_error_handler(IntegrityError, _on_integrity_error)
    app.register_error_handler(StaleDataError, _on_stale)
    app.register_error_handler(HTTPException, _on_http_error)


def wants_json() -> bool:
    """Whether the caller is a program: the API, or a script that asks for JSON."""
    if request.path.startswith("/api/"):
        return True
    return request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json"


def is_api() -> bool:
    """Whether the request is for the programming interface."""
    return request.path.startswith("/api/")


def has_bearer() -> bool:
    """Whether the request carries a bearer token (JWT or API key)."""
    return request.headers.get("Authorization", "").lower().startswith("bearer ")


def _check_origin(csrf: CSRFProtect) -> Response | None:
    """Unsafe methods need the page's token; the API needs a bearer token and takes no cookie."""
    if is_api():
        limit = current_app.config["MAX_CONTENT_LENGTH"]
        if limit is not None and (request.content_length or 0) > limit:
            raise RequestEntityTooLarge  # a body that is read silently would pass for an empty one
        if has_bearer() or request.path in TOKENLESS:
            return None
        return problem(HTTPStatus.UNAUTHORIZED, "unauthorized", _("Send a bearer token."))
    if request.method in SAFE_METHODS or not current_app.config["WTF_CSRF_ENABLED"]:
        return None
    if public_pages.is_public():
        public_pages.refuse_foreign()
        return None
    csrf.protect()
    return None


def _add_headers(response: Response) -> Response:
    if _is_kept_apart(response):
        response.headers["Content-Security-Policy"] = SANDBOX
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
    if request.endpoint == "static" and request.args.get("v"):
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    elif request.endpoint not in {"static", "appbuilder.static"}:
        response.headers.setdefault("Cache-Control", "no-store" if is_api() else "no-cache, private")
        response.vary.add("Cookie")
    return response


def _is_kept_apart(response: Response) -> bool:
    """Whether an answer is a file and no page: a download, a picture from the database, an unknown type."""
    if request.endpoint in {"static", "appbuilder.static"}:
        return False
    is_download = response.headers.get("Content-Disposition", "").startswith("attachment")
    kind = response.mimetype or ""
    return is_download or kind.startswith(("image/", "audio/", "video/")) or kind in LOOSE


# Refusals --------------------------------------------------------------------------------------


def problem(status: int, code: str, message: Any, errors: tuple[FieldError, ...] = ()) -> Response:
    """A refusal for programs (RFC 9457), every bad field named by its path."""
    status = HTTPStatus(status)
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": status.phrase,
        "status": status.value,
        "code": code,
        "message": str(message),
    }
    if errors:
        body["errors"] = [error.as_json() for error in errors]
    response = jsonify(body)
    response.status_code = status.value
    response.mimetype = "application/problem+json"
    return response


def _as_problem(response: Response) -> Response:
    """Refusals of the libraries below (a token, a missing right) as ours: problem JSON with a code."""
    if not is_api() or response.status_code < HTTPStatus.BAD_REQUEST or response.mimetype != "application/json":
        return response
    body = response.get_json(silent=True)
    if not isinstance(body, dict) or not body.keys() <= {"message", "msg"}:
        return response
    is_token = "msg" in body  # what checks tokens answers so, and with 422 for one that it cannot read
    status = HTTPStatus.UNAUTHORIZED if is_token else HTTPStatus(response.status_code)
    code = CODES.get(status, status.name.lower())
    told = problem(status, code, _sentence(status) if code in CODES.values() else body.get("message", ""))
    for name, value in response.headers.items():
        if name not in {"Content-Type", "Content-Length"}:
            told.headers.setdefault(name, value)
    return told


def problem_of(error: DomainError) -> Response:
    """A domain refusal for programs."""
    errors = error.errors if isinstance(error, Invalid) else ()
    if error.path and not errors:
        errors = (FieldError(error.path, error.code, error),)
    return problem(error.status, error.code, error, errors)


def error_page(status: int, description: Any = "", *, code: str = "") -> tuple[str, int]:
    """A page that says what went wrong and what to do."""
    name = PAGES.get(status)
    template = f"errors/{name}.html" if name else "errors/refused.html"
    try:
        page = render_template(template, description=description, status=status, code=code)
    except TemplateNotFound:
        page = render_template("errors/error.html", description=description)
    return page, status


def _answer(error: DomainError) -> Any:
    if isinstance(error, rate_limits.TooMany):
        return _wait(error)
    if wants_json():
        return problem_of(error)
    if isinstance(error, NotAllowed) and not _is_signed_in():
        login: str = current_app.extensions["appbuilder"].get_url_for_login
        return redirect(f"{login}?{urlencode({'next': request.full_path.rstrip('?')})}")
    return error_page(error.status, error, code=error.code)


def _wait(error: rate_limits.TooMany) -> Response:
    answer = problem_of(error) if wants_json() else current_app.make_response(error_page(error.status, error))
    answer.headers["Retry-After"] = str(rate_limits.wait_of(error) or 1)
    return answer


def _is_signed_in() -> bool:
    who = current()
    return who is not None and who.kind is not ActorKind.ANONYMOUS


def _on_domain_error(error: DomainError) -> Any:
    db.session.rollback()
    return _answer(error)


def _on_integrity_error(error: IntegrityError) -> Any:
    """A rule of the database that nobody checked before is still a refusal, not a failure."""
    db.session.rollback()
    return _answer(as_domain_error(error))


def _on_stale(_error: StaleDataError) -> Any:
    db.session.rollback()
    return _answer(StaleVersion())


def _on_csrf_error(error: CSRFError) -> Response | tuple[str, int]:
    message = _("This page was open for too long, or was not ours. Go back, reload it and try again.")
    if wants_json():
        return problem(HTTPStatus.BAD_REQUEST, "csrf", message)
    return error_page(HTTPStatus.BAD_REQUEST, message)


def _on_http_error(error: HTTPException) -> Any:
    status = error.code or 500
    if status < 400 or error.response is not None:  # redirects, and answers that are complete
        return error.get_response()
    if status >= 500:
        _let_go(error)
    if status == HTTPStatus.FORBIDDEN and _is_elsewhere():
        status = HTTPStatus.NOT_FOUND
    message = _sentence(status)
    if wants_json():
        answer: Any = problem(status, HTTPStatus(status).name.lower(), message)
    else:
        answer = current_app.make_response(error_page(status, message))
    for name, value in error.get_headers():
        if name in {"Allow", "Retry-After", "WWW-Authenticate"}:
            answer.headers[name] = value
    return answer


def _is_elsewhere() -> bool:
    """Whether somebody who lives in a part of the site tries another one; for them there is none."""
    own = landing_of(current())
    return own is not None and not is_api() and not request.path.startswith(own.url)


def _let_go(error: HTTPException) -> None:
    """After a failure the session is broken; the error page asks the database for the menu."""
    original = getattr(error, "original_exception", None)
    if isinstance(original, OperationalError):
        current_app.logger.error("database: %s", original.orig)
    db.session.rollback()


def _sentence(status: int) -> str:
    sentences = {
        400: _("The request could not be understood."),
        401: _("Sign in first."),
        403: _("You do not have the right to do this."),
        404: _("This page was not found."),
        405: _("This cannot be done here."),
        413: _("The file is too large."),
        429: _("Too many tries. Wait a moment."),
    }
    return sentences.get(status, _("Something went wrong on our side."))
