"""What an invoice's page says of the tax system: the check of a draft, the documents of an issued one."""

from __future__ import annotations

from typing import Any

from app.core.actor import current
from app.core.ports import Panel
from app.finance.invoices.models import Invoice
from app.finance.invoices.states import InvoiceState
from app.finance.moadian import queries
from app.finance.moadian.checks import KINDS, report_of
from app.finance.moadian.workflow import SUBJECT


def panel_of(record: Any) -> Panel | None:
    """The panel of an invoice; None where the tax system is turned off for it and knows nothing of it."""
    if not isinstance(record, Invoice) or record.kind not in KINDS:
        return None
    if record.state is InvoiceState.DRAFT:
        report = report_of(record)
        return Panel("moadian/preflight.html", {"report": report}) if report.is_on else None
    actor = current()
    if actor is None or not actor.can("list", SUBJECT):
        return None
    documents = queries.chain_of(record)
    may_open = actor.can("show", SUBJECT)
    return Panel("moadian/chain.html", {"documents": documents, "may_open": may_open}) if documents else None
