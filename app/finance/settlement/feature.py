"""Settlement: the manifest."""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext as _l

from app.core.db import db
from app.core.fab import api_of
from app.core.feature import Entry, Feature, Role, SearchSource
from app.finance.settlement import frozen, postings, sweeps  # noqa: F401 - sweeps registers the nightly one
from app.finance.settlement.models import (
    SUBJECT,
    Match,
    OpeningBalance,
    OpenItem,
    Payment,
    PaymentLine,
    SettlementRules,
)
from app.finance.settlement.rules import DEFAULT_WRITE_OFF_LIMIT
from app.finance.settlement.views import OpeningView, OpenItemView, PaymentView, RulesView
from app.finance.settlement.workflow import PAYMENT_FLOW

SEE = frozenset({"list", "show"})
WORK = SEE | {"add", "edit", "delete", "post", "reverse", "match", "write_off", "import", "export", "print", "see_all"}
ACTIONS = frozenset({"add", "edit", "delete", "post", "reverse", "match", "write_off", "import", "export", "print"})


def _setup(_app: Flask) -> None:
    frozen.install()
    postings.install()


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
        Entry(RulesView, "Rules of settlement", _l("Rules of settlement"), "sliders"),
    ),
    apis=(api_of(PaymentView), api_of(OpenItemView), api_of(OpeningView), api_of(RulesView)),
    models=(Payment, PaymentLine, OpenItem, Match, OpeningBalance, SettlementRules),
    workflows=(PAYMENT_FLOW,),
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
