"""Invitations: a link by which somebody sets a password of their own; nobody else ever knows it.

The link is signed, works once and for some days; a newer one for the same person replaces it. It is
shown to whoever invites and sent by any way they like: a password is never sent.
"""

from __future__ import annotations

import hashlib
import secrets
from http import HTTPStatus
from typing import Any

from flask import current_app, url_for
from flask_babel import lazy_gettext as _l
from itsdangerous import BadData, URLSafeSerializer
from sqlalchemy import select

from app.core import clock
from app.core.actor import Actor, ActorKind, acting_as
from app.core.audit import mark
from app.core.db import db
from app.core.errors import DomainError
from app.org.employees.services import set_password
from app.org.sign_ins import passwords
from app.org.sign_ins.models import Invitation


class InvitationGone(DomainError):
    """The link is not ours, was used, or is too old."""

    code = "invitation_gone"
    status = HTTPStatus.GONE
    default_message = _l("This invitation is not valid any more. Ask for a new one.")


def make_link(employee: Any) -> str:
    """A new invitation of a person, instead of earlier ones; the caller has checked the right. Flushes."""
    withdraw(employee)
    secret = secrets.token_urlsafe(18)
    invitation = Invitation(
        employee_id=employee.id,
        secret_hash=_digest(secret),
        expires_at=clock.now() + current_app.config["INVITATION_LIFETIME"],
    )
    db.session.add(invitation)
    mark(invitation, action="invited")
    db.session.flush()
    return url_for("InvitationView.page", token=_signer().dumps([invitation.id, secret]), _external=True)


def withdraw(employee: Any) -> None:
    """End the open invitations of a person; flushes."""
    opened = select(Invitation).where(Invitation.employee_id == employee.id, Invitation.used_at.is_(None))
    for invitation in db.session.scalars(opened):
        db.session.delete(invitation)
    db.session.flush()


def open_invitation(token: str) -> Invitation:
    """The invitation of a link, untouched. Raises InvitationGone."""
    try:
        number, secret = _signer().loads(token)
    except (BadData, ValueError, TypeError) as error:
        raise InvitationGone from error
    invitation = db.session.get(Invitation, int(number))
    if invitation is None or not secrets.compare_digest(invitation.secret_hash, _digest(str(secret))):
        raise InvitationGone
    if invitation.used_at is not None or invitation.expires_at < clock.now() or not invitation.employee.is_active:
        raise InvitationGone
    return invitation


def accept(token: str, password: str) -> Any:
    """Set the password of the invited person, and use the link up. Raises InvitationGone, WeakPassword."""
    invitation = open_invitation(token)
    employee = invitation.employee
    passwords.check_new_password(password, employee)
    with acting_as(Actor(ActorKind.SYSTEM, str(employee), user_id=employee.id)):
        db.session.refresh(invitation, with_for_update=True)
        if invitation.used_at is not None:
            raise InvitationGone
        invitation.used_at = clock.now()
        mark(invitation, action="invitation_used")
        set_password(employee, password, must_change=False)
        db.session.flush()
    return employee


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.config["SECRET_KEY"]), salt="kartabl invitation")
