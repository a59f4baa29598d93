"""Steps that take something back: a cheque not cleared after all, cheques of before the books, openings undone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from app.core.actor import Actor, acting_as
from app.core.clock import today
from app.core.errors import GuardRefused, IllegalTransition
from app.core.feature import Role
from app.core.workflow import ReasonRequired
from app.finance.cheques.entry import ChequeEntry
from app.finance.cheques.models import Cheque
from app.finance.cheques.services import register
from app.finance.cheques.states import ChequeState, Direction
from app.finance.cheques.workflow import CHEQUE_FLOW
from app.finance.settlement import openings, payments
from app.finance.settlement.models import OpeningBalance
from app.finance.settlement.queries import balance_of
from app.finance.settlement.states import OpeningState, PaymentKind, Side
from tests.factories import CustomerFactory
from tests.factories.settlement import cash, cheque, posted_payment
from tests.finance.settlement.test_payments import bought, figures, snapshot, sold, take

pytestmark = pytest.mark.databases


@pytest.fixture(autouse=True)
def _system(app: Any) -> Iterator[None]:
    with acting_as(Actor.system("test")):
        yield


def test_a_cheque_wrongly_cleared_covers_again_exactly_what_it_covered() -> None:
    customer = CustomerFactory()
    invoice = sold(customer, 1000)
    paid = posted_payment(customer, [cheque(600), cash(100)])
    take(paid, "deposit")
    before = snapshot()
    take(paid, "clear")
    assert figures(invoice)[:2] == (700, 0)
    undone = take(paid, "unclear", reason="pressed by mistake")
    assert undone.state is ChequeState.DEPOSITED
    assert snapshot() == before
    assert figures(invoice)[:2] == (100, 600)
    with pytest.raises(IllegalTransition):
        take(paid, "unclear", reason="again")


def test_a_cheque_cleared_at_the_payee_goes_back_to_the_payee() -> None:
    supplier = CustomerFactory(is_supplier=True)
    bought(supplier, 500)
    paid = posted_payment(supplier, [cheque(500)], PaymentKind.PAYMENT)
    take(paid, "clear")
    assert take(paid, "unclear", reason="slip").state is ChequeState.GIVEN
    take(paid, "clear")
    with pytest.raises(ReasonRequired):
        take(paid, "unclear")


def test_undoing_a_clearing_is_a_right_of_its_own(session: Any, as_user: Any) -> None:
    clerk = as_user(Role.COLLECTOR)
    paid = posted_payment(CustomerFactory(), [cheque(600)])
    take(paid, "clear")
    answer = clerk.post(f"/cheques/step/unclear/{paid.lines[0].cheque_id}", data={"reason": "no"})
    assert answer.status_code in (302, 403, 404)
    assert paid.lines[0].cheque.state is ChequeState.CLEARED


def registered(customer: Any, amount: int = 700, **values: Any) -> Cheque:
    """A cheque that was in the register before the books began."""
    entry = ChequeEntry(amount, today() + timedelta(days=9), **{"number": "77", **values})
    place = {"department_id": customer.department_id, "owner_id": None}
    return register(entry, direction=Direction.RECEIVED, customer=customer, **place)


def balance(customer: Any) -> int:
    return balance_of(customer.id)


def step(one: Any, flow: Any, name: str) -> None:
    flow.apply(one, name, actor=Actor.system("test"), reason="bank")


def test_a_cheque_of_before_the_books_is_owed_again_when_it_bounces() -> None:
    customer = CustomerFactory()
    held = registered(customer)
    assert balance(customer) == 0
    for name, owed in (("deposit", 0), ("bounce", 700), ("take_back", 0), ("deposit", 0), ("bounce", 700)):
        step(held, CHEQUE_FLOW, name)
        assert balance(customer) == owed, name
    step(held, CHEQUE_FLOW, "give_back")
    assert balance(customer) == 700
    sold(customer, 1)
    posted_payment(customer, [cash(700)])
    assert balance(customer) == 1


def test_a_bounced_cheque_does_not_come_back_without_its_receipt() -> None:
    paid = posted_payment(CustomerFactory(), [cheque(600)])
    take(paid, "deposit")
    take(paid, "bounce", reason="no money")
    payments.reverse_payment(paid.id, reason="wrong party")
    with pytest.raises(GuardRefused):
        take(paid, "take_back")


def test_an_opening_balance_is_undone_once_and_frees_its_reference() -> None:
    customer = CustomerFactory()

    def entered() -> OpeningBalance:
        made = OpeningBalance(customer_id=customer.id, side=Side.DEBIT, amount_rials=900, reference="OB-1",
                              department_id=customer.department_id)  # fmt: skip
        openings.book_opening(made)
        return made

    first = entered()
    with pytest.raises(openings.OpeningKnown):
        entered()
    paid = posted_payment(customer, [cash(400)])
    with pytest.raises(openings.OpeningTouched):
        openings.undo_opening(first, reason="typed twice")
    payments.reverse_payment(paid.id, reason="first")
    openings.undo_opening(first, reason="typed twice")
    assert (first.state, balance(customer)) == (OpeningState.UNDONE, 0)
    with pytest.raises(IllegalTransition):
        openings.undo_opening(first, reason="again")
    assert entered().state is OpeningState.BOOKED
