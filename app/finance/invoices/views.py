"""The lists of the four kinds of invoice, branches and additions, and their REST."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.core import jobs
from app.core.db import db
from app.core.fab import ModelApi, ModelView, SQLAInterface, action, expose, has_access
from app.core.forms import ModelForm
from app.crm.customers.models import Customer
from app.finance.invoices import returns, services
from app.finance.invoices.jobs import issue_invoices
from app.finance.invoices.kinds import POLICIES, InvoiceKind
from app.finance.invoices.models import (
    Invoice,
    PurchaseInvoice,
    PurchaseReturn,
    SalesInvoice,
    SalesReturn,
)
from app.finance.invoices.states import InvoiceState
from app.sales.documents.heads import head_of

FIGURES = ("gross_rials", "discount_rials", "net_rials", "tax_rials", "additions_rials", "payable_rials")


class DocumentView(ModelView):
    """The list of one kind of invoice; a row opens in the kind's own editor."""

    editor: ClassVar[str]
    list_columns: Any = (
        "customer_name",
        "number",
        "invoice_on",
        "payable_rials",
        "state",
        "payment_state",
        "reference",
    )
    sort_columns = ("invoice_on", "number")
    default_sort = "-invoice_on"
    filter_columns = (
        *("state", "payment_state", "customer", "invoice_on", "payable_rials", "fiscal_year", "department", "owner"),
    )
    add_columns: ClassVar[list[str]] = ["customer"]
    # The head of a draft can be changed in the sheet; the editor has the rest.
    edit_columns: ClassVar[list[str]] = ["customer", "reference", "invoice_on", "due_on", "terms", "note"]
    base_permissions: ClassVar[list[str]] = [
        *("can_list", "can_show", "can_add", "can_edit", "can_issue"),
    ]

    def is_editable(self, record: Invoice) -> bool:
        return record.state is InvoiceState.DRAFT

    def write_changes(self, record: Invoice, form: ModelForm) -> None:
        """Save the head of a draft through the service, which knows what else follows from it."""
        services.save_draft({**services.document_of(record), **head_of(form)}, invoice_id=record.id)

    def service_delete(self, record: Invoice) -> None:
        services.discard_draft(record.id)

    @expose("/show/<pk>", methods=["GET"])
    @has_access
    def show(self, pk: str) -> Any:
        return redirect(url_for(f"{self.editor}.show", invoice_id=self.find(pk).id))

    @expose("/add", methods=["GET"])
    @has_access
    def add(self) -> Any:
        return redirect(url_for(f"{self.editor}.new"))

    @expose("/edit/<pk>", methods=["GET"])
    @has_access
    def edit(self, pk: str) -> Any:
        return redirect(url_for(f"{self.editor}.show", invoice_id=self.find(pk).id))

    @action(
        "issue",
        _l("Issue"),
        _l("Issue the chosen drafts? They get their numbers by date and cannot be changed afterwards."),
        "check2-circle",
        single=False,
    )
    def issue(self, invoices: Sequence[Invoice]) -> Any:
        """Queue the issue of the chosen drafts."""
        job = jobs.enqueue(issue_invoices, invoice_ids=[invoice.id for invoice in invoices])
        db.session.commit()
        flash(_("The invoices are being issued; this page can be left."), "info")
        return redirect(url_for("JobView.page", job_id=job.id))


def _labels(kind: InvoiceKind) -> dict[str, Any]:
    return {
        "customer": POLICIES[kind].party,
        "customer_name": POLICIES[kind].party,
        "invoice_on": _l("Invoice date"),
        "payable_rials": _l("Payable (rials)"),
        "payment_state": _l("Settlement"),
        "supplier_number": _l("Supplier's number"),
        "original": _l("Original invoice"),
        "reason": _l("Reason of the return"),
    }


class InvoiceView(DocumentView):
    """Sales invoices."""

    model = SalesInvoice
    editor = "InvoiceEditor"
    class_permission_name = "finance.invoices"
    route_base = "/invoices"
    list_title = _l("Sales invoices")
    item_title = _l("Sales invoice")
    icon = "receipt"
    labels = _labels(InvoiceKind.SALES)


