"""Sales invoices: the manifest."""

from __future__ import annotations

from flask import Flask, url_for
from flask_babel import lazy_gettext as _l

from app.core.fab import api_of
from app.core.feature import Entry, Feature, Inbox, Role, SearchSource
from app.crm.customers.views import CustomerView
from app.finance.invoices import frozen, jobs, queries, returns  # noqa: F401 - jobs registers the bulk issue
from app.finance.invoices.editor import InvoiceEditor
from app.finance.invoices.models import (
    AdditionKind,
    Branch,
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
from app.finance.invoices.seed import seed
from app.finance.invoices.views import AdditionKindView, BranchView, InvoiceApi, InvoiceView
from app.finance.invoices.workflow import FLOWS

# A customer's page shows its invoices; finance lies above and plugs itself in.
if InvoiceView not in CustomerView.related_views:
    CustomerView.related_views.append(InvoiceView)

SEE = frozenset({"list", "show"})
WORK = SEE | {"add", "edit", "delete", "see_department", "print", "export"}
ACCOUNT = WORK | {"issue", "cancel", "import", "see_all"}
ACTIONS = frozenset({"issue", "cancel", "import", "export", "print", "see_own", "see_department", "see_all"})


def _setup(app: Flask) -> None:
    frozen.install(app)
    returns.install()


FEATURE = Feature(
    name="finance.invoices",
    label=_l("Invoices"),
    category="finance",
    entries=(
        Entry(InvoiceView, "Sales invoices", _l("Sales invoices"), "receipt"),
        Entry(BranchView, "Branches", _l("Branches"), "shop"),
        Entry(AdditionKindView, "Additions", _l("Additions and deductions"), "plus-slash-minus"),
        Entry(InvoiceEditor),
    ),
    apis=(InvoiceApi, api_of(BranchView), api_of(AdditionKindView)),
    models=(
        *(Invoice, SalesInvoice, SalesReturn, PurchaseInvoice, PurchaseReturn),
        *(InvoiceLine, InvoiceLineTax, InvoiceAdjustment, InvoiceInstalment, Branch, AdditionKind),
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
        "finance.additions": {
            Role.ACCOUNTANT: SEE | {"add", "edit", "delete"},
            Role.MANAGER: SEE | {"add", "edit", "delete"},
        },
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
    searches=(
        SearchSource(
            model=SalesInvoice,
            label=_l("Invoices"),
            icon="receipt",
            title=str,
            detail=lambda invoice: invoice.customer_name,
            endpoint="InvoiceEditor.show",
        ),
    ),
    inboxes=(
        Inbox(
            name="invoice_drafts",
            label=_l("Invoices waiting for issue"),
            icon="receipt",
            subject="finance.invoices",
            count=queries.waiting_draft_count,
            rows=queries.waiting_drafts,
            url=lambda: url_for("InvoiceView.list", state="draft"),
        ),
    ),
    seed=seed,
    setup=_setup,
)
