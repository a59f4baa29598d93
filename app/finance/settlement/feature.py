"""Settlement: the manifest."""

from __future__ import annotations

from typing import Any

from flask import Flask, url_for
from flask_babel import lazy_gettext as _l

from app.core.actor import current
from app.core.chain_check import figure_checks
from app.core.db import db
from app.core.fab import api_of
from app.core.feature import Entry, Feature, Role, SearchSource
from app.core.ports import ListAction, record_actions
from app.crm.customers.models import Customer
from app.finance.cheques.models import Cheque
from app.finance.invoices.models import Invoice
from app.finance.settlement import credit, frozen, postings, sweeps  # noqa: F401 - sweeps registers the nightly one
from app.finance.settlement.cashier import CashierView
from app.finance.settlement.models import (
    SUBJECT,
    Match,
    OpeningBalance,
    OpenItem,
    Payment,
    PaymentLine,
    SettlementRules,
)
from app.finance.settlement.offset_views import OffsetView
from app.finance.settlement.openings import OPENING_FLOW
from app.finance.settlement.rules import DEFAULT_WRITE_OFF_LIMIT
from app.finance.settlement.statement_views import StatementView
from app.finance.settlement.sums import differing_items
from app.finance.settlement.views import OpeningView, OpenItemView, PaymentApi, PaymentView, RulesView
from app.finance.settlement.workflow import PAYMENT_FLOW

SEE = frozenset({"list", "show"})
WORK = SEE | {"add", "edit", "delete", "post", "reverse", "match", "write_off", "import", "export", "print", "see_all"}
ACTIONS = frozenset({"add", "edit", "delete", "post", "reverse", "match", "write_off", "import", "export", "print"})


def _settle_button(model: type[Any]) -> ListAction | None:
    """On every invoice: settle it."""
    who = current()
    if not issubclass(model, Invoice) or who is None or not who.can("add", SUBJECT):
        return None
    return ListAction("settle", _l("Settle"), "cash-coin", "show", _settle_url)


def _settle_url(*, subject: str, record_id: int) -> str:
    return url_for("CashierView.invoice", invoice_id=record_id)


def _statement_button(model: type[Any]) -> ListAction | None:
    """On every party: its statement of account."""
    who = current()
    if model is not Customer or who is None or not who.can("list", SUBJECT):
        return None
    return ListAction("statement", _l("Statement of account"), "journal-text", "show", _statement_url)


def _statement_url(*, subject: str, record_id: int) -> str:
    return url_for("StatementView.page", customer_id=record_id)


def _payment_button(model: type[Any]) -> ListAction | None:
    """On every cheque: the receipt or payment that it came with."""
    who = current()
    if model is not Cheque or who is None or not who.can("show", SUBJECT):
        return None
    return ListAction("payment", _l("Receipt or payment"), "cash-coin", "show", _payment_url)


def _payment_url(*, subject: str, record_id: int) -> str:
    return url_for("CashierView.cheque", cheque_id=record_id)


def _offset_button(model: type[Any]) -> ListAction | None:
    """On every party: settle what it owes against what it is owed."""
    who = current()
    if model is not Customer or who is None or not who.can("match", SUBJECT):
        return None
    return ListAction("offset", _l("Offset"), "arrow-left-right", "show", _offset_url)


def _offset_url(*, subject: str, record_id: int) -> str:
    return url_for("OffsetView.page", customer_id=record_id)


def _setup(_app: Flask) -> None:
    record_actions.register(_settle_button)
    record_actions.register(_statement_button)
    record_actions.register(_offset_button)
    record_actions.register(_payment_button)
    frozen.install()
    postings.install()
    credit.install()
    if differing_items not in figure_checks:
        figure_checks.append(differing_items)


def _seed() -> None:
    if db.session.get(SettlementRules, 1) is None:
        db.session.add(SettlementRules(id=1, write_off_limit_rials=DEFAULT_WRITE_OFF_LIMIT))
        db.session.flush()


FEATURE = Feature(
    name=SUBJECT,
    label=_l("Settlement"),
    category="finance",
    entries=(
        Entry(PaymentView, "Receipts and payments", _l("Receipts and payments"), "cash-coin"),
        Entry(OpenItemView, "Open items", _l("Open items"), "list-check"),
        Entry(OpeningView, "Opening balances", _l("Opening balances"), "flag"),
        Entry(CashierView),
        Entry(StatementView),
        Entry(OffsetView),
        Entry(RulesView, "Rules of settlement", _l("Rules of settlement"), "sliders"),
    ),
    apis=(PaymentApi, api_of(OpenItemView), api_of(OpeningView), api_of(RulesView)),
    models=(Payment, PaymentLine, OpenItem, Match, OpeningBalance, SettlementRules),
    workflows=(PAYMENT_FLOW, OPENING_FLOW),
    actions=ACTIONS | {"see_own", "see_department", "see_all"},
    grants={
        Role.ACCOUNTANT: WORK,
        Role.MANAGER: WORK,
        Role.COLLECTOR: SEE | {"see_department", "print"},
    },
    more_grants={
        "finance.settlement_rules": {Role.MANAGER: SEE | {"edit"}, Role.ACCOUNTANT: SEE},
    },
    searches=(
        SearchSource(
            model=Payment,
            label=_l("Receipts and payments"),
            icon="cash-coin",
            title=str,
            detail=lambda payment: payment.customer_name,
            endpoint="PaymentView.show",
        ),
    ),
    setup=_setup,
    seed=_seed,
)
