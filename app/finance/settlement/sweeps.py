"""Each night: what fell due the day before is overdue from today."""

from __future__ import annotations

from sqlalchemy import select

from app.core.clock import today
from app.core.db import db, writing
from app.core.schedule import every
from app.finance.invoices.models import Invoice
from app.finance.invoices.states import PaymentAxis
from app.finance.settlement.axis import refresh_invoices
from app.finance.settlement.ledger import hold_invoices

AT_ONCE = 200


@every(cron="1 0 * * *")
def mark_overdue() -> int:
    """Invoices whose first open due date has passed and that do not say so yet; how many there were."""
    found = list(
        db.session.scalars(
            select(Invoice.id).where(
                Invoice.open_due_on < today(), Invoice.payment_state.in_((PaymentAxis.UNPAID, PaymentAxis.PARTLY))
            )
        )
    )
    db.session.rollback()
    for start in range(0, len(found), AT_ONCE):
        with writing():
            part = found[start : start + AT_ONCE]
            hold_invoices(part)
            refresh_invoices(part)
            db.session.commit()
    return len(found)
