"""Proformas made from orders."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from app.core.actor import require_current
from app.core.clock import today
from app.sales.documents import conversions
from app.sales.documents.conversions import Route, Taken
from app.sales.documents.copying import body_of
from app.sales.documents.filling import place_lines
from app.sales.orders.kinds import BILLING
from app.sales.orders.kinds import LIVE as ORDER_LIVE
from app.sales.orders.models import Order, PurchaseOrder, SalesOrder
from app.sales.proformas.kinds import POLICIES, ProformaKind, ProformaState
from app.sales.proformas.models import (
    CLASS_OF,
    Proforma,
    ProformaAdjustment,
    ProformaLine,
    ProformaLineTax,
    PurchaseProforma,
    SalesProforma,
)
from app.sales.proformas.rules import rules


def proforma_of(order: Order, taken: Sequence[Taken], *, kind: ProformaKind) -> Proforma:
    """A draft of what is taken of an order, dated today, standing as long as the rules say."""
    proforma = CLASS_OF[kind](
        state=ProformaState.DRAFT,
        owner_id=order.owner_id or require_current().user_id,
        customer_id=order.customer_id,
        customer_name=order.customer_name,
        branch_id=order.branch_id,
        department_id=order.department_id,
        proforma_on=today(),
        valid_until=today() + timedelta(days=rules().valid_days),
        prices_include_tax=order.prices_include_tax,
        note=order.note,
    )
    place_lines(proforma, body_of(order, taken), ProformaLine, ProformaLineTax, ProformaAdjustment)
    return proforma


def install() -> None:
    """Let orders become proformas."""
    for source, target, kind in (
        (SalesOrder, SalesProforma, ProformaKind.SALES),
        (PurchaseOrder, PurchaseProforma, ProformaKind.PURCHASE),
    ):
        conversions.register(
            Route(
                name=f"{source.__subject__}-{target.__subject__}",
                source=source,
                target=target,
                lane=BILLING,
                label=POLICIES[kind].label,
                icon="file-earmark-text",
                states=frozenset(ORDER_LIVE),
                make=lambda order, taken, kind=kind: proforma_of(order, taken, kind=kind),  # type: ignore[misc]
            )
        )
