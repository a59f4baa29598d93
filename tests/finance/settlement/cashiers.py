"""Cashiers in processes of their own, who all settle the same invoices at the same moment."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import func, or_, select

from app.core.actor import Actor, acting_as
from app.core.db import db, writing
from app.core.errors import DomainError
from app.finance.invoices.models import Invoice
from app.finance.invoices.states import PaymentAxis
from app.finance.settlement import payments
from app.finance.settlement.models import Match, OpenItem, Payment
from app.finance.settlement.states import PaymentKind, PaymentState
from tests.app_fixtures import make_app
from tests.factories import CustomerFactory
from tests.factories.finance import issued_invoice, line
from tests.factories.settlement import cash, draft_payment

AMOUNT = 1_000
WANTED = 700
"""Each of two cashiers wants to settle this much of each invoice: together more than it is worth."""


def make_invoices(count: int, cashiers: int) -> None:
    """Invoices of one party, and for each a draft receipt of every cashier that names it; committed."""
    customer = CustomerFactory()
    for _ in range(count):
        invoice = issued_invoice(customer, [line("1", str(AMOUNT), taxes=[])], due_on="1406/01/01")
        item = db.session.scalars(select(OpenItem).where(OpenItem.invoice_id == invoice.id)).one()
        for lane in range(cashiers):
            chosen = [{"item_id": item.id, "amount": str(WANTED)}]
            draft_payment(customer, [cash(WANTED)], chosen=chosen, note=f"lane {lane}")
    db.session.commit()


def settle(url: str, folder: Path, lane: int, lanes: int) -> Iterator[int]:
    """Post the lane's drafts in the order of the invoices; yields 1 for each posted one, 0 for a refusal."""
    app = make_app(url, folder / f"lane-{lane}")
    with app.app_context(), acting_as(Actor.system("cashier")):
        with writing(intent=False):
            query = select(Payment.id).where(Payment.note == f"lane {lane}").order_by(Payment.id)
            ids = list(db.session.scalars(query))
            db.session.rollback()
        for payment_id in ids:
            try:
                payments.post_payment(payment_id)
                db.session.commit()
                yield 1
            except DomainError:
                db.session.rollback()
                yield 0
        db.session.remove()
        db.engine.dispose()


def faults(count: int) -> list[str]:
    """Everything wrong with the books afterwards."""
    found = []
    over = or_(OpenItem.settled_rials + OpenItem.covered_rials > OpenItem.amount_rials, OpenItem.settled_rials < 0)
    if many := _count(OpenItem.id, over):
        found.append(f"{many} items over")
    settled = db.session.scalars(select(OpenItem.settled_rials).where(OpenItem.invoice_id.is_not(None))).all()
    if set(settled) != {WANTED}:
        found.append(f"invoices are settled by {sorted(set(settled))}")
    if (posted := _count(Payment.id, Payment.state == PaymentState.POSTED)) != count:
        found.append(f"{posted} receipts for {count} invoices")
    if (matches := _count(Match.id)) != count:
        found.append(f"{matches} matches for {count} invoices")
    if (partly := _count(Invoice.id, Invoice.payment_state == PaymentAxis.PARTLY)) != count:
        found.append(f"{partly} of {count} invoices say partly paid")
    numbers = list(db.session.scalars(select(Payment.number).where(Payment.kind == PaymentKind.RECEIPT)))
    given = sorted(number for number in numbers if number is not None)
    if given != list(range(1, count + 1)):
        found.append(f"the numbers of the receipts have gaps: {given[:9]} …")
    return found


def _count(column: Any, *conditions: Any) -> int:
    return db.session.scalar(select(func.count(column)).where(*conditions)) or 0
