"""Screens over customers: what they save, refuse, keep hidden and how they say it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask_appbuilder.models.sqla.interface import SQLAInterface
from sqlalchemy import event

from app.core import fab
from app.core.db import db
from app.core.feature import Role
from app.crm.customers.models import Customer
from tests.factories.crm import CustomerFactory
from tests.factories.org import DepartmentFactory, EmployeeFactory

LIST = "/customers/list/"


def stored(code: str) -> Any:
    db.session.expire_all()
    return db.session.query(Customer).filter_by(code=code).one_or_none()


def form(customer: Any, **changes: Any) -> dict[str, Any]:
    """What a browser sends when it saves the page of a customer."""
    values: dict[str, Any] = {
        "version": customer.version, "kind": "person", "name": customer.name, "code": customer.code,
        "is_customer": "y", "is_active": "y", "mobile": customer.mobile or "",
        "owner": customer.owner_id or "", "department": customer.department_id,
    }  # fmt: skip
    return values | changes


@pytest.fixture
def desk(session: Any) -> Any:
    """A sales expert with a department of their own."""
    return EmployeeFactory(role=Role.SALES)


# Reading ---------------------------------------------------------------------------------------


@pytest.mark.databases
def test_list_shows_own_rows_and_no_others(as_user: Callable[..., Any], desk: Any) -> None:
    CustomerFactory(name="پروین خودی", department=desk.home_department)
    CustomerFactory(name="پروین بیگانه")
    for address in (LIST, f"{LIST}?q=پروین", f"{LIST}?sort=-code", f"{LIST}?page=last", f"{LIST}?f_kind=person"):
        page = as_user(desk).get(address).text
        assert "پروین خودی" in page
        assert "پروین بیگانه" not in page


def test_page_of_a_hidden_row_is_not_found(as_user: Callable[..., Any], desk: Any) -> None:
    other = CustomerFactory()
    browser = as_user(desk)
    for address in (f"/customers/show/{other.id}", f"/customers/edit/{other.id}"):
        assert browser.get(address).status_code == 404
    assert browser.post(f"/customers/edit/{other.id}", data=form(other, name="x")).status_code == 404
    assert stored(other.code).name == other.name


@pytest.mark.parametrize("pk", ["0", "-1", "abc", "1;2", "99999999999999999999", "1.5", "١"])
def test_impossible_number_of_a_row_is_not_found(as_user: Callable[..., Any], pk: str) -> None:
    assert as_user("admin").get(f"/customers/show/{pk}").status_code == 404


def test_strange_addresses_of_a_list_still_show_it(as_user: Callable[..., Any], session: Any) -> None:
    CustomerFactory(name="پروین")
    browser = as_user("admin")
    for query in (
        "sort=password",
        "f_x=1",
        "f_registered_on_from=1404/13/01",
        "after=%00",
        "size=9999999999",
        "q=%22%27%25",
        "page=-1",
    ):
        answer = browser.get(f"{LIST}?{query}")
        assert answer.status_code == 200, query
    assert "1404/13/01" in browser.get(f"{LIST}?f_registered_on_from=1404/13/01").text


def test_list_costs_few_statements(as_user: Callable[..., Any], session: Any) -> None:
    owner = EmployeeFactory()
    for _n in range(30):
        CustomerFactory(owner=owner)
    browser = as_user("admin")
    browser.get(LIST)
    seen: list[str] = []
    engine = db.session.get_bind()

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")):
            seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        browser.get(LIST)
    finally:
        event.remove(engine, "before_cursor_execute", note)
    # The user, its sign-in and its roles; ids, rows and count of the list.
    assert len(seen) == 6, "\n\n".join(s[:150] for s in seen)


def test_list_of_somebody_without_the_right_is_forbidden(as_user: Callable[..., Any], session: Any) -> None:
    nobody = EmployeeFactory()
    for address in (LIST, "/customers/show/1", "/customers/add", "/customers/choices/owner"):
        assert as_user(nobody).get(address).status_code == 403


def test_visitor_is_sent_to_the_sign_in(client: Any) -> None:
    for address in (LIST, "/", "/search?q=x"):
        answer = client.get(address)
        assert answer.status_code == 302
        assert "/login/" in answer.headers["Location"]


def test_related_rows_are_tabs_of_the_page(as_user: Callable[..., Any], session: Any) -> None:
    from tests.factories.crm import ContactFactory

    contact = ContactFactory(name="رابط نمونه")
    page = as_user("admin").get(f"/customers/show/{contact.customer_id}").text
    assert "رابط نمونه" in page


# Saving ----------------------------------------------------------------------------------------


@pytest.mark.databases
def test_new_customer_is_stored_as_typed(as_user: Callable[..., Any], desk: Any) -> None:
    answer = as_user(desk).post(
        "/customers/add",
        data={
            "kind": "person", "name": "  علي  كريمي ", "code": "NEW1", "is_customer": "y", "is_active": "y",
            "mobile": "۰۹۱۲۵۰۸۸۵۰۵", "credit_limit_rials": "۱۲٬۰۰۰ تومان", "registered_on": "۱۴۰۴/۰۱/۰۱",
            "owner": str(desk.id),
        },
    )  # fmt: skip
    assert answer.status_code == 302, answer.text
    row = stored("NEW1")
    assert (row.name, row.credit_limit_rials, row.registered_on.isoformat()) == ("علی کریمی", 120_000, "2025-03-21")
    assert (row.department_id, row.owner_id, row.mobile) == (desk.home_department_id, desk.id, "+989125088505")


@pytest.mark.databases
def test_taken_code_is_said_at_its_field(as_user: Callable[..., Any], session: Any) -> None:
    CustomerFactory(code="TAKEN")
    mine = CustomerFactory(code="FREE")
    browser = as_user("admin")
    for answer in (
        browser.post("/customers/add", data={**form(mine), "code": "TAKEN"}),
        browser.post(f"/customers/edit/{mine.id}", data=form(mine, code="TAKEN")),
    ):
        assert answer.status_code == 422
        assert re.search(r'id="code-errors"', answer.text)
        assert 'value="TAKEN"' in answer.text


def test_every_bad_value_is_named_and_kept_in_its_input(as_user: Callable[..., Any], session: Any) -> None:
    mine = CustomerFactory()
    answer = as_user("admin").post(
        f"/customers/edit/{mine.id}",
        data=form(
            mine, registered_on="1404/13/45", credit_limit_rials="خیلی", kind="alien", owner="999999", name="x" * 201
        ),
    )
    assert answer.status_code == 422
    for name in ("registered_on", "credit_limit_rials", "kind", "owner", "name"):
        assert f'id="{name}-errors"' in answer.text, name
    assert 'value="1404/13/45"' in answer.text
    assert "خیلی" in answer.text


def test_refusal_of_a_service_stands_at_its_field(as_user: Callable[..., Any], session: Any) -> None:
    mine = CustomerFactory()
    answer = as_user("admin").post(f"/customers/edit/{mine.id}", data=form(mine, national_id="1234567890"))
    assert answer.status_code == 422
    assert 'id="national_id-errors"' in answer.text


def test_edit_stays_in_the_history(as_user: Callable[..., Any], session: Any) -> None:
    mine = CustomerFactory(name="پیشین")
    browser = as_user("admin")
    browser.post(f"/customers/edit/{mine.id}", data=form(mine, name="پسین"))
    page = browser.get(f"/customers/show/{mine.id}").text
    assert "پیشین" in page
    assert "پسین" in page


@pytest.mark.databases
def test_stale_save_is_refused_and_says_what_changed(as_user: Callable[..., Any], session: Any) -> None:
    mine = CustomerFactory(name="نخست")
    session.flush()
    opened = form(mine)
    browser = as_user("admin")
    assert browser.post(f"/customers/edit/{mine.id}", data=opened | {"name": "دوم"}).status_code == 302
    answer = browser.post(f"/customers/edit/{mine.id}", data=opened | {"name": "سوم"})
    assert answer.status_code == 409
    assert "دوم" in answer.text
    assert 'value="سوم"' in answer.text
    assert stored(mine.code).name == "دوم"
    version = re.search(r'name="version"[^>]*value="(\d+)"', answer.text)
    assert version is not None
    again = browser.post(f"/customers/edit/{mine.id}", data=opened | {"name": "سوم", "version": version.group(1)})
    assert again.status_code == 302
    assert stored(mine.code).name == "سوم"


# Relations -------------------------------------------------------------------------------------


def test_relation_field_carries_one_option(as_user: Callable[..., Any], session: Any) -> None:
    for _n in range(30):
        DepartmentFactory()
    mine = CustomerFactory()
    page = as_user("admin").get(f"/customers/edit/{mine.id}").text
    field = re.search(r'<select[^>]*name="department".*?</select>', page, re.S)
    assert field is not None
    assert field.group().count("<option") == 2
    assert "/customers/choices/department" in field.group()


def test_options_come_page_by_page(as_user: Callable[..., Any], session: Any) -> None:
    for n in range(25):
        DepartmentFactory(name=f"شعبهٔ آزمون {n}")
    browser = as_user("admin")
    first = browser.get("/customers/choices/department?q=آزمون").json
    second = browser.get("/customers/choices/department?q=آزمون&page=2").json
    assert (len(first["results"]), first["more"], len(second["results"]), second["more"]) == (20, True, 5, False)
    assert browser.get("/customers/choices/name").status_code == 404
    assert browser.get("/customers/choices/department?page=x&q=%25").status_code == 200


@pytest.mark.databases
def test_options_of_a_scoped_relation_are_the_actors_own(as_user: Callable[..., Any], desk: Any) -> None:
    mine = CustomerFactory(name="پروین خودی", department=desk.home_department)
    CustomerFactory(name="پروین بیگانه")
    for typed in ("پروین", "پر", ""):
        found = as_user(desk).get(f"/customer-contacts/choices/customer?q={typed}").json
        assert [one["id"] for one in found["results"]] == [mine.id], typed


def test_key_of_a_hidden_row_survives_a_save(as_user: Callable[..., Any], desk: Any) -> None:
    """A contact moved under a customer one does not see cannot be made; one that is there stays."""
    from flask import current_app

    from app.core.actor import acting_as
    from app.core.forms import FormSpec, bound_form, make_form
    from app.crm.customers.models import CustomerContact
    from tests.factories.acting import actor_with
    from tests.factories.crm import ContactFactory

    contact = ContactFactory()
    db.session.flush()
    key = contact.customer_id
    form_class = make_form(FormSpec(CustomerContact, ("customer", "name"), {}, lambda _name: "/x"))
    for sent in ("", str(key)):
        with (
            current_app.test_request_context(method="POST", data={"customer": sent, "name": "نو"}),
            acting_as(actor_with(desk, ("see_department", "crm.customers"))),
        ):
            made = bound_form(form_class, contact)
            assert made.customer.is_hidden
            assert "hidden" in str(made.customer()) or "پنهان" in str(made.customer())
            del made.csrf_token
            made.customer.validators = []
            made.validate()
            made.write_to(contact)
            assert contact.customer_id == key


def test_hidden_row_cannot_be_chosen(as_user: Callable[..., Any], desk: Any) -> None:
    mine = CustomerFactory(department=desk.home_department)
    other = CustomerFactory()
    browser = as_user(desk)
    for pk in (str(other.id), "999999", "x", "1 OR 1"):
        answer = browser.post("/customer-contacts/add", data={"customer": pk, "name": "نفوذی"})
        assert answer.status_code == 422, pk
    preset = browser.post(
        f"/customer-contacts/add?customer={other.id}", data={"customer": str(other.id), "name": "نفوذی"}
    )
    assert preset.status_code == 422
    assert browser.post("/customer-contacts/add", data={"customer": str(mine.id), "name": "خودی"}).status_code == 302


def test_customer_cannot_be_moved_into_a_strange_department(as_user: Callable[..., Any], desk: Any) -> None:
    mine = CustomerFactory(department=desk.home_department)
    strange = DepartmentFactory()
    answer = as_user(desk).post(f"/customers/edit/{mine.id}", data=form(mine, department=strange.id))
    assert answer.status_code == 422
    assert 'id="department-errors"' in answer.text
    assert stored(mine.code).department_id == desk.home_department_id


# Actions and deletion --------------------------------------------------------------------------


def act(browser: Any, name: str, *rows: Any, **options: Any) -> Any:
    return browser.post(
        "/customers/action_post", data={"action": name, "rowid": [str(row.id) for row in rows]}, **options
    )


@pytest.mark.databases
def test_bulk_action_takes_only_rows_of_the_actor(as_user: Callable[..., Any], desk: Any) -> None:
    mine = CustomerFactory(department=desk.home_department)
    other = CustomerFactory()
    act(as_user(desk), "deactivate", mine, other)
    assert not stored(mine.code).is_active
    assert stored(other.code).is_active
    assert act(as_user(desk), "deactivate", other).status_code == 404


def test_single_action_of_a_hidden_row_is_not_found(as_user: Callable[..., Any], desk: Any) -> None:
    other = CustomerFactory()
    assert as_user(desk).post(f"/customers/action/deactivate/{other.id}").status_code == 404
    assert stored(other.code).is_active


def test_action_needs_its_right_and_a_post(as_user: Callable[..., Any], session: Any) -> None:
    mine = CustomerFactory()
    reader = EmployeeFactory(role=Role.SECRETARY, home_department=mine.department)
    assert act(as_user(reader), "deactivate", mine).status_code == 403
    assert as_user("admin").get(f"/customers/action/deactivate/{mine.id}").status_code == 405
    assert act(as_user("admin"), "no_such_action", mine).status_code == 404
    assert stored(mine.code).is_active


def test_delete_is_a_post_with_the_pages_token(as_user: Callable[..., Any], session: Any) -> None:
    from app.crm.customers.models import CustomerContact
    from tests.factories.crm import ContactFactory

    contact = ContactFactory()
    browser = as_user("admin")
    address = f"/customer-contacts/delete/{contact.id}"
    assert browser.get(address).status_code == 405
    assert browser.post(address, csrf=False).status_code == 400
    assert db.session.query(CustomerContact).count() == 1
    assert browser.post(address).status_code == 302
    assert db.session.query(CustomerContact).count() == 0


def test_delete_of_a_hidden_row_is_not_found(as_user: Callable[..., Any], desk: Any) -> None:
    from tests.factories.crm import ContactFactory

    contact = ContactFactory()
    assert as_user(desk).post(f"/customer-contacts/delete/{contact.id}").status_code == 404


def test_download_of_fab_is_gone(app: Any) -> None:
    assert not [rule for rule in app.url_map.iter_rules() if "/download/" in rule.rule]


# Declaring -------------------------------------------------------------------------------------


def test_view_without_a_permission_name_does_not_start(app: Any) -> None:
    class Nameless(fab.ModelView):
        model = Customer

    with pytest.raises(TypeError, match="class_permission_name"):
        Nameless()


def test_view_that_sorts_without_an_index_does_not_start(app: Any) -> None:
    class Slow(fab.ModelView):
        datamodel = SQLAInterface(Customer)
        class_permission_name = "crm.customers"
        sort_columns = ("note",)

    with pytest.raises(TypeError, match="no index"):
        Slow()


def test_view_of_ten_lines_lists_what_a_person_can_know(app: Any) -> None:
    class Small(fab.ModelView):
        model = Customer
        class_permission_name = "crm.customers"

    view = Small()
    assert "name" in view.add_columns
    assert "owner" in view.add_columns
    assert not {"id", "version", "search_text", "name_sort", "name_key", "created_at", "owner_id"} & set(
        view.add_columns
    )
