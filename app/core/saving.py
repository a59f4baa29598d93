"""Saving a form: one place that fills the record, lets the service work, flushes and commits.

Everything that a rule or the database refuses comes back as words at the field it is about.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.orm.exc import StaleDataError

from app.core.db import db
from app.core.errors import DomainError, NotAllowed, ScopeViolation, StaleVersion
from app.core.forms import ModelForm
from app.core.history import HistoryEntry, history_of
from app.core.integrity import as_domain_error


def save(form: ModelForm, work: Callable[[], Any]) -> bool:
    """Do `work` and commit. False when it was refused; the reasons are then in the form.

    Raises NotAllowed where the refusal is about the actor and not about a value.
    """
    try:
        work()
        db.session.flush()
        db.session.commit()
    except (DomainError, SQLAlchemyError) as error:
        db.session.rollback()
        refusal = refusal_of(error)
        if isinstance(refusal, NotAllowed) and not (
            isinstance(refusal, ScopeViolation) and form.field_of(refusal.path)
        ):
            raise refusal from error
        form.refuse(refusal)
        return False
    return True


def attempt(work: Callable[[], Any]) -> str | None:
    """Do `work` and commit; None, or the words of the refusal after a rollback."""
    try:
        work()
        db.session.flush()
        db.session.commit()
    except (DomainError, SQLAlchemyError) as error:
        db.session.rollback()
        return str(refusal_of(error))
    return None


def refusal_of(error: DomainError | SQLAlchemyError) -> DomainError:
    """An error of a save as a refusal. Raises it again when it is a failure."""
    if isinstance(error, DomainError):
        return error
    if isinstance(error, StaleDataError):
        return StaleVersion()
    if isinstance(error, IntegrityError):
        return as_domain_error(error)
    if isinstance(error.__cause__, ValueError):
        return DomainError(_("A value cannot be stored."))
    raise error


def is_stale(form: ModelForm, record: Any) -> bool:
    """Whether somebody saved the record since the page of this form was made."""
    if not hasattr(type(record), "version"):
        return False
    return str(form.version.data or "") != str(record.version)


def changes_since(record: Any, version: Any) -> list[HistoryEntry]:
    """What was changed by others since a version, newest first; as far as the history knows."""
    try:
        missed = record.version - int(version)
    except (TypeError, ValueError):
        missed = 1
    entries = history_of(record, limit=20)
    return [entry for entry in entries if entry.part is None and entry.diffs][: max(missed, 1)]
