"""Sign-ins of browsers: a cookie holds only as long as its row is open.

FAB keeps nothing on the server, so that a copied cookie would work on after its owner signed out
or changed the password. A row ends by sign-out, by its owner or an administrator, after a time
without a request, and at the latest after a day's work (settings `SESSION_IDLE` and
`PERMANENT_SESSION_LIFETIME`).
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from typing import Any

from flask import Flask, Response, current_app, g, has_request_context, request, session
from flask_login import user_logged_in, user_logged_out
from sqlalchemy import ColumnElement, and_, delete, or_, select, update
from sqlalchemy.exc import OperationalError

from app.core import clock
from app.core.db import db, writing
from app.core.schedule import every
from app.org.sign_ins import second_factor
from app.org.sign_ins.devices import device_name, remember_device
from app.org.sign_ins.models import SignIn

KEY = "sign_in"
POLLED = frozenset({"core_pages.bell", "JobView.show", "static", "appbuilder.static"})
"""What open pages ask by themselves: nobody sits there because of it."""
KEPT_AT_SIGN_IN = ("_user_id", "_fresh", "_id", "locale", "oauth", "oauth_provider", "_flashes")
WAIT_FOR_CODE = 600
"""Seconds that a sign-in waits for its second factor."""


def is_alive() -> ColumnElement[bool]:
    """The condition of rows that no limit has ended."""
    now = clock.now()
    return and_(
        SignIn.last_seen_at > now - current_app.config["SESSION_IDLE"],
        SignIn.begun_at > now - current_app.config["PERMANENT_SESSION_LIFETIME"],
    )


def begin(employee: Any, *, is_complete: bool) -> None:
    """Open a row for this browser and put its token into a cookie that holds nothing of before; commits."""
    now, token = clock.now(), secrets.token_urlsafe(24)
    previous = session.get(KEY)
    for name in [name for name in session if name not in KEPT_AT_SIGN_IN]:
        session.pop(name)
    with writing():
        ended = or_(~is_alive(), SignIn.token_hash == digest(previous or ""))
        db.session.execute(delete(SignIn).where(SignIn.employee_id == employee.id, ended))
        db.session.add(
            SignIn(
                employee_id=employee.id,
                token_hash=digest(token),
                begun_at=now,
                last_seen_at=now,
                fresh_at=now,
                completed_at=now if is_complete else None,
                address=(request.remote_addr or "")[:45],
                device=device_name(request.headers.get("User-Agent", "")),
            )
        )
        db.session.commit()
    session[KEY] = token
    g.pop("kartabl_sign_in", None)
    if is_complete:
        remember_device(employee)


def present() -> SignIn | None:
    """The living row of this browser, complete or not; read once a request."""
    if not has_request_context():
        return None
    if "kartabl_sign_in" not in g:
        token = session.get(KEY)
        query = select(SignIn).where(SignIn.token_hash == digest(token or ""), is_alive())
        g.kartabl_sign_in = db.session.scalars(query).first() if token else None
    row: SignIn | None = g.kartabl_sign_in
    return row


def is_open(employee_id: int) -> bool:
    """Whether this browser is signed in as somebody, the second factor included."""
    row = present()
    return row is not None and row.employee_id == employee_id and row.completed_at is not None


def waiting() -> SignIn | None:
    """The row of this browser when only the second factor is missing, and not for too long."""
    row = present()
    if row is None or row.completed_at is not None:
        return None
    return row if (clock.now() - row.begun_at).total_seconds() < WAIT_FOR_CODE else None


def complete(row: SignIn, employee: Any) -> None:
    """The second factor was right: a new token, so that a cookie copied before is worth nothing; flushes."""
    token = secrets.token_urlsafe(24)
    row.token_hash, row.completed_at = digest(token), clock.now()
    db.session.flush()
    session[KEY] = token
    remember_device(employee)


def end() -> None:
    """Close this browser's row; commits."""
    token = session.pop(KEY, None)
    g.pop("kartabl_sign_in", None)
    if token is None:
        return
    db.session.commit()  # a transaction that began by reading must not be promoted
    with writing():
        db.session.execute(delete(SignIn).where(SignIn.token_hash == digest(token)))
        db.session.commit()


def open_rows(employee_id: int) -> Sequence[SignIn]:
    """A person's browsers, the one seen last first."""
    query = select(SignIn).where(SignIn.employee_id == employee_id, SignIn.completed_at.is_not(None), is_alive())
    return db.session.scalars(query.order_by(SignIn.last_seen_at.desc(), SignIn.id.desc())).all()


def end_one(employee_id: int, sign_in_id: int) -> bool:
    """Close one browser of a person; False when it was closed already. Flushes."""
    chosen = delete(SignIn).where(SignIn.employee_id == employee_id, SignIn.id == sign_in_id)
    return bool(db.session.execute(chosen).rowcount)


def end_others(employee_id: int) -> int:
    """Close every other browser of a person, after a change of password or a dismissal; flushes."""
    token = session.get(KEY) if has_request_context() else None
    others = delete(SignIn).where(SignIn.employee_id == employee_id)
    if token is not None:
        others = others.where(SignIn.token_hash != digest(token))
    return int(db.session.execute(others).rowcount)


def digest(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


@every(cron="40 3 * * *")
def forget_ended() -> None:
    """Delete the rows that a limit has ended."""
    with writing():
        db.session.execute(delete(SignIn).where(~is_alive()))
        db.session.commit()


def _note_seen(response: Response) -> Response:
    """Keep when the browser was last used, once a minute and without waiting for a busy database."""
    row: SignIn | None = g.get("kartabl_sign_in")
    if row is None or request.endpoint in POLLED:
        return response
    state = row.__dict__  # never a query: the page is done, and the row may be expired or gone
    seen, number = state.get("last_seen_at"), state.get("id")
    now = clock.now()
    if seen is None or number is None or now - seen < current_app.config["SESSION_SEEN_EVERY"]:
        return response
    try:
        with writing(patience=0.2), db.session.session_factory() as own:
            own.execute(update(SignIn).where(SignIn.id == number).values(last_seen_at=now))
            own.commit()
    except OperationalError:
        current_app.logger.info("the database was busy: a sign-in's last use was not noted")
    return response


def _on_login(_app: Any, user: Any, **_more: Any) -> None:
    begin(user, is_complete=not second_factor.is_on(user.id))


def _on_logout(_app: Any, **_more: Any) -> None:
    end()


def install(app: Flask) -> None:
    """Follow sign-in and sign-out; at every start."""
    user_logged_in.connect(_on_login, app)
    user_logged_out.connect(_on_logout, app)
    app.after_request(_note_seen)
