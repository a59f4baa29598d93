"""What the application refuses, and the words it refuses with.

Every refusal is a `DomainError`: a stable code for programs, a translatable message for people,
and the path of the offending field where there is one. Edges (pages, API, command line, jobs)
turn it into their own form; nobody returns False or None for a refusal.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy.exc import SQLAlchemyError


class DomainError(Exception):
    """A refusal with a reason a person can act on."""

    code = "refused"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    default_message: Any = _l("This cannot be done.")

    def __init__(self, message: Any = None, *, path: str = "", **subject: Any) -> None:
        """`message` is a lazy string; `path` names the field; `subject` becomes attributes."""
        self.message = self.default_message if message is None else message
        self.path = path
        self.subject = subject
        super().__init__(self.code)

    def __str__(self) -> str:
        return str(self.message)


class NotAllowed(DomainError):
    """The actor has no right to do this."""

    code = "not_allowed"
    status = HTTPStatus.FORBIDDEN
    default_message = _l("You do not have the right to do this.")


class NotFound(DomainError):
    """The record does not exist, or the actor may not know that it does."""

    code = "not_found"
    status = HTTPStatus.NOT_FOUND
    default_message = _l("This record was not found.")


class ScopeViolation(NotAllowed, SQLAlchemyError):
    """A write touched a row outside the actor's departments.

    Also an SQLAlchemyError, so that FAB answers a refusal and not a failure.
    """

    code = "out_of_scope"
    default_message = _l("This record belongs to a department that you have no access to.")

    def __init__(self, message: Any = None, *, path: str = "", **subject: Any) -> None:
        NotAllowed.__init__(self, message, path=path, **subject)


class StaleVersion(DomainError):
    """Somebody else saved the record since it was opened."""

    code = "stale"
    status = HTTPStatus.CONFLICT
    default_message = _l("Someone else changed this record since you opened it. Reload it and repeat your change.")


class IllegalTransition(DomainError):
    """The workflow has no such step from the present state."""

    code = "illegal_transition"
    status = HTTPStatus.CONFLICT
    default_message = _l("This step is not possible in the present state.")


class GuardRefused(DomainError):
    """The step exists, but a condition of it does not hold."""

    code = "guard_refused"


@dataclass(frozen=True, slots=True)
class FieldError:
    """One bad value: where (`lines[0].quantity`), what (code), and words for a person."""

    path: str
    code: str
    message: Any

    def as_json(self) -> dict[str, str]:
        return {"path": self.path, "code": self.code, "message": str(self.message)}


class Invalid(DomainError):
    """Some values are bad; all of them are named."""

    code = "invalid"
    default_message = _l("Some values are not valid.")

    def __init__(self, errors: Sequence[FieldError], message: Any = None) -> None:
        super().__init__(message)
        self.errors = tuple(errors)

    def __str__(self) -> str:
        return "; ".join(str(error.message) for error in self.errors) or super().__str__()
