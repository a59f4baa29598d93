"""The document editors' pages and their questions: open, preview, find products, save, issue, discard."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, ClassVar

from flask import flash, jsonify, redirect, render_template, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _

from app.core.errors import DomainError, NotFound
from app.core.formats import local_digits
from app.finance.invoices import editor_page, instalments, purchases, queries, services
from app.finance.invoices.kinds import POLICIES, InvoiceKind
from app.finance.invoices.models import Invoice
from app.sales.catalog.models import Product
from app.sales.documents.choices import Prices
from app.sales.documents.editor import LineQuestions, did, refusal, saved, sent


class DocumentEditor(BaseView):
    """One kind of invoice on the screen: a draft to work on, an issued one read-only."""

    kind: ClassVar[InvoiceKind]
    listing: ClassVar[str]
    returns_by: ClassVar[str] = ""

    def find(self, invoice_id: int) -> Invoice:
        """A visible invoice of the editor's kind. Raises NotFound."""
        invoice = services.open_invoice(invoice_id)
        if invoice.kind is not self.kind:
            raise NotFound(invoice_id=invoice_id)
        return invoice

    @expose("/<int:invoice_id>")
    @has_access
    @permission_name("show")
    def show(self, invoice_id: int) -> str:
        return self.page(self.find(invoice_id))

    @expose("/<int:invoice_id>/issue", methods=["POST"])
    @has_access
    @permission_name("issue")
    def issue(self, invoice_id: int) -> Any:
        self.find(invoice_id)
        if did(lambda: services.issue_invoice(invoice_id)):
            number = local_digits(self.find(invoice_id).number_text)
            flash(_("%(kind)s %(number)s is issued.", kind=str(POLICIES[self.kind].label), number=number), "success")
        return redirect(self.url_of(invoice_id))

    @expose("/<int:invoice_id>/discard", methods=["POST"])
    @has_access
    @permission_name("delete")
    def discard(self, invoice_id: int) -> Any:
        self.find(invoice_id)
        if did(lambda: services.discard_draft(invoice_id)):
            flash(_("The draft is discarded."), "success")
            return redirect(url_for(f"{self.listing}.list"))
        return redirect(self.url_of(invoice_id))

    def url_of(self, invoice_id: int) -> str:
        """The page of an invoice of this kind."""
        return url_for(f"{self.endpoint}.show", invoice_id=invoice_id)

    def save_entry(self, invoice_id: int | None) -> Any:
        """The answer to a save: the draft's page, or every bad field."""
        return saved(lambda: self.write(sent(), invoice_id), self.url_of)

    def write(self, data: dict[str, Any], invoice_id: int | None) -> Invoice:
        """A draft made or changed from an entry."""
        raise NotImplementedError

    def page(self, invoice: Invoice | None) -> str:
        """The kind's page."""
        raise NotImplementedError


class LineEditor(LineQuestions, DocumentEditor):
    """The editor of a kind whose lines are entered: sales and purchases."""

    default_view = "new"

    @expose("/new")
    @has_access
    @permission_name("add")
    def new(self) -> str:
        return self.page(None)

    @expose("/save", methods=["POST"])
    @has_access
    @permission_name("add")
    def save_new(self) -> Any:
        return self.save_entry(None)

    @expose("/<int:invoice_id>/save", methods=["POST"])
    @has_access
    @permission_name("edit")
    def save(self, invoice_id: int) -> Any:
        self.find(invoice_id)
        return self.save_entry(invoice_id)

    @expose("/schedule", methods=["POST"])
    @has_access
    @permission_name("show")
    def schedule(self) -> Any:
        """Equal instalments of a payable."""
        try:
            return jsonify(instalments=instalments.schedule(sent()))
        except DomainError as error:
            return refusal(error)

    def write(self, data: dict[str, Any], invoice_id: int | None) -> Invoice:
        return services.save_draft(data, kind=self.kind, invoice_id=invoice_id)

    def page(self, invoice: Invoice | None) -> str:
        return render_template("invoices/editor.html", **editor_page.context(self, invoice))


class InvoiceEditor(LineEditor):
    """The editor of sales invoices."""

    kind = InvoiceKind.SALES
    listing = "InvoiceView"
    returns_by = "SalesReturnEditor"
    route_base = "/invoices/editor"
    class_permission_name = "finance.invoices"


class PurchaseEditor(LineEditor):
    """The editor of suppliers' invoices; one that looks like another is asked about first."""

    kind = InvoiceKind.PURCHASE
    listing = "PurchaseView"
    returns_by = "PurchaseReturnEditor"
    route_base = "/purchases/editor"
    class_permission_name = "finance.purchases"
    is_bought = True

    def prices(self, products: Sequence[Product], customer_id: int | None, day: date) -> Prices:
        return queries.bought_at(products, customer_id, day)

    def write(self, data: dict[str, Any], invoice_id: int | None) -> Invoice:
        invoice = super().write(data, invoice_id)
        if data.get("is_confirmed") is not True:
            purchases.refuse_alike(invoice)
        return invoice
