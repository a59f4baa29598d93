"""The four kinds of invoice as policies over one table and one engine.

Everything that differs between kinds is said here, so that services, sheets and prints ask the
policy and never compare kinds.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _l


class InvoiceKind(StrEnum):
    """صورتحساب: فروش، برگشت از فروش، خرید، برگشت از خرید."""

    SALES = "sales"
    SALES_RETURN = "sales_return"
    PURCHASE = "purchase"
    PURCHASE_RETURN = "purchase_return"


@dataclass(frozen=True, slots=True)
class KindPolicy:
    """What one kind does differently.

    `sign` is +1 where the party owes us by it; `series` keys its numbers; `returned_as` is the kind
    in which its goods come back, `is_return` says that it is such a one and hangs on an original.
    `is_bought`: the party is a supplier and gave the paper a number of its own.
    """

    kind: InvoiceKind
    label: Any
    plural: Any
    party: Any
    sign: int
    series: str
    subject: str
    returned_as: InvoiceKind | None = None
    is_return: bool = False
    is_bought: bool = False


POLICIES = {
    policy.kind: policy
    for policy in (
        KindPolicy(
            kind=InvoiceKind.SALES,
            label=_l("Sales invoice"),
            plural=_l("Sales invoices"),
            party=_l("Customer"),
            sign=1,
            series="invoice.sales",
            subject="finance.invoices",
            returned_as=InvoiceKind.SALES_RETURN,
        ),
        KindPolicy(
            kind=InvoiceKind.SALES_RETURN,
            label=_l("Sales return"),
            plural=_l("Sales returns"),
            party=_l("Customer"),
            sign=-1,
            series="invoice.sales_return",
            subject="finance.sales_returns",
            is_return=True,
        ),
        KindPolicy(
            kind=InvoiceKind.PURCHASE,
            label=_l("Purchase invoice"),
            plural=_l("Purchase invoices"),
            party=_l("Supplier"),
            sign=-1,
            series="invoice.purchase",
            subject="finance.purchases",
            returned_as=InvoiceKind.PURCHASE_RETURN,
            is_bought=True,
        ),
        KindPolicy(
            kind=InvoiceKind.PURCHASE_RETURN,
            label=_l("Purchase return"),
            plural=_l("Purchase returns"),
            party=_l("Supplier"),
            sign=1,
            series="invoice.purchase_return",
            subject="finance.purchase_returns",
            is_return=True,
            is_bought=True,
        ),
    )
}
LABELS = {kind: policy.label for kind, policy in POLICIES.items()}


class Terms(StrEnum):
    """How the party pays."""

    CASH = "cash"
    CREDIT = "credit"
    INSTALMENTS = "instalments"


TERM_LABELS = {Terms.CASH: _l("Cash"), Terms.CREDIT: _l("On credit"), Terms.INSTALMENTS: _l("Instalments")}


class Condition(StrEnum):
    """In what condition goods came back."""

    SOUND = "sound"
    DAMAGED = "damaged"
    EXPIRED = "expired"
    WRONG = "wrong"


CONDITION_LABELS = {
    Condition.SOUND: _l("Sound"),
    Condition.DAMAGED: _l("Damaged"),
    Condition.EXPIRED: _l("Past its date"),
    Condition.WRONG: _l("Not what was ordered"),
}
