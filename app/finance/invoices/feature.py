"""Sales invoices: the manifest."""

from __future__ import annotations

from flask import url_for
from flask_babel import lazy_gettext as _l

from app.core.fab import api_of
from app.core.feature import Entry, Feature, Inbox, Role, SearchSource
from app.crm.customers.views import CustomerView
from app.finance.invoices import frozen, jobs, queries  # noqa: F401 - jobs registers the bulk issue
from app.finance.invoices.editor import InvoiceEditor
from app.finance.invoices.models import Branch, Invoice, InvoiceAdjustment, InvoiceLine, InvoiceLineTax
from app.finance.invoices.seed import seed_branches
from app.finance.invoices.views import BranchView, InvoiceApi, InvoiceView
from app.finance.invoices.workflow import INVOICE_FLOW

# A customer's page shows its invoices; finance lies above and plugs itself in.
if InvoiceView not in CustomerView.related_views:
    CustomerView.related_views.append(InvoiceView)

SEE = frozenset({"list", "show"})
WORK = SEE | {"add", "edit", "delete", "see_department", "print", "export"}
ACCOUNT = WORK | {"issue", "import", "see_all"}

FEATURE = Feature(
    name="finance.invoices",
    label=_l("Invoices"),
    category="finance",
    entries=(
        Entry(InvoiceView, "Sales invoices", _l("Sales invoices"), "receipt"),
        Entry(BranchView, "Branches", _l("Branches"), "shop"),
        Entry(InvoiceEditor),
    ),
    apis=(InvoiceApi, api_of(BranchView)),
    models=(Invoice, InvoiceLine, InvoiceLineTax, InvoiceAdjustment, Branch),
    workflows=(INVOICE_FLOW,),
    actions=frozenset({"issue", "import", "export", "print", "see_own", "see_department", "see_all"}),
    grants={
        Role.ACCOUNTANT: ACCOUNT,
        Role.MANAGER: ACCOUNT,
        Role.SALES: WORK,
        Role.REP: SEE | {"see_own"},
        Role.SUPERVISOR: SEE | {"see_department"},
        Role.COLLECTOR: SEE | {"see_department", "print"},
    },
    searches=(
        SearchSource(
            model=Invoice,
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
    seed=seed_branches,
    setup=frozen.install,
)
