"""The one department that every company has."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import func, select

from app.core.db import db
from app.org.departments.models import Department


def seed() -> None:
    """Make the root department where there is none, named in the language of the installation."""
    if not db.session.scalar(select(func.count()).select_from(Department)):
        db.session.add(Department(code="1", name=_("Company"), is_active=True))
        db.session.flush()
