"""What is left of an order: conversions by line and quantity, their undoing, and the state that follows."""

from __future__ import annotations

import random
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from app.core.actor import Actor, acting_as
from app.core.db import db
from app.core.errors import GuardRefused
from app.finance.invoices import services as invoices
from app.finance.invoices import voids
from app.finance.invoices.models import Invoice
from app.finance.invoices.states import InvoiceState
from app.sales.documents import conversions
from app.sales.documents.conversions import MoreThanLeft, NotConvertible, NothingLeft
from app.sales.documents.tree import tree_of
from app.sales.orders import services
from app.sales.orders.kinds import BILLING, OrderKind, OrderState
from app.sales.orders.models import Order
from app.sales.orders.workflow import flow_of
from tests.factories import EmployeeFactory
from tests.factories.acting import actor_with
from tests.factories.finance import line
from tests.factories.orders import approved_order, draft_order

TO_INVOICE = "sales.orders-finance.invoices"
BY = Actor.system("test")
CLERK = (
    *(("convert", "sales.orders"), ("show", "sales.orders"), ("see_department", "sales.orders")),
    *(("add", "finance.invoices"), ("show", "finance.invoices"), ("see_department", "finance.invoices")),
    *(("show", "crm.customers"), ("see_department", "crm.customers")),
)
SEEDS = range(12)
STEPS = 25


@pytest.fixture(autouse=True)
def _system(app: Any) -> Iterator[None]:
    with acting_as(BY):
        yield


def made(order: Order, key: str, **quantities: str) -> Invoice:
    wanted = {order.lines[int(place[1:])].id: Decimal(quantity) for place, quantity in quantities.items()}
    found: Invoice = conversions.convert(
        TO_INVOICE, order.id, key=f"key-{key}-{order.id:06d}", quantities=wanted or None
    )
    return found


def left(order: Order) -> list[str]:
    return [format(q.normalize(), "f") for q in conversions.left_of(order, BILLING).values()]


def test_a_draft_order_gets_its_number_when_it_is_submitted(app: Any) -> None:
    order = draft_order()
    assert order.number is None
    flow_of(order).apply(order, "submit", actor=BY)
    assert (order.state, order.number) == (OrderState.SUBMITTED, 1)


def test_parts_of_an_order_become_invoices_until_nothing_is_left(app: Any) -> None:
    order = approved_order(lines=[line("10", "1000"), line("3", "500")])
    first = made(order, "a", l0="4")
    assert [(one.quantity, one.unit_price) for one in first.lines] == [(Decimal(4), Decimal(1000))]
    assert order.state is OrderState.IN_PROGRESS
    assert left(order) == ["6", "3"]
    second = made(order, "b")
    assert [one.quantity for one in second.lines] == [Decimal(6), Decimal(3)]
    assert left(order) == ["0", "0"]
    with pytest.raises(NothingLeft):
        made(order, "c")
    assert first.payable_rials + second.payable_rials == order.payable_rials
    for one in (first, second):
        invoices.issue_invoice(one.id)
    assert order.state is OrderState.DONE


def test_a_resent_request_makes_one_document(app: Any) -> None:
    order = approved_order()
    assert made(order, "once") is made(order, "once")
    assert len(conversions.links_from(order)) == 1


def test_more_than_is_left_is_refused_and_named(app: Any) -> None:
    order = approved_order(lines=[line("10", "1000")])
    made(order, "a", l0="8")
    clerk = actor_with(EmployeeFactory(home_department=order.department), *CLERK, departments=[order.department])
    with pytest.raises(MoreThanLeft) as refusal, acting_as(clerk):
        made(order, "b", l0="3")
    assert refusal.value.path == "lines[0].quantity"
    assert made(order, "b", l0="3").lines[0].quantity == 3  # who may exceed does


def test_a_draft_is_not_converted(app: Any) -> None:
    with pytest.raises(NotConvertible):
        made(draft_order(), "a")


def test_a_discarded_draft_gives_back_what_it_took(app: Any) -> None:
    order = approved_order()
    invoices.discard_draft(made(order, "a").id)
    assert left(order) == ["2"]


def test_a_changed_draft_takes_what_it_says_now(app: Any) -> None:
    order = approved_order(lines=[line("10", "1000"), line("5", "1000")])
    draft = made(order, "a")
    entry = invoices.document_of(draft)
    entry["lines"] = [{**entry["lines"][0], "quantity": "7"}]
    invoices.save_draft(entry, invoice_id=draft.id)
    assert left(order) == ["3", "5"]


def test_a_void_invoice_opens_its_order_again(app: Any) -> None:
    order = approved_order()
    invoice = invoices.issue_invoice(made(order, "a").id)
    assert order.state is OrderState.DONE
    voids.void_invoice(invoice.id, reason="x")
    assert (order.state, left(order)) == (OrderState.IN_PROGRESS, ["2"])


