"""Before a fiscal year is closed: nothing may still wait in it to be issued."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from app.core.db import db
from app.core.errors import GuardRefused
from app.core.scope import unscoped
from app.core.workflow import Step
from app.finance.invoices.models import Invoice
from app.finance.invoices.states import InvoiceState
from app.finance.years.models import FiscalYear
from app.finance.years.workflow import YEAR_FLOW


def refuse_waiting_drafts(step: Step) -> None:
    """Raises GuardRefused while drafts of any kind are dated in the year that is closed, and says how many."""
    if step.transition.name != "close":
        return
    year: FiscalYear = step.document
    query = select(func.count()).where(
        Invoice.state == InvoiceState.DRAFT, Invoice.invoice_on.between(year.starts_on, year.ends_on)
    )
    with unscoped("a year closes for everybody"):
        count = db.session.scalar(query.select_from(Invoice)) or 0
    if count:
        message = _l(
            "%(count)s drafts are dated in %(year)s. Issue or discard them before the year is closed.",
            count=f"{count:,}", year=year.year,
        )  # fmt: skip
        raise GuardRefused(message)


def install() -> None:
    """Let the workflow of years ask for drafts."""
    if refuse_waiting_drafts not in YEAR_FLOW.policies:
        YEAR_FLOW.policies.append(refuse_waiting_drafts)
