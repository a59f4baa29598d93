"""On PostgreSQL: the role of the application adds to the history and can neither change nor delete it.

The owner of the tables (who migrates) and the role of the application are two; the first runs
`flask kartabl protect-history`. Triggers hold the sealer to what it is there for, and hold back
whoever else writes by mistake, the owner included.
"""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Connection, text

from app.core.db import db
from app.core.errors import DomainError

_GUARD = """
CREATE OR REPLACE FUNCTION core_history_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND TG_TABLE_NAME = 'core_history_batch' THEN
    IF OLD.seq IS NULL AND NEW.seq IS NOT NULL
       AND (to_jsonb(OLD) - ARRAY['seq', 'prev_hash', 'hash']) = (to_jsonb(NEW) - ARRAY['seq', 'prev_hash', 'hash'])
    THEN RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION 'the history is only added to' USING ERRCODE = 'insufficient_privilege';
END $$
"""
_TABLES = ("core_history", "core_history_batch")


class CannotProtect(DomainError):
    """The database or the role is not one for which this holds."""

    code = "cannot_protect"


def protect(role: str) -> None:
    """Grant a role the use of all tables, of the history only reading and adding. Raises CannotProtect."""
    if db.engine.dialect.name != "postgresql":
        raise CannotProtect(_l("SQLite has no roles: whoever writes one table writes all. Use PostgreSQL."))
    with db.engine.begin() as connection:
        quoted = connection.dialect.identifier_preparer.quote_identifier(role)
        _refuse_powerful(connection, role)
        for statement in _statements(quoted):
            connection.execute(text(statement))


def _refuse_powerful(connection: Connection, role: str) -> None:
    """A superuser, the owner and the owner's members pass every grant."""
    row: Any = connection.execute(
        text(
            "SELECT r.rolsuper, bool_or(pg_has_role(r.oid, c.relowner, 'MEMBER')) AS is_owner"
            " FROM pg_roles r, pg_class c WHERE r.rolname = :role AND c.oid = ANY(:tables ::regclass[]) GROUP BY 1"
        ),
        {"role": role, "tables": list(_TABLES)},
    ).first()
    if row is None:
        raise CannotProtect(_l("There is no such role; make it by CREATE ROLE … LOGIN first."))
    if row.rolsuper:
        raise CannotProtect(_l("This role is a superuser and passes every guard; choose another one."))
    if row.is_owner:
        raise CannotProtect(_l("This role owns the tables and passes every guard; choose another one."))


def _statements(role: str) -> list[str]:
    made = [
        f"GRANT USAGE ON SCHEMA public TO {role}",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}",
        f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}",
        f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {role}",
        f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {role}",
        _GUARD,
    ]
    for table in _TABLES:
        made += [
            f"REVOKE ALL ON {table} FROM PUBLIC",
            f"REVOKE UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER ON {table} FROM {role}",
            f"CREATE OR REPLACE TRIGGER {table}_rows BEFORE UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION core_history_guard()",
            f"CREATE OR REPLACE TRIGGER {table}_all BEFORE TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION core_history_guard()",
        ]
    return [*made, f"GRANT UPDATE (seq, prev_hash, hash) ON core_history_batch TO {role}"]
