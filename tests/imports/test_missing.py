"""Values that name no record: answered, made after asking, or refused; constants and keys of a choice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from app.core.actor import Actor, acting_as
from app.core.audit import history_of
from app.core.sheets import sheet_named
from app.crm.customers.models import Customer, CustomerKind
from app.finance.invoices.models import Invoice
from app.sales.catalog.models import PriceList
from imports.apply import Order, Report, run_import
from imports.choice import Answer, Choice
from imports.transforms import fold
from tests.factories import CustomerFactory, DepartmentFactory, EmployeeFactory
from tests.factories.acting import actor_with
from tests.imports.test_apply_customers import book

INVOICE_RIGHTS = tuple((name, "finance.invoices") for name in ("import", "add", "edit", "see_department"))
HEAD = ["شماره فاکتور", "تاریخ", "خریدار", "شرح", "تعداد", "قیمت واحد", "درصد مالیات"]


def bring(path: Path, spec: str = "sales_invoices", *, actor: Actor | None = None, dry_run: bool = False,
          good_rows: bool = False, **choice: Any) -> Report:  # fmt: skip
    with acting_as(actor or Actor.system("test")):
        order = Order(sheet_named(spec), good_rows=good_rows, choice=Choice(**choice))
        return run_import(path, order, dry_run=dry_run)


def invoices(path: Path, *buyers: Any) -> Path:
    rows = [[f"F-{number}", "1404/09/02", buyer, "شرح", 1, 1000, 10] for number, buyer in enumerate(buyers, 1)]
    return book(path, HEAD, *rows)


def answers(**told: Answer) -> dict[str, Answer]:
    return {fold(words): answer for words, answer in told.items()}


def count(session: Any, model: type[Any]) -> int:
    return int(session.scalar(select(func.count()).select_from(model)))


def codes(report: Report) -> list[str]:
    return [error.code for error in report.errors]


def test_unknown_words_are_counted_and_refused(session: Any, tmp_path: Path) -> None:
    report = bring(invoices(tmp_path, "بازرگانی آریا", "پارس", "بازرگانی آریا"))

    assert report.unknown == {"customer": {"بازرگانی آریا": 2, "پارس": 1}}
    assert codes(report) == ["unknown_reference"] * 3
    assert report.as_json()["unknown"] == report.unknown
    assert not report.stored


def test_a_check_makes_nothing(session: Any, tmp_path: Path) -> None:
    before = count(session, Customer)
    report = bring(invoices(tmp_path, "آریا"), dry_run=True, create={"customer": "company"})

    assert (report.numbers()["new"], report.errors) == (1, [])
    assert count(session, Customer) == before


@pytest.mark.databases
def test_a_customer_is_made_once_for_all_spellings(session: Any, tmp_path: Path) -> None:
    report = bring(invoices(tmp_path, "بازرگانی آریا", "بازرگاني  آريا"), create={"customer": "company"})
    made = session.scalars(select(Customer).where(Customer.name == "بازرگانی آریا")).one()

    assert report.stored, report.errors
    assert made.kind is CustomerKind.COMPANY
    assert made.code
    assert [one.customer_id for one in session.scalars(select(Invoice).where(Invoice.reference.like("F-%")))] == [
        made.id
    ] * 2
    assert [entry.via for entry in history_of(made)] == ["import"]
    again = bring(invoices(tmp_path, "بازرگانی آریا", "بازرگاني  آريا"))
    assert again.numbers()["same"] == 2


def test_each_value_has_its_own_answer(session: Any, tmp_path: Path) -> None:
    stored = CustomerFactory(name="پارس نو")
    session.flush()
    told = answers(پارس={"id": stored.id}, آریا={"create": "person"}, کد=stored.code)
    report = bring(invoices(tmp_path, "پارس", "آریا", "کد"), values={"customer": told})
    made = session.scalars(select(Customer).where(Customer.name == "آریا")).one()
    buyers = select(Invoice.customer_id).where(Invoice.reference.like("F-%")).order_by(Invoice.reference)

    assert report.stored, report.errors
    assert made.kind is CustomerKind.PERSON
    assert session.scalars(buyers).all() == [stored.id, made.id, stored.id]


def test_rows_with_errors_make_no_record(session: Any, tmp_path: Path) -> None:
    path = book(tmp_path, HEAD, ["F-1", "1404/09/02", "آریا", "شرح", 1, 1000, 10],
                ["F-2", "1404/13/02", "پارس", "شرح", 1, 1000, 10])  # fmt: skip
    report = bring(path, good_rows=True, create={"customer": "company"})

    assert (report.stored, report.numbers()["new"]) == (True, 1)
    assert session.scalars(select(Customer.name).where(Customer.name.in_(["آریا", "پارس"]))).all() == ["آریا"]


def test_who_may_not_add_customers_makes_none(session: Any, tmp_path: Path) -> None:
    here = DepartmentFactory()
    clerk = EmployeeFactory(home_department=here)
    session.flush()
    before = count(session, Customer)
    actor = actor_with(clerk, *INVOICE_RIGHTS)
    report = bring(invoices(tmp_path, "آریا"), actor=actor, create={"customer": "company"})

    assert codes(report) == ["may_not_add"]
    assert count(session, Customer) == before


def test_a_made_customer_belongs_to_who_made_it(session: Any, tmp_path: Path) -> None:
    here = DepartmentFactory()
    clerk = EmployeeFactory(home_department=here)
    session.flush()
    rights = (*INVOICE_RIGHTS, ("add", "crm.customers"), ("see_own", "crm.customers"))
    actor = actor_with(clerk, *rights)
    report = bring(invoices(tmp_path, "آریا"), actor=actor, create={"customer": "person"})
    made = session.scalars(select(Customer).where(Customer.name == "آریا")).one()

    assert report.stored, report.errors
    assert (made.department_id, made.owner_id) == (here.id, clerk.id)


def test_a_record_out_of_sight_cannot_be_chosen(session: Any, tmp_path: Path) -> None:
    here, there = DepartmentFactory(), DepartmentFactory()
    clerk = EmployeeFactory(home_department=here)
    hidden = CustomerFactory(name="پنهان", department=there)
    session.flush()
    rights = (*INVOICE_RIGHTS, ("see_department", "crm.customers"))
    actor = actor_with(clerk, *rights)
    chosen = bring(invoices(tmp_path, "آریا"), actor=actor, values={"customer": answers(آریا={"id": hidden.id})})
    constant = bring(
        book(tmp_path, HEAD[:2] + HEAD[3:], ["F-1", "1404/09/02", "شرح", 1, 1000, 10]),
        actor=actor, constants={"customer": {"id": hidden.id}},
    )  # fmt: skip

    assert codes(chosen) == ["unknown_reference"]
    assert (constant.verdict, constant.reason) == ("reject", "bad_constant")


def test_a_department_of_others_cannot_be_chosen(session: Any, tmp_path: Path) -> None:
    here, there = DepartmentFactory(), DepartmentFactory()
    clerk = EmployeeFactory(home_department=here)
    session.flush()
    rights = (("import", "crm.customers"), ("see_department", "crm.customers"))
    actor = actor_with(clerk, *rights)
    path = book(tmp_path, ["نام", "شعبه"], ["آریا", "غرب"])
    report = bring(path, "customers", actor=actor, values={"department": answers(غرب={"id": there.id})})

    assert codes(report) == ["foreign_department"]


def test_short_lists_grow_by_what_a_sheet_names(session: Any, tmp_path: Path) -> None:
    path = book(tmp_path, ["نام", "لیست قیمت"], ["آریا", "همکار ویژه"], ["پارس", "VIP-9"])
    report = bring(path, "customers", create={"price_list": ""})
    made = {one.name: one.code for one in session.scalars(select(PriceList)) if one.name in ("همکار ویژه", "VIP-9")}
    owner = session.scalars(select(Customer).where(Customer.name == "آریا")).one()

    assert report.stored, report.errors
    assert made["VIP-9"] == "VIP-9"
    assert made["همکار ویژه"].isdigit()
    assert owner.price_list.name == "همکار ویژه"


def test_words_of_a_choice_are_answered_or_left_blank(session: Any, tmp_path: Path) -> None:
    path = book(tmp_path, ["نام", "نوع"], ["آریا", "سهامی خاص"], ["پارس", "؟"])
    refused = bring(path, "customers")
    told = {"kind": {fold("سهامی خاص"): "company", fold("؟"): None}}
    report = bring(path, "customers", values=told)
    kinds = dict(session.execute(select(Customer.name, Customer.kind).where(Customer.name.in_(["آریا", "پارس"]))).all())

    assert refused.unknown == {"kind": {"سهامی خاص": 1, "؟": 1}}
    assert report.stored, report.errors
    assert kinds == {"آریا": CustomerKind.COMPANY, "پارس": CustomerKind.PERSON}


def test_constants_stand_in_every_row_and_are_read_like_cells(session: Any, tmp_path: Path) -> None:
    prices = PriceList(code="W1", name="عمده")
    session.add(prices)
    session.flush()
    path = book(tmp_path, ["نام"], ["آریا"], ["پارس"])
    constants = {"kind": "شرکت", "city": "تهران", "price_list": {"id": prices.id}, "registered_on": "۱۴۰۳/۰۲/۱۵"}
    report = bring(path, "customers", constants=constants)
    found = session.scalars(select(Customer).where(Customer.name.in_(["آریا", "پارس"]))).all()

    assert report.stored, report.errors
    assert {(one.kind, one.city, one.price_list_id, one.registered_on.isoformat()) for one in found} == {
        (CustomerKind.COMPANY, "تهران", prices.id, "2024-05-04")
    }


def test_a_constant_that_cannot_be_read_refuses_the_file(session: Any, tmp_path: Path) -> None:
    report = bring(book(tmp_path, ["نام"], ["آریا"]), "customers", constants={"registered_on": "1404/13/01"})
    assert (report.verdict, report.reason) == ("reject", "bad_constant")


def test_rows_are_matched_by_the_keys_that_were_chosen(session: Any, tmp_path: Path) -> None:
    known = CustomerFactory(name="آریا", mobile="+989121112233", national_id="0123529190")
    session.flush()
    path = book(tmp_path, ["نام", "همراه", "کد ملی"], ["آریای نو", "09121112233", "0123529190"])

    by_mobile = bring(path, "customers", dry_run=True, keys=(("mobile",),))
    by_code = bring(path, "customers", dry_run=True, keys=(("name", "phone"), ("code",)))
    usual = bring(path, "customers", dry_run=True)

    assert known.id
    assert by_mobile.numbers()["updated"] == 1
    assert by_code.numbers()["new"] == 1
    assert usual.numbers()["updated"] == 1


def test_names_are_taken_apart_and_errors_point_to_their_column(session: Any, tmp_path: Path) -> None:
    path = book(tmp_path, ["نام مشتری", "کد ملی"], ["محمد رضا یزدانی", "0123529190"], ["ع" * 100 + " ب", None])
    report = bring(path, "customers", good_rows=True, parts={
        "first_name": (("نام مشتری",), "given"), "last_name": (("نام مشتری",), "family"),
    })  # fmt: skip
    made = session.scalars(select(Customer).where(Customer.national_id == "0123529190")).one()

    assert (made.name, made.first_name, made.last_name) == ("محمد رضا یزدانی", "محمد رضا", "یزدانی")
    assert [(error.row, error.column, error.code) for error in report.errors] == [(3, "A", "too_long")]


def test_a_state_that_is_only_recognised_is_not_judged(session: Any, tmp_path: Path) -> None:
    CustomerFactory(code="C1")
    session.flush()
    path = book(tmp_path, [*HEAD, "وضعیت"], ["F-1", "1404/09/02", "C1", "شرح", 1, 1000, 10, "باز"])
    report = bring(path)

    assert report.stored, report.errors
    assert report.unknown == {}
