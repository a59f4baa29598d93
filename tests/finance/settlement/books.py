"""The books of one party as plain rows, and what always holds of them.

Read by columns and not by records, since it is read after every step of ten thousand sequences.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from app.core.db import db
from app.finance.cheques.models import Cheque
from app.finance.cheques.states import ChequeState, Direction
from app.finance.invoices.kinds import POLICIES
from app.finance.invoices.models import Invoice, InvoiceLine
from app.finance.invoices.states import InvoiceState, PaymentAxis
from app.finance.settlement.ledger import is_live
from app.finance.settlement.models import Match, OpeningBalance, OpenItem, Payment, PaymentLine
from app.finance.settlement.states import MatchKind, Method, OpeningState, PaymentKind, PaymentState, Side

FIGURES = ("gross_rials", "discount_rials", "tax_rials", "payable_rials")
OPEN = (PaymentAxis.UNPAID, PaymentAxis.PARTLY, PaymentAxis.OVERDUE)
LOST = (ChequeState.BOUNCED, ChequeState.RETURNED)

_ITEMS = select(
    OpenItem.id, OpenItem.side, OpenItem.amount_rials, OpenItem.settled_rials, OpenItem.covered_rials,
    OpenItem.is_pending, OpenItem.invoice_id, OpenItem.undoes_id,
).order_by(OpenItem.id)  # fmt: skip
_MATCHES = select(Match.debit_id, Match.credit_id, Match.amount_rials, Match.kind).where(is_live())
_INVOICES = select(
    Invoice.id, Invoice.kind, Invoice.state, Invoice.sign, Invoice.number, Invoice.original_id, Invoice.voids_id,
    Invoice.payment_state, Invoice.open_due_on, *(getattr(Invoice, name) for name in FIGURES),
).order_by(Invoice.id)  # fmt: skip
_LINES = select(
    Invoice.original_id, InvoiceLine.id, InvoiceLine.original_line_id, InvoiceLine.quantity, InvoiceLine.payable_rials
).join(InvoiceLine, InvoiceLine.invoice_id == Invoice.id)
_MONEY = (
    select(
        Payment.kind, PaymentLine.id, PaymentLine.method, PaymentLine.amount_rials,
        Cheque.id.label("cheque_id"), Cheque.direction, Cheque.state, Cheque.endorsed_to_id,
    )
    .join(PaymentLine, PaymentLine.payment_id == Payment.id)
    .outerjoin(Cheque, Cheque.id == PaymentLine.cheque_id)
    .order_by(PaymentLine.id)
)  # fmt: skip
_OPENINGS = select(OpeningBalance.side, OpeningBalance.amount_rials)


@dataclass(frozen=True, slots=True)
class Books:
    """All rows of a party: open items, live matches, invoices, money that moved, opening balances."""

    items: Sequence[Any]
    matches: Sequence[Any]
    invoices: Sequence[Any]
    money: Sequence[Any]
    openings: Sequence[Any]

    def state(self, ids: Iterable[tuple[str, int]] | None = None) -> dict[tuple[str, int], Any]:
        """What is settled of each thing and how it stands; only of these where `ids` are given."""
        found: dict[tuple[str, int], Any] = {
            ("item", one.id): (one.amount_rials, one.settled_rials, one.covered_rials, one.is_pending)
            for one in self.items
        }
        for one in self.invoices:
            found[("invoice", one.id)] = (one.state, one.payment_state, one.open_due_on)
        return found if ids is None else {key: found[key] for key in ids}


def books_of(party_id: int) -> Books:
    """The books of a party as they stand."""
    db.session.flush()
    run = db.session.execute
    items = run(_ITEMS.where(OpenItem.customer_id == party_id)).all()
    known = [one.id for one in items]
    return Books(
        items,
        run(_MATCHES.where(Match.debit_id.in_(known))).all(),
        run(_INVOICES.where(Invoice.customer_id == party_id)).all(),
        run(_MONEY.where(Payment.customer_id == party_id, Payment.state == PaymentState.POSTED)).all(),
        run(_OPENINGS.where(OpeningBalance.customer_id == party_id, OpeningBalance.state == OpeningState.BOOKED)).all(),
    )


def check(books: Books) -> None:
    """What always holds of the books of a party. Raises AssertionError."""
    _check_items(books)
    _check_invoices(books)
    _check_returns(books)
    balance = sum(one.side.sign * one.amount_rials for one in books.items)
    still_open = sum(one.side.sign * (one.amount_rials - one.settled_rials - one.covered_rials) for one in books.items)
    assert balance == still_open, "what is matched does not cancel out"
    assert balance == owed(books), "the items differ from the papers and the money"


def _check_items(books: Books) -> None:
    done: dict[MatchKind, Counter[int]] = {kind: Counter() for kind in MatchKind}
    items = {one.id: one for one in books.items}
    for made in books.matches:
        assert (items[made.debit_id].side, items[made.credit_id].side) == (Side.DEBIT, Side.CREDIT)
        waits = items[made.debit_id].is_pending or items[made.credit_id].is_pending
        assert (made.kind is MatchKind.COVERED) == (waits and made.kind is not MatchKind.UNDONE)
        for key in (made.debit_id, made.credit_id):
            done[made.kind][key] += made.amount_rials
    for one in books.items:
        settled = done[MatchKind.SETTLED][one.id] + done[MatchKind.UNDONE][one.id]
        assert (one.settled_rials, one.covered_rials) == (settled, done[MatchKind.COVERED][one.id]), one.id
        assert 0 <= one.settled_rials + one.covered_rials <= one.amount_rials, "more settled than charged"


def _check_invoices(books: Books) -> None:
    items = defaultdict(list)
    for one in books.items:
        items[one.invoice_id].append(one)
    for invoice in books.invoices:
        mine = items[invoice.id]
        if invoice.state is InvoiceState.DRAFT:
            assert mine == []
            continue
        done = sum(one.settled_rials + one.covered_rials for one in mine)
        due = sum(one.amount_rials for one in mine) - done
        assert done + due == invoice.payable_rials, "paid + due is not the total"
        if invoice.state is InvoiceState.VOID or invoice.voids_id is not None:
            assert (due, invoice.payment_state) == (0, None)
        else:
            assert (invoice.payment_state in OPEN) == (due > 0)
            assert (invoice.open_due_on is not None) == (due > 0)


def _check_returns(books: Books) -> None:
    """No invoice gives back more than it charged: in each figure, and line by line in goods and money."""
    by_id = {one.id: one for one in books.invoices}
    back = [one for one in books.invoices if POLICIES[one.kind].is_return and one.state is InvoiceState.ISSUED]
    back = [one for one in back if one.voids_id is None]
    refunded: dict[int, Counter[str]] = defaultdict(Counter)
    for one in back:
        for name in FIGURES:
            assert getattr(one, name) >= 0, name
            refunded[one.original_id][name] += getattr(one, name)
    for key, sums in refunded.items():
        for name in FIGURES:
            assert sums[name] <= getattr(by_id[key], name), f"more {name} refunded than charged"
    _check_lines([one.id for one in back], list(refunded))


def _check_lines(back: Sequence[int], originals: Sequence[int]) -> None:
    if not back:
        return
    sold = {one.id: one for one in db.session.execute(_LINES.where(Invoice.id.in_(originals)))}
    goods: Counter[int] = Counter()
    money: Counter[int] = Counter()
    for one in db.session.execute(_LINES.where(Invoice.id.in_(back))):
        goods[one.original_line_id] += one.quantity
        money[one.original_line_id] += one.payable_rials
    for key, quantity in goods.items():
        assert quantity <= sold[key].quantity, "more goods back than were sold"
        assert money[key] <= sold[key].payable_rials, "a line refunds more than it charged"


def owed(books: Books) -> int:
    """What the party owes by its papers and the money that moved, worked out without open items."""
    papers = sum(one.sign * one.payable_rials for one in books.invoices if one.number is not None)
    before = sum(one.side.sign * one.amount_rials for one in books.openings)
    given_on = {one.cheque_id: one.id for one in books.money if one.kind is PaymentKind.PAYMENT}
    return papers + before + sum(_moved(one, given_on) for one in books.money)


def _moved(line: Any, given_on: dict[Any, int]) -> int:
    """What a line of money changes: nothing as an offset, or with a cheque that came to nothing.

    A received cheque pays a supplier while it is with them, by the payment that passed it on last.
    """
    sign = -1 if line.kind is PaymentKind.RECEIPT else 1
    if line.method is Method.OFFSET or line.state in LOST:
        return 0
    is_passed_on = line.kind is PaymentKind.PAYMENT and line.direction is Direction.RECEIVED
    if is_passed_on and (line.endorsed_to_id is None or given_on[line.cheque_id] != line.id):
        return 0
    return sign * int(line.amount_rials)
