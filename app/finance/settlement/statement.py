"""The statement of account of a party (صورت‌حساب): its items by date with a running balance."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import case, func, select
from sqlalchemy.orm import joinedload

from app.core.db import db
from app.crm.customers.models import Customer
from app.finance.invoices.kinds import POLICIES
from app.finance.settlement.models import OpeningBalance, OpenItem, PaymentLine
from app.finance.settlement.states import KIND_LABELS, METHOD_LABELS, Side

MOST_ROWS = 5_000


@dataclass(frozen=True, slots=True)
class Row:
    """One item: `debit` or `credit` in rials, and what the party owes us after it."""

    on: date
    title: str
    detail: str
    debit: int
    credit: int
    balance: int
    item: OpenItem


@dataclass(frozen=True, slots=True)
class Statement:
    """The items of a period. `before` is what was owed ahead of it, `after` at the end of its rows.

    `is_cut` says that the period has more items than are here.
    """

    customer: Customer
    since: date | None
    until: date | None
    before: int
    rows: tuple[Row, ...]
    is_cut: bool = False

    @property
    def after(self) -> int:
        return self.rows[-1].balance if self.rows else self.before

    @property
    def debit(self) -> int:
        return sum(row.debit for row in self.rows)

    @property
    def credit(self) -> int:
        return sum(row.credit for row in self.rows)


def statement_of(customer: Customer, *, since: date | None = None, until: date | None = None) -> Statement:
    """The visible items of a party in a period, both days included, the oldest first; 5,000 at the most."""
    query = select(OpenItem).where(OpenItem.customer_id == customer.id)
    before = 0
    if since is not None:
        query = query.where(OpenItem.booked_on >= since)
        before = _balance_before(customer.id, since)
    if until is not None:
        query = query.where(OpenItem.booked_on <= until)
    query = query.order_by(OpenItem.booked_on, OpenItem.id).limit(MOST_ROWS + 1)
    query = query.options(
        joinedload(OpenItem.invoice),
        joinedload(OpenItem.payment),
        joinedload(OpenItem.opening).joinedload(OpeningBalance.cheque),
        joinedload(OpenItem.line).joinedload(PaymentLine.cheque),
    )
    items = db.session.scalars(query).unique().all()
    return Statement(
        customer, since, until, before, tuple(_rows(items[:MOST_ROWS], before)), is_cut=len(items) > MOST_ROWS
    )


def _balance_before(customer_id: int, day: date) -> int:
    signed = case((OpenItem.side == Side.DEBIT, OpenItem.amount_rials), else_=-OpenItem.amount_rials)
    query = select(func.sum(signed)).where(OpenItem.customer_id == customer_id, OpenItem.booked_on < day)
    return int(db.session.scalar(query) or 0)


def _rows(items: Any, balance: int) -> Iterator[Row]:
    for item in items:
        balance += item.side.sign * item.amount_rials
        is_debit = item.side is Side.DEBIT
        yield Row(
            on=item.booked_on,
            title=title_of(item),
            detail=_detail(item),
            debit=item.amount_rials if is_debit else 0,
            credit=0 if is_debit else item.amount_rials,
            balance=balance,
            item=item,
        )


def title_of(item: OpenItem) -> str:
    """What an item came of, in words."""
    if item.invoice is not None:
        return f"{POLICIES[item.invoice.kind].label} {item.invoice.number_text}"
    if item.payment is not None:
        return f"{KIND_LABELS[item.payment.kind]} {item.payment.number_text}"
    return _title_of_opening(item.opening) if item.opening is not None else ""


def _title_of_opening(opening: OpeningBalance) -> str:
    if opening.cheque is not None:
        return _("Came back: %(cheque)s", cheque=str(opening.cheque))
    if opening.reference:
        return _("Opening balance %(id)s", id=opening.reference)
    return str(opening)


def _detail(item: OpenItem) -> str:
    line = item.line
    words = []
    if line is not None:
        words.append(str(line.cheque or METHOD_LABELS[line.method]))
    if item.undoes_id is not None:
        words.append(_("Undone"))
    if item.invoice is not None and item.invoice.voids_id is not None:
        words.append(_("Counter document"))
    return " · ".join(words)
