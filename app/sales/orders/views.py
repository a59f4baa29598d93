"""The lists of the three kinds of order, and their REST."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.core import jobs
from app.core.board import BoardSpec
from app.core.db import db
from app.core.fab import ModelApi, ModelView, SQLAInterface, action, expose, has_access
from app.core.forms import ModelForm
from app.core.month_view import CalendarSpec
from app.crm.customers.models import Customer
from app.sales.documents.heads import head_of
from app.sales.orders import services
from app.sales.orders.jobs import approve_orders
from app.sales.orders.kinds import OPEN, POLICIES, OrderKind, OrderState
from app.sales.orders.models import Order, ProductionOrder, PurchaseOrder, SalesOrder

FIGURES = ("gross_rials", "discount_rials", "net_rials", "tax_rials", "additions_rials", "payable_rials")


class OrderView(ModelView):
    """The list of one kind of order; a row opens in the kind's own editor."""

    editor: ClassVar[str]
    list_columns: Any = ("customer_name", "number", "order_on", "deliver_on", "payable_rials", "state", "source")
    sort_columns = ("order_on", "number", "deliver_on")
    default_sort = "-order_on"
    filter_columns = (
        *("state", "source", "customer", "order_on", "deliver_on", "payable_rials", "department", "owner"),
    )
    board_spec = BoardSpec(
        states=(OrderState.DRAFT, *OPEN),
        ends=(OrderState.DONE, OrderState.CLOSED_SHORT, OrderState.CANCELLED),
        title="customer_name",
        day="deliver_on",
        amount="payable_rials",
        since="waits_since",
    )
    calendar_spec = CalendarSpec("deliver_on", states=OPEN, title="customer_name")
    add_columns: ClassVar[list[str]] = ["customer"]
    # The head of a draft can be changed in the sheet; the editor has the rest.
    edit_columns: ClassVar[list[str]] = ["customer", "reference", "order_on", "deliver_on", "note"]
    base_permissions: ClassVar[list[str]] = [
        *("can_list", "can_show", "can_add", "can_edit", "can_approve"),
    ]

    def is_editable(self, record: Order) -> bool:
        return record.state is OrderState.DRAFT

    def write_changes(self, record: Order, form: ModelForm) -> None:
        """Save the head of a draft through the service, which knows what else follows from it."""
        entry = {**services.document_of(record), **head_of(form)}
        services.save_draft(entry, kind=record.kind, order_id=record.id)

    def service_delete(self, record: Order) -> None:
        services.discard_draft(record.id)

    @expose("/show/<pk>", methods=["GET"])
    @has_access
    def show(self, pk: str) -> Any:
        return redirect(url_for(f"{self.editor}.show", order_id=self.find(pk).id))

    @expose("/add", methods=["GET"])
    @has_access
    def add(self) -> Any:
        return redirect(url_for(f"{self.editor}.new"))

    @expose("/edit/<pk>", methods=["GET"])
    @has_access
    def edit(self, pk: str) -> Any:
        return redirect(url_for(f"{self.editor}.show", order_id=self.find(pk).id))

    @action(
        "approve",
        _l("Approve"),
        _l("Approve the chosen orders? Those that may not be approved are named afterwards."),
        "check2-circle",
        single=False,
    )
    def approve(self, orders: Sequence[Order]) -> Any:
        """Queue the approval of the chosen orders."""
        job = jobs.enqueue(approve_orders, order_ids=[order.id for order in orders])
        db.session.commit()
        flash(_("The orders are being approved; this page can be left."), "info")
        return redirect(url_for("JobView.page", job_id=job.id))


def _labels(kind: OrderKind) -> dict[str, Any]:
    return {
        "customer": POLICIES[kind].party,
        "customer_name": POLICIES[kind].party,
        "order_on": _l("Order date"),
        "deliver_on": _l("Delivery date"),
        "payable_rials": _l("Payable (rials)"),
        "source": _l("Source"),
    }


class SalesOrderView(OrderView):
    """What customers want of us."""

    model = SalesOrder
    editor = "SalesOrderEditor"
    class_permission_name = POLICIES[OrderKind.SALES].subject
    route_base = "/orders"
    list_title = _l("Sales orders")
    item_title = _l("Sales order")
    icon = "cart-check"
    labels = _labels(OrderKind.SALES)


class PurchaseOrderView(OrderView):
    """What we want of suppliers."""

    model = PurchaseOrder
    editor = "PurchaseOrderEditor"
    class_permission_name = POLICIES[OrderKind.PURCHASE].subject
    route_base = "/purchase-orders"
    list_title = _l("Purchase orders")
    item_title = _l("Purchase order")
    icon = "basket"
    labels = _labels(OrderKind.PURCHASE)
    choice_filters: ClassVar[dict[str, Any]] = {"customer": lambda: Customer.is_supplier}


class ProductionOrderView(OrderView):
    """What our own works are to make."""

    model = ProductionOrder
    editor = "ProductionOrderEditor"
    class_permission_name = POLICIES[OrderKind.PRODUCTION].subject
    route_base = "/production-orders"
    list_title = _l("Production orders")
    item_title = _l("Production order")
    icon = "gear-wide-connected"
    labels = _labels(OrderKind.PRODUCTION)


class SalesOrderApi(ModelApi):
    """Sales orders for programs, read only; drafts come in by import or by the editor."""

    resource_name = "orders"
    datamodel = SQLAInterface(SalesOrder)
    class_permission_name = POLICIES[OrderKind.SALES].subject
    base_permissions: ClassVar[list[str]] = ["can_list", "can_show"]
    list_columns: ClassVar[list[str]] = [
        *("id", "kind", "state", "source", "fiscal_year", "number", "reference", "order_on", "deliver_on"),
        *("customer.id", "customer_name", *FIGURES),
    ]
    show_columns = list_columns
    order_columns: ClassVar[list[str]] = ["id", "order_on"]


class PurchaseOrderApi(SalesOrderApi):
    """Purchase orders for programs, read only."""

    resource_name = "purchase-orders"
    datamodel = SQLAInterface(PurchaseOrder)
    class_permission_name = POLICIES[OrderKind.PURCHASE].subject


class ProductionOrderApi(SalesOrderApi):
    """Production orders for programs, read only."""

    resource_name = "production-orders"
    datamodel = SQLAInterface(ProductionOrder)
    class_permission_name = POLICIES[OrderKind.PRODUCTION].subject
