"""Sign-ins of browsers: a cookie holds only as long as its row is open.

FAB keeps nothing on the server, so that a copied cookie would work on after its owner signed out
or changed the password.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime
from typing import Any

from flask import Flask, current_app, has_request_context, session
from flask_appbuilder import Model
from flask_login import user_logged_in, user_logged_out
from sqlalchemy import ForeignKey, String, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from app.core import clock
from app.core.db import Identified, UtcDateTime, db, writing

KEY = "sign_in"


class SignIn(Identified, Model):
    """One browser of one person; the row lives from sign-in to sign-out."""

    __tablename__ = "org_sign_in"

    employee_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    begun_at: Mapped[datetime] = mapped_column(UtcDateTime)


def begin(employee_id: int) -> None:
    """Open a row for this browser and put its token into the cookie; commits."""
    oldest = clock.now() - current_app.config["PERMANENT_SESSION_LIFETIME"] * 10
    token = secrets.token_urlsafe(24)
    with writing():
        mine = SignIn.employee_id == employee_id
        db.session.execute(delete(SignIn).where(mine, SignIn.begun_at < oldest))
        db.session.add(SignIn(employee_id=employee_id, token_hash=_hash(token), begun_at=clock.now()))
        db.session.commit()
    session[KEY] = token


def is_open(employee_id: int) -> bool:
    """Whether this browser's sign-in still holds; cookies from before sign-ins had rows do."""
    token = session.get(KEY)
    if token is None:
        return True
    query = select(SignIn.id).where(SignIn.token_hash == _hash(token), SignIn.employee_id == employee_id)
    return db.session.scalars(query).first() is not None


def end() -> None:
    """Close this browser's row; commits, since signing out is a plain link."""
    token = session.pop(KEY, None)
    if token is None:
        return
    db.session.commit()  # a transaction that began by reading must not be promoted
    with writing():
        db.session.execute(delete(SignIn).where(SignIn.token_hash == _hash(token)))
        db.session.commit()


def end_others(employee_id: int) -> None:
    """Close every other browser of a person, after a change of password or a dismissal; flushes."""
    token = session.get(KEY) if has_request_context() else None
    others = delete(SignIn).where(SignIn.employee_id == employee_id)
    if token is not None:
        others = others.where(SignIn.token_hash != _hash(token))
    db.session.execute(others)


def install(app: Flask) -> None:
    """Follow sign-in and sign-out; at every start."""
    user_logged_in.connect(_on_login, app)
    user_logged_out.connect(_on_logout, app)


def _on_login(_app: Any, user: Any, **_more: Any) -> None:
    begin(user.id)


def _on_logout(_app: Any, **_more: Any) -> None:
    end()


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