class PurchaseView(DocumentView):
    """Invoices of suppliers."""

    model = PurchaseInvoice
    editor = "PurchaseEditor"
    class_permission_name = "finance.purchases"
    route_base = "/purchases"
    list_title = _l("Purchase invoices")
    item_title = _l("Purchase invoice")
    icon = "bag"
    labels = _labels(InvoiceKind.PURCHASE)
    list_columns = ("customer_name", "number", "supplier_number", "invoice_on", "payable_rials", "state", "reference")
    choice_filters: ClassVar[dict[str, Any]] = {"customer": lambda: Customer.is_supplier}


class ReturnView(DocumentView):
    """The list of returns of one kind; a new one is made from its invoice."""

    originals: ClassVar[str]
    list_columns = ("customer_name", "number", "original", "invoice_on", "payable_rials", "state", "reason")
    edit_columns: ClassVar[list[str]] = ["note"]
    base_permissions: ClassVar[list[str]] = [
        *("can_list", "can_show", "can_add", "can_edit", "can_delete", "can_issue"),
    ]

    def write_changes(self, record: Invoice, form: ModelForm) -> None:
        """The note of a draft changed; the rest follows from the original."""
        if head := head_of(form):
            returns.save_return({**returns.entry_of(record), **head}, return_id=record.id)

    @expose("/add", methods=["GET"])
    @has_access
    def add(self) -> Any:
        flash(_("A return is made from its invoice: open the invoice that comes back and choose Return."), "info")
        return redirect(url_for(f"{self.originals}.list", f_state=InvoiceState.ISSUED.value))


class SalesReturnView(ReturnView):
    """Returns of sold goods."""

    model = SalesReturn
    editor = "SalesReturnEditor"
    originals = "InvoiceView"
    class_permission_name = "finance.sales_returns"
    route_base = "/sales-returns"
    list_title = _l("Sales returns")
    item_title = _l("Sales return")
    icon = "arrow-return-left"
    labels = _labels(InvoiceKind.SALES_RETURN)


class PurchaseReturnView(ReturnView):
    """Returns of bought goods."""

    model = PurchaseReturn
    editor = "PurchaseReturnEditor"
    originals = "PurchaseView"
    class_permission_name = "finance.purchase_returns"
    route_base = "/purchase-returns"
    list_title = _l("Purchase returns")
    item_title = _l("Purchase return")
    icon = "arrow-return-right"
    labels = _labels(InvoiceKind.PURCHASE_RETURN)


class InvoiceApi(ModelApi):
    """Sales invoices for programs, read only; drafts come in by import or by the editor."""

    resource_name = "invoices"
    datamodel = SQLAInterface(SalesInvoice)
    class_permission_name = "finance.invoices"
    base_permissions: ClassVar[list[str]] = ["can_list", "can_show"]
    list_columns: ClassVar[list[str]] = [
        *("id", "kind", "state", "sign", "fiscal_year", "number", "reference", "invoice_on", "due_on"),
        *("supplier_number", "original_id", "voids_id", "customer.id", "customer_name", *FIGURES),
    ]
    show_columns = list_columns
    order_columns: ClassVar[list[str]] = ["id", "invoice_on"]


class SalesReturnApi(InvoiceApi):
    """Sales returns for programs, read only."""

    resource_name = "sales-returns"
    datamodel = SQLAInterface(SalesReturn)
    class_permission_name = "finance.sales_returns"


class PurchaseApi(InvoiceApi):
    """Purchase invoices for programs, read only."""

    resource_name = "purchases"
    datamodel = SQLAInterface(PurchaseInvoice)
    class_permission_name = "finance.purchases"


class PurchaseReturnApi(InvoiceApi):
    """Purchase returns for programs, read only."""

    resource_name = "purchase-returns"
    datamodel = SQLAInterface(PurchaseReturn)
    class_permission_name = "finance.purchase_returns"
