"""Returns and counter documents: never more back than was charged, and everything undone exactly."""

from __future__ import annotations

import random
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from app.core.actor import Actor, acting_as
from app.core.db import db
from app.core.errors import GuardRefused, Invalid, NotFound
from app.core.feature import Role
from app.finance.invoices import returns, services, voids
from app.finance.invoices.models import Invoice, InvoiceLine, SalesReturn
from app.finance.invoices.states import InvoiceState
from app.finance.years.models import FiscalYear
from app.finance.years.services import YearClosed
from app.finance.years.workflow import YEAR_FLOW
from app.org.security import actor_of
from tests.factories import CustomerFactory, DepartmentFactory, EmployeeFactory
from tests.factories.finance import draft_invoice, issued_invoice, line

pytestmark = pytest.mark.databases
LINES = [line("3", "3335", discounts=[{"percent": "10"}, {"amount": "5"}]), line("7.5", "1999"), line("1", "12345")]
TERMS: dict[str, Any] = {
    "lines": LINES,
    "discounts": [{"percent": "5"}, {"amount": "700", "of": "payable"}],
    "additions": [{"name": "freight", "amount": "200", "sign": 1, "taxed": False}],
}


@pytest.fixture(autouse=True)
def _system(app: Any) -> Any:
    with acting_as(Actor.system("test")):
        yield


def returned(original: Invoice, quantities: dict[int, str], **head: Any) -> Invoice:
    """An issued return of some lines, by the place of the line."""
    rows = [
        {"original_line_id": original.lines[place].id, "quantity": quantity} for place, quantity in quantities.items()
    ]
    draft = returns.save_return({"original_id": original.id, "reason": "broken", "lines": rows, **head})
    return services.issue_invoice(draft.id)


def test_a_whole_return_gives_back_exactly_what_was_charged() -> None:
    sold = issued_invoice(**TERMS)
    back = returned(sold, {0: "3", 1: "7.5", 2: "1"}, additions=[{"name": "freight", "amount": "200"}])
    assert isinstance(back, SalesReturn)
    assert back.original is sold
    assert (back.payable_rials, back.tax_rials, back.net_rials) == (sold.payable_rials, sold.tax_rials, sold.net_rials)
    assert back.effect_rials == -sold.effect_rials


def test_the_last_return_takes_the_remainder() -> None:
    sold = issued_invoice(lines=[line("3", "33335")])
    parts = [returned(sold, {0: "1"}) for _ in range(3)]
    assert sum(part.payable_rials for part in parts) == sold.payable_rials
    assert sum(part.tax_rials for part in parts) == sold.tax_rials


def test_more_than_was_sold_never_comes_back() -> None:
    sold = issued_invoice(lines=[line("3", "1000")])
    returned(sold, {0: "2"})
    with pytest.raises(Invalid) as caught:
        returned(sold, {0: "1.001"})
    assert [error.code for error in caught.value.errors] == ["exceeds"]


def test_two_drafts_of_the_same_goods_are_not_both_issued() -> None:
    sold = issued_invoice(lines=[line("3", "1000")])
    rows = [{"original_line_id": sold.lines[0].id, "quantity": "3"}]
    first, second = (returns.save_return({"original_id": sold.id, "reason": "x", "lines": rows}) for _ in range(2))
    services.issue_invoice(first.id)
    with pytest.raises(Invalid):
        services.issue_invoice(second.id)
    assert second.state is InvoiceState.DRAFT


def test_nothing_returns_from_a_draft_a_return_or_a_void_invoice() -> None:
    sold = issued_invoice()
    back = returned(sold, {0: "1"})
    for one in (draft_invoice(), back):
        with pytest.raises(returns.NotReturnable):
            returned(one, {0: "1"})
    voids.void_invoice(back.id, reason="mistake")
    voids.void_invoice(sold.id, reason="mistake")
    with pytest.raises(returns.NotReturnable):
        returned(sold, {0: "1"})


@pytest.mark.parametrize("seed", range(6))
def test_random_returns_and_voids_never_exceed_what_was_charged(seed: int) -> None:
    chance = random.Random(seed)
    sold = issued_invoice(**TERMS)
    alive: list[Invoice] = []
    for _ in range(12):
        if alive and chance.random() < 0.35:
            voids.void_invoice(alive.pop(chance.randrange(len(alive))).id, reason="again")
        else:
            left = services_left(sold)
            place = chance.choice([i for i, q in left.items() if q > 0] or [0])
            quantity = min(left[place], Decimal(chance.randrange(1, 4000)) / 1000)
            if quantity:
                alive.append(returned(sold, {place: str(quantity)}))
        assert sum(one.payable_rials for one in alive) <= sold.payable_rials
        assert sum(one.tax_rials for one in alive) <= sold.tax_rials
    rest = {place: str(quantity) for place, quantity in services_left(sold).items() if quantity}
    if rest:
        alive.append(returned(sold, rest, additions=[{"name": "freight", "amount": "200"}]))
        assert sum(one.payable_rials for one in alive) == sold.payable_rials


def services_left(sold: Invoice) -> dict[int, Decimal]:
    """What is left to return of each line, by its place."""
    left = returns.left_of(sold)
    return {place: left[one.id].quantity for place, one in enumerate(sold.lines)}


def test_a_counter_document_undoes_an_invoice_and_both_name_each_other() -> None:
    sold = issued_invoice(**TERMS)
    counter = voids.void_invoice(sold.id, reason="wrong customer")
    assert (sold.state, counter.state) == (InvoiceState.VOID, InvoiceState.ISSUED)
    assert counter.voids is sold
    assert counter.number == (sold.number or 0) + 1
    assert counter.effect_rials == -sold.effect_rials
    assert [one.net_rials for one in counter.lines] == [one.net_rials for one in sold.lines]
    with pytest.raises(GuardRefused):
        voids.void_invoice(counter.id, reason="again")


def test_an_invoice_with_returns_is_not_voided() -> None:
    sold = issued_invoice()
    back = returned(sold, {0: "1"})
    with pytest.raises(GuardRefused, match=back.number_text):
        voids.void_invoice(sold.id, reason="mistake")


def test_a_closed_year_refuses_and_says_so() -> None:
    issued_invoice(invoice_on="1404/12/29")
    year = db.session.query(FiscalYear).filter_by(year=1404).one()
    YEAR_FLOW.apply(year, "close", actor=Actor.system("test"))
    with pytest.raises(YearClosed, match="1404"):
        issued_invoice(invoice_on="1404/12/29")
    YEAR_FLOW.apply(year, "reopen", actor=Actor.system("test"), reason="auditor")
    year.locked_until = date(2026, 3, 19)
    db.session.flush()
    with pytest.raises(YearClosed):
        issued_invoice(invoice_on="1404/12/28")
    assert issued_invoice(invoice_on="1404/12/29").fiscal_year == 1404


def test_a_seller_sees_the_lines_of_the_own_departments_invoices() -> None:
    home = DepartmentFactory()
    sold = issued_invoice(CustomerFactory(department=home), **TERMS)
    others = issued_invoice(CustomerFactory(department=DepartmentFactory()))
    ids = {one.id for one in sold.lines}
    seller = EmployeeFactory(role=Role.SALES, home_department=home)
    sold_id, others_id, who = sold.id, others.id, actor_of(seller)
    db.session.flush()
    db.session.expunge_all()
    with acting_as(who):
        assert {line.id for line in services.open_invoice(sold_id).lines} == ids
        assert set(db.session.scalars(select(InvoiceLine.id))) == ids
        with pytest.raises(NotFound):
            services.open_invoice(others_id)
