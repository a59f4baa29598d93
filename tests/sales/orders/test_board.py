"""The board and the calendar of orders: who sees which, bounded columns, steps by a script, days of a month."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from app.core.calendar import add_months
from app.core.clock import today
from app.core.db import db
from app.core.digits import to_ascii
from app.core.feature import Role
from app.core.month_grid import Month
from app.core.workflow import ReasonRequired
from app.sales.orders.kinds import OrderKind, OrderState
from app.sales.orders.models import Order
from app.sales.orders.workflow import flow_of
from tests.factories import CustomerFactory
from tests.factories.orders import BY, approved_order, draft_order
from tests.statements import statements_of

BOARDS = ("/orders", "/purchase-orders", "/production-orders")
JSON = {"Accept": "application/json"}


@pytest.fixture
def manager(as_user: Any) -> Any:
    return as_user(Role.MANAGER)


def submitted(**head: Any) -> Order:
    order = draft_order(**head)
    flow_of(order).apply(order, "submit", actor=BY)
    return order


def due(days: int) -> dict[str, str]:
    """An order to be delivered so many days from today."""
    on = today() + timedelta(days=days)
    return {"order_on": (on - timedelta(days=1)).isoformat(), "deliver_on": on.isoformat()}


def column(page: str, state: str) -> str:
    return page.partition(f'id="column-{state}"')[2].partition("</section>")[0]


def day(page: str, on: Any) -> str:
    place = Month.of(on).days.index(on)
    return page.partition('<ol class="month">')[2].split('<li class="month-day')[place + 1]


@pytest.mark.parametrize("place", BOARDS)
def test_a_list_of_orders_leads_to_its_board_and_its_calendar(manager: Any, place: str) -> None:
    listed = manager.get(f"{place}/list/?f_source=office&after=x").text
    assert f"{place}/board?f_source=office" in listed
    assert f"{place}/calendar?f_source=office" in listed
    assert manager.get(f"{place}/board?f_source=office").status_code == 200
    assert manager.get(f"{place}/calendar").status_code == 200


def test_lists_that_say_nothing_of_it_have_neither(manager: Any) -> None:
    assert manager.get("/customers/board").status_code == manager.get("/customers/calendar").status_code == 404
    assert "/customers/board" not in manager.get("/customers/list/").text


def test_a_column_holds_the_orders_of_its_state_the_first_to_be_delivered_first(manager: Any) -> None:
    later, late, undated = submitted(**due(9)), submitted(**due(-2)), submitted()
    page = manager.get("/orders/board").text
    cards = re.findall(r'id="card-(\d+)"', column(page, "submitted"))
    assert cards == [str(order.id) for order in (late, later, undated)]
    assert column(page, "submitted").count("tone-bad") == 1
    assert f"card-{late.id}" not in column(page, "approved")


def test_a_column_is_bounded_and_leads_to_the_rest(manager: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.core.board_view.MOST_CARDS", 2)
    customer = CustomerFactory()
    for _number in range(3):
        submitted(customer=customer)
    shown = column(manager.get(f"/orders/board?f_customer={customer.id}").text, "submitted")
    assert shown.count("<article") == 2
    more = re.search(r'class="board-more" href="([^"]+)"', shown)
    assert more
    listed = manager.get(more[1].replace("&amp;", "&")).text
    assert listed.count("<tr data-href") == 3


def asked(statements: list[str]) -> list[str]:
    """Without what the test's own transaction sends."""
    return [one for one in statements if one.startswith("SELECT")]


@pytest.mark.parametrize("shape", ["board", "calendar"])
def test_more_orders_cost_no_more_statements(manager: Any, shape: str) -> None:
    states = (submitted, approved_order)
    for make in states:
        make(**due(1))
    manager.get(f"/orders/{shape}")
    with statements_of() as few:
        manager.get(f"/orders/{shape}")
    for number in range(5):
        for make in states:
            make(**due(number))
    with statements_of() as many:
        manager.get(f"/orders/{shape}")
    assert len(asked(many)) == len(asked(few))


def test_a_card_offers_the_steps_that_its_reader_has_the_right_to(as_user: Any) -> None:
    order = submitted()
    seller = as_user(Role.SALES, home_department=order.department)
    assert "&#34;to&#34;: &#34;approved&#34;" in column(seller.get("/orders/board").text, "submitted")
    watcher = as_user(Role.SUPERVISOR, home_department=order.department)
    shown = column(watcher.get("/orders/board").text, "submitted")
    assert f"card-{order.id}" in shown
    assert "data-moves" not in shown


