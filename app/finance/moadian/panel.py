"""What the pages and lists of invoices offer of the tax system, plugged in from above them.

A draft's page shows its pre-flight check, an issued invoice's its documents; over chosen rows of a
list the drafts among them are checked.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import render_template
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.core.actor import current
from app.core.links import record_url
from app.core.ports import Panel, RowsAction
from app.finance.invoices.models import CLASS_OF, Invoice
from app.finance.invoices.states import InvoiceState
from app.finance.moadian import queries
from app.finance.moadian.checks import KINDS, report_of, reports_of
from app.finance.moadian.workflow import SUBJECT

AT_ONCE = 200
"""Drafts that one page checks."""


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


def offer_check(model: type[Any]) -> RowsAction | None:
    """The check over chosen rows of a list of sales invoices or their returns, while any memory is in use."""
    if model not in {CLASS_OF[kind] for kind in KINDS} or not queries.is_turned_on():
        return None
    return RowsAction("preflight", _l("Pre-flight check"), "clipboard-check", "show", _checked)


def _checked(invoices: Sequence[Invoice]) -> str:
    """The page that says what the tax system would of each chosen draft."""
    drafts = sorted(
        (invoice for invoice in invoices if invoice.state is InvoiceState.DRAFT),
        key=lambda invoice: (invoice.invoice_on, invoice.id),
    )
    return render_template(
        "moadian/checked.html",
        title=_("Pre-flight check"),
        reports=[(report, record_url(report.invoice)) for report in reports_of(drafts[:AT_ONCE])],
        left_out=len(invoices) - min(len(drafts), AT_ONCE),
    )
