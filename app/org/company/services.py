"""The company's particulars: read by prints, made on an empty start."""

from __future__ import annotations

from flask_babel import gettext as _

from app.core.db import db
from app.org.company.models import Company


def company() -> Company:
    """The company's row; a blank, unsaved one before the administrator filled it."""
    return db.session.get(Company, 1) or Company(id=1, name=_("Our company"))


def seed_company() -> None:
    """Make the company's row where there is none; safe to repeat."""
    if db.session.get(Company, 1) is None:
        db.session.add(Company(id=1, name=_("Our company")))
        db.session.flush()