def test_a_script_takes_a_step_and_is_told_why_not_in_words(manager: Any) -> None:
    order = submitted()
    taken = manager.post(f"/orders/step/approve/{order.id}", headers=JSON)
    assert (taken.status_code, db.session.get_one(Order, order.id).state) == (200, OrderState.APPROVED)
    again = manager.post(f"/orders/step/approve/{order.id}", headers=JSON)
    assert again.status_code == 409
    assert again.json["message"]
    unexplained = manager.post(f"/orders/step/hold/{order.id}", headers=JSON)
    assert (unexplained.status_code, unexplained.json["message"]) == (422, str(ReasonRequired.default_message))
    assert db.session.get_one(Order, order.id).state is OrderState.APPROVED


@pytest.mark.parametrize("shape", ["board", "calendar"])
def test_the_shapes_of_a_list_are_closed_to_who_may_not_list(as_user: Any, shape: str) -> None:
    for role in (Role.COLLECTOR, Role.DEALER):
        assert as_user(role).get(f"/orders/{shape}").status_code == 403
    assert as_user(Role.SALES).get(f"/purchase-orders/{shape}").status_code == 403


@pytest.mark.parametrize("shape", ["board", "calendar"])
def test_orders_of_other_departments_are_on_nobodys_board(as_user: Any, shape: str) -> None:
    order = submitted(customer=CustomerFactory(name="Zaribar Trading"), **due(0))
    mine = as_user(Role.SALES, home_department=order.department)
    other = as_user(Role.SALES)
    assert "Zaribar Trading" in mine.get(f"/orders/{shape}").text
    assert "Zaribar Trading" not in other.get(f"/orders/{shape}").text
    assert other.post(f"/orders/step/approve/{order.id}", headers=JSON).status_code == 404


def test_a_day_shows_its_first_orders_and_how_many_there_are(manager: Any) -> None:
    customer = CustomerFactory(name="Zaribar Trading")
    for _number in range(4):
        submitted(customer=customer, **due(0))
    approved_order(customer=customer, kind=OrderKind.SALES, **due(0))
    draft_order(customer=customer, **due(0))  # nothing to be delivered yet
    page = manager.get("/orders/calendar").text
    shown = day(page, today())
    assert shown.count('class="month-entry') == 3
    assert re.search(r'class="count"[^>]*>(5|۵)<', shown)
    more = re.search(r'class="month-more" href="([^"]+)"', shown)
    assert more
    assert manager.get(more[1].replace("&amp;", "&")).text.count("<tr data-href") == 5


def test_late_orders_stand_out_until_they_are_over(manager: Any) -> None:
    order = approved_order(**due(-40))
    month = Month.of(today() - timedelta(days=40))
    page = manager.get(f"/orders/calendar?month={month.key}").text
    assert "is-late" in day(page, today() - timedelta(days=40))
    assert 'class="month-late"' in page
    flow_of(order).apply(order, "cancel", actor=BY, reason="gone")
    after = manager.get(f"/orders/calendar?month={month.key}").text
    assert "month-late" not in after
    assert "month-entry" not in after


@pytest.mark.parametrize("month", ["", "x", "1405-13", "0000-01", "9" * 40, "1405-00", "۱۴۰۵-۰۱", "1178-01", "1633-12"])
def test_any_month_of_an_address_is_answered(manager: Any, month: str) -> None:
    assert manager.get("/orders/calendar", query_string={"month": month}).status_code == 200


def test_a_hidden_delivery_date_hides_the_calendar(manager: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.core.list_shapes.may_read", lambda _model, name: name != "deliver_on")
    assert manager.get("/orders/calendar").status_code == 404
    assert "/orders/calendar" not in manager.get("/orders/list/").text


def test_a_month_is_whole_weeks_from_saturday() -> None:
    for offset in range(-24, 25):
        month = Month.of(add_months(today(), offset))
        assert len(month.days) in {29, 30, 31}
        assert month.moved(1).first == month.last + timedelta(days=1)
        assert month.moved(-1).moved(1) == month
        assert Month.read(month.key, default=today()) == month


def test_the_inbox_has_bands_that_lead_to_what_they_count(manager: Any) -> None:
    for days in (-2, -1, 1, 9):
        submitted(**due(days))
    approved_order(**due(-2))
    page = manager.get("/").text.partition('class="bands"')[2].partition("</ul>")[0]
    bands = re.findall(r'href="([^"]+)".*?<strong>(\S+)</strong>', page)
    assert [to_ascii(count) for _url, count in bands] == ["2", "1", "1"]
    for url, count in bands:
        listed = manager.get(url.replace("&amp;", "&")).text
        assert listed.count("<tr data-href") == int(to_ascii(count))


def test_bands_count_nobody_elses_orders(as_user: Any) -> None:
    order = submitted(**due(-1))
    assert 'class="bands"' in as_user(Role.SALES, home_department=order.department).get("/").text
    assert 'class="bands"' not in as_user(Role.SALES).get("/").text
