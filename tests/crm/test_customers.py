"""Customers: folded and checked on the way in, doubles found, doors closed without the right."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from app.core.actor import Actor, acting_as
from app.core.errors import Invalid, NotAllowed, ScopeViolation, StaleVersion
from app.crm.customers.codes import next_codes
from app.crm.customers.models import Customer, CustomerAddress, CustomerContact, CustomerKind, CustomerPhone
from app.crm.customers.queries import (
    DoubleBy,
    customer_of_number,
    customers_by,
    doubles_of,
    may_call,
    overview,
)
from app.crm.customers.services import (
    check_address,
    check_contact,
    check_phone,
    create_customer,
    deactivate_customer,
    reactivate_customer,
    update_customer,
)
from app.org.departments.models import Department
from app.org.departments.queries import default_department
from tests.factories import (
    AddressFactory,
    ContactFactory,
    CustomerFactory,
    DepartmentFactory,
    EmployeeFactory,
    PhoneFactory,
)
from tests.factories.acting import actor_with

SUBJECT = "crm.customers"
SEE, ADD, EDIT = ((action, SUBJECT) for action in ("see_department", "add", "edit"))
OWN = ("see_own", SUBJECT)
SYSTEM = Actor.system("test")


@pytest.fixture
def clerk(session: Any) -> Any:
    with acting_as(actor_with(EmployeeFactory(), SEE, ADD, EDIT)) as actor:
        yield actor


# Values ----------------------------------------------------------------------------------------


def test_every_value_is_folded_on_the_way_in(clerk: Any) -> None:
    made = create_customer(
        name="  فاطمه   محمدي ",
        company_name="پخش نوین\u200cگستر",
        national_id="۷۹۰۴۱۹۹۰۴",
        mobile="۰۹۱۲ ۳۴۵ ۶۷۸۹",
        phone="+98 21 8888 1234",
        postal_code="۱۹۹۱۶-۴۳۹۱۱",
        email=" Info@Example.COM ",
        economic_code="۴۱۱۱ ۱۱۱۱ ۱۱۱۱",
    ).customer
    assert (made.name, made.national_id) == ("فاطمه محمدی", "0790419904")
    assert (made.mobile, made.phone) == ("+989123456789", "+982188881234")
    assert (made.postal_code, made.email, made.economic_code) == ("1991643911", "info@example.com", "411111111111")
    assert made.kind is CustomerKind.PERSON
    assert made.department_id == clerk.home_department_id
    assert made.owner_id == clerk.user_id
    assert made.registered_on is not None


@pytest.mark.parametrize(
    ("values", "name", "kind"),
    [
        ({"first_name": "سارا", "last_name": "كريمي"}, "سارا کریمی", CustomerKind.PERSON),
        ({"company_name": "فولاد کویر", "legal_id": "14000405500"}, "فولاد کویر", CustomerKind.COMPANY),
        ({"name": "شرکت فولاد", "company_name": "فولاد کویر"}, "شرکت فولاد", CustomerKind.PERSON),
    ],
    ids=["from first and last name", "from the company", "as given"],
)
def test_an_empty_name_is_made_of_what_is_known(
    clerk: Any, values: dict[str, Any], name: str, kind: CustomerKind
) -> None:
    made = create_customer(**values).customer
    assert (made.name, made.kind) == (name, kind)


@pytest.mark.parametrize(
    ("values", "path"),
    [
        ({"name": " "}, "name"),
        ({"national_id": "0684159415"}, "national_id"),
        ({"national_id": "0000000000"}, "national_id"),
        ({"legal_id": "10380285692"}, "legal_id"),
        ({"economic_code": "123"}, "economic_code"),
        ({"mobile": "0912345678"}, "mobile"),
        ({"phone": "call me"}, "phone"),
        ({"email": "nobody"}, "email"),
        ({"postal_code": "12345"}, "postal_code"),
        ({"latitude": 91.0, "longitude": 0.0}, "latitude"),
        ({"latitude": 35.0}, "longitude"),
        ({"credit_limit_rials": -1}, "credit_limit_rials"),
        ({"is_customer": False}, "is_customer"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_bad_value_is_named(clerk: Any, values: dict[str, Any], path: str) -> None:
    with pytest.raises(Invalid) as refused:
        create_customer(**{"name": "سارا", **values})
    assert [error.path for error in refused.value.errors] == [path]


def test_all_bad_values_are_named_at_once(clerk: Any) -> None:
    with pytest.raises(Invalid) as refused:
        create_customer(name="", national_id="1", mobile="2", email="3")
    assert {error.path for error in refused.value.errors} == {"name", "national_id", "mobile", "email"}


def test_equal_digits_are_a_real_national_id(clerk: Any) -> None:
    assert create_customer(name="سارا", national_id="1111111111").customer.national_id == "1111111111"


def test_a_row_of_nobody_belongs_to_the_root_department(session: Any) -> None:
    root = default_department()
    with acting_as(SYSTEM):
        made = create_customer(name="سارا").customer
    assert root is not None
    assert made.department_id == root.id


# Codes -----------------------------------------------------------------------------------------


def test_codes_count_up_and_step_over_typed_ones(clerk: Any) -> None:
    first = int(next_codes(1)[0])
    with acting_as(SYSTEM):
        CustomerFactory(code=str(first + 2))
    assert next_codes(3) == [str(first + 1), str(first + 3), str(first + 4)]


def test_codes_run_on_over_a_change_of_length(clerk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = int(next_codes(1)[0]) - 100_000
    monkeypatch.setattr("app.crm.customers.codes.FIRST", 999_998 - taken - 1)
    with acting_as(SYSTEM):
        CustomerFactory(code="1000000")
    assert next_codes(3) == ["999998", "999999", "1000001"]


def test_a_typed_code_is_kept(clerk: Any) -> None:
    assert create_customer(name="سارا", code=" م-۱۲ ").customer.code == "م-12"


# Doubles ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("there", "typed", "by"),
    [
        ({"national_id": "0790419904"}, {"national_id": "0790419904"}, DoubleBy.NATIONAL_ID),
        ({"legal_id": "14000405500"}, {"legal_id": "14000405500"}, DoubleBy.LEGAL_ID),
        ({"mobile": "+989123456789"}, {"mobile": "09123456789"}, DoubleBy.PHONE),
        ({"phone": "+982188881234"}, {"mobile": "02188881234"}, DoubleBy.PHONE),
        ({"name": "آرش مؤمنی‌نژاد"}, {"name": "ارش مومنی نژاد".replace("ی ن", "ین")}, DoubleBy.NAME),
    ],
    ids=["national ID", "legal ID", "mobile", "phone as mobile", "folded name"],
)
def test_doubles_are_found_and_do_not_stop_the_save(
    clerk: Any, session: Any, there: dict[str, Any], typed: dict[str, Any], by: DoubleBy
) -> None:
    known = CustomerFactory(department=session.get(Department, clerk.home_department_id), **there)
    saved = create_customer(**{"name": "کسی دیگر", **typed})
    assert [(double.customer_id, double.by) for double in saved.doubles] == [(known.id, by)]
    assert saved.customer.id is not None


@pytest.mark.parametrize("where", [ContactFactory, PhoneFactory], ids=["contact", "further number"])
def test_a_number_below_a_customer_counts_too(session: Any, where: Any) -> None:
    known = CustomerFactory()
    row = where(customer=known)
    number = row.mobile if isinstance(row, CustomerContact) else row.number
    assert [found.customer_id for found in doubles_of(Customer(name="x", mobile=number))] == [known.id]
    assert list(customer_of_number(number)) == [known]


def test_doubles_of_other_departments_stay_hidden(clerk: Any) -> None:
    with acting_as(SYSTEM):
        CustomerFactory(national_id="0790419904")
    assert create_customer(name="سارا", national_id="0790419904").doubles == ()


def test_a_customer_is_not_its_own_double(clerk: Any) -> None:
    made = create_customer(name="سارا", mobile="09123456789").customer
    assert update_customer(made, note="x").doubles == ()


def test_keys_are_looked_up_many_at_once_under_the_scope(clerk: Any, session: Any) -> None:
    mine = CustomerFactory(department=session.get(Department, clerk.home_department_id), national_id="0790419904")
    with acting_as(SYSTEM):
        CustomerFactory(national_id="0076229645")
    assert customers_by("national_id", ["0790419904", "0076229645", ""]) == {"0790419904": mine.id}


# Rights and rows -------------------------------------------------------------------------------


def test_who_may_not_add_or_edit_changes_nothing(session: Any) -> None:
    customer = CustomerFactory()
    person = EmployeeFactory(home_department=customer.department)
    with acting_as(actor_with(person, SEE)):
        for attempt in (
            lambda: create_customer(name="x"),
            lambda: update_customer(customer, name="x"),
            lambda: deactivate_customer(customer),
            lambda: reactivate_customer(customer),
        ):
            with pytest.raises(NotAllowed):
                attempt()


def test_customers_of_other_departments_are_not_there(session: Any) -> None:
    mine, other = CustomerFactory(), CustomerFactory()
    person = EmployeeFactory(home_department=mine.department)
    with acting_as(actor_with(person, SEE)):
        assert list(session.scalars(select(Customer))) == [mine]
    with acting_as(actor_with(person, SEE, departments=[mine.department, other.department])):
        assert {c.id for c in session.scalars(select(Customer))} == {mine.id, other.id}
    with acting_as(actor_with(person)):
        assert list(session.scalars(select(Customer))) == []


def test_a_rep_sees_own_customers_only(session: Any) -> None:
    rep = EmployeeFactory()
    mine = CustomerFactory(department=rep.home_department, owner=rep)
    CustomerFactory(department=rep.home_department)
    with acting_as(actor_with(rep, OWN)):
        assert list(session.scalars(select(Customer))) == [mine]


def test_a_customer_is_not_moved_out_of_sight(clerk: Any) -> None:
    made = create_customer(name="سارا").customer
    elsewhere = DepartmentFactory()
    with pytest.raises(ScopeViolation):
        update_customer(made, department=elsewhere)


@pytest.mark.parametrize(
    "factory", [ContactFactory, PhoneFactory, AddressFactory], ids=["contact", "number", "address"]
)
def test_rows_below_are_seen_with_their_customer_only(session: Any, factory: Any) -> None:
    row, hidden = factory(), factory()
    person = EmployeeFactory(home_department=row.customer.department)
    with acting_as(actor_with(person, SEE)):
        assert list(session.scalars(select(type(row)))) == [row]
        session.add(type(hidden)(**_copied(hidden)))
        with pytest.raises(ScopeViolation):
            session.flush()


def _copied(row: Any) -> dict[str, Any]:
    names = {"customer_id", "name", "number", "address", "label"}
    return {column.key: getattr(row, column.key) for column in type(row).__table__.columns if column.key in names}


def test_a_stale_save_is_refused(clerk: Any) -> None:
    made = create_customer(name="سارا").customer
    seen = made.version
    update_customer(made, version=seen, note="first")
    with pytest.raises(StaleVersion):
        update_customer(made, version=seen, note="second")


def test_out_of_use_and_back(clerk: Any) -> None:
    made = create_customer(name="سارا").customer
    deactivate_customer(made)
    assert not made.is_active
    reactivate_customer(made)
    assert made.is_active


# Below a customer ------------------------------------------------------------------------------


def test_rows_below_a_customer_are_folded_and_checked(session: Any) -> None:
    contact = CustomerContact(name=" نرگس ", mobile="۰۹۱۲۳۴۵۶۷۸۹", email="N@X.IR")
    check_contact(contact)
    assert (contact.name, contact.mobile, contact.email) == ("نرگس", "+989123456789", "n@x.ir")
    phone = CustomerPhone(number="021-88881234")
    check_phone(phone)
    assert phone.number == "+982188881234"
    address = CustomerAddress(address=" تهران ", postal_code="۱۹۹۱۶۴۳۹۱۱")
    check_address(address)
    assert (address.address, address.postal_code) == ("تهران", "1991643911")


@pytest.mark.parametrize(
    ("check", "row"),
    [
        (check_contact, CustomerContact(name="", mobile="1")),
        (check_phone, CustomerPhone(number="")),
        (check_phone, CustomerPhone(number="12")),
        (check_address, CustomerAddress(address="", postal_code="1")),
    ],
    ids=["contact", "no number", "bad number", "address"],
)
def test_bad_rows_below_a_customer_are_refused(session: Any, check: Any, row: Any) -> None:
    with pytest.raises(Invalid):
        check(row)


def test_a_number_that_asked_for_silence_is_not_called(session: Any) -> None:
    row = PhoneFactory(do_not_call=True)
    assert not may_call(row.number)
    assert may_call("+989120000000")
    assert overview(row.customer).do_not_call == {row.number}
    assert overview(row.customer).phone_count == 1