def test_an_order_with_a_living_child_is_not_cancelled_and_the_child_is_named(app: Any) -> None:
    order = approved_order()
    invoice = invoices.issue_invoice(made(order, "a", l0="1").id)
    with pytest.raises(GuardRefused) as refusal:
        flow_of(order).apply(order, "cancel", actor=BY, reason="x")
    assert invoice.number_text in str(refusal.value)
    voids.void_invoice(invoice.id, reason="x")
    flow_of(order).apply(order, "cancel", actor=BY, reason="x")
    assert order.state is OrderState.CANCELLED


def test_an_amendment_keeps_what_was_and_never_goes_below_what_went_over(app: Any) -> None:
    order = approved_order(lines=[line("10", "1000")])
    made(order, "a", l0="4")
    entry = services.document_of(order)
    less = {**entry, "lines": [{**entry["lines"][0], "quantity": "3"}]}
    with pytest.raises(services.BelowTaken), db.session.begin_nested():
        services.amend(order.id, less, reason="x")
    db.session.expire_all()
    more = {**services.document_of(order)}
    more["lines"] = [{**more["lines"][0], "quantity": "12"}, line("1", "70")]
    services.amend(order.id, more, reason="مشتری بیشتر خواست")
    assert left(order) == ["8", "1"]
    (kept,) = order.amendments
    assert (kept.before["lines"][0]["quantity"], kept.after["lines"][0]["quantity"]) == ("10", "12")


def test_the_tree_shows_both_ends(app: Any) -> None:
    order = approved_order()
    invoice = made(order, "a")
    tree = tree_of(invoice)
    assert tree is not None
    assert (tree.record, tree.is_here) == (order, False)
    assert [(one.record, one.is_here) for one in tree.children] == [(invoice, True)]


def test_amounts_off_go_in_proportion_and_freight_goes_first(app: Any) -> None:
    order = approved_order(
        lines=[line("4", "1000", discounts=[{"amount": "400"}], taxes=[])],
        additions=[{"name": "freight", "amount": "50", "sign": 1, "taxed": False}],
    )
    first, second = made(order, "a", l0="1"), made(order, "b")
    assert (first.payable_rials, second.payable_rials) == (1000 - 100 + 50, 3000 - 300)
    assert first.payable_rials + second.payable_rials == order.payable_rials


@pytest.mark.parametrize("kind", [OrderKind.PURCHASE])
def test_a_purchase_order_becomes_a_purchase_invoice(app: Any, kind: OrderKind) -> None:
    order = approved_order(kind=kind)
    found = conversions.convert("sales.purchase_orders-finance.purchases", order.id, key="purchase-1")
    assert (found.kind.value, found.sign, found.customer_id) == ("purchase", -1, order.customer_id)


@pytest.mark.parametrize("seed", SEEDS)
def test_never_more_goes_over_than_was_ordered(app: Any, seed: int) -> None:
    """Random conversions, discards, issues and voids: converted + left = ordered after every step."""
    chance = random.Random(seed)
    lines = [line(str(chance.randrange(1, 50)), str(chance.randrange(1, 9_999))) for _ in range(chance.randrange(1, 4))]
    order, living = approved_order(lines=lines), list[Invoice]()
    for turn in range(STEPS):
        if chance.random() < 0.4:
            rest = conversions.left_of(order, BILLING)
            wanted = {key: Decimal(chance.randrange(int(quantity) + 1)) for key, quantity in rest.items()}
            if any(wanted.values()):
                living.append(conversions.convert(TO_INVOICE, order.id, key=f"turn-{turn:06d}", quantities=wanted))
        elif living:
            move_on(living, chance)
        check(order, living)


def move_on(living: list[Invoice], chance: random.Random) -> None:
    """Discard, issue or void one of the invoices."""
    one = chance.choice(living)
    if one.state is InvoiceState.ISSUED:
        living.remove(one)
        voids.void_invoice(one.id, reason="x")
    elif chance.random() < 0.4:
        living.remove(one)
        invoices.discard_draft(one.id)
    else:
        invoices.issue_invoice(one.id)


def check(order: Order, living: list[Invoice]) -> None:
    sold = sum((row.quantity for one in living for row in one.lines), Decimal(0))
    rest = conversions.left_of(order, BILLING)
    assert sold + sum(rest.values()) == sum(row.quantity for row in order.lines)
    assert sum(conversions.taken_of(order, BILLING).values()) == sold
    is_done = not any(rest.values()) and all(one.state is InvoiceState.ISSUED for one in living)
    assert (order.state is OrderState.DONE) == is_done
