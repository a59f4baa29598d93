"""Random sequences of what offices do with invoices, money and cheques, and what must hold after each step.

`run(seed, steps)` plays one sequence inside the caller's transaction; an invariant that breaks is an
AssertionError that names the step.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from app.core.actor import Actor
from app.core.clock import today
from app.core.db import db
from app.core.errors import DomainError
from app.finance.cheques.models import Cheque
from app.finance.cheques.states import ChequeState
from app.finance.cheques.workflow import CHEQUE_FLOW
from app.finance.invoices import returns, services, voids
from app.finance.invoices.kinds import InvoiceKind
from app.finance.invoices.models import Invoice
from app.finance.invoices.states import InvoiceState, PaymentAxis
from app.finance.settlement import matching, payments
from app.finance.settlement.ledger import is_live
from app.finance.settlement.models import Match, OpenItem, Payment
from app.finance.settlement.states import MatchKind, PaymentKind, PaymentState, Side
from tests.factories import CustomerFactory
from tests.factories.finance import line

SYSTEM = Actor.system("test")
_sayad = itertools.count(2_000_000_000_000_001)


class Office:
    """One party's books, and the steps that chance takes in them."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.party = CustomerFactory(is_supplier=True)
        self.refused = 0

    def issue(self) -> None:
        kind = self.chance.choice((InvoiceKind.SALES, InvoiceKind.SALES, InvoiceKind.PURCHASE))
        entry = {
            "customer_id": self.party.id,
            "invoice_on": today().isoformat(),
            "due_on": (today() + timedelta(days=self.chance.randrange(9))).isoformat(),
            "policy": "line_floor",
            "lines": [line(str(self.chance.randrange(1, 5)), str(self.chance.randrange(1, 900)), taxes=[])],
        }
        services.issue_invoice(services.save_draft(entry, kind=kind).id)

    def give_back(self) -> None:
        original = self._one(Invoice, Invoice.state == InvoiceState.ISSUED, Invoice.original_id.is_(None))
        left = returns.left_of(original)[original.lines[0].id].quantity
        quantity = min(left, Decimal(self.chance.randrange(1, 4)))
        rows = [{"original_line_id": original.lines[0].id, "quantity": str(quantity)}]
        services.issue_invoice(returns.save_return({"original_id": original.id, "reason": "broken", "lines": rows}).id)

    def void(self) -> None:
        voids.void_invoice(self._one(Invoice, Invoice.state == InvoiceState.ISSUED).id, reason="mistake")

    def pay(self) -> None:
        kind = self.chance.choice((PaymentKind.RECEIPT, PaymentKind.RECEIPT, PaymentKind.PAYMENT))
        lines: list[dict[str, Any]] = []
        for _ in range(self.chance.randrange(1, 3)):
            amount = str(self.chance.randrange(1, 1500))
            if self.chance.random() < 0.4:
                typed = {"sayad_id": str(next(_sayad)), "due_on": (today() + timedelta(days=30)).isoformat()}
                lines.append({"method": "cheque", "amount": amount, "cheque": typed})
            else:
                lines.append({"method": "cash", "amount": amount})
        head: dict[str, Any] = {"customer_id": self.party.id, "lines": lines}
        if self.chance.random() < 0.3:
            target = self._one(OpenItem, OpenItem.side == kind.side.other)
            amount = self.chance.randrange(1, target.amount_rials + 2)
            head["chosen"] = [{"item_id": target.id, "amount": str(amount)}]
        payments.post_payment(payments.save_payment(head, kind=kind).id)

    def endorse(self) -> None:
        held = self._one(Cheque, Cheque.state == ChequeState.IN_HAND)
        lines = [{"method": "cheque", "cheque_id": str(held.id)}]
        entry = {"customer_id": self.party.id, "lines": lines}
        payments.post_payment(payments.save_payment(entry, kind=PaymentKind.PAYMENT).id)

    def offset(self) -> None:
        debit, credit = (
            self._one(OpenItem, OpenItem.side == Side.DEBIT),
            self._one(OpenItem, OpenItem.side == Side.CREDIT),
        )
        amount = None if self.chance.random() < 0.5 else self.chance.randrange(1, debit.amount_rials + 2)
        matching.match_items(debit.id, credit.id, amount=amount)

    def unmatch(self) -> None:
        matching.unmatch(self._one(Match, is_live()).id, reason="not agreed")

    def reverse(self) -> None:
        payments.reverse_payment(self._one(Payment, Payment.state == PaymentState.POSTED).id, reason="wrong")

    def move_cheque(self) -> None:
        cheque = self._one(Cheque)
        step = self.chance.choice(("deposit", "clear", "bounce", "take_back", "give_back"))
        CHEQUE_FLOW.apply(cheque, step, actor=SYSTEM, reason="bank")

    def there_and_back(self) -> None:
        """A receipt that is reversed at once leaves everything as it was."""
        before = state_of(self.party.id)
        kind = self.chance.choice(tuple(PaymentKind))
        lines = [{"method": "cash", "amount": str(self.chance.randrange(1, 4000))}]
        paid = payments.post_payment(
            payments.save_payment({"customer_id": self.party.id, "lines": lines}, kind=kind).id
        )
        payments.reverse_payment(paid.id, reason="at once")
        assert state_of(self.party.id, but=paid.id) == before

    def step(self) -> str:
        """One step by chance; a refusal changes nothing. Returns its name."""
        steps: tuple[Callable[[], None], ...] = (
            *(self.issue, self.issue, self.pay, self.pay, self.pay, self.offset, self.move_cheque, self.move_cheque),
            *(self.give_back, self.void, self.reverse, self.unmatch, self.endorse, self.there_and_back),
        )
        chosen = self.chance.choice(steps)
        before = state_of(self.party.id)
        try:
            with db.session.begin_nested():
                chosen()
        except DomainError:
            self.refused += 1
            db.session.expire_all()
            assert state_of(self.party.id) == before, f"a refused {chosen.__name__} left something behind"
        return chosen.__name__

    def _one(self, model: type[Any], *conditions: Any) -> Any:
        ours = OpenItem.customer_id if model is Match else model.customer_id
        query = select(model).where(ours == self.party.id, *conditions)
        if model is Match:
            query = query.join(OpenItem, OpenItem.id == Match.debit_id)
        found = db.session.scalars(query.order_by(model.id)).all()
        if not found:
            raise _Nothing
        return self.chance.choice(found)


