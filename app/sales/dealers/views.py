"""The dealer panel: catalogue, basket, orders. Plain forms and no script, for a phone on a bad line."""

from __future__ import annotations

from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, ClassVar

from flask import Response, flash, redirect, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from app.core.db import db
from app.core.errors import DomainError
from app.core.row_numbers import row_number
from app.core.saving import attempt
from app.crm.customers.models import Customer
from app.sales.catalog.views import picture_answer
from app.sales.dealers import baskets, catalogue, ordering, orders, sheet
from app.sales.dealers.models import SUBJECT
from app.sales.dealers.panel import inside
from app.sales.documents.page import figures
from app.sales.orders.kinds import STATE_LABELS, STATE_TONES

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class NoFile(DomainError):
    """The form came without its file."""

    code = "no_file"
    default_message = _l("Choose a file first.")


class DealerView(BaseView):
    """`/dealer/`, for people of dealers; each sees what is of their own party."""

    route_base = "/dealer"
    class_permission_name = SUBJECT
    base_permissions: ClassVar[list[str]] = ["can_list", "can_order"]
    default_view = "catalogue"

    @expose("/login")
    def login(self) -> Any:
        """The panel's own door: the sign-in page with the panel's face."""
        return redirect(url_for(f"{self.appbuilder.sm.auth_view.endpoint}.login", next=url_for("DealerView.catalogue")))

    @expose("/")
    @has_access
    @permission_name("list")
    @inside
    def catalogue(self, dealer: Customer) -> str:
        text, after = request.args.get("q", ""), row_number(request.args.get("after"))
        return render_template(
            "dealers/catalogue.html",
            title=_("Catalogue"),
            dealer=dealer,
            shelf=catalogue.shelf(dealer, text=text, after=after),
            q=text,
            after=after,
            last=orders.last_order(dealer),
        )

    @expose("/pictures/<int:product_id>")
    @has_access
    @permission_name("list")
    @inside
    def picture(self, _dealer: Customer, product_id: int) -> Response:
        return picture_answer(catalogue.sold_product(product_id))

    @expose("/basket/put", methods=["POST"])
    @has_access
    @permission_name("order")
    @inside
    def put(self, _dealer: Customer) -> Any:
        """Want that much of a product, then back to its place in the catalogue."""
        product = catalogue.sold_product(row_number(request.form.get("product_id")) or 0)
        if _did(lambda: baskets.put(product, request.form.get("quantity", ""))):
            flash(_("The basket is changed: %(name)s.", name=product.name), "success")
        where: dict[str, Any] = {name: request.form[name] for name in ("q", "after") if request.form.get(name)}
        return redirect(url_for("DealerView.catalogue", **where, _anchor=f"product-{product.id}"))

    @expose("/basket")
    @has_access
    @permission_name("list")
    @inside
    def basket(self, dealer: Customer) -> str:
        return _basket_page(dealer)

    @expose("/basket/lines", methods=["POST"])
    @has_access
    @permission_name("order")
    @inside
    def lines(self, _dealer: Customer) -> Any:
        """All rows as they were corrected on the basket's page."""
        if _did(lambda: baskets.rewrite(_typed_lines())):
            flash(_("The basket is saved."), "success")
        return redirect(url_for("DealerView.basket"))

    @expose("/basket/list.xlsx")
    @has_access
    @permission_name("list")
    @inside
    def template(self, dealer: Customer) -> Response:
        """The catalogue as a workbook to fill in."""
        response = Response(sheet.template(dealer), mimetype=XLSX)
        response.headers["Content-Disposition"] = 'attachment; filename="basket.xlsx"'
        response.headers["Cache-Control"] = "no-store, private"
        return response

    @expose("/basket/upload", methods=["POST"])
    @has_access
    @permission_name("order")
    @inside
    def upload(self, _dealer: Customer) -> Any:
        """The rows of a workbook into the basket; what is wrong is corrected there."""
        bad: list[int] = []
        if _did(lambda: bad.append(baskets.add_rows(_uploaded_rows()))) and not bad[0]:
            flash(_("The workbook is in the basket."), "success")  # what is wrong is told above the rows
        return redirect(url_for("DealerView.basket"))

    @expose("/basket/order", methods=["POST"])
    @has_access
    @permission_name("order")
    @inside
    def order(self, dealer: Customer) -> Any:
        """Order the basket; sent again it leads to the same order."""
        form, made = request.form, []
        words = attempt(
            lambda: made.append(
                ordering.place(
                    dealer,
                    key=form.get("key", ""),
                    shown=form.get("shown", ""),
                    note=form.get("note", ""),
                    deliver_on=form.get("deliver_on", ""),
                )
            )
        )
        if words is not None:
            flash(words, "danger")
            return _basket_page(dealer, note=form.get("note", ""), deliver_on=form.get("deliver_on", "")), 422
        flash(_("Thank you. We have your order."), "success")
        return redirect(url_for("DealerView.show_order", order_id=made[0].id))

    @expose("/orders")
    @has_access
    @permission_name("list")
    @inside
    def orders(self, dealer: Customer) -> str:
        found, more = orders.placed_orders(dealer, before=row_number(request.args.get("before")))
        return render_template(
            "dealers/orders.html", title=_("Orders"), dealer=dealer, orders=found, more=more, **_states()
        )

    @expose("/orders/<int:order_id>")
    @has_access
    @permission_name("list")
    @inside
    def show_order(self, dealer: Customer, order_id: int) -> str:
        order = orders.placed_order(dealer, order_id)
        return render_template(
            "dealers/order.html",
            title=_("Order %(number)s", number=order.number_text),
            dealer=dealer,
            order=order,
            figures=figures(order),
            moments=orders.timeline(order),
            **_states(),
        )

    @expose("/orders/<int:order_id>/repeat", methods=["POST"])
    @has_access
    @permission_name("order")
    @inside
    def repeat(self, dealer: Customer, order_id: int) -> Any:
        """Put what an order had into the basket again."""
        order, left_out = orders.placed_order(dealer, order_id), []
        if _did(lambda: left_out.append(baskets.repeat(order))):
            flash(_("The basket holds what order %(number)s had.", number=order.number_text), "success")
        if left_out and left_out[0]:
            words = ngettext("One line is not sold any more.", "%(num)s lines are not sold any more.", left_out[0])
            flash(words, "warning")
        return redirect(url_for("DealerView.basket"))


