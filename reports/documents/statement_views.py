"""A party's statement of account as a PDF."""

from __future__ import annotations

from typing import Any

from flask import Response, make_response, url_for
from flask_appbuilder import BaseView, expose
from flask_babel import lazy_gettext as _l

from app.core.actor import require_current
from app.core.ports import ListAction
from app.crm.customers.models import Customer
from app.finance.settlement.models import SUBJECT
from app.finance.settlement.statement_views import asked_statement
from reports.documents.render import engine_of_settings
from reports.documents.statements import statement_html
from reports.documents.views import locale_of_now

ACTION = "print"


def offer_statement(model: type[Any]) -> ListAction | None:
    """The print button of a statement of account."""
    return ListAction("print", _l("Print"), "printer", ACTION, _url) if model is Customer else None


def _url(*, subject: str, record_id: int, **period: Any) -> str:
    return url_for("StatementPrintView.pdf", customer_id=record_id, **period)


class StatementPrintView(BaseView):
    """Statements on paper; the right is `print` on settlement."""

    route_base = "/print/statements"
    class_permission_name = "reports.documents"
    base_permissions: list[str] = []

    @expose("/<int:customer_id>.pdf")
    def pdf(self, customer_id: int) -> Response:
        """The PDF of the period in the address, in the language of the person."""
        require_current().require(ACTION, SUBJECT)
        paper = statement_html(asked_statement(customer_id), locale=locale_of_now())
        response = make_response(engine_of_settings().render(paper))
        response.headers["Content-Type"] = "application/pdf"
        response.headers["Content-Disposition"] = f'inline; filename="statement-{customer_id}.pdf"'
        response.headers["Cache-Control"] = "no-store, private"
        return response
