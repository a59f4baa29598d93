"""What a person or a program enters of an order, checked whole: every bad field is named.

The JSON is that of every document (see app.sales.documents.entry) with the head beside it:
`customer_id`, `order_on`, `deliver_on`, `branch_id`, `reference`, `note`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l

from app.core.clock import today
from app.core.errors import Invalid
from app.crm.customers.models import Customer
from app.org.branches.models import Branch
from app.org.branches.queries import main_branch
from app.sales.documents.entry import Body, Reader
from app.sales.orders.kinds import POLICIES, OrderKind


@dataclass(frozen=True, slots=True)
class OrderEntry:
    """A whole entered order with everything looked up and its totals computed."""

    customer: Customer | None
    branch: Branch
    order_on: date
    deliver_on: date | None
    prices_include_tax: bool
    reference: str | None
    note: str
    body: Body


def read_entry(data: Mapping[str, Any], *, kind: OrderKind) -> OrderEntry:
    """The entry as checked values. Raises Invalid with every error, head, lines and totals."""
    reader, policy = Reader(data), POLICIES[kind]
    if policy.needs_party:
        customer = reader.party(is_bought=policy.is_bought)
    else:
        customer = reader.record("customer_id", Customer, data.get("customer_id"))
    branch = reader.record("branch_id", Branch, data.get("branch_id")) or main_branch()
    order_on = reader.day("order_on", default=today()) or today()
    deliver_on = reader.day("deliver_on")
    if deliver_on is not None and deliver_on < order_on:
        reader.bad("deliver_on", "order", _l("The delivery date is before the order date."))
    body = reader.body()
    reference, note = reader.words("reference") or None, reader.words("note")
    if reader.errors or body is None:
        raise Invalid(reader.errors)
    return OrderEntry(
        customer=customer,
        branch=branch,
        order_on=order_on,
        deliver_on=deliver_on,
        prices_include_tax=bool(data.get("prices_include_tax")),
        reference=reference,
        note=note,
        body=body,
    )
