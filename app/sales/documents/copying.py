"""The entry of a document that is made from another: its lines in the quantities that go over.

Percent discounts go as they are. Amounts go in proportion of what is taken, rounded down; freight
and other additions go with the first document that is made.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_FLOOR, Decimal
from typing import Any

from app.core.errors import Invalid
from app.sales.documents import conversions
from app.sales.documents.conversions import Taken
from app.sales.documents.entry import Body, Reader
from app.sales.documents.filling import adjustment_entries, line_entry, plain


def entry_of(source: Any, taken: Sequence[Taken]) -> dict[str, Any]:
    """Lines, discounts and additions of what is taken of a document, as they are entered."""
    adjustments = adjustment_entries(source.adjustments)
    worth = sum(one.line.net_rials * one.quantity / one.line.quantity for one in taken if one.line.quantity)
    whole = sum(line.net_rials for line in source.lines)
    share = min(Decimal(worth) / whole, Decimal(1)) if whole else Decimal(1)
    return {
        "policy": source.policy.value,
        "lines": [_line(one) for one in taken],
        "discounts": [_scaled(one, share) for one in adjustments["discounts"]],
        "additions": [] if conversions.links_from(source) else adjustments["additions"],
    }


def body_of(source: Any, taken: Sequence[Taken]) -> Body:
    """The same, computed. Raises Invalid where the engine refuses it."""
    reader = Reader(entry_of(source, taken))
    body = reader.body()
    if body is None or reader.errors:
        raise Invalid(reader.errors)
    return body


def _line(taken: Taken) -> dict[str, Any]:
    entry = line_entry(taken.line)
    del entry["line_id"]
    share = taken.quantity / taken.line.quantity if taken.line.quantity else Decimal(1)
    entry["quantity"] = plain(taken.quantity)
    entry["discounts"] = [_scaled(one, share) for one in entry["discounts"]]
    return entry


def _scaled(discount: dict[str, str], share: Decimal) -> dict[str, str]:
    if "amount" not in discount or share == 1:
        return discount
    amount = (Decimal(discount["amount"]) * share).to_integral_value(ROUND_FLOOR)
    return {**discount, "amount": str(int(amount))}
