"""The screens of customers, used by those who may and closed to those who may not."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from app.core.feature import Role
from app.crm.customers.models import Customer, CustomerContact
from tests.factories import ContactFactory, CustomerFactory, DepartmentFactory, EmployeeFactory

FORM = {"kind": "person", "name": "فاطمه محمدي", "mobile": "۰۹۱۲۳۴۵۶۷۸۹", "is_customer": "y", "is_active": "y"}


@pytest.fixture
def desk(as_user: Any) -> Any:
    return as_user(Role.SALES)


def mine(visitor: Any, **values: Any) -> Customer:
    return CustomerFactory(department=visitor.user.home_department, **values)


def test_a_customer_is_added_on_the_form_with_code_and_department(desk: Any, session: Any) -> None:
    answer = desk.post("/customers/add", data=FORM)
    made = session.scalars(select(Customer).where(Customer.mobile == "+989123456789")).one()
    assert answer.status_code == 302
    assert answer.location == f"/customers/show/{made.id}"
    assert (made.name, made.owner_id) == ("فاطمه محمدی", desk.user.id)
    assert made.department_id == desk.user.home_department_id
    assert made.code.isdigit()


def test_bad_values_come_back_at_their_fields(desk: Any, session: Any) -> None:
    answer = desk.post("/customers/add", data={**FORM, "mobile": "0912345678", "national_id": "0684159415"})
    assert answer.status_code == 422
    assert session.scalars(select(Customer)).first() is None
    assert 'id="mobile-errors"' in answer.text
    assert 'id="national_id-errors"' in answer.text


def test_a_double_is_saved_with_a_warning_that_leads_to_the_other(desk: Any, session: Any) -> None:
    other = mine(desk, name="<b>سارا</b>", mobile="+989123456789")
    desk.post("/customers/add", data=FORM)
    made = session.scalars(select(Customer).where(Customer.id != other.id)).one()
    page = desk.get(f"/customers/show/{made.id}").text
    assert f'href="/customers/show/{other.id}"' in page
    assert "<b>سارا</b>" not in page


def test_the_page_shows_rows_below_and_history(desk: Any, session: Any) -> None:
    customer = mine(desk)
    contact = ContactFactory(customer=customer, name="نرگس خانی")
    page = desk.get(f"/customers/show/{customer.id}").text
    assert contact.name in page
    assert desk.post(f"/customer-contacts/delete/{contact.id}").status_code == 302
    assert session.scalars(select(CustomerContact)).first() is None


def test_a_contact_is_added_below_a_visible_customer_only(desk: Any, session: Any) -> None:
    customer, hidden = mine(desk), CustomerFactory()
    values = {"name": "نرگس", "mobile": "09351112233"}
    assert desk.post("/customer-contacts/add", data={**values, "customer": customer.id}).status_code == 302
    assert desk.post("/customer-contacts/add", data={**values, "customer": hidden.id}).status_code == 422
    assert [row.customer_id for row in session.scalars(select(CustomerContact))] == [customer.id]


def test_a_stale_form_is_refused(desk: Any, session: Any) -> None:
    customer = mine(desk)
    sent = {**FORM, "version": customer.version, "code": customer.code}
    assert desk.post(f"/customers/edit/{customer.id}", data={**sent, "note": "first"}).status_code == 302
    assert desk.post(f"/customers/edit/{customer.id}", data={**sent, "note": "second"}).status_code == 409
    assert customer.note == "first"


def test_customers_are_taken_out_of_use_and_not_deleted(desk: Any, session: Any) -> None:
    customer, hidden = mine(desk), CustomerFactory()
    ids = [customer.id, hidden.id]
    desk.post("/customers/action_post", data={"action": "deactivate", "rowid": ids})
    assert not customer.is_active
    assert hidden.is_active
    assert desk.post(f"/customers/delete/{customer.id}").status_code in {302, 403, 404}
    assert session.get(Customer, customer.id) is not None


@pytest.mark.parametrize("typed", ["فاطمه", "مرادي", "0912345", "۶۷۸۹", "T-77"])
def test_customers_are_found_by_any_part(desk: Any, typed: str) -> None:
    mine(desk, name="فاطمه مرادی", mobile="+989123456789", code="T-77")
    mine(desk, name="کسی دیگر", mobile="+989351112233", code="T-88")
    page = desk.get("/customers/list/", query_string={"q": typed}).text
    assert "فاطمه مرادی" in page
    assert "کسی دیگر" not in page


# Closed doors ----------------------------------------------------------------------------------


PATHS = ("/customers/show/{id}", "/customers/edit/{id}")


@pytest.mark.parametrize("path", PATHS)
def test_another_departments_customer_is_not_found(desk: Any, path: str) -> None:
    hidden = CustomerFactory(name="پنهان")
    answer = desk.get(path.format(id=hidden.id))
    assert answer.status_code == 404
    assert "پنهان" not in answer.text
    assert "پنهان" not in desk.get("/customers/list/").text


@pytest.mark.parametrize("role", [Role.DEALER, None], ids=["dealer", "no role"])
@pytest.mark.parametrize("path", ["/customers/list/", "/customers/add", *PATHS, "/customer-contacts/list/"])
def test_who_has_no_right_sees_no_screen(as_user: Any, role: Role | None, path: str) -> None:
    person = EmployeeFactory(role=role) if role else EmployeeFactory()
    visitor = as_user(person)
    customer = CustomerFactory(department=person.home_department, name="پنهان")
    answer = visitor.get(path.format(id=customer.id))
    assert answer.status_code in {302, 403}
    assert "پنهان" not in answer.text


@pytest.mark.parametrize("role", [Role.COLLECTOR, Role.SECRETARY])
def test_who_only_looks_changes_nothing(as_user: Any, session: Any, role: Role) -> None:
    visitor = as_user(role)
    customer = mine(visitor, name="سارا")
    assert visitor.get(f"/customers/show/{customer.id}").status_code == 200
    visitor.post("/customers/add", data=FORM)
    visitor.post(f"/customers/edit/{customer.id}", data={**FORM, "version": customer.version})
    visitor.post("/customers/action_post", data={"action": "deactivate", "rowid": [customer.id]})
    visitor.post("/customer-contacts/add", data={"customer": customer.id, "name": "x"})
    assert customer.name == "سارا"
    assert customer.is_active
    assert session.scalars(select(Customer)).all() == [customer]
    assert session.scalars(select(CustomerContact)).first() is None


def test_a_rep_finds_own_customers_only(as_user: Any) -> None:
    rep = as_user(Role.REP)
    mine(rep, owner=rep.user, name="مشتری من")
    mine(rep, name="مشتری همکار")
    page = rep.get("/customers/list/").text
    assert "مشتری من" in page
    assert "مشتری همکار" not in page


# Programs --------------------------------------------------------------------------------------


def test_programs_add_and_change_by_the_same_rules(as_program: Any, session: Any) -> None:
    program = as_program(Role.SALES)
    made = program.post("/api/v1/customers/", json={"name": "سارا", "mobile": "09123456789"})
    assert made.status_code == 201, made.text
    number = made.json["id"]
    assert made.json["result"]["mobile"] == "+989123456789"
    assert program.put(f"/api/v1/customers/{number}", json={"mobile": "1"}).status_code == 422
    assert program.put(f"/api/v1/customers/{number}", json={"note": "x"}).status_code == 200
    assert program.delete(f"/api/v1/customers/{number}").status_code in {403, 404, 405}


def test_programs_see_the_rows_of_their_user(as_program: Any) -> None:
    program = as_program(Role.SALES)
    row, hidden = mine(program), CustomerFactory()
    assert [found["id"] for found in program.get("/api/v1/customers/").json["result"]] == [row.id]
    assert program.get(f"/api/v1/customers/{hidden.id}").status_code == 404
    place = DepartmentFactory()
    refused = program.put(f"/api/v1/customers/{row.id}", json={"department": place.id})
    assert refused.status_code in {403, 422}
    assert row.department_id == program.user.home_department_id


def test_programs_without_the_right_are_refused(as_program: Any) -> None:
    program = as_program(Role.DEALER)
    assert program.get("/api/v1/customers/").status_code == 403
    assert program.post("/api/v1/customers/", json={"name": "x"}).status_code == 403


def test_upper_features_add_their_rows_to_the_page(as_user: Any) -> None:
    accountant, seller = as_user(Role.ACCOUNTANT), as_user(Role.SECRETARY)
    customer = mine(accountant)
    seller.user.home_department = customer.department
    assert 'id="tab-InvoiceView"' in accountant.get(f"/customers/show/{customer.id}").text
    assert 'id="tab-InvoiceView"' not in seller.get(f"/customers/show/{customer.id}").text
