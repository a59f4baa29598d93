"""Random sequences of what offices do with invoices, money and cheques, and what must hold after each step.

`run(seed, steps)` plays one sequence inside the caller's transaction; an invariant that breaks is an
AssertionError that names the step. Issue, return, void, receipts and payments by all methods, cheques
with all their steps, offsets, opening balances: each by the service that the screens call.
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
from app.finance.cheques.entry import ChequeEntry
from app.finance.cheques.models import Cheque
from app.finance.cheques.services import register
from app.finance.cheques.states import ChequeState, Direction
from app.finance.cheques.workflow import CHEQUE_FLOW
from app.finance.invoices import returns, services, voids
from app.finance.invoices.kinds import POLICIES, InvoiceKind
from app.finance.invoices.models import Invoice
from app.finance.invoices.states import InvoiceState
from app.finance.settlement import matching, openings, payments
from app.finance.settlement.ledger import is_live
from app.finance.settlement.models import Match, OpeningBalance, OpenItem, Payment
from app.finance.settlement.states import MatchKind, OpeningState, PaymentKind, PaymentState, Side
from tests.factories import CustomerFactory
from tests.factories.finance import line
from tests.finance.settlement.books import FIGURES, Books, books_of, check

SYSTEM = Actor.system("test")
FREIGHT = {"name": "freight", "amount": "70", "sign": 1, "taxed": False}
CHEQUE_STEPS = ("deposit", "clear", "unclear", "bounce", "take_back", "give_back")
_sayad = itertools.count(2_000_000_000_000_001)


class Nothing(DomainError):
    """There is nothing to take this step with."""


class Office:
    """One party's books, and the steps that chance takes in them."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.party = CustomerFactory(is_supplier=True)
        self.books = books_of(self.party.id)
        self.refused = 0
        self.steps: tuple[Callable[[], None], ...] = (
            *(self.issue, self.issue, self.issue, self.pay, self.pay, self.pay, self.pay),
            *(self.give_back, self.give_back, self.move_cheque, self.move_cheque, self.move_cheque),
            *(self.offset, self.offset, self.void, self.reverse, self.unmatch, self.endorse),
            *(self.give_all_back, self.book_opening, self.undo_opening, self.hold_old_cheque),
            *(self.pay_and_reverse, self.issue_and_void, self.return_and_void, self.offset_and_unmatch),
            *(self.clear_and_unclear, self.open_and_undo),
        )

    # Papers ------------------------------------------------------------------------------------

    def issue(self) -> Invoice:
        kind = self.chance.choice((InvoiceKind.SALES, InvoiceKind.SALES, InvoiceKind.PURCHASE))
        entry: dict[str, Any] = {
            "customer_id": self.party.id,
            "invoice_on": today().isoformat(),
            "due_on": (today() + timedelta(days=self.chance.randrange(9))).isoformat(),
            "policy": "line_floor",
            "lines": [self.line() for _ in range(self.chance.choice((1, 1, 2)))],
            "discounts": [{"percent": str(self.chance.randrange(1, 30))}] if self.chance.random() < 0.3 else [],
            "additions": [FREIGHT] if self.chance.random() < 0.3 else [],
        }
        draft = services.save_draft(entry, kind=kind)
        if self.chance.random() < 0.2 and draft.payable_rials > 1:
            parts = (draft.payable_rials // 2, draft.payable_rials - draft.payable_rials // 2)
            days = [(today() + timedelta(days=30 * place)).isoformat() for place in (1, 2)]
            shares = [{"due_on": day, "amount": str(part)} for day, part in zip(days, parts, strict=True)]
            entry |= {"terms": "instalments", "instalments": shares, "version": str(draft.version)}
            services.save_draft(entry, kind=kind, invoice_id=draft.id)
        return services.issue_invoice(draft.id)

    def line(self) -> dict[str, Any]:
        chance = self.chance
        quantity = chance.choice(("1", "3", f"{chance.randrange(1, 5000) / 1000:.3f}"))
        taxes = [{"name": "VAT", "percent": "10"}, {"name": "duty", "percent": "3.7"}][: chance.randrange(3)]
        percent = [{"percent": str(chance.randrange(1, 40))}] if chance.random() < 0.3 else []
        price, is_free = str(chance.randrange(1, 900)), chance.random() < 0.05
        return line(quantity, price, taxes=taxes, discounts=percent, is_free=is_free)

    def give_back(self, *, whole: bool = False) -> Invoice:
        original = self._sold()
        rows = [
            {"original_line_id": key, "quantity": str(left.quantity if whole else self._part(left.quantity))}
            for key, left in returns.left_of(original).items()
        ]
        freight = returns.extras_left(original).charged.get("freight", 0)
        refund = freight if whole else self.chance.randrange(freight + 1)
        additions = [{"name": "freight", "amount": str(refund)}] if freight else []
        entry = {"original_id": original.id, "reason": "broken", "lines": rows, "additions": additions}
        if not any(Decimal(row["quantity"]) for row in rows):
            raise Nothing
        return services.issue_invoice(returns.save_return(entry).id)

    def give_all_back(self) -> None:
        """The last return takes the remainder: then exactly what was charged came back."""
        original = db.session.get_one(Invoice, self.give_back(whole=True).original_id)
        back = [one for one in books_of(self.party.id).invoices if one.original_id == original.id and not one.voids_id]
        back = [one for one in back if one.state is InvoiceState.ISSUED]
        for name in FIGURES:
            assert sum(getattr(one, name) for one in back) == getattr(original, name), f"{name} left over"

    def _part(self, left: Decimal) -> Decimal:
        thousandths = int(left * 1000)
        return Decimal(self.chance.choice((0, thousandths, self.chance.randrange(thousandths + 1)))) / 1000

    def _sold(self) -> Invoice:
        sold = tuple(kind for kind, policy in POLICIES.items() if not policy.is_return)
        return self._one(Invoice, Invoice.state == InvoiceState.ISSUED, Invoice.voids_id.is_(None),
                         Invoice.kind.in_(sold))  # fmt: skip

    def void(self) -> None:
        voids.void_invoice(self._one(Invoice, Invoice.state == InvoiceState.ISSUED).id, reason="mistake")

    # Money -------------------------------------------------------------------------------------

    def pay(self) -> Payment:
        kind = self.chance.choice((PaymentKind.RECEIPT, PaymentKind.RECEIPT, PaymentKind.PAYMENT))
        lines = [self._money(kind) for _ in range(self.chance.randrange(1, 3))]
        head: dict[str, Any] = {"customer_id": self.party.id, "lines": lines, "note": "rounding"}
        if self.chance.random() < 0.3:
            target = self._one(OpenItem, OpenItem.side == kind.side.other)
            amount = self.chance.randrange(1, target.amount_rials + 2)
            head["chosen"] = [{"item_id": target.id, "amount": str(amount)}]
        return payments.post_payment(payments.save_payment(head, kind=kind).id)

    def _money(self, kind: PaymentKind) -> dict[str, Any]:
        amount = str(self.chance.randrange(1, 1500))
        method = self.chance.choices(("cash", "cheque", "write_off", "offset", "card"), (4, 4, 1, 1, 1))[0]
        found: dict[str, Any] = {"method": method, "amount": amount}
        if method == "cheque":
            due_on = today() + timedelta(days=self.chance.randrange(90))
            found["cheque"] = {"sayad_id": str(next(_sayad)), "due_on": due_on.isoformat()}
        elif method == "offset":
            item = self._one(OpenItem, OpenItem.side == kind.side)
            found |= {"item_id": item.id, "amount": str(self.chance.randrange(1, item.amount_rials + 1))}
        return found

    def endorse(self) -> None:
        held = self._one(Cheque, Cheque.state == ChequeState.IN_HAND)
        lines = [{"method": "cheque", "cheque_id": str(held.id)}]
        entry = {"customer_id": self.party.id, "lines": lines}
        payments.post_payment(payments.save_payment(entry, kind=PaymentKind.PAYMENT).id)

    def reverse(self) -> None:
        payments.reverse_payment(self._one(Payment, Payment.state == PaymentState.POSTED).id, reason="wrong")

    def offset(self) -> Match:
        debit = self._one(OpenItem, OpenItem.side == Side.DEBIT)
        credit = self._one(OpenItem, OpenItem.side == Side.CREDIT)
        amount = None if self.chance.random() < 0.5 else self.chance.randrange(1, debit.amount_rials + 2)
        return matching.match_items(debit.id, credit.id, amount=amount)

    def unmatch(self) -> None:
        matching.unmatch(self._one(Match, is_live(), Match.kind != MatchKind.UNDONE).id, reason="not agreed")

    def book_opening(self) -> OpeningBalance:
        opening = OpeningBalance(
            customer_id=self.party.id, side=self.chance.choice(tuple(Side)),
            amount_rials=self.chance.randrange(1, 900), department_id=self.party.department_id,
        )  # fmt: skip
        openings.book_opening(opening)
        return opening

    def undo_opening(self) -> None:
        booked = self._one(OpeningBalance, OpeningBalance.state == OpeningState.BOOKED)
        openings.undo_opening(booked, reason="twice")

    # Cheques -----------------------------------------------------------------------------------

    def hold_old_cheque(self) -> None:
        """One that was in the register before the books began."""
        entry = ChequeEntry(self.chance.randrange(1, 900), today(), sayad_id=str(next(_sayad)))
        register(entry, direction=Direction.RECEIVED, customer=self.party, owner_id=None,
                 department_id=self.party.department_id)  # fmt: skip

    def move_cheque(self) -> None:
        cheque = self._one(Cheque)
        legal = [name for name in CHEQUE_STEPS if cheque.state in CHEQUE_FLOW.transition(name).sources]
        name = self.chance.choice(legal if legal and self.chance.random() < 0.9 else CHEQUE_STEPS)
        CHEQUE_FLOW.apply(cheque, name, actor=SYSTEM, reason="bank")

    # There and back: what is undone leaves everything as it was ---------------------------------

    def pay_and_reverse(self) -> None:
        paid = self.pay()
        payments.reverse_payment(paid.id, reason="at once")
        self._is_restored()

    def issue_and_void(self) -> None:
        voids.void_invoice(self.issue().id, reason="at once")
        self._is_restored()

    def return_and_void(self) -> None:
        voids.void_invoice(self.give_back().id, reason="at once")
        self._is_restored()

    def offset_and_unmatch(self) -> None:
        matching.unmatch(self.offset().id, reason="at once")
        self._is_restored()

    def clear_and_unclear(self) -> None:
        cheque = self._one(Cheque, Cheque.state.in_(CHEQUE_FLOW.transition("clear").sources))
        was = cheque.state
        CHEQUE_FLOW.apply(cheque, "clear", actor=SYSTEM)
        CHEQUE_FLOW.apply(cheque, "unclear", actor=SYSTEM, reason="at once")
        assert cheque.state is was
        self._is_restored()

    def open_and_undo(self) -> None:
        openings.undo_opening(self.book_opening(), reason="at once")
        self._is_restored()

    def _is_restored(self) -> None:
        before = self.books.state()
        assert books_of(self.party.id).state(before) == before, "not the exact state of before"

    # -------------------------------------------------------------------------------------------

    def step(self) -> str:
        """One step by chance; a refusal changes nothing. Returns its name."""
        chosen = self.chance.choice(self.steps)
        try:
            with db.session.begin_nested():
                chosen()
        except Nothing:
            return self.step()
        except DomainError:
            self.refused += 1
            db.session.expire_all()
            assert books_of(self.party.id) == self.books, f"a refused {chosen.__name__} left something behind"
        else:
            self.books = books_of(self.party.id)
            check(self.books)
        return chosen.__name__

    def _one(self, model: type[Any], *conditions: Any) -> Any:
        ours = OpenItem.customer_id if model is Match else model.customer_id
        query = select(model.id).where(ours == self.party.id, *conditions)
        if model is Match:
            query = query.join(OpenItem, OpenItem.id == Match.debit_id)
        found = db.session.scalars(query.order_by(model.id)).all()
        if not found:
            raise Nothing
        return db.session.get_one(model, self.chance.choice(found))


def run(seed: int, steps: int) -> tuple[int, Books]:
    """One sequence; returns how many of its steps were refused, and the books at its end."""
    office = Office(seed)
    for number in range(steps):
        name = "?"
        try:
            name = office.step()
        except AssertionError as broken:
            raise AssertionError(f"seed {seed}, step {number} ({name}): {broken}") from broken
    return office.refused, office.books
