"""The two kinds of proforma and their states."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _l


class ProformaKind(StrEnum):
    """پیش‌فاکتور فروش، پیش‌فاکتور خرید (استعلام تأمین‌کننده)."""

    SALES = "sales"
    PURCHASE = "purchase"


class ProformaState(StrEnum):
    """پیش‌نویس، تأییدشده، ارسال‌شده، پذیرفته، ردشده، منقضی، بخشی فاکتورشده، فاکتورشده، لغوشده، جایگزین‌شده."""

    DRAFT = "draft"
    APPROVED = "approved"
    SENT = "sent"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    EXPIRED = "expired"
    PARTLY_INVOICED = "partly_invoiced"
    INVOICED = "invoiced"
    CANCELLED = "cancelled"
    SUPERSEDED = "superseded"


OFFERED = (ProformaState.APPROVED, ProformaState.SENT)
"""States in which the offer stands and waits for an answer."""
LIVE = (*OFFERED, ProformaState.ACCEPTED, ProformaState.PARTLY_INVOICED)
"""States in which an invoice may be made from it."""
OVER = (ProformaState.REJECTED, ProformaState.EXPIRED, ProformaState.CANCELLED, ProformaState.SUPERSEDED)
"""States in which it takes nothing from its order but what became invoices."""
REVISABLE = (*OFFERED, ProformaState.ACCEPTED, ProformaState.REJECTED, ProformaState.EXPIRED)
"""States from which a new revision may come."""

STATE_LABELS = {
    ProformaState.DRAFT: _l("Draft"),
    ProformaState.APPROVED: _l("Approved"),
    ProformaState.SENT: _l("Sent"),
    ProformaState.ACCEPTED: _l("Accepted"),
    ProformaState.REJECTED: _l("Rejected"),
    ProformaState.EXPIRED: _l("Expired"),
    ProformaState.PARTLY_INVOICED: _l("Partly invoiced"),
    ProformaState.INVOICED: _l("Invoiced"),
    ProformaState.CANCELLED: _l("Cancelled"),
    ProformaState.SUPERSEDED: _l("Superseded"),
}
STATE_TONES = {
    ProformaState.APPROVED: "info", ProformaState.SENT: "info", ProformaState.ACCEPTED: "ok",
    ProformaState.REJECTED: "bad", ProformaState.EXPIRED: "warn", ProformaState.PARTLY_INVOICED: "info",
    ProformaState.INVOICED: "ok", ProformaState.CANCELLED: "bad",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ProformaPolicy:
    """What one kind of proforma does differently.

    `series` keys its numbers. `is_bought`: the party is a supplier, and nobody outside answers.
    """

    kind: ProformaKind
    label: Any
    plural: Any
    party: Any
    series: str
    subject: str
    is_bought: bool = False


POLICIES = {
    policy.kind: policy
    for policy in (
        ProformaPolicy(
            kind=ProformaKind.SALES,
            label=_l("Sales proforma"),
            plural=_l("Sales proformas"),
            party=_l("Customer"),
            series="proforma.sales",
            subject="sales.proformas",
        ),
        ProformaPolicy(
            kind=ProformaKind.PURCHASE,
            label=_l("Purchase proforma"),
            plural=_l("Purchase proformas"),
            party=_l("Supplier"),
            series="proforma.purchase",
            subject="sales.purchase_proformas",
            is_bought=True,
        ),
    )
}
LABELS = {kind: policy.label for kind, policy in POLICIES.items()}
INVOICING = "invoicing"
"""Lane of conversion: what of a proforma became invoices."""
