"""The pages of the three kinds of order, as the office uses them."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest

from app.core.actor import acting_as
from app.core.db import db
from app.core.feature import Role
from app.core.job_runner import JobRun
from app.core.jobs import Job
from app.finance.invoices.models import SalesInvoice
from app.sales.documents import conversions
from app.sales.orders.jobs import approve_orders
from app.sales.orders.kinds import BILLING, OrderKind, OrderState
from app.sales.orders.models import Order
from app.sales.orders.services import document_of
from app.sales.orders.workflow import flow_of
from tests.factories import CustomerFactory, EmployeeFactory
from tests.factories.acting import actor_with
from tests.factories.finance import line
from tests.factories.orders import BY, approved_order, draft_order, order_entry

KINDS = ("orders", "purchase-orders", "production-orders")
TO_INVOICE = "sales.orders-finance.invoices"


@pytest.fixture
def manager(as_user: Any) -> Any:
    return as_user(Role.MANAGER)


def submitted_order(**head: Any) -> Order:
    order = draft_order(**head)
    flow_of(order).apply(order, "submit", actor=BY)
    return order


def make_url(order: Order) -> str:
    return f"/orders/editor/{order.id}/make/{TO_INVOICE}"


def key_of(page: str) -> str:
    found = re.search(r'name="key" value="(\w+)"', page)
    assert found
    return found[1]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_a_list_an_interface_and_an_empty_editor(manager: Any, as_program: Any, kind: str) -> None:
    assert manager.get(f"/{kind}/list/?sort=deliver_on").status_code == 200
    assert manager.get(f"/{kind}/editor/new").status_code == 200
    assert as_program(Role.MANAGER).get(f"/api/v1/{kind}/").status_code == 200


@pytest.mark.parametrize("kind", list(OrderKind))
def test_an_order_is_entered_submitted_and_approved_on_its_page(manager: Any, kind: OrderKind) -> None:
    place = dict(zip(OrderKind, KINDS, strict=True))[kind]
    answer = manager.post(f"/{place}/editor/save", json=order_entry(kind=kind, deliver_on="1405/09/20"))
    assert answer.status_code == 200, answer.text
    order_id = answer.json["id"]
    for step in ("submit", "approve"):
        manager.post(f"/{place}/step/{step}/{order_id}")
    order = db.session.get_one(Order, order_id)
    assert (order.state, order.number, order.deliver_on is not None) == (OrderState.APPROVED, 1, True)
    assert manager.get(f"/{place}/editor/{order_id}").status_code == 200


def test_an_editor_opens_its_own_kind_only(manager: Any) -> None:
    order = draft_order()
    assert manager.get(f"/purchase-orders/editor/{order.id}").status_code == 404
    assert manager.post(f"/production-orders/editor/{order.id}/discard").status_code == 404


def test_a_part_of_an_order_becomes_an_invoice_by_the_dialog(manager: Any) -> None:
    order = approved_order(lines=[line("10", "1000"), line("3", "500")])
    first, second = (one.id for one in order.lines)
    page = manager.get(make_url(order), headers={"X-Part": "dialog"}).text
    assert "<html" not in page
    assert re.search(rf'name="quantity_{first}"[^>]*value="10"', page)
    sent = {"key": key_of(page), f"quantity_{first}": "۴", f"quantity_{second}": ""}
    answers = [manager.post(make_url(order), data=sent) for _time in range(2)]
    assert answers[0].location == answers[1].location  # a resent request answers the first document
    invoice = db.session.query(SalesInvoice).one()
    assert [one.quantity for one in invoice.lines] == [Decimal(4)]
    assert list(conversions.left_of(order, BILLING).values()) == [Decimal(6), Decimal(3)]
    for url in (f"/orders/editor/{order.id}", f"/invoices/editor/{invoice.id}"):
        tree = manager.get(url).text.partition('class="family-tree"')[2]
        assert f"/orders/show/{order.id}" in tree or f"/invoices/show/{invoice.id}" in tree
    assert "order-ledger" in manager.get(f"/orders/editor/{order.id}").text


@pytest.mark.parametrize("quantity", ["-1", "x", "1.2345", "1e30", "9" * 30])
def test_a_quantity_that_cannot_be_read_is_refused_and_stays_typed(manager: Any, quantity: str) -> None:
    order = approved_order()
    place = f"quantity_{order.lines[0].id}"
    answer = manager.post(make_url(order), data={"key": "k" * 12, place: quantity})
    assert answer.status_code in {409, 422}, answer.status_code
    assert f'value="{quantity}"' in answer.text
    assert db.session.query(SalesInvoice).count() == 0


def test_more_than_is_left_is_refused_in_the_dialog(as_user: Any) -> None:
    order = approved_order(lines=[line("10", "1000")])
    seller = as_user(Role.SALES, home_department=order.department)
    answer = seller.post(make_url(order), data={"key": "k" * 12, f"quantity_{order.lines[0].id}": "11"})
    assert answer.status_code >= 400
    assert 'role="alert"' in answer.text
    assert conversions.links_from(order) == []


def test_nothing_is_made_by_who_may_not(as_user: Any) -> None:
    order = approved_order()
    for role in (Role.REP, Role.SUPERVISOR, Role.DEALER):
        visitor = as_user(role, home_department=order.department)
        for answer in (visitor.get(make_url(order)), visitor.post(make_url(order), data={"key": "k" * 12})):
            assert answer.status_code in {302, 403, 404}, (role, answer.status_code)
    assert conversions.links_from(order) == []


def test_an_amendment_needs_a_reason_and_is_shown_as_a_difference(manager: Any) -> None:
    order = submitted_order(lines=[line("10", "1000", description="Chairs"), line("3", "500", description="Tables")])
    change = document_of(order)
    change["lines"][0] |= {"quantity": "12", "unit_price": "1100"}
    del change["lines"][1]
    change["lines"].append(line("1", "900", description="Lamps"))
    change["deliver_on"] = "1405/10/01"
    refused = manager.post(f"/orders/editor/{order.id}/amend", json={**change, "reason": " "})
    assert [error["path"] for error in refused.json["errors"]] == ["reason"]
    manager.get("/lang/en")
    assert manager.get(f"/orders/editor/{order.id}/amendment").status_code == 200
    assert manager.post(f"/orders/editor/{order.id}/amend", json={**change, "reason": "By phone"}).status_code == 200
    page = manager.get(f"/orders/editor/{order.id}").text.partition('class="amendments"')[2]
    text = " ".join(re.sub(r"<[^>]+>", " ", page).split())
    assert text.startswith("> By phone")
    for words in (
        "Chairs: Quantity : 10 → 12", "Chairs: Unit price (rials) : 1,000 → 1,100",
        "Line removed: Tables, 3", "Line added: Lamps, 1", "Delivery date : — →",
    ):  # fmt: skip
        assert words in text, text[:800]


def test_only_who_may_amends(as_user: Any) -> None:
    order = submitted_order()
    accountant = as_user(Role.ACCOUNTANT)
    body = {**document_of(order), "reason": "x"}
    assert accountant.get(f"/orders/editor/{order.id}/amendment").status_code in {302, 403}
    assert accountant.post(f"/orders/editor/{order.id}/amend", json=body).status_code in {302, 403}
    assert order.amendments == []


def test_chosen_orders_wait_on_the_home_page_and_are_approved_by_a_job(manager: Any) -> None:
    waiting = [submitted_order() for _one in range(3)]
    assert manager.get("/").text.count("inbox-row") >= len(waiting)
    chosen = {"action": "approve", "rowid": [str(one.id) for one in waiting]}
    assert "/jobs/" in manager.post("/orders/action_post", data=chosen).location
    job = db.session.query(Job).order_by(Job.id.desc()).first()
    assert job is not None
    assert job.args == {"order_ids": [one.id for one in waiting]}


def test_the_job_approves_what_it_may_and_names_the_rest(app: Any) -> None:
    fine, draft = submitted_order(), draft_order()
    beyond = submitted_order(customer=CustomerFactory(credit_limit_rials=1))
    rights = [(action, "sales.orders") for action in ("approve", "show", "see_all")]
    clerk = actor_with(EmployeeFactory(), *rights)
    with acting_as(clerk):
        done = approve_orders(JobRun(1, "test", clerk), order_ids=[fine.id, draft.id, beyond.id])
    assert (fine.state, draft.state, beyond.state) == (OrderState.APPROVED, OrderState.DRAFT, OrderState.SUBMITTED)
    assert (done["approved"], done["passed_over"]) == (1, 1)
    assert [(one["ref"], one["code"]) for one in done["failures"]] == [(str(beyond.id), "over_credit")]
