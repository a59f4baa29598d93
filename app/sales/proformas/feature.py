"""Proformas of both kinds: the manifest."""

from __future__ import annotations

from flask import Flask, url_for
from flask_babel import lazy_gettext as _l

from app.core import public_pages
from app.core.fab import api_of
from app.core.feature import Entry, Feature, Inbox, Role, SearchSource
from app.crm.customers.views import CustomerView
from app.office.signatures.registry import Usual, signable
from app.sales.proformas import conversions, progress, queries, sweeps  # noqa: F401 - sweeps registers the expiry
from app.sales.proformas.editor import ProformaEditor, PurchaseProformaEditor
from app.sales.proformas.kinds import OVER
from app.sales.proformas.models import (
    Proforma,
    ProformaAdjustment,
    ProformaAnswer,
    ProformaLine,
    ProformaLineTax,
    ProformaLink,
    ProformaRules,
    PurchaseProforma,
    SalesProforma,
)
from app.sales.proformas.public import PublicProformaView
from app.sales.proformas.rules import seed_rules
from app.sales.proformas.views import (
    ProformaApi,
    ProformaRulesView,
    ProformaView,
    PurchaseProformaApi,
    PurchaseProformaView,
)
from app.sales.proformas.workflow import FLOWS

LISTS = (ProformaView, PurchaseProformaView)
MENU = (("Sales proformas", _l("Sales proformas")), ("Purchase proformas", _l("Purchase proformas")))
CustomerView.related_views.extend(view for view in LISTS if view not in CustomerView.related_views)

SEE = frozenset({"list", "show"})
WORK = SEE | {"add", "edit", "delete", "approve", "send", "answer", "revise", "convert", "see_department"}
OFFICE = WORK | {"print", "export", "cancel"}
MANAGE = OFFICE | {"approve_above", "exceed", "import", "see_all"}
ACTIONS = frozenset(
    {
        *("approve", "approve_above", "send", "answer", "revise", "convert", "exceed", "cancel"),
        *("import", "export", "print", "see_own", "see_department", "see_all"),
    }
)
BUYERS = {Role.MANAGER: MANAGE, Role.ACCOUNTANT: OFFICE | {"import", "see_all"}}


USUAL_SIGNATURES = (
    Usual(_l("Prepared by"), Role.SALES),
    Usual(_l("Manager"), Role.MANAGER),
    Usual(_l("Company stamp"), Role.MANAGER, is_required=False, uses_stamp=True),
)


def _setup(_app: Flask) -> None:
    signable(
        Proforma, day="proforma_on", dead=OVER, usual=USUAL_SIGNATURES,
        later={"number", "fiscal_year", "approved_at", "approved_by_id", "sent_at", "accepted_at"},
    )  # fmt: skip
    conversions.install()
    progress.install()
    public_pages.register("PublicProformaView.page", "PublicProformaView.paper")


FEATURE = Feature(
    name="sales.proformas",
    label=_l("Proformas"),
    category="sales",
    entries=(
        *(Entry(view, *words, view.icon) for view, words in zip(LISTS, MENU, strict=True)),
        Entry(ProformaEditor),
        Entry(PurchaseProformaEditor),
        Entry(PublicProformaView),
        Entry(ProformaRulesView, "Rules of proformas", _l("Rules of proformas"), "sliders"),
    ),
    apis=(ProformaApi, PurchaseProformaApi, api_of(ProformaRulesView)),
    models=(
        *(Proforma, SalesProforma, PurchaseProforma),
        *(ProformaLine, ProformaLineTax, ProformaAdjustment, ProformaLink, ProformaAnswer, ProformaRules),
    ),
    workflows=tuple(FLOWS.values()),
    actions=ACTIONS,
    grants={
        Role.MANAGER: MANAGE,
        Role.SALES: OFFICE,
        Role.REP: SEE | {"see_own"},
        Role.SUPERVISOR: SEE | {"see_department"},
        Role.ACCOUNTANT: SEE | {"see_all", "convert", "print", "export"},
    },
    more_grants={
        "sales.purchase_proformas": BUYERS,
        "sales.proforma_rules": {Role.MANAGER: SEE | {"edit"}},
    },
    searches=tuple(
        SearchSource(
            model=view.model,
            label=label,
            icon=view.icon,
            title=str,
            detail=lambda proforma: proforma.customer_name,
            endpoint=f"{view.__name__}.show",
        )
        for view, (_name, label) in zip(LISTS, MENU, strict=True)
    ),
    inboxes=(
        Inbox(
            name="proformas_ending",
            label=_l("Offers that end soon"),
            icon="hourglass-split",
            subject="sales.proformas",
            count=queries.ending_soon_count,
            rows=queries.ending_soon,
            url=lambda: url_for("ProformaView.list", sort="valid_until", f_state="sent"),
        ),
    ),
    setup=_setup,
    seed=seed_rules,
)
