"""What an empty installation offers to add to a document."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import select

from app.core.db import db
from app.sales.documents.models import AdditionKind


def seed_additions() -> None:
    """Freight, packing and a deduction, where there is nothing yet."""
    if db.session.scalar(select(AdditionKind.id).limit(1)) is not None:
        return
    offered = (("freight", _("Freight"), 1), ("packing", _("Packing"), 1), ("deduction", _("Deduction"), -1))
    for place, (name, title, sign) in enumerate(offered, start=1):
        db.session.add(AdditionKind(name=name, title=title, sign=sign, position=place))
    db.session.flush()
