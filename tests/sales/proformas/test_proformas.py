"""Proformas: numbers, revisions, thresholds, expiry, and what invoices and orders have to do with them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from app.core.actor import Actor, acting_as
from app.core.clock import today
from app.core.db import db
from app.core.errors import GuardRefused, IllegalTransition, Invalid, NotAllowed
from app.finance.invoices import services as invoices
from app.finance.invoices import voids
from app.finance.invoices.models import Invoice
from app.finance.invoices.states import InvoiceState
from app.sales.documents import conversions
from app.sales.documents.conversions import MoreThanLeft, NotConvertible
from app.sales.documents.tree import tree_of
from app.sales.orders.kinds import BILLING, OrderKind, OrderState
from app.sales.orders.workflow import flow_of as order_flow
from app.sales.proformas import queries, services, sweeps
from app.sales.proformas.kinds import INVOICING, ProformaKind, ProformaState
from app.sales.proformas.models import Proforma, ProformaRules
from app.sales.proformas.rules import seed_rules
from app.sales.proformas.workflow import flow_of
from tests.factories import EmployeeFactory
from tests.factories.acting import actor_with
from tests.factories.finance import line
from tests.factories.orders import approved_order
from tests.factories.proformas import approved_proforma, draft_proforma

BY = Actor.system("test")
FROM_ORDER = "sales.orders-sales.proformas"
TO_INVOICE = "sales.proformas-finance.invoices"
S = ProformaState
SEES = (("show", "sales.proformas"), ("see_department", "sales.proformas"))
SEES_CUSTOMERS = (("show", "crm.customers"), ("see_department", "crm.customers"))
SEEDS = range(10)
STEPS = 25


@pytest.fixture(autouse=True)
def _system(app: Any) -> Iterator[None]:
    with acting_as(BY):
        seed_rules()
        yield


def step(proforma: Proforma, name: str, **more: Any) -> None:
    flow_of(proforma).apply(proforma, name, actor=BY, **more)


def invoice(proforma: Proforma, key: str, *quantities: str) -> Invoice:
    wanted = {row.id: Decimal(q) for row, q in zip(proforma.lines, quantities, strict=False)}
    found: Invoice = conversions.convert(
        TO_INVOICE, proforma.id, key=f"key-{key}-{proforma.id:06d}", quantities=wanted or None
    )
    return found


def left(document: Any, lane: str) -> list[str]:
    return [format(q.normalize(), "f") for q in conversions.left_of(document, lane).values()]


def clerk(proforma: Proforma, *rights: tuple[str, str]) -> Actor:
    person = EmployeeFactory(home_department=proforma.department)
    return actor_with(person, *SEES, *SEES_CUSTOMERS, *rights, departments=[proforma.department])


# Numbers and approval -----------------------------------------------------------------------------


def test_the_number_comes_with_the_approval_and_each_kind_counts_for_itself(app: Any) -> None:
    first, second = draft_proforma(), draft_proforma()
    assert (first.number, second.number) == (None, None)
    step(second, "approve")
    step(first, "approve")
    assert (second.number, first.number) == (1, 2)
    assert approved_proforma(kind=ProformaKind.PURCHASE).number == 1


def test_an_offer_ends_after_it_begins(app: Any) -> None:
    with pytest.raises(Invalid) as refusal:
        draft_proforma(valid_until=(today() - timedelta(days=1)).isoformat())
    assert [error.path for error in refusal.value.errors] == ["valid_until"]


def test_the_rules_say_how_long_an_offer_stands(app: Any) -> None:
    db.session.get_one(ProformaRules, 1).valid_days = 7
    assert draft_proforma(valid_until="").valid_until == today() + timedelta(days=7)


def test_an_offer_that_is_over_is_not_approved(app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    draft = draft_proforma()
    draft.proforma_on = draft.valid_until = today() - timedelta(days=1)
    db.session.flush()
    with pytest.raises(GuardRefused) as refusal:
        step(draft, "approve")
    assert refusal.value.path == "valid_until"


@pytest.mark.parametrize(
    ("percent", "rials", "is_refused"),
    [(None, None, False), ("9.99", None, True), ("10", None, False), (None, 1799, True), (None, 1800, False)],
)
def test_above_the_thresholds_a_further_right_is_needed(
    app: Any, percent: str | None, rials: int | None, is_refused: bool
) -> None:
    found = db.session.get_one(ProformaRules, 1)
    found.approve_percent, found.approve_rials = Decimal(percent) if percent else None, rials
    draft = draft_proforma(lines=[line("2", "1000", discounts=[{"percent": "10"}], taxes=[])])
    assert draft.payable_rials == 1800
    plain = clerk(draft, ("approve", "sales.proformas"))
    more = clerk(draft, ("approve", "sales.proformas"), ("approve_above", "sales.proformas"))
    if is_refused:
        with pytest.raises(GuardRefused), acting_as(plain):
            flow_of(draft).apply(draft, "approve", actor=plain)
        with acting_as(more):
            flow_of(draft).apply(draft, "approve", actor=more)
    else:
        with acting_as(plain):
            flow_of(draft).apply(draft, "approve", actor=plain)
    assert draft.state is S.APPROVED


def test_nobody_approves_without_the_right(app: Any) -> None:
    draft = draft_proforma()
    person = clerk(draft)
    with pytest.raises(NotAllowed), acting_as(person):
        flow_of(draft).apply(draft, "approve", actor=person)
    with pytest.raises(NotAllowed), acting_as(person):
        services.revise(draft.id)


def test_only_a_draft_changes(app: Any) -> None:
    offer = approved_proforma()
    with pytest.raises(services.ProformaFrozen):
        services.save_draft(services.document_of(offer), kind=offer.kind, proforma_id=offer.id)
    with pytest.raises(services.ProformaFrozen):
        services.discard_draft(offer.id)


# Revisions ----------------------------------------------------------------------------------------


def test_a_revision_keeps_the_number_and_supersedes(app: Any) -> None:
    old = approved_proforma(lines=[line("3", "500")])
    new = services.revise(old.id)
    assert (new.number, new.revision, new.previous_id) == (old.number, 2, old.id)
    assert (old.state, new.state) == (S.SUPERSEDED, S.DRAFT)
    assert new.payable_rials == old.payable_rials
    step(new, "approve")
    assert new.number_text == f"{old.number_text}/2"
    with pytest.raises(NotConvertible):
        invoice(old, "a")
    assert [one.revision for one in queries.revisions_of(old)] == [2, 1]
    with pytest.raises(IllegalTransition):
        services.revise(old.id)


def test_a_draft_of_a_revision_is_not_discarded_but_cancelled(app: Any) -> None:
    new = services.revise(approved_proforma().id)
    with pytest.raises(services.RevisionKept):
        services.discard_draft(new.id)
    step(new, "cancel", reason="x")
    assert new.state is S.CANCELLED


def test_supersede_is_nobodys_button(app: Any) -> None:
    offer = approved_proforma()
    assert "supersede" not in {offered.transition.name for offered in flow_of(offer).available(offer, BY)}
    with pytest.raises(IllegalTransition):
        step(offer, "supersede")


def test_the_order_follows_the_revision(app: Any) -> None:
    order = approved_order(lines=[line("10", "1000")])
    old = conversions.convert(FROM_ORDER, order.id, key="proforma-1", quantities={order.lines[0].id: Decimal(6)})
    step(old, "approve")
    new = services.revise(old.id)
    assert left(order, BILLING) == ["4"]
    tree = tree_of(new)
    assert tree is not None
    assert [one.record for one in tree.children] == [new]
    entry = services.document_of(new)
    entry["lines"][0]["quantity"] = "8"
    services.save_draft(entry, kind=new.kind, proforma_id=new.id)
    assert left(order, BILLING) == ["2"]


def test_a_revision_of_a_refused_offer_takes_from_the_order_again(app: Any) -> None:
    order = approved_order(lines=[line("10", "1000")])
    old = conversions.convert(FROM_ORDER, order.id, key="proforma-1")
    step(old, "approve")
    step(old, "reject", reason="x")
    assert left(order, BILLING) == ["10"]
    new = services.revise(old.id)
    assert left(order, BILLING) == ["0"]
    step(new, "cancel", reason="x")
    assert left(order, BILLING) == ["10"]


def test_what_somebody_else_took_meanwhile_is_not_taken_twice(app: Any) -> None:
    order = approved_order(lines=[line("10", "1000")])
    old = conversions.convert(FROM_ORDER, order.id, key="proforma-1")
    step(old, "approve")
    step(old, "reject", reason="x")
    conversions.convert(FROM_ORDER, order.id, key="proforma-2", quantities={order.lines[0].id: Decimal(3)})
    person = clerk(old, ("revise", "sales.proformas"))
    with pytest.raises(MoreThanLeft), acting_as(person):
        services.revise(old.id)


# Expiry -------------------------------------------------------------------------------------------


def test_what_is_over_expires_at_night_and_gives_back(app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    order = approved_order(lines=[line("10", "1000")])
    offer = conversions.convert(FROM_ORDER, order.id, key="proforma-1")
    step(offer, "approve")
    kept = approved_proforma()
    step(kept, "accept")
    db.session.commit()
    ends = offer.valid_until
    monkeypatch.setattr(sweeps, "today", lambda: ends)
    assert sweeps.expire_proformas() == 0
    monkeypatch.setattr(sweeps, "today", lambda: ends + timedelta(days=1))
    assert sweeps.expire_proformas() == 1
    assert (offer.state, kept.state) == (S.EXPIRED, S.ACCEPTED)
    assert left(order, BILLING) == ["10"]


def test_offers_that_end_soon_are_in_the_inbox(app: Any) -> None:
    soon = approved_proforma(valid_until=(today() + timedelta(days=3)).isoformat())
    approved_proforma(valid_until=(today() + timedelta(days=4)).isoformat())
    draft_proforma(valid_until=(today() + timedelta(days=1)).isoformat())
    assert list(queries.ending_soon(5)) == [soon]
    assert queries.ending_soon_count() == 1
    assert soon.days_left == 3


# Invoices -----------------------------------------------------------------------------------------


def test_the_state_follows_the_invoices_there_and_back(app: Any) -> None:
    offer = approved_proforma(lines=[line("10", "1000"), line("4", "50")])
    step(offer, "send")
    step(offer, "accept")
    first = invoice(offer, "a", "4")
    assert offer.state is S.PARTLY_INVOICED
    rest = invoice(offer, "b")
    for one in (first, rest):
        invoices.issue_invoice(one.id)
    assert offer.state is S.INVOICED
    assert first.payable_rials + rest.payable_rials == offer.payable_rials
    voids.void_invoice(rest.id, reason="x")
    assert (offer.state, left(offer, INVOICING)) == (S.PARTLY_INVOICED, ["6", "4"])
    voids.void_invoice(first.id, reason="x")
    assert offer.state is S.ACCEPTED


def test_a_discarded_invoice_leaves_the_offer_as_it_was(app: Any) -> None:
    offer = approved_proforma()
    invoices.discard_draft(invoice(offer, "a").id)
    assert (offer.state, left(offer, INVOICING)) == (S.APPROVED, ["2"])


def test_never_above_the_proforma_unless_a_right_allows(app: Any) -> None:
    offer = approved_proforma(lines=[line("10", "1000")])
    invoice(offer, "a", "8")
    rights = (("convert", "sales.proformas"), ("add", "finance.invoices"), ("show", "finance.invoices"))
    person = clerk(offer, *rights, ("see_department", "finance.invoices"))
    with pytest.raises(MoreThanLeft), acting_as(person):
        invoice(offer, "b", "3")
    exceeding = clerk(offer, *rights, ("see_department", "finance.invoices"), ("exceed", "sales.proformas"))
    with acting_as(exceeding):
        assert invoice(offer, "b", "3").lines[0].quantity == 3


def test_an_offer_with_a_living_invoice_is_not_cancelled_nor_revised_and_the_invoice_is_named(app: Any) -> None:
    offer = approved_proforma(lines=[line("10", "1000")])
    made = invoices.issue_invoice(invoice(offer, "a", "1").id)
    with pytest.raises(GuardRefused) as refusal:
        step(offer, "cancel", reason="x")
    assert made.number_text in str(refusal.value)
    with pytest.raises(IllegalTransition):
        services.revise(offer.id)


def test_an_order_is_done_through_its_proforma(app: Any) -> None:
    order = approved_order(lines=[line("10", "1000")])
    offer = conversions.convert(FROM_ORDER, order.id, key="proforma-1")
    step(offer, "approve")
    made = invoice(offer, "a")
    assert order.state is OrderState.IN_PROGRESS
    invoices.issue_invoice(made.id)
    assert (offer.state, order.state) == (S.INVOICED, OrderState.DONE)
    voids.void_invoice(made.id, reason="x")
    assert (offer.state, order.state) == (S.APPROVED, OrderState.IN_PROGRESS)
    with pytest.raises(GuardRefused) as refusal:
        order_flow(order).apply(order, "cancel", actor=BY, reason="x")
    assert offer.number_text in str(refusal.value)


def test_a_refused_rest_goes_back_to_the_order_and_a_later_void_too(app: Any) -> None:
    order = approved_order(lines=[line("10", "1000")])
    offer = conversions.convert(FROM_ORDER, order.id, key="proforma-1")
    step(offer, "approve")
    made = invoices.issue_invoice(invoice(offer, "a", "4").id)
    step(offer, "reject", reason="x")
    assert left(order, BILLING) == ["6"]
    voids.void_invoice(made.id, reason="x")
    assert left(order, BILLING) == ["10"]


def test_a_purchase_order_becomes_a_purchase_proforma_and_an_invoice(app: Any) -> None:
    order = approved_order(kind=OrderKind.PURCHASE)
    offer = conversions.convert("sales.purchase_orders-sales.purchase_proformas", order.id, key="proforma-1")
    step(offer, "approve")
    made = conversions.convert("sales.purchase_proformas-finance.purchases", offer.id, key="purchase-1")
    assert (made.kind.value, made.source, made.customer_id) == ("purchase", "proforma", order.customer_id)


def test_a_resent_request_makes_one_invoice(app: Any) -> None:
    offer = approved_proforma()
    assert invoice(offer, "once") is invoice(offer, "once")


@pytest.mark.parametrize("seed", SEEDS)
def test_never_more_is_invoiced_than_was_offered(app: Any, seed: int) -> None:
    """Random partial invoices, discards, issues and voids: invoiced + left = offered after every step."""
    chance = random.Random(seed)
    order = approved_order(
        lines=[
            line(str(chance.randrange(1, 40)), str(chance.randrange(1, 9_999))) for _ in range(chance.randrange(1, 4))
        ]
    )
    offer, living = conversions.convert(FROM_ORDER, order.id, key="proforma-1"), list[Invoice]()
    step(offer, "approve")
    for turn in range(STEPS):
        rest = conversions.left_of(offer, INVOICING)
        if chance.random() < 0.4 and any(rest.values()):
            wanted = {key: Decimal(chance.randrange(int(quantity) + 1)) for key, quantity in rest.items()}
            if any(wanted.values()):
                living.append(conversions.convert(TO_INVOICE, offer.id, key=f"turn-{turn:06d}", quantities=wanted))
        elif living:
            _move_on(living, chance)
        _check(order, offer, living)


def _move_on(living: list[Invoice], chance: random.Random) -> None:
    one = chance.choice(living)
    if one.state is InvoiceState.ISSUED:
        living.remove(one)
        voids.void_invoice(one.id, reason="x")
    elif chance.random() < 0.4:
        living.remove(one)
        invoices.discard_draft(one.id)
    else:
        invoices.issue_invoice(one.id)


def _check(order: Any, offer: Proforma, living: list[Invoice]) -> None:
    sold = sum((row.quantity for one in living for row in one.lines), Decimal(0))
    rest = conversions.left_of(offer, INVOICING)
    assert sold + sum(rest.values()) == sum(row.quantity for row in offer.lines)
    is_done = not any(rest.values()) and all(one.state is InvoiceState.ISSUED for one in living)
    expected = S.INVOICED if is_done else S.PARTLY_INVOICED if living else S.APPROVED
    assert offer.state is expected
    assert (order.state is OrderState.DONE) == is_done
    assert not any(conversions.left_of(order, BILLING).values())
