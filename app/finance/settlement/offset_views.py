"""Offsetting: what is open to a party's credit is settled against what it owes, and taken back again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _

from app.core.clock import today
from app.core.db import db
from app.core.errors import DomainError, FieldError, Invalid, NotFound
from app.core.formats import num
from app.core.money import parse_rials
from app.crm.customers.models import Customer
from app.finance.settlement import matching
from app.finance.settlement.models import SUBJECT
from app.finance.settlement.queries import balance_of, open_items, recent_matches, visible_customer
from app.finance.settlement.statement import title_of
from app.finance.settlement.states import Side


class OffsetView(BaseView):
    """One page a party: choose a credit, a debit and an amount; below what was settled before."""

    route_base = "/settlement/offset"
    class_permission_name = SUBJECT
    default_view = "page"

    @expose("/<int:customer_id>")
    @has_access
    @permission_name("match")
    def page(self, customer_id: int) -> str:
        customer = _party(customer_id)
        found = open_items(customer.id)
        return render_template(
            "settlement/offset.html",
            title=_("Offset: %(name)s", name=customer.name),
            customer=customer,
            credits=[item for item in found if item.side is Side.CREDIT],
            debits=[item for item in found if item.side is Side.DEBIT],
            balance=balance_of(customer.id),
            matches=recent_matches(customer.id),
            title_of=title_of,
            today=today(),
        )

    @expose("/<int:customer_id>", methods=["POST"])
    @has_access
    @permission_name("match")
    def settle(self, customer_id: int) -> Any:
        """Settle the chosen credit against the chosen debit."""
        return self._do(customer_id, lambda: _settle(customer_id))

    @expose("/<int:customer_id>/oldest", methods=["POST"])
    @has_access
    @permission_name("match")
    def oldest(self, customer_id: int) -> Any:
        """Settle everything that is open against each other, the oldest due first."""
        return self._do(customer_id, lambda: matching.match_oldest(customer_id))

    @expose("/<int:customer_id>/take-back/<int:match_id>", methods=["POST"])
    @has_access
    @permission_name("match")
    def take_back(self, customer_id: int, match_id: int) -> Any:
        """Take one settlement back."""
        reason = request.form.get("reason", "")
        return self._do(customer_id, lambda: matching.unmatch(match_id, reason=reason).amount_rials)

    def _do(self, customer_id: int, act: Callable[[], int]) -> Any:
        _party(customer_id)
        try:
            amount = act()
            db.session.commit()
            if amount:
                flash(_("Done: %(amount)s rials.", amount=num(amount)), "success")
            else:
                flash(_("Nothing fits: there is no open debit or no open credit."), "info")
        except NotFound:
            raise
        except DomainError as error:
            db.session.rollback()
            words = error.errors[0].message if isinstance(error, Invalid) else error
            flash(str(words), "danger")
        return redirect(url_for("OffsetView.page", customer_id=customer_id))


def _party(customer_id: int) -> Customer:
    customer = visible_customer(customer_id)
    if customer is None:
        raise NotFound(customer_id=customer_id)
    return customer


def _settle(customer_id: int) -> int:
    """Match what the form says, of this party alone. Raises Invalid, NotFound, NotOpen."""
    ids = {str(item.id): item.id for item in open_items(customer_id)}
    credit, debit = (ids.get(request.form.get(name, "")) for name in ("credit", "debit"))
    if credit is None or debit is None:
        raise Invalid([FieldError("credit", "required", _("Choose one credit and one debit that are still open."))])
    words = request.form.get("amount", "").strip()
    amount = parse_rials(words) if words else None
    return matching.match_items(credit, debit, amount=amount).amount_rials
