"""The order editors: open, save, amend, discard, and what the grid of lines asks."""

from __future__ import annotations

from typing import Any, ClassVar

from flask import flash, redirect, render_template, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _

from app.core.errors import NotFound
from app.sales.documents.editor import LineQuestions, did, saved, sent
from app.sales.documents.making import Making
from app.sales.orders import editor_page, services
from app.sales.orders.kinds import POLICIES, OrderKind
from app.sales.orders.models import Order


class OrderEditor(LineQuestions, Making):
    """One kind of order on the screen: a draft to work on, a submitted one read-only or to be amended."""

    kind: ClassVar[OrderKind]
    listing: ClassVar[str]
    default_view = "new"

    def find(self, record_id: int) -> Order:
        """A visible order of the editor's kind. Raises NotFound."""
        order = services.open_order(record_id)
        if order.kind is not self.kind:
            raise NotFound(order_id=record_id)
        return order

    def url_of(self, record_id: int) -> str:
        """The page of an order of this kind."""
        return url_for(f"{self.endpoint}.show", order_id=record_id)

    @expose("/new")
    @has_access
    @permission_name("add")
    def new(self) -> str:
        return render_template("orders/editor.html", **editor_page.context(self, None))

    @expose("/<int:order_id>")
    @has_access
    @permission_name("show")
    def show(self, order_id: int) -> str:
        return render_template("orders/editor.html", **editor_page.context(self, self.find(order_id)))

    @expose("/save", methods=["POST"])
    @has_access
    @permission_name("add")
    def save_new(self) -> Any:
        return saved(lambda: services.save_draft(sent(), kind=self.kind), self.url_of)

    @expose("/<int:order_id>/save", methods=["POST"])
    @has_access
    @permission_name("edit")
    def save(self, order_id: int) -> Any:
        self.find(order_id)
        return saved(lambda: services.save_draft(sent(), kind=self.kind, order_id=order_id), self.url_of)

    @expose("/<int:order_id>/amendment")
    @has_access
    @permission_name("amend")
    def amendment(self, order_id: int) -> Any:
        """A submitted order, open for a change with a reason; one that is over leads to its page."""
        order = self.find(order_id)
        if order.state not in services.AMENDABLE:
            flash(str(services.OrderOver.default_message), "danger")
            return redirect(self.url_of(order_id))
        return render_template("orders/editor.html", **editor_page.context(self, order, is_amended=True))

    @expose("/<int:order_id>/amend", methods=["POST"])
    @has_access
    @permission_name("amend")
    def amend(self, order_id: int) -> Any:
        self.find(order_id)
        data = sent()
        reason = data.get("reason")
        return saved(
            lambda: services.amend(order_id, data, reason=reason if isinstance(reason, str) else ""),
            self.url_of,
            words=_("The order is amended."),
        )

    @expose("/<int:order_id>/discard", methods=["POST"])
    @has_access
    @permission_name("delete")
    def discard(self, order_id: int) -> Any:
        self.find(order_id)
        if did(lambda: services.discard_draft(order_id)):
            flash(_("The draft is discarded."), "success")
            return redirect(url_for(f"{self.listing}.list"))
        return redirect(self.url_of(order_id))


class SalesOrderEditor(OrderEditor):
    """The editor of sales orders."""

    kind = OrderKind.SALES
    listing = "SalesOrderView"
    route_base = "/orders/editor"
    class_permission_name = POLICIES[OrderKind.SALES].subject


class PurchaseOrderEditor(OrderEditor):
    """The editor of purchase orders."""

    kind = OrderKind.PURCHASE
    listing = "PurchaseOrderView"
    route_base = "/purchase-orders/editor"
    class_permission_name = POLICIES[OrderKind.PURCHASE].subject
    is_bought = True


class ProductionOrderEditor(OrderEditor):
    """The editor of production orders."""

    kind = OrderKind.PRODUCTION
    listing = "ProductionOrderView"
    route_base = "/production-orders/editor"
    class_permission_name = POLICIES[OrderKind.PRODUCTION].subject
