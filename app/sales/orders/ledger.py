"""What of each ordered line went over and what is left, by lane, as the page of an order shows it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l

from app.sales.documents import conversions
from app.sales.orders.kinds import BILLING, MAKING, POLICIES
from app.sales.orders.models import Order, OrderLine
from app.sales.orders.progress import delivered_of

LANE_LABELS = {BILLING: _l("Billed"), MAKING: _l("Production")}


@dataclass(frozen=True, slots=True)
class Used:
    """One line on one lane, in the line's unit; `done` is what is final of what went over."""

    taken: Decimal
    left: Decimal
    done: Decimal


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One ordered line with its lanes in the policy's order, and what is delivered for good."""

    line: OrderLine
    lanes: list[Used]
    done: Decimal


@dataclass(frozen=True, slots=True)
class Ledger:
    """The ledger of an order: the names of its lanes, and a row for each line."""

    labels: list[Any]
    rows: list[LedgerRow]


def ledger_of(order: Order) -> Ledger | None:
    """The ledger of an order from which something was made; None before."""
    if not conversions.links_from(order):
        return None
    lanes = POLICIES[order.kind].lanes
    taken = [conversions.taken_of(order, lane) for lane in lanes]
    done = [delivered_of(order, lane) for lane in lanes]
    nothing = Decimal(0)
    rows = []
    for line in order.lines:
        used = [
            Used(over, max(line.quantity - over, nothing), final.get(line.id, nothing))
            for over, final in zip((one.get(line.id, nothing) for one in taken), done, strict=True)
        ]
        rows.append(LedgerRow(line, used, used[0].done))
    return Ledger([LANE_LABELS[lane] for lane in lanes], rows)
