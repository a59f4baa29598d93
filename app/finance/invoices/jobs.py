"""Many invoices issued in one go, with progress; one refusal does not stop the others."""

from __future__ import annotations

from typing import Any

from app.core.db import db
from app.core.job_runner import JobRun
from app.core.jobs import job
from app.finance.invoices.services import issue_invoice, issue_order


@job("finance.issue_invoices")
def issue_invoices(run: JobRun, *, invoice_ids: list[int]) -> dict[str, Any]:
    """How many of the drafts were issued, and the refusals; the drafts are issued by date.

    Each is committed by itself, so that a kill leaves whole invoices only and the next run goes on
    with what is still a draft.
    """
    before = set(invoice_ids)
    waiting = issue_order(before)
    db.session.commit()
    outcome = run.each(waiting, issue_invoice, total=len(waiting))
    return {"issued": outcome.done, **outcome.as_json()}
