"""What an empty installation needs: the days within which an invoice may be sent."""

from __future__ import annotations

from sqlalchemy import select

from app.core.calendar import from_jalali
from app.core.db import db
from app.finance.moadian.models import SendWindow
from app.finance.moadian.queries import REFUSE_DAYS, WARN_DAYS


def seed() -> None:
    """The window of the instruction (7 days) and what is accepted in practice (30), where there is none.

    To be confirmed by the company's accountant; a row of the table changes it.
    """
    if db.session.scalar(select(SendWindow.id).limit(1)) is None:
        first_day = from_jalali(1402, 1, 1)
        db.session.add(SendWindow(from_on=first_day, warn_days=WARN_DAYS, refuse_days=REFUSE_DAYS))
        db.session.flush()
