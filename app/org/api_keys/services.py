"""Making, checking and revoking API keys. The key itself is told once and never stored."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import timedelta
from ipaddress import ip_address, ip_network
from typing import Any

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import func, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import joinedload

from app.core import clock, vault
from app.core.audit import recorded_by_caller
from app.core.db import db, writing
from app.core.errors import FieldError, Invalid
from app.org.api_keys.models import ApiKey

PREFIX = "kbl_"
LIFETIMES = (30, 90, 180, 365)
MOST_KEYS, MOST_NETWORKS = 20, 20
NOTE_USE_EVERY = timedelta(minutes=1)


def make_key(employee_id: int, *, name: str, days: int, networks: str) -> tuple[ApiKey, str]:
    """A new key of a person, and its text. Raises Invalid. Flushes."""
    errors: list[FieldError] = []
    if not name.strip() or len(name) > 80:
        errors.append(FieldError("name", "required", _("Give the key a name of up to 80 letters.")))
    if days not in LIFETIMES:
        errors.append(FieldError("days", "choice", _("Choose how long the key is to work.")))
    found = _networks(networks, errors)
    if _living(employee_id) >= MOST_KEYS:
        errors.append(FieldError("name", "too_many", _("You have %(most)d keys; revoke one first.", most=MOST_KEYS)))
    if errors:
        raise Invalid(errors)
    text, now = PREFIX + secrets.token_urlsafe(32), clock.now()
    key = ApiKey(
        employee_id=employee_id, name=name, digest=_digest(text), hint=text[-4:], networks=" ".join(found),
        made_at=now, expires_at=now + timedelta(days=days),
    )  # fmt: skip
    db.session.add(key)
    db.session.flush()
    return key, text


def _networks(text: str, errors: list[FieldError]) -> list[str]:
    found = []
    for word in text.replace(",", " ").replace("،", " ").split():
        try:
            found.append(str(ip_network(word, strict=False)))
        except ValueError:
            errors.append(FieldError("networks", "address", _("“%(word)s” is no address.", word=word[:45])))
    if len(found) > MOST_NETWORKS or len(" ".join(found)) > 500:
        errors.append(FieldError("networks", "too_many", _("Name up to %(most)d addresses.", most=MOST_NETWORKS)))
    return found


def _living(employee_id: int) -> int:
    alive = select(func.count()).where(
        ApiKey.employee_id == employee_id, ApiKey.revoked_at.is_(None), ApiKey.expires_at > clock.now()
    )
    return db.session.scalar(alive) or 0


def keys_of(employee_id: int) -> Sequence[ApiKey]:
    """A person's keys, the newest first; the last hundred."""
    return db.session.scalars(
        select(ApiKey).where(ApiKey.employee_id == employee_id).order_by(ApiKey.id.desc()).limit(100)
    ).all()


def revoke(key: ApiKey) -> None:
    """End a key; at once and for good. Flushes."""
    if key.revoked_at is None:
        key.revoked_at = clock.now()
    db.session.flush()


def user_of(text: str, address: str) -> Any:
    """The employee whose living key this is, used from an allowed address; else None."""
    key = db.session.scalars(
        select(ApiKey).where(ApiKey.digest == _digest(text)).options(joinedload(ApiKey.employee))
    ).first()
    if key is None or not key.is_alive or not key.employee.is_active or not _is_from(key, address):
        return None
    _note_use(key, address)
    return key.employee


def _is_from(key: ApiKey, address: str) -> bool:
    try:
        where = ip_address(address)
    except ValueError:
        return not key.networks
    return not key.networks or any(where in ip_network(network) for network in key.networks.split())


def _note_use(key: ApiKey, address: str) -> None:
    """Keep when a key was last used, once a minute and without waiting for a busy database."""
    now = clock.now()
    if key.last_used_at is not None and now - key.last_used_at < NOTE_USE_EVERY:
        return
    values = {"last_used_at": now, "last_address": address[:45]}
    try:
        with writing(patience=0.2), db.session.session_factory() as own, recorded_by_caller("no field with a history"):
            own.execute(update(ApiKey).where(ApiKey.id == key.id).values(values))
            own.commit()
    except OperationalError:
        current_app.logger.info("the database was busy: the last use of an API key was not noted")


def _digest(text: str) -> str:
    return vault.digest(text, purpose="api key")
