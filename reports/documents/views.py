"""The print routes: an invoice as the official PDF."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Response, make_response, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.core import audit, outside
from app.core.db import db
from app.core.errors import DomainError
from app.core.ports import ListAction
from app.finance.invoices.models import Invoice
from app.finance.invoices.services import open_invoice
from app.finance.invoices.states import InvoiceState
from reports.documents.invoices import invoice_print
from reports.documents.render import render_pdf

PRINT = ListAction(
    name="print",
    label=_l("Print"),
    icon="printer",
    action="print",
    url=lambda *, subject, record_id: url_for("PrintView.invoice", invoice_id=record_id),
)


def offer_print(model: type[Any]) -> ListAction | None:
    """The print button of a record whose document has a form."""
    return PRINT if issubclass(model, Invoice) else None


LINK = ListAction(
    name="outside_link",
    label=_l("Link for the customer"),
    icon="link-45deg",
    action="print",
    url=lambda *, subject, record_id: url_for("PrintView.give", invoice_id=record_id),
)
DAYS = (1, 7, 30)


def offer_link(model: type[Any]) -> ListAction | None:
    """The button that makes a link by which somebody outside gets the paper."""
    return LINK if issubclass(model, Invoice) else None


def invoice_pdf(invoice_id: int) -> Response:
    """The official PDF of an invoice. Raises NotFound."""
    invoice = open_invoice(invoice_id)
    locale = str(get_locale() or "fa")
    response = make_response(render_pdf(invoice_print(invoice, locale=locale), locale=locale))
    response.headers["Content-Type"] = "application/pdf"
    response.headers["Content-Disposition"] = f'inline; filename="invoice-{invoice}.pdf"'
    return response


class NotIssued(DomainError):
    """A draft is nobody's paper yet."""

    code = "not_issued"
    default_message = _l("Issue the invoice first: a draft is not given to people outside.")


class PrintView(BaseView):
    """Papers of documents; each asks for the right to print on its own subject."""

    route_base = "/print"
    class_permission_name = "finance.invoices"

    @expose("/invoices/<int:invoice_id>.pdf")
    @has_access
    @permission_name("print")
    def invoice(self, invoice_id: int) -> Response:
        return invoice_pdf(invoice_id)

    @expose("/invoices/<int:invoice_id>/link", methods=("GET", "POST"))
    @has_access
    @permission_name("print")
    def give(self, invoice_id: int) -> Any:
        """Make a link to the paper for people outside; the history keeps who gave it away."""
        invoice = open_invoice(invoice_id)
        back = url_for("InvoiceView.show", pk=invoice_id)
        title = _("Link to invoice %(name)s", name=str(invoice))
        if request.method != "POST":
            return render_template("kartabl/give_link.html", title=title, days=DAYS, back=back)
        if invoice.state is InvoiceState.DRAFT:
            raise NotIssued(invoice=invoice)
        days = next((number for number in DAYS if request.form.get("days") == str(number)), DAYS[1])
        link = outside.make_link("invoice", invoice_id, lasting=timedelta(days=days))
        audit.record_bulk(db.session, Invoice, [(invoice_id, {})], action="link_given")
        db.session.commit()
        answer = make_response(
            render_template(
                "kartabl/shown_once.html", title=title, secret=link, back=back,
                sentence=_("Whoever has this link can open the PDF:"),
                advice=_("It works for %(days)s days and cannot be changed.", days=days),
            )
        )  # fmt: skip
        answer.headers["Cache-Control"] = "no-store"
        return answer
