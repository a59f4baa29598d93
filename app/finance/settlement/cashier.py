"""The cashier's page: a party's open items, the money that came or went, and what it settles."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import Response, abort, flash, jsonify, redirect, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from sqlalchemy import select

from app.core import levels
from app.core.actor import require_current
from app.core.choices import options
from app.core.clock import today
from app.core.db import db
from app.core.errors import DomainError, Invalid, NotFound
from app.crm.customers.models import Customer
from app.finance.cheques.models import Cheque
from app.finance.cheques.states import ChequeState, Direction
from app.finance.invoices.models import Invoice
from app.finance.settlement import payments
from app.finance.settlement.models import SUBJECT, Match, OpenItem, Payment, PaymentLine
from app.finance.settlement.queries import balance_of, open_items, visible_customer
from app.finance.settlement.statement import title_of
from app.finance.settlement.states import METHOD_LABELS, Method, PaymentKind, PaymentState
from app.finance.settlement.workflow import PAYMENT_FLOW

MOST_CHEQUES = 200
METHODS = (Method.CASH, Method.CARD, Method.TRANSFER, Method.CHEQUE, Method.BARTER, Method.WRITE_OFF)


def refusal(error: DomainError) -> tuple[Response, int]:
    """A refusal for the page: the sentence, and every bad field where there are some."""
    body: dict[str, Any] = {"code": error.code, "message": str(error)}
    if isinstance(error, Invalid):
        body["message"] = _("Nothing was saved. Correct what is marked.")
        body["errors"] = [one.as_json() for one in error.errors]
    elif error.path:
        body["errors"] = [{"path": error.path, "code": error.code, "message": str(error)}]
    return jsonify(body), error.status


class CashierView(BaseView):
    """Receipts and payments on the screen; a posted one opens read-only."""

    route_base = "/settlement"
    class_permission_name = SUBJECT
    default_view = "new"

    @expose("/new")
    @has_access
    @permission_name("add")
    def new(self) -> str:
        kind = PaymentKind.PAYMENT if request.args.get("kind") == "payment" else PaymentKind.RECEIPT
        return self._page(None, kind=kind, customer=visible_customer(request.args.get("customer")))

    @expose("/<int:payment_id>")
    @has_access
    @permission_name("show")
    def show(self, payment_id: int) -> str:
        try:
            payment = payments.open_payment(payment_id)
        except NotFound:
            abort(HTTPStatus.NOT_FOUND)
        return self._page(payment, kind=payment.kind, customer=payment.customer)

    @expose("/invoice/<int:invoice_id>")
    @has_access
    @permission_name("add")
    def invoice(self, invoice_id: int) -> Any:
        """A new receipt or payment that settles one invoice."""
        found = db.session.scalar(select(Invoice).where(Invoice.id == invoice_id))
        if found is None:
            raise NotFound(invoice_id=invoice_id)
        kind = PaymentKind.RECEIPT if found.sign > 0 else PaymentKind.PAYMENT
        return redirect(url_for("CashierView.new", kind=kind.value, customer=found.customer_id, invoice=found.id))

    @expose("/cheque/<int:cheque_id>")
    @has_access
    @permission_name("show")
    def cheque(self, cheque_id: int) -> Any:
        """The receipt or payment that a cheque came with; for one of before the books its own page."""
        cheque = db.session.scalar(select(Cheque).where(Cheque.id == cheque_id))
        if cheque is None:
            raise NotFound(cheque_id=cheque_id)
        query = select(PaymentLine.payment_id).where(PaymentLine.cheque_id == cheque_id)
        payment_id = db.session.scalar(query.order_by(PaymentLine.id).limit(1))
        if payment_id is None:
            flash(_("This cheque was in the register before the books began; no receipt stands behind it."), "info")
            return redirect(url_for("ChequeView.show", pk=cheque_id))
        return redirect(url_for("CashierView.show", payment_id=payment_id))

    @expose("/parties")
    @has_access
    @permission_name("list")
    def parties(self) -> Response:
        page = request.args.get("page", "1")
        return jsonify(
            options(Customer, request.args.get("q", ""), int(page) if page.isascii() and page.isdigit() else 1)
        )

    @expose("/open")
    @has_access
    @permission_name("list")
    def open(self) -> Any:
        """The open items of a party, both sides, with what cheques can be endorsed."""
        customer = visible_customer(request.args.get("customer"))
        if customer is None:
            return jsonify(debits=[], credits=[], cheques=[], balance=0)
        found = open_items(customer.id)
        return jsonify(
            balance=balance_of(customer.id),
            debits=[_item(one) for one in found if one.side.sign > 0],
            credits=[_item(one) for one in found if one.side.sign < 0],
            cheques=[_held(one) for one in cheques_in_hand()],
        )

    @expose("/save", methods=["POST"])
    @has_access
    @permission_name("add")
    def save_new(self) -> Any:
        return self._save(None)

    @expose("/<int:payment_id>/save", methods=["POST"])
    @has_access
    @permission_name("edit")
    def save(self, payment_id: int) -> Any:
        return self._save(payment_id)

    @expose("/<int:payment_id>/discard", methods=["POST"])
    @has_access
    @permission_name("delete")
    def discard(self, payment_id: int) -> Any:
        try:
            payments.discard_payment(payment_id)
            db.session.commit()
            flash(_("The draft is discarded."), "success")
        except NotFound:
            raise
        except DomainError as error:
            db.session.rollback()
            flash(str(error), "danger")
        return redirect(url_for("PaymentView.list"))

    def _save(self, payment_id: int | None) -> Any:
        data = request.get_json(silent=True)
        if not isinstance(data, dict):
            return jsonify(message=_("Some values are not valid.")), HTTPStatus.UNPROCESSABLE_ENTITY
        kind = PaymentKind.PAYMENT if data.get("kind") == PaymentKind.PAYMENT else PaymentKind.RECEIPT
        try:
            payment = payments.save_payment(data, kind=kind, payment_id=payment_id)
            if data.get("post") is True:
                payments.post_payment(payment.id)
            db.session.commit()
        except NotFound:
            raise
        except DomainError as error:
            db.session.rollback()
            return refusal(error)
        flash(_("%(payment)s is saved.", payment=str(payment)), "success")
        return jsonify(id=payment.id, url=url_for("CashierView.show", payment_id=payment.id))

    def _page(self, payment: Payment | None, *, kind: PaymentKind, customer: Customer | None) -> str:
        actor = require_current()
        is_draft = payment is None or payment.state is PaymentState.DRAFT
        may_save = is_draft and actor.can("edit" if payment else "add", SUBJECT)
        may_save = may_save and (payment is None or levels.allows(levels.EDIT, payment))
        methods = [one for one in METHODS if one is not Method.WRITE_OFF or actor.can("write_off", SUBJECT)]
        return render_template(
            "settlement/cashier.html",
            title=_title(payment, kind),
            payment=payment,
            kind=kind,
            customer=customer,
            may_save=may_save,
            may_post=may_save and actor.can("post", SUBJECT),
            may_discard=payment is not None and is_draft and actor.can("delete", SUBJECT),
            offers=[one for one in PAYMENT_FLOW.available(payment, actor) if one.transition.name == "reverse"]
            if payment
            else [],
            matches=_matches(payment) if payment and not is_draft else [],
            today=today(),
            method_labels=METHOD_LABELS,
            title_of=title_of,
            data=_page_data(payment, kind, customer, methods),
        )


def cheques_in_hand() -> list[Cheque]:
    """Received cheques that a payment can endorse, the first due first."""
    query = select(Cheque).where(Cheque.direction == Direction.RECEIVED, Cheque.state == ChequeState.IN_HAND)
    return list(db.session.scalars(query.order_by(Cheque.due_on, Cheque.id).limit(MOST_CHEQUES)))


def _item(item: OpenItem) -> dict[str, Any]:
    return {
        "id": item.id,
        "title": title_of(item),
        "due_on": item.due_on.isoformat(),
        "is_late": item.due_on < today(),
        "amount": item.amount_rials,
        "open": item.open_rials,
        "invoice_id": item.invoice_id,
    }


def _held(cheque: Cheque) -> dict[str, Any]:
    return {
        "id": cheque.id,
        "title": str(cheque),
        "bank": cheque.bank,
        "due_on": cheque.due_on.isoformat(),
        "amount": cheque.amount_rials,
    }


def _matches(payment: Payment) -> list[Match]:
    query = select(Match).where(Match.payment_id == payment.id).order_by(Match.id)
    return list(db.session.scalars(query))


def _title(payment: Payment | None, kind: PaymentKind) -> str:
    if payment is None or payment.number is None:
        return _("Receipt") if kind is PaymentKind.RECEIPT else _("Payment")
    return str(payment)


def _page_data(
    payment: Payment | None, kind: PaymentKind, customer: Customer | None, methods: list[Method]
) -> dict[str, Any]:
    """What the page's script needs: addresses, methods, words, and a stored draft."""
    draft = payment if payment is not None and payment.state is PaymentState.DRAFT else None
    return {
        "kind": kind.value,
        "version": str(draft.version) if draft else "",
        "customer_id": customer.id if customer else None,
        "invoice_id": request.args.get("invoice", ""),
        "today": today().isoformat(),
        "chosen": draft.chosen if draft else None,
        "lines": [_line(line) for line in draft.lines] if draft else [],
        "methods": [{"value": one.value, "label": str(METHOD_LABELS[one])} for one in methods],
        "urls": {
            "open": url_for("CashierView.open"),
            "save": url_for("CashierView.save", payment_id=draft.id) if draft else url_for("CashierView.save_new"),
        },
        "words": {
            "account": _("Account or terminal"), "tracking": _("Tracking number"), "amount": _("Amount (rials)"),
            "method": _("Method"), "remove": _("Remove"), "sayad_id": _("Sayad number"), "number": _("Serial number"),
            "bank": _("Bank"), "due_on": _("Due date"),
            "in_hand": _("A cheque in hand"), "typed": _("A cheque of ours"),
            "late": _("Overdue"), "offline": _("The server did not answer. Nothing is lost; try again."),
            "saving": _("Saving…"), "none": _("Nothing is open for this party."), "offset": _("Use this credit"),
        },
    }  # fmt: skip


def _line(line: Any) -> dict[str, Any]:
    return {
        "method": line.method.value,
        "amount": line.amount_rials,
        "account": line.account,
        "tracking": line.tracking,
        "cheque": line.cheque_entry,
        "cheque_id": line.cheque_id,
        "item_id": line.item_id,
    }
