"""A list read department by department shows what one read of all would show."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import event, select

from app.core import scope
from app.core.actor import acting_as
from app.core.db import db
from app.core.listing import ListQuery, spec_for
from app.crm.customers.models import Customer
from tests.factories import CustomerFactory, DepartmentFactory, EmployeeFactory
from tests.factories.acting import actor_with

SEE = ("see_department", "crm.customers")
OWN = ("see_own", "crm.customers")


@pytest.fixture
def somebody(session: Any) -> Any:
    """An actor of two departments, with own rows inside and outside of them, among others' rows."""
    places = [DepartmentFactory() for _ in range(3)]
    person = EmployeeFactory(home_department=places[0])
    for place in range(40):
        owner = person if place % 4 == 0 else None
        CustomerFactory(department=places[place % 3], owner=owner, name=f"نام {place // 2:02d}")
    return actor_with(person, SEE, departments=places[:2])


def expected(session: Any, key: Any = Customer.name_sort) -> list[int]:
    return list(session.scalars(select(Customer.id).order_by(key, Customer.id)))


@pytest.mark.databases
@pytest.mark.parametrize("sort", ["name", "-name", "code", "-code"])
def test_pages_follow_each_other_without_gap_or_double(somebody: Any, session: Any, sort: str) -> None:
    with acting_as(somebody):
        wanted = expected(session, Customer.code if sort.endswith("code") else Customer.name_sort)
        spec = spec_for(Customer)
        seen: list[int] = []
        values: dict[str, list[str]] = {"sort": [sort], "size": ["7"]}
        while True:
            page = ListQuery.read(spec, values, db.session()).page()
            seen += [row.id for row in page.rows]
            if not page.after:
                break
            values["after"] = [page.after]
        before = ListQuery.read(spec, {"sort": [sort], "size": ["7"], "before": [page.before]}, db.session()).page()
    assert seen == (wanted[::-1] if sort.startswith("-") else wanted)
    assert len(wanted) == 30
    assert [row.id for row in before.rows] == seen[-len(page.rows) - 7 : -len(page.rows)]


def test_streams_follow_the_same_order(somebody: Any, session: Any) -> None:
    with acting_as(somebody):
        query = ListQuery.read(spec_for(Customer), {}, db.session())
        assert [number for ids in query.iterate_ids(6) for number in ids] == expected(session)


def test_the_branches_are_only_a_road_and_the_scope_stays_on(somebody: Any, session: Any) -> None:
    """Each statement carries the row scope too: a wrong branch could show nothing more."""
    statements: list[str] = []
    listener = lambda _c, _u, statement, *_rest: statements.append(statement)
    event.listen(db.engine, "before_cursor_execute", listener)
    try:
        with acting_as(somebody):
            ListQuery.read(spec_for(Customer), {}, db.session()).page()
    finally:
        event.remove(db.engine, "before_cursor_execute", listener)
    roads = [statement for statement in statements if "ORDER BY crm_customer.name_sort" in statement]
    assert len(roads) == 3
    assert all("department_id IN" in statement and "owner_id =" in statement for statement in roads)


@pytest.mark.parametrize("rights", [(OWN,), (), (("see_all", "crm.customers"),)], ids=["own", "none", "all"])
def test_other_reaches_need_no_branches(somebody: Any, rights: Any, session: Any) -> None:
    with acting_as(actor_with(EmployeeFactory(), *rights)):
        assert scope.branches(Customer) == []
    assert scope.branches(Customer) == []


@pytest.mark.parametrize("sort", ["name", "code"])
def test_a_department_and_own_rows_are_read_in_order_without_sorting(somebody: Any, session: Any, sort: str) -> None:
    """A seller's list of a million customers: sorting a department took 600 ms."""
    seen: list[tuple[str, Any]] = []

    def note(_c: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        if "ORDER BY" in statement and ("department_id = ?" in statement or "owner_id = ?" in statement):
            seen.append((statement, parameters))

    engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", note)
    try:
        with acting_as(somebody):
            ListQuery.read(spec_for(Customer), {"sort": [sort]}, db.session()).page()
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert len(seen) == 3
    for statement, parameters in seen:
        plan = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
        steps = [step[-1] for step in plan]
        assert not [step for step in steps if "TEMP B-TREE" in step], plan
        assert [step for step in steps if step.startswith("SEARCH crm_customer USING")], plan
