"""The print routes: an invoice as the official PDF."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, make_response, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import get_locale
from flask_babel import lazy_gettext as _l

from app.core.errors import DomainError
from app.core.ports import ListAction
from app.finance.invoices.models import Invoice
from app.finance.invoices.services import open_invoice
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
    return PRINT if model is Invoice else None


class PrintView(BaseView):
    """Papers of documents; each asks for the right to print on its own subject."""

    route_base = "/print"
    class_permission_name = "finance.invoices"

    @expose("/invoices/<int:invoice_id>.pdf")
    @has_access
    @permission_name("print")
    def invoice(self, invoice_id: int) -> Response:
        try:
            invoice = open_invoice(invoice_id)
        except DomainError as error:
            abort(error.status)
        locale = str(get_locale() or "fa")
        response = make_response(render_pdf(invoice_print(invoice, locale=locale), locale=locale))
        response.headers["Content-Type"] = "application/pdf"
        response.headers["Content-Disposition"] = f'inline; filename="invoice-{invoice}.pdf"'
        return response
