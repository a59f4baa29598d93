"""How Alembic reaches the application's database; run by `flask db` and by `flask kartabl init`."""

from __future__ import annotations

from typing import Any

from alembic import context
from flask import current_app
from sqlalchemy import types

from app.core.db import db, writing
from app.core.search import is_search_object

PLAIN = (types.TypeDecorator,)


def include_object(_item: Any, name: str | None, kind: str, _reflected: bool, _other: Any) -> bool:
    """Search tables and indexes are made by core.search, not by comparing models."""
    return not is_search_object(name, kind)


def render_item(kind: str, item: Any, autogenerate: Any) -> str | bool:
    """A migration never imports our types: it writes what they are in the database."""
    if kind == "type" and isinstance(item, PLAIN) and type(item).__module__.startswith("app."):
        real = item.load_dialect_impl(autogenerate.dialect)
        if type(item).__name__ == "SortKey":
            return f'sa.String({real.length}).with_variant(sa.String({real.length}, collation="C"), "postgresql")'
        if type(item).__name__ == "UtcDateTime":
            return "sa.DateTime(timezone=True)"
        return f"sa.{type(real).__name__}({getattr(real, 'length', None) or ''})"
    return False


def run() -> None:
    """Migrate in one transaction; foreign keys of SQLite rest while tables are rebuilt."""
    engine = db.engine
    with writing(), engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            connection.connection.driver_connection.execute("PRAGMA foreign_keys=OFF")
        context.configure(
            connection=connection,
            target_metadata=db.Model.metadata,
            include_object=include_object,
            render_item=render_item,
            render_as_batch=True,
            compare_type=False,
            transaction_per_migration=False,
        )
        with context.begin_transaction():
            context.run_migrations()
        if engine.dialect.name == "sqlite":
            connection.connection.driver_connection.execute("PRAGMA foreign_keys=ON")


if current_app:
    run()