class _Nothing(DomainError):
    """There is nothing to take this step with."""


def items_of(party_id: int) -> list[OpenItem]:
    return list(db.session.scalars(select(OpenItem).where(OpenItem.customer_id == party_id).order_by(OpenItem.id)))


def state_of(party_id: int, *, but: int | None = None) -> list[tuple[Any, ...]]:
    """Everything that is settled of a party, without what the payment `but` made."""
    rows: list[tuple[Any, ...]] = [
        (one.id, one.amount_rials, one.settled_rials, one.covered_rials, one.is_pending)
        for one in items_of(party_id)
        if but is None or one.payment_id != but
    ]
    invoices = db.session.scalars(select(Invoice).where(Invoice.customer_id == party_id).order_by(Invoice.id))
    return rows + [(one.id, one.state, one.payment_state, one.open_due_on) for one in invoices]


def check(party_id: int) -> None:
    """What always holds of a party's books."""
    db.session.flush()
    items = items_of(party_id)
    ids = [one.id for one in items]
    matches = list(db.session.scalars(select(Match).where(Match.debit_id.in_(ids), is_live())))
    for one in items:
        mine = [m for m in matches if one.id in (m.debit_id, m.credit_id)]
        covered = sum(m.amount_rials for m in mine if m.kind is MatchKind.COVERED)
        settled = sum(m.amount_rials for m in mine) - covered
        assert (one.settled_rials, one.covered_rials) == (settled, covered), one.id
        assert 0 <= settled + covered <= one.amount_rials, "more settled than charged"
    for made in matches:
        assert (made.debit.side, made.credit.side) == (Side.DEBIT, Side.CREDIT)
        pending = made.debit.is_pending or made.credit.is_pending
        assert (made.kind is MatchKind.COVERED) == (pending and made.kind is not MatchKind.UNDONE)
    _check_invoices(party_id)
    balance = sum(one.side.sign * one.amount_rials for one in items)
    open_balance = sum(one.side.sign * one.open_rials for one in items)
    assert balance == open_balance, "what is matched cancels out"


def _check_invoices(party_id: int) -> None:
    for invoice in db.session.scalars(select(Invoice).where(Invoice.customer_id == party_id)):
        items = [one for one in items_of(party_id) if one.invoice_id == invoice.id]
        if invoice.state is InvoiceState.DRAFT:
            assert items == []
            continue
        done = sum(one.settled_rials + one.covered_rials for one in items)
        due = sum(one.open_rials for one in items)
        assert done + due == invoice.payable_rials, "paid + due = total"
        if invoice.state is InvoiceState.VOID or invoice.voids_id is not None:
            assert (due, invoice.payment_state) == (0, None)
        else:
            is_open = invoice.payment_state in (PaymentAxis.UNPAID, PaymentAxis.PARTLY, PaymentAxis.OVERDUE)
            assert is_open == (due > 0)
            assert (invoice.open_due_on is not None) == (due > 0)


def run(seed: int, steps: int) -> int:
    """One sequence; returns how many of its steps were refused."""
    office = Office(seed)
    for number in range(steps):
        name = office.step()
        try:
            check(office.party.id)
        except AssertionError as broken:
            raise AssertionError(f"seed {seed}, step {number} ({name}): {broken}") from broken
    return office.refused
