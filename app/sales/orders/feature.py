"""Orders of all kinds: the manifest."""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext as _l

from app.core.feature import Feature, Role
from app.sales.orders import credit, progress
from app.sales.orders.models import (
    Order,
    OrderAdjustment,
    OrderAmendment,
    OrderLine,
    OrderLineTax,
    ProductionOrder,
    PurchaseOrder,
    SalesOrder,
)
from app.sales.orders.workflow import FLOWS

SEE = frozenset({"list", "show"})
WORK = SEE | {"add", "edit", "delete", "submit", "see_department", "print", "export"}
MANAGE = WORK | {"approve", "amend", "convert", "hold", "cancel", "complete", "import", "see_all"}
ACTIONS = frozenset(
    {
        *("list", "show", "add", "edit", "delete"),
        *("submit", "approve", "amend", "convert", "exceed", "over_credit", "hold", "cancel", "complete"),
        *("import", "export", "print", "see_own", "see_department", "see_all"),
    }
)


def _setup(_app: Flask) -> None:
    credit.install()
    progress.install()


FEATURE = Feature(
    name="sales.orders",
    label=_l("Orders"),
    category="sales",
    models=(
        *(Order, SalesOrder, PurchaseOrder, ProductionOrder),
        *(OrderLine, OrderLineTax, OrderAdjustment, OrderAmendment),
    ),
    workflows=tuple(FLOWS.values()),
    actions=ACTIONS,
    grants={
        Role.MANAGER: MANAGE | {"exceed", "over_credit"},
        Role.SALES: WORK | {"amend", "convert", "approve"},
        Role.REP: SEE | {"see_own", "add", "edit", "submit"},
        Role.SUPERVISOR: SEE | {"see_department"},
        Role.ACCOUNTANT: SEE | {"see_all", "convert", "print", "export"},
    },
    setup=_setup,
)
