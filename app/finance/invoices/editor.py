"""The document editors' pages and their questions: open, preview, find products, save, issue, discard."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, ClassVar

from flask import Response, flash, jsonify, redirect, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _

from app.core.db import db
from app.core.documents_api import preview_response
from app.core.errors import DomainError, Invalid, NotFound
from app.core.saving import attempt
from app.finance.invoices import editor_page, instalments, purchases, queries, services
from app.finance.invoices.entry import document_part
from app.finance.invoices.kinds import POLICIES, InvoiceKind
from app.finance.invoices.models import Invoice

MOST_PASTED = 2_000


def refusal(error: DomainError) -> tuple[Response, int]:
    """A refusal for the editor: the sentence, and every bad field where there are some."""
    body: dict[str, Any] = {"code": error.code, "message": str(error)}
    if isinstance(error, Invalid):
        body["message"] = _("The invoice was not saved. Correct what is marked.")
        body["errors"] = [e.as_json() for e in error.errors]
    elif error.path:
        body["errors"] = [{"path": error.path, "code": error.code, "message": str(error)}]
    return jsonify(body), error.status


def sent() -> dict[str, Any]:
    """The JSON object of a request; an empty one for anything else."""
    data = request.get_json(silent=True)
    return data if isinstance(data, dict) else {}


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
        if self.did(lambda: services.issue_invoice(invoice_id)):
            number = self.find(invoice_id).number_text
            flash(_("%(kind)s %(number)s is issued.", kind=str(POLICIES[self.kind].label), number=number), "success")
        return redirect(self.url_of(invoice_id))

    @expose("/<int:invoice_id>/discard", methods=["POST"])
    @has_access
    @permission_name("delete")
    def discard(self, invoice_id: int) -> Any:
        self.find(invoice_id)
        if self.did(lambda: services.discard_draft(invoice_id)):
            flash(_("The draft is discarded."), "success")
            return redirect(url_for(f"{self.listing}.list"))
        return redirect(self.url_of(invoice_id))

    def url_of(self, invoice_id: int) -> str:
        """The page of an invoice of this kind."""
        return url_for(f"{self.endpoint}.show", invoice_id=invoice_id)

    def did(self, work: Callable[[], Any]) -> bool:
        """Whether `work` was done and committed; a refusal is said on the next page."""
        words = attempt(work)
        if words is not None:
            flash(words, "danger")
        return words is None

    def save_entry(self, invoice_id: int | None) -> Any:
        """The answer to a save: the draft's page, or every bad field."""
        if not (data := sent()):
            return jsonify(message=_("Some values are not valid.")), HTTPStatus.UNPROCESSABLE_ENTITY
        try:
            invoice = self.write(data, invoice_id)
            db.session.commit()
        except DomainError as error:
            db.session.rollback()
            return refusal(error)
        flash(_("The draft is saved."), "success")
        return jsonify(id=invoice.id, url=self.url_of(invoice.id))

    def write(self, data: dict[str, Any], invoice_id: int | None) -> Invoice:
        """A draft made or changed from an entry."""
        raise NotImplementedError

    def page(self, invoice: Invoice | None) -> str:
        """The kind's page."""
        raise NotImplementedError


class LineEditor(DocumentEditor):
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

    @expose("/preview", methods=["POST"])
    @has_access
    @permission_name("show")
    def preview(self) -> Any:
        data = request.get_json(silent=True)
        return preview_response(document_part(data) if isinstance(data, dict) else data)

    @expose("/schedule", methods=["POST"])
    @has_access
    @permission_name("show")
    def schedule(self) -> Any:
        """Equal instalments of a payable."""
        try:
            return jsonify(instalments=instalments.schedule(sent()))
        except DomainError as error:
            return refusal(error)

    @expose("/products")
    @has_access
    @permission_name("show")
    def products(self) -> Response:
        found = queries.product_choices(
            request.args.get("q", ""),
            kind=self.kind,
            customer_id=request.args.get("customer_id"),
            on=request.args.get("on"),
        )
        return jsonify(results=found)

    @expose("/customers")
    @has_access
    @permission_name("show")
    def customers(self) -> Response:
        return jsonify(queries.customer_choices(request.args.get("q", ""), kind=self.kind))

    @expose("/resolve", methods=["POST"])
    @has_access
    @permission_name("show")
    def resolve(self) -> Any:
        data = sent()
        texts = data.get("texts")
        if not isinstance(texts, list) or len(texts) > MOST_PASTED:
            return jsonify(message=_("Some values are not valid.")), HTTPStatus.UNPROCESSABLE_ENTITY
        found = queries.products_named(
            [str(text)[:300] for text in texts],
            kind=self.kind,
            customer_id=data.get("customer_id"),
            on=data.get("on"),
        )
        return jsonify(found=found)

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

    def write(self, data: dict[str, Any], invoice_id: int | None) -> Invoice:
        invoice = super().write(data, invoice_id)
        if data.get("is_confirmed") is not True:
            purchases.refuse_alike(invoice)
        return invoice
