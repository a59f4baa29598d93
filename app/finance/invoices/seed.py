"""What an empty installation needs to make an invoice: its main branch, and what can be added to one."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import select

from app.core.db import db
from app.finance.invoices.models import AdditionKind, Branch


def seed_branches() -> None:
    """Make the main branch where there is none; safe to repeat."""
    if db.session.scalar(select(Branch.id).limit(1)) is None:
        db.session.add(Branch(code="1", name=_("Main branch")))
        db.session.flush()


def seed_additions() -> None:
    """Freight, packing and a deduction, where there is nothing yet."""
    if db.session.scalar(select(AdditionKind.id).limit(1)) is not None:
        return
    offered = (("freight", _("Freight"), 1), ("packing", _("Packing"), 1), ("deduction", _("Deduction"), -1))
    for place, (name, title, sign) in enumerate(offered, start=1):
        db.session.add(AdditionKind(name=name, title=title, sign=sign, position=place))
    db.session.flush()


def seed() -> None:
    """Everything above; safe to repeat."""
    seed_branches()
    seed_additions()
