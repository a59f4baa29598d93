"""What is kept of an export: a line for the administrator, and the options for the next time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from app.core import clock
from app.core.actor import require_current
from app.core.db import db
from app.org.exports.models import ExportRecord

LONGEST_FILTER = 500


def note_export(
    *, subject: str, sheet: str, filters: Mapping[str, list[str]], options: Mapping[str, Any], rows: int
) -> ExportRecord:
    """Keep that the actor of now took rows out; flushes, the caller commits."""
    actor = require_current()
    record = ExportRecord(
        exported_at=clock.now(),
        employee_id=actor.user_id,
        actor_name=actor.name[:200],
        subject=subject,
        sheet=sheet[:80],
        filters={name: [value[:LONGEST_FILTER] for value in values] for name, values in filters.items()},
        options=dict(options),
        row_count=rows,
    )
    db.session.add(record)
    db.session.flush()
    return record


def last_options() -> dict[str, Any]:
    """The options of the actor's last export; empty before the first."""
    statement = (
        select(ExportRecord.options)
        .where(ExportRecord.employee_id == require_current().user_id)
        .order_by(ExportRecord.id.desc())
        .limit(1)
    )
    return dict(db.session.scalar(statement) or {})
