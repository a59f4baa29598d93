"""Receipts, payments, offsets, cheques: what is settled, what is open again, and what is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.core.actor import Actor, acting_as
from app.core.clock import today
from app.core.db import db
from app.core.errors import GuardRefused, IllegalTransition, Invalid, NotAllowed, NotFound, StaleVersion
from app.core.seals import broken_seals
from app.finance.cheques.models import Cheque
from app.finance.cheques.services import SayadTaken
from app.finance.cheques.states import ChequeState
from app.finance.cheques.workflow import CHEQUE_FLOW
from app.finance.invoices import returns, services, voids
from app.finance.invoices.kinds import InvoiceKind
from app.finance.invoices.models import Invoice
from app.finance.invoices.states import PaymentAxis
from app.finance.settlement import matching, payments
from app.finance.settlement.allocation import LeftOver
from app.finance.settlement.ledger import MatchReversed, NotMatchable, NotOpen
from app.finance.settlement.models import OpenItem, Payment
from app.finance.settlement.postings import stored_items
from app.finance.settlement.queries import balance_of, open_items
from app.finance.settlement.rules import WriteOffTooLarge
from app.finance.settlement.states import PaymentKind, PaymentState, Side
from app.finance.years.models import FiscalYear
from app.finance.years.services import YearClosed
from app.finance.years.workflow import YEAR_FLOW
from tests.factories import CustomerFactory, EmployeeFactory
from tests.factories.acting import actor_with
from tests.factories.finance import draft_invoice, issued_invoice, line
from tests.factories.settlement import cash, cheque, draft_payment, posted_payment

pytestmark = pytest.mark.databases
TEN = [line("1", "1000", taxes=[])]
"""Lines worth 1,000 rials."""


@pytest.fixture(autouse=True)
def _system(app: Any) -> Iterator[None]:
    with acting_as(Actor.system("test")):
        yield


def sold(customer: Any, amount: int = 1000, **head: Any) -> Invoice:
    """An issued sale of `amount` rials, due tomorrow."""
    head = {"due_on": (today() + timedelta(days=1)).isoformat(), "invoice_on": today().isoformat(), **head}
    return issued_invoice(customer, [line("1", str(amount), taxes=[])], **head)


def bought(supplier: Any, amount: int = 1000) -> Invoice:
    """An issued purchase of `amount` rials."""
    supplier.is_supplier = True
    db.session.flush()
    entry = {
        "customer_id": supplier.id,
        "invoice_on": today().isoformat(),
        "due_on": (today() + timedelta(days=1)).isoformat(),
        "policy": "line_floor",
        "supplier_number": f"S{supplier.id}-{amount}",
        "lines": [line("1", str(amount), taxes=[])],
    }
    return services.issue_invoice(services.save_draft(entry, kind=InvoiceKind.PURCHASE).id)


def item_of(invoice: Invoice) -> OpenItem:
    return stored_items(invoice.id)[0]


def figures(invoice: Invoice) -> tuple[int, int, int, PaymentAxis | None]:
    """Settled, covered, open rials and the payment state of an invoice."""
    items = stored_items(invoice.id)
    return (
        sum(one.settled_rials for one in items),
        sum(one.covered_rials for one in items),
        sum(one.open_rials for one in items),
        invoice.payment_state,
    )


def take(cheque_of: Payment, step: str, **data: Any) -> Cheque:
    found = next(one.cheque for one in cheque_of.lines if one.cheque is not None)
    CHEQUE_FLOW.apply(found, step, actor=Actor.system("test"), **data)
    return found


def snapshot() -> list[tuple[Any, ...]]:
    """The settlement of every item, whatever its counter items: what a reversal must restore."""
    undone = {key for key in db.session.scalars(select(OpenItem.undoes_id)) if key}
    rows = db.session.scalars(select(OpenItem).order_by(OpenItem.id))
    return [
        (row.id, row.settled_rials, row.covered_rials, row.is_pending, row.invoice.payment_state if row.invoice else "")
        for row in rows
        if row.id not in undone and row.undoes_id is None
    ]


# Invoices ----------------------------------------------------------------------------------------


def test_issue_opens_an_item_and_void_closes_it_by_the_counter_document() -> None:
    one = sold(CustomerFactory())
    assert figures(one) == (0, 0, 1000, PaymentAxis.UNPAID)
    assert item_of(one).side is Side.DEBIT
    counter = voids.void_invoice(one.id, reason="mistake")
    assert figures(one) == (1000, 0, 0, None)
    assert figures(counter) == (1000, 0, 0, None)
    assert balance_of(one.customer_id) == 0


def test_instalments_make_an_item_each() -> None:
    days = [(today() + timedelta(days=n)).isoformat() for n in (10, 40)]
    parts = [{"due_on": day, "amount": str(amount)} for day, amount in zip(days, (300, 700), strict=True)]
    one = sold(CustomerFactory(), terms="instalments", instalments=parts)
    assert [item.amount_rials for item in stored_items(one.id)] == [300, 700]
    posted_payment(one.customer, [cash(400)])
    assert [item.open_rials for item in stored_items(one.id)] == [0, 600]
    assert one.payment_state is PaymentAxis.PARTLY
    counter = voids.void_invoice
    with pytest.raises(GuardRefused):
        counter(one.id, reason="x")


def test_a_draft_owes_nothing_and_a_bulk_issue_opens_every_item(app: Any) -> None:
    customer = CustomerFactory()
    drafts = [draft_invoice(customer, TEN) for _ in range(3)]
    assert balance_of(customer.id) == 0
    for invoice_id in services.issue_order([one.id for one in drafts]):
        services.issue_invoice(invoice_id)
    assert balance_of(customer.id) == 3000


def test_an_invoice_past_its_day_is_overdue() -> None:
    one = sold(CustomerFactory(), invoice_on="1405/07/01", due_on="1405/07/02")
    assert one.payment_state is PaymentAxis.OVERDUE
    posted_payment(one.customer, [cash(1000)])
    assert (one.payment_state, one.open_due_on) == (PaymentAxis.PAID, None)


# Receipts ----------------------------------------------------------------------------------------


def test_oldest_due_first_and_the_rest_stays_a_credit() -> None:
    customer = CustomerFactory()
    late = sold(customer, due_on=(today() + timedelta(days=9)).isoformat())
    soon = sold(customer)
    paid = posted_payment(customer, [cash(1500)])
    assert (figures(soon)[2], figures(late)[2]) == (0, 500)
    assert (soon.payment_state, late.payment_state) == (PaymentAxis.PAID, PaymentAxis.PARTLY)
    assert paid.number_text.endswith("-1")
    posted_payment(customer, [cash(800)])
    (credit,) = open_items(customer.id)
    assert (credit.side, credit.open_rials) == (Side.CREDIT, 300)
    assert balance_of(customer.id) == -300


def test_chosen_items_only() -> None:
    customer = CustomerFactory()
    first, second = sold(customer), sold(customer)
    chosen = [{"item_id": item_of(second).id, "amount": "700"}]
    posted_payment(customer, [cash(1000)], chosen=chosen)
    assert (figures(first)[0], figures(second)[0]) == (0, 700)
    assert [one.open_rials for one in open_items(customer.id, side=Side.CREDIT)] == [300]


def test_numbers_have_no_gap_and_yesterday_may_follow_today() -> None:
    customer = CustomerFactory()
    first = posted_payment(customer, [cash(1)])
    second = posted_payment(customer, [cash(1)], paid_on=(today() - timedelta(days=1)).isoformat())
    with pytest.raises(Invalid):
        draft_payment(customer, [cash(1)], paid_on=(today() + timedelta(days=1)).isoformat())
    third = posted_payment(customer, [cash(1)])
    assert [second.number, third.number] == [first.number + 1, first.number + 2]


def test_more_than_is_open_is_refused() -> None:
    customer = CustomerFactory()
    one = sold(customer)
    drafts = [
        draft_payment(customer, [cash(600)], chosen=[{"item_id": item_of(one).id, "amount": "600"}]) for _ in range(2)
    ]
    payments.post_payment(drafts[0].id)
    with pytest.raises(NotOpen) as caught:
        payments.post_payment(drafts[1].id)
    assert "400" in str(caught.value)
    with pytest.raises(Invalid):
        draft_payment(customer, [cash(600)], chosen=[{"item_id": item_of(one).id, "amount": "601"}])


def test_items_of_another_party_cannot_be_chosen() -> None:
    other = sold(CustomerFactory())
    draft = draft_payment(CustomerFactory(), [cash(5)], chosen=[{"item_id": item_of(other).id, "amount": "5"}])
    with pytest.raises(Invalid):
        payments.post_payment(draft.id)


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"lines": []}, "lines"),
        ({"lines": [cash(0)]}, "lines[0].amount"),
        ({"lines": [cash("-5")]}, "lines[0].amount"),
        ({"lines": [{"method": "gold", "amount": "5"}]}, "lines[0].method"),
        ({"lines": [cheque(5, sayad_id="123")]}, "lines[0].cheque.sayad_id"),
        ({"lines": [cheque(5, due_on="")]}, "lines[0].cheque.due_on"),
        ({"lines": [cheque(5, sheba="IR12")]}, "lines[0].cheque.sheba"),
        ({"lines": [{"method": "offset", "amount": "5"}]}, "lines[0].item_id"),
        ({"lines": [{"method": "write_off", "amount": "5"}]}, "note"),
        ({"customer_id": ""}, "customer_id"),
        ({"customer_id": "x"}, "customer_id"),
        ({"paid_on": "1405/13/40"}, "paid_on"),
        ({"chosen": "all"}, "chosen"),
        ({"chosen": [{"item_id": "7", "amount": "x"}]}, "chosen[0].amount"),
        ({"lines": [None]}, "lines[0].amount"),
        ({"note": 5}, "note"),
    ],
)
def test_bad_fields_are_named(change: dict[str, Any], path: str) -> None:
    entry = {"customer_id": CustomerFactory().id, "lines": [cash(5)], **change}
    with pytest.raises(Invalid) as caught:
        payments.save_payment(entry, kind=PaymentKind.RECEIPT)
    assert path in {error.path for error in caught.value.errors}


def test_a_stale_draft_is_not_saved_and_a_posted_one_never_changes() -> None:
    customer = CustomerFactory()
    draft = draft_payment(customer, [cash(5)])
    entry = {"customer_id": customer.id, "lines": [cash(7)], "version": str(draft.version)}
    payments.save_payment(entry, kind=PaymentKind.RECEIPT, payment_id=draft.id)
    assert draft.amount_rials == 7
    with pytest.raises(StaleVersion):
        payments.save_payment(entry, kind=PaymentKind.RECEIPT, payment_id=draft.id)
    payments.post_payment(draft.id)
    with pytest.raises(payments.PaymentFrozen):
        payments.save_payment(entry, kind=PaymentKind.RECEIPT, payment_id=draft.id)
    with pytest.raises(payments.PaymentFrozen):
        payments.discard_payment(draft.id)
    changes: tuple[Callable[[Payment], None], ...] = (
        lambda paid: setattr(paid, "note", "x"),
        lambda paid: setattr(paid.lines[0], "amount_rials", 8),
        lambda paid: db.session.delete(paid),
        lambda paid: db.session.delete(open_items(paid.customer_id)[0]),
    )
    db.session.commit()
    for change in changes:
        change(payments.open_payment(draft.id))
        with pytest.raises(payments.PaymentFrozen):
            db.session.flush()
        db.session.rollback()
    assert list(broken_seals(Payment)) == []


def test_a_closed_year_takes_no_money() -> None:
    customer = CustomerFactory()
    draft = draft_payment(customer, [cash(5)])
    paid = posted_payment(customer, [cash(5)])
    year = db.session.scalars(select(FiscalYear).order_by(FiscalYear.year.desc())).first()
    assert year is not None
    YEAR_FLOW.apply(year, "close", actor=Actor.system("test"))
    with pytest.raises(YearClosed):
        payments.post_payment(draft.id)
    with pytest.raises(YearClosed):
        payments.reverse_payment(paid.id, reason="x")


# Reversal ----------------------------------------------------------------------------------------


def test_reversal_restores_the_exact_state() -> None:
    customer = CustomerFactory()
    sold(customer)
    sold(customer, 2500)
    posted_payment(customer, [cash(300)])
    before = snapshot()
    paid = posted_payment(customer, [cash(1700), cheque(900)])
    assert snapshot() != before
    payments.reverse_payment(paid.id, reason="wrong party")
    assert snapshot() == before
    assert paid.state is PaymentState.REVERSED
    assert balance_of(customer.id) == 3200
    with pytest.raises(IllegalTransition):
        payments.reverse_payment(paid.id, reason="again")


def test_an_advance_used_later_opens_again_with_its_receipt() -> None:
    customer = CustomerFactory()
    advance = posted_payment(customer, [cash(600)])
    one = sold(customer)
    (credit,) = open_items(customer.id, side=Side.CREDIT)
    matching.match_items(credit.id, item_of(one).id)
    assert figures(one)[:3] == (600, 0, 400)
    payments.reverse_payment(advance.id, reason="bounced transfer")
    assert figures(one) == (0, 0, 1000, PaymentAxis.UNPAID)


def test_void_is_refused_while_a_receipt_holds_and_names_it() -> None:
    one = sold(CustomerFactory())
    paid = posted_payment(one.customer, [cash(10)])
    with pytest.raises(GuardRefused) as caught:
        voids.void_invoice(one.id, reason="x")
    assert paid.number_text in str(caught.value)
    payments.reverse_payment(paid.id, reason="x")
    voids.void_invoice(one.id, reason="x")
    assert balance_of(one.customer_id) == 0


# Offsets and write-offs --------------------------------------------------------------------------


def returned(original: Invoice, quantity: str = "1") -> Invoice:
    rows = [{"original_line_id": original.lines[0].id, "quantity": quantity}]
    return services.issue_invoice(
        returns.save_return({"original_id": original.id, "reason": "broken", "lines": rows}).id
    )


def test_a_return_is_offset_against_its_invoice_and_taken_back() -> None:
    customer = CustomerFactory()
    one = issued_invoice(customer, [line("4", "250", taxes=[])], due_on="1406/01/01")
    back = returned(one, "1")
    made = matching.match_items(item_of(one).id, item_of(back).id)
    assert figures(one)[:3] == (250, 0, 750)
    with pytest.raises(GuardRefused):
        voids.void_invoice(back.id, reason="x")
    matching.unmatch(made.id, reason="not agreed")
    assert figures(one)[:3] == (0, 0, 1000)
    with pytest.raises(MatchReversed):
        matching.unmatch(made.id, reason="twice")
    voids.void_invoice(back.id, reason="x")


def test_a_paid_invoice_with_an_open_return_is_overpaid() -> None:
    customer = CustomerFactory()
    one = issued_invoice(customer, [line("4", "250", taxes=[])], due_on="1406/01/01")
    posted_payment(customer, [cash(1000)])
    back = returned(one, "1")
    assert one.payment_state is PaymentAxis.OVERPAID
    refund = posted_payment(customer, [cash(250)], PaymentKind.PAYMENT)
    assert (one.payment_state, back.payment_state) == (PaymentAxis.PAID, PaymentAxis.PAID)
    payments.reverse_payment(refund.id, reason="x")
    assert (one.payment_state, balance_of(customer.id)) == (PaymentAxis.OVERPAID, -250)


def test_an_offset_line_uses_an_open_credit_and_never_more() -> None:
    customer = CustomerFactory()
    posted_payment(customer, [cash(300)])
    (credit,) = open_items(customer.id)
    one = sold(customer)
    offset = {"method": "offset", "amount": "300", "item_id": str(credit.id)}
    before = snapshot()
    paid = posted_payment(customer, [offset, cash(700)])
    assert one.payment_state is PaymentAxis.PAID
    payments.reverse_payment(paid.id, reason="x")
    assert snapshot() == before
    with pytest.raises(LeftOver):
        posted_payment(customer, [offset], chosen=[{"item_id": item_of(one).id, "amount": "200"}])


def test_write_offs_need_the_right_and_keep_to_the_limit() -> None:
    customer = CustomerFactory()
    one = sold(customer, 500_000)
    write_off = {"method": "write_off", "amount": "100000"}
    with pytest.raises(WriteOffTooLarge):
        draft_payment(customer, [{**write_off, "amount": "100001"}], note="small change")
    posted_payment(customer, [cash(400_000), write_off], note="small change")
    assert one.payment_state is PaymentAxis.PAID
    clerk = EmployeeFactory(home_department=customer.department)
    rights = [(right, "finance.settlement") for right in ("add", "post", "see_department")]
    with (
        acting_as(actor_with(clerk, *rights, ("see_department", "crm.customers"))),
        pytest.raises(NotAllowed),
    ):
        payments.save_payment({"customer_id": customer.id, "lines": [write_off], "note": "x"}, kind=PaymentKind.RECEIPT)


def test_only_a_debit_and_a_credit_of_one_party_match() -> None:
    customer = CustomerFactory()
    first, second, other = sold(customer), sold(customer), CustomerFactory()
    posted_payment(other, [cash(10)])
    (credit,) = open_items(other.id)
    for pair in ((item_of(first).id, item_of(second).id), (item_of(first).id, credit.id)):
        with pytest.raises(NotMatchable):
            matching.match_items(*pair)
    with pytest.raises(NotFound):
        matching.match_items(item_of(first).id, 999_999)


# Cheques -----------------------------------------------------------------------------------------


def test_a_cheque_covers_and_pays_when_it_clears() -> None:
    one = sold(CustomerFactory())
    paid = posted_payment(one.customer, [cash(100), cheque(900)])
    assert figures(one) == (100, 900, 0, PaymentAxis.COVERED)
    take(paid, "deposit")
    assert one.payment_state is PaymentAxis.COVERED
    take(paid, "clear")
    assert figures(one) == (1000, 0, 0, PaymentAxis.PAID)
    with pytest.raises(GuardRefused):
        payments.reverse_payment(paid.id, reason="too late")


def test_a_bounce_takes_back_exactly_what_the_cheque_covered_and_a_second_try_covers_again() -> None:
    customer = CustomerFactory()
    one = sold(customer)
    paid = posted_payment(customer, [cash(100), cheque(900)])
    take(paid, "deposit")
    bounced = take(paid, "bounce", reason="no funds")
    assert (bounced.state, bounced.bounce_reason) == (ChequeState.BOUNCED, "no funds")
    assert figures(one)[:3] == (100, 0, 900)
    assert balance_of(customer.id) == 900
    take(paid, "take_back")
    assert figures(one) == (100, 900, 0, PaymentAxis.COVERED)
    take(paid, "deposit")
    take(paid, "clear")
    assert (figures(one), balance_of(customer.id)) == ((1000, 0, 0, PaymentAxis.PAID), 0)


def test_a_cheque_given_back_after_a_bounce_leaves_the_debt() -> None:
    customer = CustomerFactory()
    one = sold(customer)
    paid = posted_payment(customer, [cheque(1000)])
    take(paid, "deposit")
    take(paid, "bounce", reason="signature")
    take(paid, "give_back", reason="paid otherwise")
    assert (figures(one)[2], balance_of(customer.id)) == (1000, 1000)
    payments.reverse_payment(paid.id, reason="nothing came of it")
    assert balance_of(customer.id) == 1000


def test_an_endorsed_cheque_pays_both_when_it_clears_and_opens_both_when_it_bounces() -> None:
    customer, supplier = CustomerFactory(), CustomerFactory()
    sale, purchase = sold(customer), bought(supplier)
    came = posted_payment(customer, [cheque(1000)])
    held = came.lines[0].cheque
    assert held is not None
    endorsed = {"method": "cheque", "cheque_id": str(held.id)}
    went = posted_payment(supplier, [endorsed], PaymentKind.PAYMENT)
    assert (held.state, held.endorsed_to_id) == (ChequeState.ENDORSED, supplier.id)
    assert (sale.payment_state, purchase.payment_state) == (PaymentAxis.COVERED, PaymentAxis.COVERED)
    with pytest.raises(GuardRefused):
        payments.reverse_payment(came.id, reason="x")
    payments.reverse_payment(went.id, reason="x")
    assert (held.state, purchase.payment_state) == (ChequeState.IN_HAND, PaymentAxis.UNPAID)
    posted_payment(supplier, [endorsed], PaymentKind.PAYMENT)
    take(came, "bounce", reason="no funds")
    assert (sale.payment_state, purchase.payment_state) == (PaymentAxis.UNPAID, PaymentAxis.UNPAID)
    assert (balance_of(customer.id), balance_of(supplier.id)) == (1000, -1000)


def test_our_own_cheque_covers_a_purchase() -> None:
    supplier = CustomerFactory()
    purchase = bought(supplier)
    paid = posted_payment(supplier, [cheque(1000)], PaymentKind.PAYMENT)
    assert purchase.payment_state is PaymentAxis.COVERED
    assert take(paid, "clear").state is ChequeState.CLEARED
    assert (purchase.payment_state, balance_of(supplier.id)) == (PaymentAxis.PAID, 0)


def test_a_sayad_number_is_taken_once_until_the_cheque_is_given_back() -> None:
    customer = CustomerFactory()
    entry = cheque(5)
    paid = posted_payment(customer, [entry])
    with pytest.raises(SayadTaken) as caught:
        draft_payment(customer, [entry])
    assert caught.value.path == "lines[0].cheque.sayad_id"
    payments.reverse_payment(paid.id, reason="x")
    posted_payment(customer, [entry])


def test_a_cheque_is_never_handed_over_without_a_payment() -> None:
    paid = posted_payment(CustomerFactory(), [cheque(5)])
    for step in ("endorse", "give"):
        with pytest.raises(GuardRefused):
            take(paid, step)
