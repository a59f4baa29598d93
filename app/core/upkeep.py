"""What the database needs now and then: fresh figures of its tables, for the choice of indexes."""

from __future__ import annotations

from sqlalchemy import text

from app.core.db import db, writing
from app.core.schedule import every

SAMPLE_ROWS = 1_000
CHANGED_TABLES = 0x10002
"""Flags of `PRAGMA optimize`: look at every table, analyse those that grew since the last time."""


def install() -> None:
    """Let the worker do it twice an hour."""
    every(seconds=1800)(refresh_statistics)


def refresh_statistics() -> None:
    """Let SQLite measure the tables that changed; PostgreSQL does so by itself."""
    if db.engine.dialect.name != "sqlite":
        return
    with writing():
        db.session.execute(text(f"PRAGMA analysis_limit={SAMPLE_ROWS}"))
        db.session.execute(text(f"PRAGMA optimize={CHANGED_TABLES}"))
        db.session.commit()
