"""Invoices of all kinds: the manifest."""

from __future__ import annotations

from flask import Flask, url_for
from flask_babel import lazy_gettext as _l

from app.core.feature import Entry, Feature, Inbox, Role, SearchSource
from app.crm.customers.views import CustomerView
from app.finance.invoices import conversions, frozen, jobs, queries, returns, voids, year_end  # noqa: F401 - jobs registers the bulk issue
from app.finance.invoices.editor import InvoiceEditor, PurchaseEditor
from app.finance.invoices.models import (
    Invoice,
    InvoiceAdjustment,
    InvoiceInstalment,
    InvoiceLine,
    InvoiceLineTax,
    PurchaseInvoice,
    PurchaseReturn,
    SalesInvoice,
    SalesReturn,
)
from app.finance.invoices.return_editor import PurchaseReturnEditor, SalesReturnEditor
from app.finance.invoices.states import InvoiceState
from app.finance.invoices.views import (
    InvoiceApi,
    InvoiceView,
    PurchaseApi,
    PurchaseReturnApi,
    PurchaseReturnView,
    PurchaseView,
    SalesReturnApi,
    SalesReturnView,
)
from app.finance.invoices.workflow import FLOWS
from app.office.signatures.registry import Usual, signable

LISTS = (InvoiceView, SalesReturnView, PurchaseView, PurchaseReturnView)

LIST_OF = {view.model.__kind__: view for view in LISTS}

# A customer's page shows its invoices; finance lies above and plugs itself in.
CustomerView.related_views.extend(view for view in LISTS if view not in CustomerView.related_views)

MENU = (
    ("Sales invoices", _l("Sales invoices")),
    ("Sales returns", _l("Sales returns")),
    ("Purchase invoices", _l("Purchase invoices")),
    ("Purchase returns", _l("Purchase returns")),
)
SEE = frozenset({"list", "show"})
WORK = SEE | {"add", "edit", "delete", "see_department", "print", "export"}
ACCOUNT = WORK | {"issue", "cancel", "import", "see_all"}
ACTIONS = frozenset({"issue", "cancel", "import", "export", "print", "see_own", "see_department", "see_all"})


USUAL_SIGNATURES = (
    Usual(_l("Prepared by"), Role.ACCOUNTANT),
    Usual(_l("Manager"), Role.MANAGER),
    Usual(_l("Company stamp"), Role.MANAGER, is_required=False, uses_stamp=True),
)


def _setup(app: Flask) -> None:
    signable(
        Invoice, day="invoice_on", dead={InvoiceState.VOID}, usual=USUAL_SIGNATURES,
        later={"number", "fiscal_year", "issued_at", "issued_by_id", "buyer"},
    )  # fmt: skip
    frozen.install(app)
    conversions.install()
    returns.install()
    voids.install()
    year_end.install()


FEATURE = Feature(
    name="finance.invoices",
    label=_l("Invoices"),
    category="finance",
    entries=(
        *(Entry(view, *words, view.icon) for view, words in zip(LISTS, MENU, strict=True)),
        Entry(InvoiceEditor),
        Entry(PurchaseEditor),
        Entry(SalesReturnEditor),
        Entry(PurchaseReturnEditor),
    ),
    apis=(InvoiceApi, SalesReturnApi, PurchaseApi, PurchaseReturnApi),
    models=(
        *(Invoice, SalesInvoice, SalesReturn, PurchaseInvoice, PurchaseReturn),
        *(InvoiceLine, InvoiceLineTax, InvoiceAdjustment, InvoiceInstalment),
    ),
    workflows=tuple(FLOWS.values()),
    actions=ACTIONS,
    grants={
        Role.ACCOUNTANT: ACCOUNT,
        Role.MANAGER: ACCOUNT,
        Role.SALES: WORK,
        Role.REP: SEE | {"see_own"},
        Role.SUPERVISOR: SEE | {"see_department"},
        Role.COLLECTOR: SEE | {"see_department", "print"},
    },
    more_grants={
        "finance.sales_returns": {
            Role.ACCOUNTANT: ACCOUNT,
            Role.MANAGER: ACCOUNT,
            Role.SALES: WORK,
            Role.SUPERVISOR: SEE | {"see_department"},
            Role.COLLECTOR: SEE | {"see_department", "print"},
        },
        "finance.purchases": {Role.ACCOUNTANT: ACCOUNT, Role.MANAGER: ACCOUNT},
        "finance.purchase_returns": {Role.ACCOUNTANT: ACCOUNT, Role.MANAGER: ACCOUNT},
    },
    searches=tuple(
        SearchSource(
            model=view.model,
            label=label,
            icon=view.icon,
            title=str,
            detail=lambda invoice: invoice.customer_name,
            endpoint=f"{view.__name__}.show",
        )
        for view, (_name, label) in zip(LISTS, MENU, strict=True)
    ),
    inboxes=(
        Inbox(
            name="invoice_drafts",
            label=_l("Invoices waiting for issue"),
            icon="receipt",
            subject="finance.invoices",
            count=queries.waiting_draft_count,
            rows=queries.waiting_drafts,
            url=lambda: url_for(f"{LIST_OF[queries.waiting_kind()].__name__}.list", f_state="draft"),
        ),
    ),
    setup=_setup,
)
