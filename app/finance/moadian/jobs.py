"""Many documents handed to the sender in one go, with progress; one refusal does not stop the others."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.core.actor import require_current
from app.core.db import db
from app.core.errors import NotFound
from app.core.job_runner import JobRun
from app.core.jobs import job
from app.finance.moadian.codes import DocumentState
from app.finance.moadian.models import TaxDocument
from app.finance.moadian.workflow import DOCUMENT_FLOW


@job("finance.moadian.send", label=_l("Files for the tax system"))
def send_documents(run: JobRun, *, document_ids: list[int]) -> dict[str, Any]:
    """How many documents went, and the refusals. Each is committed by itself; a second run takes the rest."""
    waiting = send_order(document_ids)
    db.session.commit()
    outcome = run.each(waiting, send, total=len(waiting))
    return outcome.as_json()


def send(document_id: int) -> None:
    """Hand one document to the sender; one that is no longer ready is left alone.

    Raises NotFound, NotAllowed, and what the sender raises.
    """
    document = db.session.get(TaxDocument, document_id)
    if document is None:
        raise NotFound(document_id=document_id)
    if document.state is DocumentState.READY:
        DOCUMENT_FLOW.apply(document, "write", actor=require_current())


def send_order(ids: Iterable[int]) -> list[int]:
    """Ready documents of `ids` that the actor sees, in the order in which they speak of each other."""
    query = select(TaxDocument.id).where(TaxDocument.id.in_(list(ids)), TaxDocument.state == DocumentState.READY)
    return list(db.session.scalars(query.order_by(TaxDocument.id)))
