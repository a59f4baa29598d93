"""The money pages of the dealer panel: invoices as PDF, balance and cheques."""

from __future__ import annotations

from typing import Any, ClassVar

from flask import Response, render_template, request
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _

from app.core.row_numbers import row_number
from app.crm.customers.models import Customer
from app.finance.cheques import states as cheque_states
from app.finance.dealers import papers, queries
from app.finance.invoices.kinds import POLICIES
from app.finance.invoices.states import PAYMENT_LABELS, STATE_LABELS, InvoiceState
from app.sales.dealers.models import SUBJECT
from app.sales.dealers.panel import inside


class DealerMoneyView(BaseView):
    """`/dealer/invoices` and `/dealer/account`, by the rights of the panel."""

    route_base = "/dealer"
    class_permission_name = SUBJECT
    base_permissions: ClassVar[list[str]] = ["can_list"]
    default_view = "invoices"

    @expose("/invoices")
    @has_access
    @permission_name("list")
    @inside
    def invoices(self, dealer: Customer) -> str:
        found, more = queries.issued_invoices(dealer, before=row_number(request.args.get("before")))
        return render_template(
            "dealer_accounts/invoices.html",
            title=_("Invoices"),
            dealer=dealer,
            invoices=found,
            more=more,
            has_paper=papers.has_paper(),
            kinds={kind: policy.label for kind, policy in POLICIES.items()},
            state_of=_state_of,
        )

    @expose("/invoices/<int:invoice_id>.pdf")
    @has_access
    @permission_name("list")
    @inside
    def paper(self, dealer: Customer, invoice_id: int) -> Response:
        """The official form of one invoice."""
        response = papers.paper_of(queries.issued_invoice(dealer, invoice_id).id)
        response.headers["Cache-Control"] = "no-store, private"
        return response

    @expose("/account")
    @has_access
    @permission_name("list")
    @inside
    def account(self, dealer: Customer) -> str:
        return render_template(
            "dealer_accounts/account.html",
            title=_("Account"),
            dealer=dealer,
            account=queries.account_of(dealer),
            cheque_labels=cheque_states.STATE_LABELS,
            cheque_tones=cheque_states.STATE_TONES,
            direction_labels=cheque_states.DIRECTION_LABELS,
        )


def _state_of(invoice: Any) -> tuple[Any, str]:
    """What a dealer reads of an invoice's state, and its tone: void, else how far it is paid."""
    if invoice.state is InvoiceState.VOID or invoice.payment_state is None:
        return STATE_LABELS[invoice.state], "muted"
    tones = {"paid": "ok", "overdue": "bad", "unpaid": "warn", "partly": "warn", "covered": "info"}
    return PAYMENT_LABELS[invoice.payment_state], tones.get(invoice.payment_state.value, "muted")
