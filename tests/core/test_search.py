"""Finding customers by any part of their words and numbers, on both databases."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import delete, insert, text

from app.core import search
from app.core.actor import acting_as
from app.core.audit import recorded_by_caller
from app.core.db import db
from app.core.text import sort_key
from app.crm.customers.models import Customer
from tests.factories.acting import actor_with
from tests.factories.crm import CustomerFactory
from tests.factories.org import DepartmentFactory, EmployeeFactory

pytestmark = pytest.mark.databases


def found(typed: str, *, limit: int = 50) -> set[int]:
    return set(search.matching_ids(db.session(), Customer, typed, limit=limit))


@pytest.mark.parametrize(
    "typed",
    [
        "كاشاني",
        "کاشانی",
        "اشان",
        "مهدی کاشانی",
        "کاشانی مهدي",
        "۰۹۱۲۵۰۸",
        "0912508",
        "912508",
        "+98912508",
        "8850",
        "آ.ک. کاشانی",
    ],
)
def test_customer_is_found_by_any_part(session: Any, typed: str) -> None:
    wanted = CustomerFactory(name="مهدی کاشانی", company_name="آ.ک.", mobile="+989125088505")
    CustomerFactory(name="زهرا تهرانی", mobile="+989351112233")
    assert found(typed) == {wanted.id}


def test_all_words_must_be_there(session: Any) -> None:
    CustomerFactory(name="مهدی کاشانی")
    assert found("مهدی تهرانی") == set()


def test_half_space_is_no_difference(session: Any) -> None:
    wanted = CustomerFactory(name="می‌رزاخانی")
    assert found("میرزاخانی") == {wanted.id}


def test_two_letters_search_the_beginning_of_the_name(session: Any) -> None:
    first = CustomerFactory(name="پژمان")
    CustomerFactory(name="سپژ")
    assert found("پژ") == {first.id}


@pytest.mark.parametrize(
    "typed", ['"', "%%%", "___", "a\"b'c", "NEAR(", "* OR *", "\\\\\\", "AND OR NOT", "(((", "مهدی%"]
)
def test_signs_of_query_languages_are_plain_letters(session: Any, typed: str) -> None:
    CustomerFactory(name="مهدی")
    assert found(typed) == set()


def test_empty_text_finds_nothing(session: Any) -> None:
    CustomerFactory()
    assert found("  ") == set()


def test_changed_name_moves_in_the_index(session: Any) -> None:
    customer = CustomerFactory(name="نادرشاه")
    customer.name = "کریمخان"
    session.flush()
    assert found("کریمخان") == {customer.id}
    assert found("نادرشاه") == set()


def test_deleted_row_leaves_the_index(session: Any) -> None:
    customer = CustomerFactory(name="نادرشاه")
    session.flush()
    with recorded_by_caller("a test deletes at once"):
        session.execute(delete(Customer).where(Customer.id == customer.id))
    assert found("نادرشاه") == set()


def _rows(department_id: int, count: int) -> list[dict[str, Any]]:
    rows = [
        {
            "code": f"B{n}",
            "name": f"انبوه شماره {n}",
            "mobile": None,
            "department_id": department_id,
            "name_key": "",
            "kind": "person",
        }
        for n in range(count)
    ]
    for row in rows:
        row["name_sort"] = sort_key(row["name"])
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    search.fill_search_texts(Customer, columns)
    return [{**row, "search_text": words} for row, words in zip(rows, columns["search_text"], strict=True)]


def test_bulk_rows_are_found_after_indexing(session: Any) -> None:
    before = CustomerFactory(name="انبوه اول")
    session.flush()
    session.execute(insert(Customer.__table__), _rows(before.department_id, 40))
    search.index_new(session(), Customer)
    search.index_new(session(), Customer)
    assert len(found("انبوه")) == 41
    assert len(found("شماره 39")) == 1


def test_row_that_was_not_indexed_yet_may_be_deleted(session: Any) -> None:
    department = DepartmentFactory()
    session.flush()
    session.execute(insert(Customer.__table__), _rows(department.id, 3))
    session.execute(text("DELETE FROM crm_customer WHERE code = 'B1'"))
    search.index_new(session(), Customer)
    assert len(found("انبوه")) == 2


def test_rebuilt_index_finds_the_same(session: Any) -> None:
    customer = CustomerFactory(name="نادرشاه")
    session.flush()
    search.rebuild_index(session(), Customer)
    assert found("نادرشاه") == {customer.id}


def test_search_finds_nothing_of_another_department(session: Any) -> None:
    mine = CustomerFactory(name="پروین اعتصامی")
    CustomerFactory(name="پروین دولت‌آبادی")
    employee = EmployeeFactory(home_department=mine.department)
    session.flush()
    with acting_as(actor_with(employee, ("see_department", "crm.customers"))):
        assert found("پروین") == {mine.id}
        assert found("پر") == {mine.id}


def test_limit_holds_and_the_newest_come_first(session: Any) -> None:
    made = [CustomerFactory(name="تکراری") for _ in range(5)]
    session.flush()
    ids = search.matching_ids(db.session(), Customer, "تکراری", limit=3)
    assert ids == sorted((c.id for c in made), reverse=True)[:3]


def test_index_can_be_dropped_and_made_again(session: Any) -> None:
    customer = CustomerFactory(name="نادرشاه")
    session.flush()
    connection = session.connection()
    op = SimpleNamespace(get_bind=lambda: connection, execute=connection.execute)
    search.drop_search_index(op, "crm_customer")
    search.create_search_index(op, "crm_customer")
    assert found("نادرشاه") == {customer.id}
