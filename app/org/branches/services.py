"""What an empty installation needs of branches."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import select

from app.core.db import db
from app.org.branches.models import Branch


def seed_branches() -> None:
    """Make the main branch where there is none; safe to repeat."""
    if db.session.scalar(select(Branch.id).limit(1)) is None:
        db.session.add(Branch(code="1", name=_("Main branch")))
        db.session.flush()
