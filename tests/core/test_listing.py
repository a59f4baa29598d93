"""Pages by key, typed filters and capped counts over customers, on both databases."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import event

from app.core import listing
from app.core.actor import acting_as
from app.core.db import db
from app.core.filters import filter_for
from app.core.listing import Column, ListQuery, ListSpec, loads_for
from app.crm.customers.models import Customer, CustomerKind
from tests.factories.acting import actor_with
from tests.factories.crm import CustomerFactory
from tests.factories.org import DepartmentFactory, EmployeeFactory

pytestmark = pytest.mark.databases
FILTERS = ("name", "kind", "city", "is_active", "owner", "registered_on", "credit_limit_rials", "created_at")


def spec(**changes: Any) -> ListSpec:
    values: dict[str, Any] = {
        "model": Customer,
        "subject": "crm.customers",
        "columns": (Column("name", "Name", "name"), Column("owner", "Owner")),
        "filters": {name: filter_for(Customer, name) for name in FILTERS},
        "sorts": {"name": Customer.name_sort, "mobile": Customer.mobile, "code": Customer.code},
        "default_sort": "name",
        "size": 4,
        "loads": loads_for(Customer, ("owner", "department")),
    }
    return ListSpec(**{**values, **changes})


def ask(**values: str | list[str]) -> ListQuery:
    lists = {name: value if isinstance(value, list) else [value] for name, value in values.items()}
    return ListQuery.read(spec(), lists, db.session())


def codes(query: ListQuery) -> list[str]:
    return [row.code for row in query.page().rows]


def walk(*, forward: bool, **values: str) -> list[str]:
    """The codes of all pages, read one after the other."""
    seen: list[str] = []
    step = dict(values) if forward else {**values, "page": "last"}
    for _turn in range(20):
        page = ask(**step).page()
        got = [row.code for row in page.rows]
        seen = [*seen, *got] if forward else [*got, *seen]
        token = page.after if forward else page.before
        if not token:
            return seen
        step = {**values, "after" if forward else "before": token}
    raise AssertionError("the pages never end")


@pytest.fixture
def customers(session: Any) -> list[Any]:
    department = DepartmentFactory()
    names = ["ژاله", "پری", "گلی", "آذر", "پری", "چیستا", "بهار", "پری", "یلدا", "کیان", "Zed"]
    made = [
        CustomerFactory(
            code=f"K{n:02}", name=name, department=department, mobile=None if n % 3 else f"+98912000000{n % 2}"
        )
        for n, name in enumerate(names)
    ]
    session.flush()
    return made


@pytest.mark.parametrize("sort", ["name", "-name", "mobile", "-mobile", "code", "-code", "", "-id"])
@pytest.mark.parametrize("forward", [True, False])
def test_pages_show_every_row_once(customers: list[Any], sort: str, forward: bool) -> None:
    chosen = {"sort": sort} if sort not in {"", "-id"} else {}
    seen = walk(forward=forward, **chosen)
    assert sorted(seen) == [c.code for c in customers]
    assert seen == [row.code for batch in ask(**chosen).iterate(3) for row in batch]


def test_pages_back_and_forth_meet(customers: list[Any]) -> None:
    first = ask().page()
    second = ask(after=first.after).page()
    again = ask(before=second.before).page()
    assert [r.id for r in again.rows] == [r.id for r in first.rows]
    assert first.before == ""
    assert again.after


def test_names_sort_in_persian_order(customers: list[Any]) -> None:
    names = [row.name for row in ask(size="50").page().rows if row.name != "Zed"]
    assert names == ["آذر", "بهار", "پری", "پری", "پری", "چیستا", "ژاله", "کیان", "گلی", "یلدا"]


def test_rows_without_a_key_come_last_both_ways(customers: list[Any]) -> None:
    for sort in ("mobile", "-mobile"):
        keys = [row.mobile is None for row in ask(sort=sort, size="50").page().rows]
        assert keys == sorted(keys)


def test_statement_streams_the_order_of_the_pages(customers: list[Any]) -> None:
    for sort in ("mobile", "-name", "code"):
        streamed = list(db.session.scalars(ask(sort=sort).statement(Customer.code)))
        assert streamed == walk(forward=True, sort=sort)


def test_count_stops_at_the_limit(customers: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    assert ask().page().count == listing.Count(11, is_capped=False)
    monkeypatch.setattr(listing, "COUNT_LIMIT", 5)
    assert ask().page().count == listing.Count(5, is_capped=True)


def test_unknown_sort_and_filter_are_left_out_with_a_notice(customers: list[Any]) -> None:
    page = ask(sort="password", f_secret="1", after="nonsense", size="0x").page()
    assert len(page.rows) == 4
    assert len(page.notices) == 3


def test_bad_values_are_messages_beside_their_filters(customers: list[Any]) -> None:
    bad = ask(
        f_registered_on_from="1404/13/45",
        f_credit_limit_rials_to="much",
        f_kind="alien",
        f_is_active="x",
        f_owner="1;2",
    ).page()
    assert {name for name, bound in bad.filters.items() if bound.message} == {
        "registered_on", "credit_limit_rials", "kind", "is_active", "owner",
    }  # fmt: skip
    assert len(bad.rows) == 4


def test_filters_narrow_by_type(session: Any) -> None:
    owner = EmployeeFactory()
    wanted = CustomerFactory(
        code="W", kind=CustomerKind.COMPANY, city="شیراز", is_active=False, owner=owner,
        registered_on=date(2025, 3, 21), credit_limit_rials=50_000,
        created_at=datetime(2025, 3, 21, 20, 0, tzinfo=UTC),
    )  # fmt: skip
    CustomerFactory(
        code="O", city="تهران", registered_on=date(2025, 3, 20), credit_limit_rials=None,
        created_at=datetime(2025, 3, 21, 20, 31, tzinfo=UTC),
    )  # fmt: skip
    session.flush()
    for values in (
        {"f_kind": "company"},
        {"f_city": "شيراز"},
        {"f_is_active": "0"},
        {"f_owner": str(owner.id)},
        {"f_registered_on_from": "۱۴۰۴/۰۱/۰۱"},
        {"f_credit_limit_rials_from": "۵۰٬۰۰۰", "f_credit_limit_rials_to": "5,000 تومان"},
        {"f_created_at_to": "1404/01/01"},
    ):
        assert codes(ask(**values)) == [wanted.code], values
    assert codes(ask(f_kind=["company", "person"], sort="code")) == ["O", "W"]
    assert codes(ask(f_registered_on_to="1403/12/30")) == ["O"]


def test_filters_do_not_outlive_their_request(customers: list[Any]) -> None:
    shared = spec()
    ListQuery.read(shared, {"f_kind": ["company"]}, db.session()).page()
    after = ListQuery.read(shared, {}, db.session()).page()
    assert len(after.rows) == 4
    assert not after.is_narrowed


def test_filter_by_hidden_row_shows_nothing_of_it(session: Any) -> None:
    mine = CustomerFactory(owner=EmployeeFactory())
    employee = EmployeeFactory(home_department=mine.department)
    session.flush()
    other = filter_for(Customer, "department")
    session.flush()
    with acting_as(actor_with(employee, ("see_department", "crm.customers"))):
        assert (
            codes(ListQuery.read(spec(filters={"department": other}), {"f_department": ["999999"]}, db.session())) == []
        )


def test_search_and_sort_go_together(customers: list[Any]) -> None:
    assert codes(ask(q="پری", sort="-code")) == ["K07", "K04", "K01"]


def test_broad_search_shows_the_newest_first(customers: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "BROAD", 1)
    query = ask(q="پری", sort="code", size="2")
    page = query.page()
    assert [row.code for row in page.rows] == ["K07", "K04"]
    assert page.notices
    following = ask(q="پری", size="2", after=page.after).page()
    assert [row.code for row in following.rows] == ["K01"]
    assert [row.code for batch in ask(q="پری").iterate(2) for row in batch] == ["K07", "K04", "K01"]
    assert ask(q="پری").count() == listing.Count(3)
    assert list(db.session.scalars(ask(q="پری").statement(Customer.code))) == ["K07", "K04", "K01"]


def test_list_shows_only_rows_of_the_actor(customers: list[Any]) -> None:
    mine = CustomerFactory(code="MINE", name="پری")
    employee = EmployeeFactory(home_department=mine.department)
    db.session.flush()
    with acting_as(actor_with(employee, ("see_department", "crm.customers"))):
        assert codes(ask()) == ["MINE"]
        assert codes(ask(q="پری")) == ["MINE"]
        assert ask().count().number == 1
        assert [r.code for batch in ask().iterate() for r in batch] == ["MINE"]


def test_one_page_costs_three_statements(customers: list[Any]) -> None:
    seen: list[str] = []
    engine = db.session.get_bind()

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        page = ask().page()
        _ = [(str(row.owner), str(row.department)) for row in page.rows]
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert len(seen) == 3, seen
