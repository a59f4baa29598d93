"""The three kinds of order, where orders come from, and their states."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _l


class OrderKind(StrEnum):
    """سفارش فروش، خرید، تولید."""

    SALES = "sales"
    PURCHASE = "purchase"
    PRODUCTION = "production"


class OrderSource(StrEnum):
    """By which road an order came: پنل نماینده، بازاریاب، دفتر، اکسل، خودکار."""

    OFFICE = "office"
    DEALER = "dealer"
    REP = "rep"
    EXCEL = "excel"
    AUTOMATION = "automation"


class OrderState(StrEnum):
    """پیش‌نویس، ثبت‌شده، تأییدشده، در جریان، انجام‌شده، معلق، لغوشده، بسته با کسری."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    IN_PROGRESS = "in_progress"
    DONE = "done"
    ON_HOLD = "on_hold"
    CANCELLED = "cancelled"
    CLOSED_SHORT = "closed_short"


LIVE = (OrderState.APPROVED, OrderState.IN_PROGRESS)
"""States in which an order is worked off: something may be made from it."""
OPEN = (OrderState.SUBMITTED, *LIVE, OrderState.ON_HOLD)
"""States in which an order still binds: it counts against the party's credit."""

SOURCE_LABELS = {
    OrderSource.OFFICE: _l("Office"),
    OrderSource.DEALER: _l("Dealer panel"),
    OrderSource.REP: _l("Field rep"),
    OrderSource.EXCEL: _l("Excel file"),
    OrderSource.AUTOMATION: _l("Automatic"),
}
STATE_LABELS = {
    OrderState.DRAFT: _l("Draft"),
    OrderState.SUBMITTED: _l("Submitted"),
    OrderState.APPROVED: _l("Approved"),
    OrderState.IN_PROGRESS: _l("In progress"),
    OrderState.DONE: _l("Done"),
    OrderState.ON_HOLD: _l("On hold"),
    OrderState.CANCELLED: _l("Cancelled"),
    OrderState.CLOSED_SHORT: _l("Closed short"),
}
STATE_TONES = {
    OrderState.SUBMITTED: "warn", OrderState.APPROVED: "info", OrderState.IN_PROGRESS: "info",
    OrderState.DONE: "ok", OrderState.ON_HOLD: "warn", OrderState.CANCELLED: "bad",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class OrderPolicy:
    """What one kind of order does differently.

    `series` keys its numbers. `is_bought`: the party is a supplier. `needs_party`: it cannot be
    submitted without one; a production order is often for the company's own store. `has_credit`:
    its approval asks whether the party's credit allows it. `lanes` are what its lines are used up
    by; the first one says when the order is done.
    """

    kind: OrderKind
    label: Any
    plural: Any
    party: Any
    series: str
    subject: str
    lanes: tuple[str, ...]
    is_bought: bool = False
    needs_party: bool = True
    has_credit: bool = False


BILLING, MAKING = "billing", "making"
"""Lanes of conversion: what became proforma or invoice, and what went into production."""

POLICIES = {
    policy.kind: policy
    for policy in (
        OrderPolicy(
            kind=OrderKind.SALES,
            label=_l("Sales order"),
            plural=_l("Sales orders"),
            party=_l("Customer"),
            series="order.sales",
            subject="sales.orders",
            lanes=(BILLING, MAKING),
            has_credit=True,
        ),
        OrderPolicy(
            kind=OrderKind.PURCHASE,
            label=_l("Purchase order"),
            plural=_l("Purchase orders"),
            party=_l("Supplier"),
            series="order.purchase",
            subject="sales.purchase_orders",
            lanes=(BILLING,),
            is_bought=True,
        ),
        OrderPolicy(
            kind=OrderKind.PRODUCTION,
            label=_l("Production order"),
            plural=_l("Production orders"),
            party=_l("Customer"),
            series="order.production",
            subject="sales.production_orders",
            lanes=(MAKING,),
            needs_party=False,
        ),
    )
}
LABELS = {kind: policy.label for kind, policy in POLICIES.items()}
