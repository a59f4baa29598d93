"""The tax system: the manifest. It listens to sales invoices and their returns from above them."""

from __future__ import annotations

from flask import Flask, url_for
from flask_babel import lazy_gettext as _l

from app.core import ports
from app.core.fab import api_of
from app.core.feature import Entry, Feature, Inbox, Role
from app.core.workflow import transition_applied
from app.finance.invoices.workflow import FLOWS
from app.finance.moadian import jobs, queries  # noqa: F401 - jobs registers the writing of files
from app.finance.moadian.checks import KINDS, require_passed
from app.finance.moadian.models import SendWindow, TaxDocument, TaxMemory
from app.finance.moadian.panel import offer_check, panel_of
from app.finance.moadian.seed import seed
from app.finance.moadian.services import tell_of_issue
from app.finance.moadian.views import (
    SETTINGS,
    SendWindowView,
    TaxDocumentView,
    TaxMemoryView,
)
from app.finance.moadian.workflow import DOCUMENT_FLOW

WORK = frozenset({"list", "show", "send"})
SET_UP = frozenset({"list", "show", "add", "edit"})


def _setup(_app: Flask) -> None:
    for kind in KINDS:
        flow = FLOWS[kind]
        if require_passed not in flow.policies:
            flow.policies.append(require_passed)
        transition_applied.connect(tell_of_issue, sender=flow)
    ports.record_panels.register(panel_of)
    ports.rows_actions.register(offer_check)


FEATURE = Feature(
    name="finance.moadian",
    label=_l("Tax system"),
    category="finance",
    entries=(
        Entry(TaxDocumentView, "Tax documents", _l("Documents for the tax system"), "file-earmark-check"),
        Entry(TaxMemoryView, "Tax memories", _l("Tax memories"), "safe"),
        Entry(SendWindowView, "Days for sending", _l("Days for sending"), "hourglass-split"),
    ),
    apis=tuple(api_of(view) for view in (TaxDocumentView, TaxMemoryView, SendWindowView)),
    models=(TaxMemory, SendWindow, TaxDocument),
    workflows=(DOCUMENT_FLOW,),
    actions=frozenset({"send"}),
    grants={
        Role.ACCOUNTANT: WORK,
        Role.MANAGER: WORK,
        Role.SALES: frozenset({"list"}),
    },
    more_grants={
        SETTINGS: {Role.MANAGER: SET_UP, Role.ACCOUNTANT: SET_UP},
    },
    inboxes=(
        Inbox(
            name="tax_refusals",
            label=_l("Refused by the tax system"),
            icon="file-earmark-check",
            subject="finance.moadian",
            count=queries.refused_count,
            rows=queries.refused,
            url=lambda: url_for("TaxDocumentView.list", f_state="rejected"),
        ),
    ),
    seed=seed,
    setup=_setup,
)
