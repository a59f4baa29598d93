"""The document editor's pages and its questions: open, preview, find products, save, issue, print."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import Response, abort, flash, jsonify, redirect, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import get_locale
from flask_babel import gettext as _

from app.core import ports
from app.core.actor import require_current
from app.core.clock import today
from app.core.db import db
from app.core.documents_api import preview_response
from app.core.errors import DomainError, Invalid, NotFound
from app.core.field_rights import may_read, may_write
from app.finance.invoices import queries, services
from app.finance.invoices.bulk import plain
from app.finance.invoices.entry import document_part
from app.finance.invoices.kinds import POLICIES, TERM_LABELS, InvoiceKind
from app.finance.invoices.models import Invoice
from app.finance.invoices.states import STATE_LABELS, InvoiceState
from app.finance.invoices.workflow import flow_of

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


class InvoiceEditor(BaseView):
    """A draft on the screen; an issued invoice opens the same way, read-only."""

    route_base = "/invoices/editor"
    class_permission_name = "finance.invoices"
    default_view = "new"

    @expose("/new")
    @has_access
    @permission_name("add")
    def new(self) -> str:
        return self._page(None)

    @expose("/<int:invoice_id>")
    @has_access
    @permission_name("show")
    def show(self, invoice_id: int) -> str:
        try:
            return self._page(services.open_invoice(invoice_id))
        except DomainError as error:
            abort(error.status)

    @expose("/save", methods=["POST"])
    @has_access
    @permission_name("add")
    def save_new(self) -> Any:
        return self._save(None)

    @expose("/<int:invoice_id>/save", methods=["POST"])
    @has_access
    @permission_name("edit")
    def save(self, invoice_id: int) -> Any:
        return self._save(invoice_id)

    @expose("/preview", methods=["POST"])
    @has_access
    @permission_name("show")
    def preview(self) -> Any:
        data = request.get_json(silent=True)
        return preview_response(document_part(data) if isinstance(data, dict) else data)

    @expose("/products")
    @has_access
    @permission_name("show")
    def products(self) -> Response:
        found = queries.product_choices(
            request.args.get("q", ""), customer_id=request.args.get("customer_id"), on=request.args.get("on")
        )
        return jsonify(results=found)

    @expose("/customers")
    @has_access
    @permission_name("show")
    def customers(self) -> Response:
        return jsonify(queries.customer_choices(request.args.get("q", "")))

    @expose("/resolve", methods=["POST"])
    @has_access
    @permission_name("show")
    def resolve(self) -> Any:
        data = request.get_json(silent=True)
        if not isinstance(data, dict):
            data = {}
        texts = data.get("texts")
        if not isinstance(texts, list) or len(texts) > MOST_PASTED:
            return jsonify(message=_("Some values are not valid.")), HTTPStatus.UNPROCESSABLE_ENTITY
        found = queries.products_named(
            [str(text)[:300] for text in texts], customer_id=data.get("customer_id"), on=data.get("on")
        )
        return jsonify(found=found)

    @expose("/<int:invoice_id>/issue", methods=["POST"])
    @has_access
    @permission_name("issue")
    def issue(self, invoice_id: int) -> Any:
        try:
            invoice = services.issue_invoice(invoice_id)
            db.session.commit()
            flash(_("Invoice %(number)s is issued.", number=invoice.number_text), "success")
        except NotFound:
            raise
        except DomainError as error:
            db.session.rollback()
            flash(str(error), "danger")
        return redirect(url_for("InvoiceEditor.show", invoice_id=invoice_id))

    @expose("/<int:invoice_id>/discard", methods=["POST"])
    @has_access
    @permission_name("delete")
    def discard(self, invoice_id: int) -> Any:
        try:
            services.discard_draft(invoice_id)
            db.session.commit()
            flash(_("The draft is discarded."), "success")
            return redirect(url_for("InvoiceView.list"))
        except NotFound:
            raise
        except DomainError as error:
            db.session.rollback()
            flash(str(error), "danger")
            return redirect(url_for("InvoiceEditor.show", invoice_id=invoice_id))

    def _save(self, invoice_id: int | None) -> Any:
        data = request.get_json(silent=True)
        if not isinstance(data, dict):
            return jsonify(message=_("Some values are not valid.")), HTTPStatus.UNPROCESSABLE_ENTITY
        try:
            invoice = services.save_draft(data, kind=InvoiceKind.SALES, invoice_id=invoice_id)
            db.session.commit()
        except DomainError as error:
            db.session.rollback()
            return refusal(error)
        flash(_("The draft is saved."), "success")
        return jsonify(id=invoice.id, url=url_for("InvoiceEditor.show", invoice_id=invoice.id))

    def _page(self, invoice: Invoice | None) -> str:
        actor = require_current()
        is_draft = invoice is None or invoice.state is InvoiceState.DRAFT
        may_save = is_draft and actor.can("edit" if invoice else "add", "finance.invoices")
        return render_template(
            "invoices/editor.html",
            title=_title(invoice),
            invoice=invoice,
            read_only=not may_save,
            state_label=STATE_LABELS[invoice.state if invoice else InvoiceState.DRAFT],
            term_labels=TERM_LABELS,
            kind_policy=POLICIES[invoice.kind if invoice else InvoiceKind.SALES],
            may_issue=invoice is not None
            and any(
                o.transition.name == "issue" and o.refusal is None for o in flow_of(invoice).available(invoice, actor)
            ),
            may_discard=invoice is not None and is_draft and actor.can("delete", "finance.invoices"),
            record_actions=list(ports.record_actions.actions_for(type(invoice))) if invoice else [],
            actor=actor,
            today=today(),
            discount_text=_discount_text(invoice),
            additions=_additions(invoice),
            hidden_fields=[name for name in services.LIMITABLE if not may_read(Invoice, name)],
            closed_fields=[name for name in services.LIMITABLE if not may_write(Invoice, name)],
            document=_page_data(invoice, read_only=not may_save),
        )


def _discount_text(invoice: Invoice | None) -> str:
    """The document's discount as the editor's one field shows it."""
    for row in invoice.adjustments if invoice else ():
        if row.is_discount:
            return f"{plain(row.percent)}%" if row.percent is not None else str(row.amount_rials)
    return ""


def _additions(invoice: Invoice | None) -> list[dict[str, Any]]:
    """The additions and deductions that the editor offers, with what the invoice has of them."""
    stored = {row.name: row for row in (invoice.adjustments if invoice else ()) if not row.is_discount}
    offered = {"freight": (_("Freight"), 1), "packing": (_("Packing"), 1), "deduction": (_("Deduction"), -1)}
    fields = [
        {"name": name, "label": label, "sign": sign, "amount": stored[name].amount_rials if name in stored else ""}
        for name, (label, sign) in offered.items()
    ]
    others = [row for name, row in stored.items() if name not in offered]
    return fields + [{"name": r.name, "label": r.name, "sign": r.sign, "amount": r.amount_rials} for r in others]


def _title(invoice: Invoice | None) -> str:
    if invoice is None:
        return _("New sales invoice")
    if invoice.number is None:
        return _("Draft of a sales invoice")
    return _("Sales invoice %(number)s", number=invoice.number_text)


def _page_data(invoice: Invoice | None, *, read_only: bool) -> dict[str, Any]:
    """What the editor's script needs: the document, words, addresses."""
    blank = {"version": "", "policy": "line_floor", "lines": [], "discounts": [], "additions": []}
    document = services.document_of(invoice) if invoice else blank
    for line, stored in zip(document["lines"], invoice.lines if invoice else [], strict=True):
        line["unit"] = str(stored.unit or "")
    save = url_for("InvoiceEditor.save", invoice_id=invoice.id) if invoice else url_for("InvoiceEditor.save_new")
    return {
        "document": document,
        "read_only": read_only,
        "default_taxes": queries.default_taxes(),
        "percent_sign": "٪" if str(get_locale()).startswith("fa") else "%",
        "urls": {
            "preview": url_for("InvoiceEditor.preview"),
            "products": url_for("InvoiceEditor.products"),
            "resolve": url_for("InvoiceEditor.resolve"),
            "save": save,
        },
        "words": {
            "product": _("Goods or service"),
            "unit": _("Unit"),
            "quantity": _("Quantity"),
            "unit_price": _("Unit price (rials)"),
            "discount": _("Discount"),
            "tax": _("Tax"),
            "payable": _("Payable (rials)"),
            "row": _("Row {row}"),
            "saving": _("Saving…"),
            "failed": _("The invoice was not saved."),
            "offline": _("The server did not answer. Nothing is lost; try again."),
        },
    }
