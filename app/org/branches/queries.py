"""What is asked of branches."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from app.core.db import db
from app.org.branches.models import Branch


def branches() -> Sequence[Branch]:
    """The branches, in the order in which they were made."""
    return db.session.scalars(select(Branch).order_by(Branch.id)).all()


def main_branch() -> Branch:
    """The branch that was made first; an installation always has it (see `services.seed_branches`)."""
    return db.session.scalars(select(Branch).order_by(Branch.id).limit(1)).one()
