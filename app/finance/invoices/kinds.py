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

    `sign` is +1 where the party owes us more by it; `series` keys its numbers.
    """

    kind: InvoiceKind
    label: Any
    sign: int
    series: str
    needs_original: bool = False


POLICIES = {
    policy.kind: policy
    for policy in (
        KindPolicy(InvoiceKind.SALES, _l("Sales invoice"), 1, "invoice.sales"),
        KindPolicy(InvoiceKind.SALES_RETURN, _l("Sales return"), -1, "invoice.sales_return", needs_original=True),
        KindPolicy(InvoiceKind.PURCHASE, _l("Purchase invoice"), -1, "invoice.purchase"),
        KindPolicy(
            InvoiceKind.PURCHASE_RETURN, _l("Purchase return"), 1, "invoice.purchase_return", needs_original=True
        ),
    )
}


class Terms(StrEnum):
    """How the buyer pays."""

    CASH = "cash"
    CREDIT = "credit"
    INSTALMENTS = "instalments"


TERM_LABELS = {Terms.CASH: _l("Cash"), Terms.CREDIT: _l("Credit"), Terms.INSTALMENTS: _l("Instalments")}
