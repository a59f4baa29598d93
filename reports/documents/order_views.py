"""The print routes of one order: what it shall look like, then the PDF or the workbook."""

from __future__ import annotations

from typing import Any

from flask import Response, make_response, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.core.actor import require_current
from app.core.links import record_url
from app.core.ports import ListAction
from app.finance.print_settings.choices import PrintStyle
from app.finance.print_settings.services import print_settings
from app.sales.orders.kinds import OrderState
from app.sales.orders.models import Order
from app.sales.orders.services import open_order
from reports.documents.jobs import ACTION
from reports.documents.options import PrintOptions
from reports.documents.orders import order_print, order_workbook
from reports.documents.render import render_pdf
from reports.documents.signed import signed_paper
from reports.documents.views import CHOICES, XLSX, locale_of_now

ASKED = {name: CHOICES[name] for name in ("paper", "orientation")}
"""An order has no official form and no copies."""


def offer_order_print(model: type[Any]) -> ListAction | None:
    """The print button of an order."""
    return PRINT if issubclass(model, Order) else None


PRINT = ListAction(
    name="print",
    label=_l("Print"),
    icon="printer",
    action=ACTION,
    url=lambda *, subject, record_id: url_for("OrderPrintView.choose", order_id=record_id),
    dialog=True,
)


def printable_order(order_id: int) -> Order:
    """An order of any kind that the actor sees and may print. Raises NotAllowed, NotFound."""
    order = open_order(order_id)
    require_current().require(ACTION, type(order).__subject__)
    return order


def _options() -> PrintOptions:
    return PrintOptions.read({**request.args, "style": PrintStyle.COMPANY}, print_settings())


class OrderPrintView(BaseView):
    """Papers of orders in the company's own form; each asks for the right to print on its own kind."""

    route_base = "/print/orders"
    class_permission_name = "reports.documents"
    base_permissions: list[str] = []

    @expose("/<int:order_id>")
    def choose(self, order_id: int) -> str:
        """Paper and orientation, as the settings have them."""
        order = printable_order(order_id)
        part = request.headers.get("X-Part") == "dialog"
        return render_template(
            "documents/choose_part.html" if part else "documents/choose.html",
            title=_("Print: %(what)s", what=str(order)),
            action=url_for("OrderPrintView.pdf", order_id=order_id),
            workbook=url_for("OrderPrintView.workbook", order_id=order_id),
            workbook_words=_("As a workbook"),
            back=record_url(order) or url_for("HomeView.index"),
            is_draft=order.state is OrderState.DRAFT,
            choices=ASKED,
            options=_options(),
        )

    @expose("/<int:order_id>.pdf")
    def pdf(self, order_id: int) -> Response:
        """The PDF; paper and orientation from the address, else from the settings."""
        order, locale = printable_order(order_id), locale_of_now()
        signed = signed_paper(order, style=PrintStyle.COMPANY, locale=locale)
        paper = order_print(order, locale=locale, signed=signed)
        content = render_pdf(paper, form=_options().form, locale=locale)
        return _answer(content, order, "inline", "application/pdf", "pdf")

    @expose("/<int:order_id>.xlsx")
    def workbook(self, order_id: int) -> Response:
        """The same as a workbook."""
        order = printable_order(order_id)
        return _answer(order_workbook(order, locale=locale_of_now()), order, "attachment", XLSX, "xlsx")


def _answer(content: bytes, order: Order, disposition: str, kind: str, suffix: str) -> Response:
    response = make_response(content)
    response.headers["Content-Type"] = kind
    response.headers["Content-Disposition"] = (
        f'{disposition}; filename="order-{order.number_text or order.id}.{suffix}"'
    )
    response.headers["Cache-Control"] = "no-store, private"
    return response