def _basket_page(dealer: Customer, **typed: str) -> str:
    basket = baskets.open_basket()
    return render_template(
        "dealers/basket.html",
        title=_("Basket"),
        dealer=dealer,
        basket=basket,
        reading=baskets.read(basket, dealer),
        typed=typed,
        last=orders.last_order(dealer),
        **_states(),
    )


def _uploaded_rows() -> list[baskets.WantedRow]:
    """Every wanted row of the uploaded workbook."""
    file = request.files.get("file")
    if file is None or not file.filename:
        raise NoFile(path="file")
    db.session.rollback()  # nobody waits for this transaction while a workbook is read
    with NamedTemporaryFile(prefix="basket-") as kept:
        file.save(kept)
        kept.flush()
        return sheet.wanted_rows(Path(kept.name), file.filename)


def _typed_lines() -> dict[int, tuple[str, str]]:
    """Code and quantity of every row of the form, by the line's id."""
    found = {}
    for name, code in request.form.items():
        line_id = row_number(name.removeprefix("code-")) if name.startswith("code-") else None
        if line_id is not None:
            found[line_id] = (code.strip(), request.form.get(f"quantity-{line_id}", ""))
    return found


def _states() -> dict[str, Any]:
    return {"state_labels": STATE_LABELS, "state_tones": STATE_TONES}


def _did(work: Any) -> bool:
    """Whether `work` was done and committed; a refusal is said on the next page."""
    words = attempt(work)
    if words is not None:
        flash(words, "danger")
    return words is None
