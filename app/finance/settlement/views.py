"""Lists of settlement: receipts and payments, open items, opening balances, the company's rules."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from flask import redirect, request, url_for
from flask_babel import lazy_gettext as _l

from app.core.fab import ModelApi, ModelView, action, expose, has_access
from app.core.forms import ModelForm
from app.finance.settlement import openings, payments
from app.finance.settlement.models import SUBJECT, OpeningBalance, OpenItem, Payment, SettlementRules

PARTY = {
    "customer": _l("Party"),
    "customer_name": _l("Party"),
    "amount_rials": _l("Amount (rials)"),
    "due_on": _l("Due date"),
    "booked_on": _l("Date"),
    "side": _l("Side"),
}


class PaymentView(ModelView):
    """Receipts and payments."""

    model = Payment
    class_permission_name = SUBJECT
    route_base = "/payments"
    list_title = _l("Receipts and payments")
    item_title = _l("Receipt or payment")
    icon = "cash-coin"
    base_permissions: ClassVar[list[str]] = ["can_list", "can_show", "can_add"]
    list_columns = ("customer_name", "number", "kind", "paid_on", "amount_rials", "state")
    sort_columns = ("paid_on", "number")
    default_sort = "-paid_on"
    filter_columns = ("kind", "state", "customer", "paid_on", "amount_rials", "fiscal_year", "department", "owner")
    labels: ClassVar[dict[str, Any]] = {
        **PARTY,
        "paid_on": _l("Date"),
        "kind": _l("Kind"),
        "number_text": _l("Number"),
        "fiscal_year": _l("Fiscal year"),
    }

    @expose("/show/<pk>", methods=["GET"])
    @has_access
    def show(self, pk: str) -> Any:
        return redirect(url_for("CashierView.show", payment_id=self.find(pk).id))

    @action(
        "post",
        _l("Book it"),
        _l("Book the chosen drafts? They get their numbers and cannot be changed afterwards."),
        "check2-circle",
        single=False,
    )
    def post(self, records: Sequence[Payment]) -> None:
        """Book the chosen drafts in the order in which they were entered, all or none."""
        for record in records:
            payments.post_payment(record.id)

    @expose("/add", methods=["GET"])
    @has_access
    def add(self) -> Any:
        return redirect(
            url_for("CashierView.new", kind=request.args.get("kind"), customer=request.args.get("customer"))
        )


class PaymentApi(ModelApi):
    """Receipts and payments for programs, read only; they are made by the cashier's page."""

    view = PaymentView
    resource_name = "payments"
    class_permission_name = SUBJECT
    base_permissions: ClassVar[list[str]] = ["can_list", "can_show"]


class OpenItemView(ModelView):
    """Everything that parties owe and are owed, with what of it is done with."""

    model = OpenItem
    class_permission_name = SUBJECT
    route_base = "/open-items"
    list_title = _l("Open items")
    item_title = _l("Open item")
    icon = "list-check"
    base_permissions: ClassVar[list[str]] = ["can_list", "can_show"]
    list_columns = (
        "customer",
        "side",
        "due_on",
        "amount_rials",
        "settled_rials",
        "covered_rials",
        "invoice",
        "payment",
    )
    sort_columns = ("due_on",)
    default_sort = "due_on"
    filter_columns = ("customer", "due_on", "department", "owner")
    labels: ClassVar[dict[str, Any]] = {
        **PARTY,
        "settled_rials": _l("Settled (rials)"),
        "covered_rials": _l("Covered (rials)"),
        "invoice": _l("Invoice"),
        "payment": _l("Receipt or payment"),
    }


class OpeningView(ModelView):
    """Opening balances of parties."""

    model = OpeningBalance
    class_permission_name = SUBJECT
    route_base = "/opening-balances"
    list_title = _l("Opening balances")
    item_title = _l("Opening balance")
    icon = "flag"
    base_permissions: ClassVar[list[str]] = ["can_list", "can_show", "can_add"]
    list_columns = ("customer", "side", "amount_rials", "booked_on", "due_on", "reference", "state")
    sort_columns = ("booked_on",)
    default_sort = "-booked_on"
    filter_columns = ("state", "side", "customer", "amount_rials", "booked_on", "department", "owner")
    show_sections = (
        (_l("Opening balance"), ("state", "customer", "side", "amount_rials", "booked_on", "due_on")),
        (_l("Details"), ("reference", "cheque", "note", "owner", "department")),
    )
    form_columns = ("customer", "side", "amount_rials", "booked_on", "due_on", "reference", "note", "department")
    optional_columns = frozenset({"booked_on", "department"})
    labels: ClassVar[dict[str, Any]] = {**PARTY, "cheque": _l("Cheque"), "reference": _l("Reference")}

    def service_add(self, record: OpeningBalance, form: ModelForm) -> None:
        """Book it with its open item."""
        openings.book_opening(record)


class RulesView(ModelView):
    """What the company allows a cashier."""

    model = SettlementRules
    class_permission_name = "finance.settlement_rules"
    route_base = "/settlement-rules"
    list_title = _l("Rules of settlement")
    item_title = _l("Rules of settlement")
    icon = "sliders"
    base_permissions: ClassVar[list[str]] = ["can_list", "can_show", "can_edit"]
    list_columns = ("write_off_limit_rials",)
    form_columns = ("write_off_limit_rials",)
    labels: ClassVar[dict[str, Any]] = {"write_off_limit_rials": _l("At most written off in one document (rials)")}
