"""What a password must be: long enough, not a common one, not the person's own name.

Strength is estimated by zxcvbn, which knows the common passwords, names, dates and keyboard rows;
there are no rules about capitals and signs, which only lead to `Password1!`.
"""

from __future__ import annotations

from typing import Any

from flask_appbuilder.exceptions import PasswordComplexityValidationError
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.security import check_password_hash
from zxcvbn import zxcvbn

from app.core.errors import DomainError

SHORTEST, LONGEST = 10, 128
LEAST_SCORE = 3
"""Of 4: safe against 10^8 guesses."""
LOOKED_AT = 72
SHORTEST_NAME = 4
RULES = _l("At least 10 characters; not a common password, a row of keys or your own name. A sentence is fine.")


class WeakPassword(DomainError):
    """The password would be guessed."""

    code = "weak_password"
    default_message = _l("The password needs at least 10 characters.")


def check_new_password(password: str, employee: Any = None) -> None:
    """Raises WeakPassword, on the path `password`."""
    if len(password) < SHORTEST:
        raise WeakPassword(path="password")
    if len(password) > LONGEST:
        raise WeakPassword(_l("The password has more than 128 characters."), path="password")
    own = own_words(employee)
    if any(len(word) >= SHORTEST_NAME and word in password.lower() for word in own):
        raise WeakPassword(_l("The password contains your own name."), path="password")
    if zxcvbn(password[:LOOKED_AT], user_inputs=[*own, "kartabl"])["score"] < LEAST_SCORE:
        message = _l("This password is too easy to guess. Choose a longer one, such as a sentence of several words.")
        raise WeakPassword(message, path="password")


def own_words(employee: Any) -> list[str]:
    """The words that somebody who knows the person would try first."""
    if employee is None:
        return []
    values = (employee.username, employee.first_name, employee.last_name, (employee.email or "").partition("@")[0])
    return [word for value in values for word in (value or "").lower().split()]


def check_for_forms(password: str) -> None:
    """The same for FAB's forms, which ask the setting FAB_PASSWORD_COMPLEXITY_VALIDATOR."""
    try:
        check_new_password(password, current_user if current_user and current_user.is_authenticated else None)
    except WeakPassword as error:
        raise PasswordComplexityValidationError(str(error)) from error


def is_password_of(employee: Any, password: str) -> bool:
    """Whether this is the password that is stored for a person."""
    stored = employee.password or ""
    return bool(password) and bool(stored) and check_password_hash(stored, password)
