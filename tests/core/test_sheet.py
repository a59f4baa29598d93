"""A list as a sheet: rows by windows, cells checked and saved together, rights and scope as in the form."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import event

from app.core.audit import history_of
from app.core.db import db
from app.core.feature import Role
from app.crm.customers.models import Customer
from tests.factories import ProductFactory
from tests.factories.crm import ContactFactory, CustomerFactory
from tests.factories.finance import draft_invoice, issued_invoice
from tests.factories.org import DepartmentFactory, EmployeeFactory

SHEET = "/customers/sheet"
CONTACTS = "/customer-contacts/sheet"


@pytest.fixture
def desk(session: Any) -> Any:
    """A sales expert with a department of their own."""
    return EmployeeFactory(role=Role.SALES)


def window(browser: Any, query: str = "", sheet: str = SHEET) -> dict[str, Any]:
    """The rows of a window, as the script asks for them."""
    answer = browser.get(f"{sheet}/rows{query}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json
    return found


def names_of(browser: Any, sheet: str = SHEET) -> list[str]:
    """The columns, in their order."""
    page = browser.get(sheet).text
    start = page.index('id="sheet-data">') + len('id="sheet-data">')
    return [column["name"] for column in json.loads(page[start : page.index("</script>", start)])["columns"]]


def change(row: dict[str, Any], **cells: str) -> dict[str, Any]:
    return {"key": f"r{row['id']}", "id": row["id"], "version": row["version"], "cells": cells}


def fresh(key: str, **cells: str) -> dict[str, Any]:
    return {"key": key, "cells": cells}


def save(browser: Any, *rows: dict[str, Any], sheet: str = SHEET) -> Any:
    return browser.post(f"{sheet}/save", json={"rows": list(rows)})


def stored(record: Any) -> Any:
    return db.session.get(type(record), record.id, populate_existing=True)


# Reading ---------------------------------------------------------------------------------------


@pytest.mark.databases
def test_rows_are_those_of_the_list_and_no_others(as_user: Callable[..., Any], desk: Any) -> None:
    mine = [CustomerFactory(name=f"خودی {n}", department=desk.home_department) for n in range(5)]
    CustomerFactory(name="بیگانه")
    browser = as_user(desk)
    first = window(browser, "?size=2")
    second = window(browser, f"?size=2&after={first['after']}")
    last = window(browser, "?size=1&page=last")
    ids = [row["id"] for part in (first, second, last) for row in part["rows"]]
    assert ids == [one.id for one in mine]
    assert last["after"] == ""
    assert "بیگانه" not in browser.get(SHEET).text


@pytest.mark.databases
def test_a_part_of_the_list_is_found_without_counting(as_user: Callable[..., Any], desk: Any) -> None:
    for number in range(40):
        CustomerFactory(name=f"مشتری {number:02}", department=desk.home_department)
    found = window(as_user(desk), "?at=0.5&size=1")
    assert found["estimate"] == 40
    assert found["rows"][0]["cells"][0] == "مشتری 20"


def test_cells_are_as_people_type_them(as_user: Callable[..., Any], desk: Any) -> None:
    customer = CustomerFactory(
        name="شرکت نور", department=desk.home_department, credit_limit_rials=12_000_000, latitude=35.7, longitude=51.4
    )
    browser = as_user(desk)
    row = window(browser)["rows"][0]
    cells = dict(zip(names_of(browser), row["cells"], strict=True))
    assert cells["credit_limit_rials"] == "12000000"
    assert cells["latitude"] == "35.7"
    assert cells["department"] == desk.home_department.code
    assert row["names"]["department"] == str(desk.home_department)
    assert row["version"] == str(customer.version)


def test_lists_without_a_spec_have_no_sheet(as_user: Callable[..., Any]) -> None:
    assert as_user("admin").get("/departments/sheet").status_code == 404


# Saving ----------------------------------------------------------------------------------------


@pytest.mark.databases
def test_many_rows_are_saved_together_with_their_history(as_user: Callable[..., Any], desk: Any) -> None:
    one, two = (CustomerFactory(name=f"مشتری {n}", department=desk.home_department) for n in (1, 2))
    browser = as_user(desk)
    first, second = window(browser)["rows"]
    answer = save(
        browser,
        change(first, city="كرج", credit_limit_rials="۱٬۵۰۰٬۰۰۰", registered_on="۱۴۰۳/۲/۱"),
        change(second, is_active="خیر", kind="حقوقی"),
        fresh("n1", name="تازه", mobile="09121234567"),
    )
    assert answer.status_code == 200, answer.text
    assert set(answer.json["rows"]) == {f"r{one.id}", f"r{two.id}", "n1"}
    one, two = stored(one), stored(two)
    assert (one.city, one.credit_limit_rials, one.is_active) == ("کرج", 1_500_000, True)
    assert (two.is_active, two.kind.value) == (False, "company")
    new = db.session.get(Customer, answer.json["rows"]["n1"]["id"])
    assert new is not None
    assert (new.name, new.mobile, new.department_id) == ("تازه", "+989121234567", desk.home_department.id)
    entry = history_of(one)[0]
    assert (entry.via, entry.actor_id) == ("sheet", desk.id)
    assert {diff.field for diff in entry.diffs} == {"city", "credit_limit_rials", "registered_on"}


def test_more_rows_need_no_more_questions(as_user: Callable[..., Any], desk: Any) -> None:
    for number in range(30):
        CustomerFactory(name=f"مشتری {number}", department=desk.home_department)
    browser = as_user(desk)
    rows = window(browser)["rows"]
    counts = []
    for part in (rows[:3], rows[3:]):
        asked: list[str] = []

        def note(_conn: Any, _cursor: Any, statement: str, *_more: Any, asked: list[str] = asked) -> None:
            if statement.startswith("SELECT"):
                asked.append(statement)

        event.listen(db.engine, "before_cursor_execute", note)
        answer = save(browser, *(change(row, city="یزد", department=desk.home_department.code) for row in part))
        event.remove(db.engine, "before_cursor_execute", note)
        assert answer.status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1]


@pytest.mark.databases
def test_one_bad_cell_stops_all_rows_and_every_bad_cell_is_named(as_user: Callable[..., Any], desk: Any) -> None:
    one, two = (CustomerFactory(name=f"مشتری {n}", department=desk.home_department) for n in (1, 2))
    browser = as_user(desk)
    first, second = window(browser)["rows"]
    answer = save(
        browser,
        change(first, city="یزد"),
        change(second, national_id="1234567890", credit_limit_rials="abc", owner="nobody-here", economic_code="12"),
        fresh("n1", name="تازه", kind="چیزی"),
    )
    assert answer.status_code == 422
    bad = {(error["key"], error["column"]) for error in answer.json["errors"]}
    key = f"r{two.id}"
    columns = ("national_id", "credit_limit_rials", "owner", "economic_code")
    assert bad == {*((key, name) for name in columns), ("n1", "kind")}
    assert stored(one).city != "یزد"


@pytest.mark.databases
def test_what_the_database_refuses_is_named_by_its_row(as_user: Callable[..., Any], desk: Any) -> None:
    taken = CustomerFactory(code="TAKEN-1")
    one, two = (CustomerFactory(name=f"مشتری {n}", department=desk.home_department) for n in (1, 2))
    browser = as_user(desk)
    first, second = window(browser)["rows"]
    answer = save(browser, change(first, city="یزد"), change(second, code=taken.code))
    assert answer.status_code == 422
    assert [(error["key"], error["column"]) for error in answer.json["errors"]] == [(f"r{two.id}", "code")]
    assert stored(one).city != "یزد"


@pytest.mark.databases
def test_the_second_of_two_people_is_told_and_nothing_is_stored(as_user: Callable[..., Any], desk: Any) -> None:
    one, two = (CustomerFactory(name=f"مشتری {n}", department=desk.home_department) for n in (1, 2))
    colleague = EmployeeFactory(role=Role.SALES, home_department=desk.home_department)
    mine, theirs = as_user(desk), as_user(colleague)
    first, second = window(mine)["rows"]
    assert save(theirs, change(first, city="اهواز")).status_code == 200
    answer = save(mine, change(first, city="شیراز"), change(second, city="شیراز"))
    assert answer.status_code == 409
    conflict = answer.json["conflicts"][f"r{one.id}"]
    assert conflict["by"] == str(colleague)
    cells = dict(zip(names_of(mine), conflict["cells"], strict=True))
    assert cells["city"] == "اهواز"
    assert (stored(one).city, stored(two).city != "شیراز") == ("اهواز", True)
    again = {**change(first, city="شیراز"), "version": conflict["version"]}
    assert save(mine, again).status_code == 200
    assert stored(one).city == "شیراز"


def test_a_check_names_bad_cells_cleans_good_ones_and_stores_nothing(as_user: Callable[..., Any], desk: Any) -> None:
    one = CustomerFactory(name="مشتری", department=desk.home_department)
    browser = as_user(desk)
    row = window(browser)["rows"][0]
    answer = browser.post(
        f"{SHEET}/check", json={"rows": [change(row, mobile="۰۹۱۲۱۲۳۴۵۶۷", registered_on="1404-9-2", email="x")]}
    )
    assert [(error["column"], error["code"]) for error in answer.json["errors"]] == [("email", "email")]
    assert answer.json["texts"][f"r{one.id}"] == {"mobile": "+989121234567", "registered_on": "1404/09/02"}
    assert stored(one).email != "x"


# Rights ----------------------------------------------------------------------------------------


@pytest.mark.databases
def test_rows_of_another_department_are_neither_read_nor_written(as_user: Callable[..., Any], desk: Any) -> None:
    other = CustomerFactory(name="بیگانه", city="تهران")
    browser = as_user(desk)
    row = {"id": other.id, "version": other.version}
    assert save(browser, change(row, city="یزد")).status_code == 404
    answer = browser.post(f"{SHEET}/check", json={"rows": [change(row, city="یزد")]})
    assert answer.json["texts"] == {f"r{other.id}": {}}
    assert stored(other).city == "تهران"


@pytest.mark.databases
def test_a_row_is_not_sent_to_another_department(as_user: Callable[..., Any], desk: Any) -> None:
    one = CustomerFactory(name="مشتری", department=desk.home_department)
    elsewhere = DepartmentFactory()
    browser = as_user(desk)
    row = window(browser)["rows"][0]
    answer = save(browser, change(row, department=elsewhere.code))
    assert answer.status_code == 422
    assert [error["column"] for error in answer.json["errors"]] == ["department"]
    assert stored(one).department_id == desk.home_department_id


def test_without_the_right_to_edit_nothing_is_saved(as_user: Callable[..., Any]) -> None:
    product = ProductFactory()
    browser = as_user(EmployeeFactory(role=Role.TELEMARKETER))
    row = window(browser, sheet="/products/sheet")["rows"][0]
    answer = save(browser, change(row, name="دیگر"), sheet="/products/sheet")
    assert answer.status_code == 403
    assert stored(product).name != "دیگر"


def test_deleting_needs_the_right_and_a_view_that_deletes(as_user: Callable[..., Any], desk: Any) -> None:
    one = CustomerFactory(name="مشتری", department=desk.home_department)
    for who in (desk, "admin"):
        browser = as_user(who)
        answer = save(browser, {**change({"id": one.id, "version": one.version}), "deleted": True})
        assert answer.status_code in (403, 422)
        assert stored(one) is not None


@pytest.mark.databases
def test_a_row_is_deleted_only_as_it_was_seen(as_user: Callable[..., Any], desk: Any) -> None:
    customer = CustomerFactory(department=desk.home_department)
    contact = ContactFactory(customer=customer, name="رابط")
    browser = as_user(desk)
    row = window(browser, sheet=CONTACTS)["rows"][0]
    contact.post = "مدیر خرید"  # there is no version: what the row shows tells
    db.session.flush()
    gone = {**change(row), "deleted": True}
    assert save(browser, gone, sheet=CONTACTS).status_code == 409
    now = window(browser, sheet=CONTACTS)["rows"][0]
    answer = save(browser, {**gone, "version": now["version"]}, sheet=CONTACTS)
    assert (answer.status_code, answer.json["deleted"]) == (200, [gone["key"]])
    assert window(browser, sheet=CONTACTS)["rows"] == []


def test_a_contact_of_a_hidden_customer_is_not_deleted(as_user: Callable[..., Any], desk: Any) -> None:
    contact = ContactFactory(customer=CustomerFactory(), name="رابط")
    answer = save(as_user(desk), {**change({"id": contact.id, "version": ""}), "deleted": True}, sheet=CONTACTS)
    assert answer.status_code == 404
    assert stored(contact) is not None


def test_a_hidden_related_record_is_locked_and_stays(as_user: Callable[..., Any], desk: Any) -> None:
    hidden = CustomerFactory(name="پنهان از همه")
    invoice = draft_invoice(hidden)
    invoice.department_id = desk.home_department_id
    db.session.flush()
    other = CustomerFactory(department=desk.home_department)
    browser = as_user(desk)
    rows = window(browser, sheet="/invoices/sheet")["rows"]
    assert [(row["id"], row["locked"]) for row in rows] == [(invoice.id, ["customer"])]
    answer = save(browser, change(rows[0], customer=other.code), sheet="/invoices/sheet")
    assert answer.status_code == 422
    assert [error["code"] for error in answer.json["errors"]] == ["hidden"]
    assert stored(invoice).customer_id == hidden.id


# Documents -------------------------------------------------------------------------------------


def test_the_head_of_a_draft_is_saved_by_its_service_and_lines_stay(as_user: Callable[..., Any]) -> None:
    invoice = draft_invoice(CustomerFactory())
    payable, lines = invoice.payable_rials, len(invoice.lines)
    browser = as_user("admin")
    row = next(one for one in window(browser, sheet="/invoices/sheet")["rows"] if one["id"] == invoice.id)
    answer = save(browser, change(row, reference="عطف-۱", terms="نسیه", note="یادداشت"), sheet="/invoices/sheet")
    assert answer.status_code == 200, answer.text
    found = stored(invoice)
    assert (found.reference, found.terms.value, found.note) == ("عطف-1", "credit", "یادداشت")
    assert (found.payable_rials, len(found.lines)) == (payable, lines)


def test_an_issued_invoice_is_frozen(as_user: Callable[..., Any]) -> None:
    invoice = issued_invoice(CustomerFactory())
    browser = as_user("admin")
    row = next(one for one in window(browser, sheet="/invoices/sheet")["rows"] if one["id"] == invoice.id)
    assert row["frozen"] is True
    answer = save(browser, change(row, note="x"), sheet="/invoices/sheet")
    assert answer.status_code == 422
    assert stored(invoice).note == ""


# Bad entries -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sent",
    [
        None, [], {}, {"rows": 1}, {"rows": [1]}, {"rows": [{}]}, {"rows": [{"key": 1}]},
        {"rows": [{"key": "a", "id": "1"}]}, {"rows": [{"key": "a", "id": True}]},
        {"rows": [{"key": "a", "cells": {"name": 1}}]}, {"rows": [{"key": "a", "cells": {"search_text": "x"}}]},
        {"rows": [{"key": "a", "id": 1}, {"key": "b", "id": 1}]}, {"rows": [{"key": "a", "deleted": True}]},
        {"rows": [{"key": f"n{n}", "cells": {}} for n in range(2_001)]},
        {"rows": [{"key": "a", "cells": {"name": "x" * 40_000}}]},
    ],
)  # fmt: skip
def test_what_is_no_sheet_is_refused_in_words(as_user: Callable[..., Any], sent: Any) -> None:
    answer = as_user("admin").post(f"{SHEET}/save", json=sent, headers={"Accept": "application/json"})
    assert answer.status_code == 422
    assert answer.json["message"]


@pytest.mark.parametrize("query", ["?at=nan", "?at=inf", "?at=-1", "?at=x", "?after=zzz", "?size=-5", "?page=x&at=2"])
def test_odd_places_are_answered_with_rows(as_user: Callable[..., Any], query: str) -> None:
    CustomerFactory()
    assert "rows" in window(as_user("admin"), query)
