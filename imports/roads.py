"""Which way the rows of a sheet go: as records, as invoices, as returns, as orders and proformas, as receipts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from app.core.sheets import SheetSpec
from app.finance.settlement.models import Payment
from imports.documents import apply_documents, plan_documents
from imports.entered_documents import apply_entered, desk_of, plan_entered
from imports.payment_documents import apply_payments, plan_payments
from imports.plans import Plan
from imports.records import apply_records, plan_records
from imports.return_documents import apply_returns, is_return, plan_returns


@dataclass(frozen=True, slots=True)
class Road:
    """How checked rows become a plan, and how a plan is written in the running transaction."""

    plan: Callable[..., Plan]
    write: Callable[[Plan, int], None]


RECORDS = Road(plan_records, lambda plan, _batch_id: apply_records(plan))
INVOICES = Road(plan_documents, lambda plan, batch_id: apply_documents(plan, batch_id=batch_id))
ENTERED = Road(plan_entered, lambda plan, batch_id: apply_entered(plan, batch_id=batch_id))
RETURNS = Road(plan_returns, lambda plan, _batch_id: apply_returns(plan))
PAYMENTS = Road(plan_payments, lambda plan, _batch_id: apply_payments(plan))


def road_of(spec: SheetSpec) -> Road:
    """The way of a sheet."""
    if spec.lines is None:
        return RECORDS
    if spec.model is Payment:
        return PAYMENTS
    if desk_of(spec) is not None:
        return ENTERED
    return RETURNS if is_return(spec) else INVOICES
