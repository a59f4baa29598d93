"""A constraint of the database that refused a write, told as a domain error with its field."""

from __future__ import annotations

import re

from flask_babel import lazy_gettext as _l
from sqlalchemy.exc import IntegrityError

from app.core.db import db
from app.core.errors import DomainError, FieldError, Invalid

_SQLITE = re.compile(r"(UNIQUE|NOT NULL|CHECK|FOREIGN KEY) constraint failed(?:: (.+))?")
_POSTGRES_STATES = {"23505": "UNIQUE", "23502": "NOT NULL", "23514": "CHECK", "23503": "FOREIGN KEY"}


class Duplicate(Invalid):
    """A value that must be unique is taken."""

    code = "duplicate"


class InUse(DomainError):
    """Other records point to this one, or the record pointed to is gone."""

    code = "in_use"
    default_message = _l("Other records depend on this one, so it cannot be deleted.")


def as_domain_error(error: IntegrityError) -> DomainError:
    """What a violated constraint means for the person who saved."""
    kind, table, fields = _parts(error)
    if kind == "UNIQUE":
        named = fields or [""]
        message = _l("This value is taken by another record.")
        if len(named) > 1:
            message = _l("Another record has the same values in these fields.")
        return Duplicate([FieldError(name, "duplicate", message) for name in named])
    if kind == "NOT NULL":
        return Invalid([FieldError(name, "required", _l("This field is required.")) for name in fields or [""]])
    if kind == "FOREIGN KEY":
        return InUse(table=table)
    if kind == "CHECK":
        return Invalid([FieldError(_field_of_check(table, fields), "check", _l("This value is not possible."))])
    return DomainError()


def _parts(error: IntegrityError) -> tuple[str, str, list[str]]:
    """Kind of constraint, table and columns (for CHECK the constraint's name)."""
    diagnosis = getattr(error.orig, "diag", None)
    if diagnosis is not None:
        kind = _POSTGRES_STATES.get(diagnosis.sqlstate or "", "")
        table = diagnosis.table_name or ""
        if kind == "UNIQUE":
            found = re.match(r"Key \((.+?)\)=", diagnosis.message_detail or "")
            return kind, table, _names(found.group(1)) if found else []
        if kind == "NOT NULL":
            return kind, table, [diagnosis.column_name or ""]
        return kind, table, [diagnosis.constraint_name or ""]
    found = _SQLITE.search(str(error.orig))
    if found is None:
        return "", "", []
    kind, rest = found.group(1), found.group(2) or ""
    if kind in {"UNIQUE", "NOT NULL"}:
        pairs = [part.strip().partition(".") for part in rest.split(",")]
        return kind, pairs[0][0], [column for _table, _dot, column in pairs if column]
    return kind, "", [rest] if rest else []


def _names(columns: str) -> list[str]:
    return [name.strip(' "') for name in columns.split(",")]


def _field_of_check(table: str, names: list[str]) -> str:
    """The column a check is about, when its name says so: ck_<table>_<column>."""
    name = names[0] if names else ""
    for known in db.metadata.tables.values():
        prefix = f"ck_{known.name}_"
        if name.startswith(prefix) and (not table or table == known.name):
            subject = name.removeprefix(prefix)
            return next((c.key for c in known.c if c.key in {subject, f"{subject}_rials"}), "")
    return ""
