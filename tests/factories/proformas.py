"""Proformas, entered as people enter them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from app.core.actor import Actor, acting_as
from app.core.clock import today
from app.core.db import db
from app.sales.proformas import services
from app.sales.proformas.kinds import POLICIES, ProformaKind
from app.sales.proformas.models import Proforma
from app.sales.proformas.workflow import flow_of
from tests.factories.crm import CustomerFactory
from tests.factories.finance import line

BY = Actor.system("test")


def proforma_entry(
    customer: Any = None, lines: Any = None, *, kind: ProformaKind = ProformaKind.SALES, **head: Any
) -> dict[str, Any]:
    """A proforma as the editor sends it."""
    return {
        "customer_id": (customer or CustomerFactory(is_supplier=POLICIES[kind].is_bought)).id,
        "proforma_on": today().isoformat(),
        "valid_until": (today() + timedelta(days=5)).isoformat(),
        "policy": "line_floor",
        "lines": lines or [line()],
        **head,
    }


def draft_proforma(
    customer: Any = None, lines: Any = None, *, kind: ProformaKind = ProformaKind.SALES, **head: Any
) -> Proforma:
    """A stored draft in the customer's department."""
    with acting_as(BY):
        proforma = services.save_draft(proforma_entry(customer, lines, kind=kind, **head), kind=kind)
        db.session.flush()
    return proforma


def approved_proforma(customer: Any = None, lines: Any = None, **head: Any) -> Proforma:
    """An offer that stands."""
    proforma = draft_proforma(customer, lines, **head)
    with acting_as(BY):
        flow_of(proforma).apply(proforma, "approve", actor=BY)
    return proforma
