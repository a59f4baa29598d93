"""The second factor: six digits of an authenticator app (RFC 6238), or a recovery code.

The secret is encrypted at rest, a code counts once, recovery codes are kept as digests and shown
once. A role may demand it: its holders then do nothing before they have set it up.
"""

from __future__ import annotations

import base64
import hmac
import re
import secrets
from urllib.parse import quote

import segno
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from flask_appbuilder.security.sqla.models import assoc_group_role, assoc_user_group, assoc_user_role
from flask_babel import lazy_gettext as _l
from sqlalchemy import exists, select, union

from app.core import clock, vault
from app.core.audit import mark
from app.core.db import db
from app.core.digits import to_ascii
from app.core.errors import DomainError
from app.org.sign_ins.models import RecoveryCode, SecondFactor, SecondFactorDemand

ISSUER = "Kartabl"
PERIOD = 30
DRIFT = (-1, 0, 1)
"""Steps of half a minute that the phone's clock may be off."""
SECRET_BYTES = 20
CODES = 10
ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
PURPOSE = "second factor"


class WrongCode(DomainError):
    """The code is not the one of now, or was used already."""

    code = "wrong_code"
    default_message = _l("This code is not right. Wait for the next one and check the clock of your phone.")


class Demanded(DomainError):
    """A role of the person demands a second factor."""

    code = "second_factor_demanded"
    default_message = _l("Your role demands a second factor; it cannot be turned off.")


def of(employee_id: int) -> SecondFactor | None:
    """The second factor of a person, confirmed or not."""
    return db.session.scalars(select(SecondFactor).where(SecondFactor.employee_id == employee_id)).first()


def is_on(employee_id: int) -> bool:
    """Whether a person signs in with a second factor."""
    query = select(SecondFactor.id).where(
        SecondFactor.employee_id == employee_id, SecondFactor.confirmed_at.is_not(None)
    )
    return db.session.scalars(query).first() is not None


def is_demanded_of(employee_id: int) -> bool:
    """Whether a role of a person, own or by a group, demands a second factor."""
    own = select(assoc_user_role.c.role_id).where(assoc_user_role.c.user_id == employee_id)
    by_group = (
        select(assoc_group_role.c.role_id)
        .join(assoc_user_group, assoc_user_group.c.group_id == assoc_group_role.c.group_id)
        .where(assoc_user_group.c.user_id == employee_id)
    )
    return bool(db.session.scalar(select(exists().where(SecondFactorDemand.role_id.in_(union(own, by_group))))))


def prepare(employee_id: int) -> SecondFactor:
    """A new secret that waits for its first code; an unconfirmed one is replaced. Flushes."""
    factor = of(employee_id)
    if factor is not None and factor.confirmed_at is not None:
        return factor
    factor = factor or SecondFactor(employee_id=employee_id)
    factor.secret = vault.encrypt(secrets.token_bytes(SECRET_BYTES), purpose=PURPOSE, owner=str(employee_id))
    db.session.add(factor)
    db.session.flush()
    return factor


def key_words(factor: SecondFactor) -> str:
    """The secret as people type it when no camera is at hand: groups of four letters."""
    text = base64.b32encode(_secret(factor)).decode().rstrip("=")
    return " ".join(re.findall(".{1,4}", text))


def qr_picture(factor: SecondFactor, username: str) -> str:
    """The picture to photograph, as the data address of an SVG; drawn here, never sent anywhere."""
    key = key_words(factor).replace(" ", "")
    label = quote(f"{ISSUER}:{username}")
    address = f"otpauth://totp/{label}?secret={key}&issuer={ISSUER}&digits=6&period={PERIOD}"
    return segno.make(address, error="m", micro=False).svg_data_uri(scale=5, border=3, light="#fff")


def confirm(factor: SecondFactor, code: str) -> list[str]:
    """Turn it on by its first code; returns the recovery codes, which are shown once. Raises WrongCode."""
    if not _take(factor, code):
        raise WrongCode(path="code")
    factor.confirmed_at = clock.now()
    mark(factor, action="second_factor_on")
    return renew_recovery_codes(factor)


def renew_recovery_codes(factor: SecondFactor) -> list[str]:
    """Ten new recovery codes instead of the old ones; shown once. Flushes."""
    codes = ["".join(secrets.choice(ALPHABET) for _ in range(10)) for _ in range(CODES)]
    factor.recovery_codes = [RecoveryCode(code_hash=_digest(factor, code)) for code in codes]
    factor.recovery_left = CODES
    db.session.flush()
    return [f"{code[:5]}-{code[5:]}" for code in codes]


def accepts(employee_id: int, code: str) -> bool:
    """Whether a code opens the door; it does so once. Flushes."""
    factor = of(employee_id)
    if factor is None or factor.confirmed_at is None:
        return False
    text = re.sub(r"[\s-]", "", to_ascii(code)).lower()
    return _take(factor, text) if text.isdigit() and len(text) == 6 else _take_recovery(factor, text)


def turn_off(employee_id: int) -> bool:
    """Forget the second factor of a person, with its codes; False when there was none. Flushes."""
    factor = of(employee_id)
    if factor is None:
        return False
    mark(factor, action="second_factor_off")
    db.session.delete(factor)
    db.session.flush()
    return True


def _take(factor: SecondFactor, code: str) -> bool:
    code = re.sub(r"\s", "", to_ascii(code))
    totp = TOTP(_secret(factor), 6, SHA1(), PERIOD)  # noqa: S303 - what every authenticator app speaks
    now = int(clock.now().timestamp()) // PERIOD
    db.session.refresh(factor, with_for_update=True)  # two requests with one code: the second waits, and fails
    for step in (now + drift for drift in DRIFT):
        expected = totp.generate(step * PERIOD).decode()
        if hmac.compare_digest(expected.encode(), code.encode()) and step > (factor.last_step or 0):
            factor.last_step = step
            db.session.flush()
            return True
    return False


def _take_recovery(factor: SecondFactor, code: str) -> bool:
    digest = _digest(factor, code)
    chosen = select(RecoveryCode).where(RecoveryCode.factor_id == factor.id, RecoveryCode.code_hash == digest)
    row = db.session.scalars(chosen.where(RecoveryCode.used_at.is_(None)).with_for_update()).first()
    if row is None:
        return False
    row.used_at = clock.now()
    factor.recovery_left -= 1
    mark(factor, action="recovery_code_used")
    db.session.flush()
    return True


def _secret(factor: SecondFactor) -> bytes:
    return vault.decrypt(factor.secret, purpose=PURPOSE, owner=str(factor.employee_id))


def _digest(factor: SecondFactor, code: str) -> str:
    return vault.digest(f"{factor.employee_id}:{code}", purpose="recovery code")
