"""What a dealer sees of money: invoices that were issued to them, what is open, the balance, cheques."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from app.core.clock import today
from app.core.db import db
from app.core.errors import NotFound
from app.crm.customers.models import Customer
from app.finance.cheques.models import Cheque
from app.finance.cheques.states import UNCLEARED, Direction
from app.finance.invoices.kinds import InvoiceKind
from app.finance.invoices.models import Invoice
from app.finance.invoices.states import InvoiceState
from app.finance.settlement.queries import balance_of, open_items
from app.finance.settlement.statement import title_of
from app.finance.settlement.states import Side

SIZE = 20
MOST_OPEN = 100
MOST_CHEQUES = 200


@dataclass(frozen=True, slots=True)
class Due:
    """Something that is still to be paid, in rials; part of it may be covered by cheques."""

    title: str
    due_on: date
    rials: int
    is_late: bool


@dataclass(frozen=True, slots=True)
class Account:
    """Where a dealer stands. `balance` is what they owe in rials; negative where we owe them.

    `uncleared` are rials of their cheques that the bank has not paid yet.
    """

    balance: int
    uncleared: int
    dues: tuple[Due, ...]
    cheques: tuple[Cheque, ...]


def _shown(dealer: Customer) -> tuple[Any, ...]:
    """Sales and their returns with a number, but for the counter documents of void ones."""
    return (
        Invoice.customer_id == dealer.id,
        Invoice.kind.in_((InvoiceKind.SALES, InvoiceKind.SALES_RETURN)),
        Invoice.state != InvoiceState.DRAFT,
        Invoice.voids_id.is_(None),
    )


def issued_invoices(dealer: Customer, *, before: int | None = None) -> tuple[Sequence[Invoice], int | None]:
    """The dealer's invoices and returns, the newest first, 20 a page; and where the next page begins."""
    query = select(Invoice).where(*_shown(dealer))
    if before is not None:
        query = query.where(Invoice.id < before)
    found = db.session.scalars(query.order_by(Invoice.id.desc()).limit(SIZE + 1)).all()
    return found[:SIZE], found[SIZE - 1].id if len(found) > SIZE else None


def issued_invoice(dealer: Customer, invoice_id: int) -> Invoice:
    """One of them. Raises NotFound for drafts and for anybody else's."""
    found = db.session.scalar(select(Invoice).where(Invoice.id == invoice_id, *_shown(dealer)))
    if found is None:
        raise NotFound(invoice_id=invoice_id)
    return found


def account_of(dealer: Customer) -> Account:
    """Balance, what is still to be paid (the first due first) and cheques (the last due first)."""
    items = open_items(dealer.id, side=Side.DEBIT, limit=MOST_OPEN)
    query = select(Cheque).where(Cheque.customer_id == dealer.id).order_by(Cheque.due_on.desc(), Cheque.id.desc())
    cheques = db.session.scalars(query.limit(MOST_CHEQUES)).all()
    waiting = (one for one in cheques if one.direction is Direction.RECEIVED and one.state in UNCLEARED)
    return Account(
        balance=balance_of(dealer.id),
        uncleared=sum(one.amount_rials for one in waiting),
        dues=tuple(Due(title_of(one), one.due_on, one.open_rials, one.due_on < today()) for one in items),
        cheques=tuple(cheques),
    )
