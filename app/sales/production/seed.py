"""What an empty installation needs of production: three general stages."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import select

from app.core.db import db
from app.sales.production.models import Stage


def seed_stages() -> None:
    """Preparing, making and checking, where there is no stage yet."""
    if db.session.scalar(select(Stage.id).limit(1)) is not None:
        return
    for place, name in enumerate((_("Preparing"), _("Making"), _("Checking")), start=1):
        db.session.add(Stage(name=name, position=place))
    db.session.flush()
