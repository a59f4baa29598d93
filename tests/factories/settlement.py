"""Receipts and payments, entered as cashiers enter them."""

from __future__ import annotations

import itertools
from typing import Any

from app.core.actor import Actor, acting_as
from app.finance.settlement import payments
from app.finance.settlement.models import Payment
from app.finance.settlement.states import PaymentKind

_sayad = itertools.count(1_000_000_000_000_001)


def cheque(amount: int | str, due_on: str = "1405/12/01", **values: Any) -> dict[str, Any]:
    """A line that is a cheque with a Sayad number of its own."""
    entry = {"sayad_id": str(next(_sayad)), "number": "123", "bank": "ملت", "due_on": due_on, **values}
    return {"method": "cheque", "amount": str(amount), "cheque": entry}


def cash(amount: int | str) -> dict[str, Any]:
    """A line that is cash."""
    return {"method": "cash", "amount": str(amount)}


def draft_payment(
    customer: Any, lines: list[dict[str, Any]], kind: PaymentKind = PaymentKind.RECEIPT, **head: Any
) -> Payment:
    """A stored draft."""
    with acting_as(Actor.system("test")):
        entry = {"customer_id": customer.id, "lines": lines, **head}
        return payments.save_payment(entry, kind=kind)


def posted_payment(
    customer: Any, lines: list[dict[str, Any]], kind: PaymentKind = PaymentKind.RECEIPT, **head: Any
) -> Payment:
    """A posted receipt or payment."""
    payment = draft_payment(customer, lines, kind, **head)
    with acting_as(Actor.system("test")):
        return payments.post_payment(payment.id)
