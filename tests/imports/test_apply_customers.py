"""Customers from a workbook: written once, compared the second time, refused by cell."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from sqlalchemy import func, select

from app.core.actor import Actor, acting_as
from app.core.audit import history_of
from app.core.errors import NotAllowed, ScopeViolation
from app.core.sheets import sheet_named
from app.crm.customers.models import Customer
from imports.apply import Order, Report, run_import
from imports.plans import Mode
from tests.factories import CustomerFactory, DepartmentFactory, EmployeeFactory
from tests.factories.acting import actor_with

SAMPLE = Path(__file__).parents[1] / "data" / "sheets" / "customers_libreoffice.xlsx"
RIGHTS = (("import", "crm.customers"), ("see_department", "crm.customers"))


def bring(path: Path, *, actor: Actor | None = None, dry_run: bool = False, **options: Any) -> Report:
    with acting_as(actor or Actor.system("test")):
        return run_import(path, Order(sheet_named("customers"), **options), dry_run=dry_run)


def book(path: Path, *rows: list[Any]) -> Path:
    made = Workbook()
    sheet: Any = made.active
    for row in rows:
        sheet.append(row)
    made.save(path / "book.xlsx")
    return path / "book.xlsx"


def counts(report: Report) -> tuple[int, int, int, int]:
    found = report.numbers()
    return found["new"], found["updated"], found["same"], len(report.errors)


def stored() -> int:
    from app.core.db import db

    return db.session.scalar(select(func.count()).select_from(Customer)) or 0


@pytest.mark.databases
def test_sample_is_imported_once(session: Any) -> None:
    before = stored()
    assert counts(bring(SAMPLE)) == (40, 0, 0, 0)
    assert counts(bring(SAMPLE)) == (0, 0, 40, 0)
    assert stored() == before + 40

    session.expire_all()
    found = {c.national_id: c for c in session.scalars(select(Customer).where(Customer.national_id.is_not(None)))}
    first, fourth = found["0123529190"], found["0123766761"]
    assert (first.name, first.company_name, first.mobile) == ("فاطمه محمدی", "پخش نوین\u200cگستر", "+989121234567")
    assert (first.credit_limit_rials, first.registered_on) == (1_500_000, date(2024, 4, 27))
    assert fourth.credit_limit_rials == 4_500_000
    assert all(c.mobile.startswith("+989") and len(c.mobile) == 13 for c in found.values())
    assert [entry.via for entry in history_of(first)] == ["import"]


def test_dry_run_writes_nothing(session: Any) -> None:
    before = stored()
    assert counts(bring(SAMPLE, dry_run=True)) == (40, 0, 0, 0)
    assert stored() == before


def test_only_differences_are_updated_and_kept_in_the_history(session: Any, tmp_path: Path) -> None:
    with acting_as(Actor.system("test")):
        known = CustomerFactory(code="K1", name="علی رضایی", city="تهران")
        CustomerFactory(code="K2", name="رضا علوی", city="قم")
        session.flush()
    version = known.version
    path = book(tmp_path, ["کد", "نام", "شهر"], ["K1", "علی رضایی", "شیراز"], ["K2", "رضا علوی", None])

    assert counts(bring(path, mode=Mode.ADD)) == (0, 0, 1, 0)
    assert counts(bring(path)) == (0, 1, 1, 0)

    session.refresh(known)
    assert (known.city, known.version) == ("شیراز", version + 1)
    last = history_of(known)[0]
    assert [(diff.old, diff.new) for diff in last.diffs] == [("تهران", "شیراز")]


def test_names_that_change_are_found_under_the_new_name(session: Any, tmp_path: Path) -> None:
    from app.core.search import matching_ids

    known = CustomerFactory(code="K1", name="علی رضایی")
    session.flush()
    bring(book(tmp_path, ["کد", "نام"], ["K1", "کامران هاشمی"]))

    assert matching_ids(session(), Customer, "کامران هاشمی", limit=5) == [known.id]


def test_one_bad_cell_stops_the_whole_file_unless_good_rows_are_wanted(session: Any, tmp_path: Path) -> None:
    before = stored()
    path = book(
        tmp_path,
        ["نام", "کد ملی", "تلفن همراه"],
        ["الف", "0123529190", "09121234567"],
        ["ب", "0123529191", "۰۹۱۲"],
        [None, None, "09121234568"],
    )

    report = bring(path)

    assert (report.verdict, report.stored, stored()) == ("accept_with_row_errors", False, before)
    assert [(e.row, e.column, e.code) for e in report.errors] == [
        (3, "B", "national_id"),
        (3, "C", "phone_invalid"),
        (4, "A", "required"),
    ]
    assert bring(path, good_rows=True).stored
    assert stored() == before + 1


def test_two_rows_of_one_record_are_named(session: Any, tmp_path: Path) -> None:
    CustomerFactory(code="K1", name="علی", national_id="0123529190")
    session.flush()
    path = book(tmp_path, ["کد", "نام", "کد ملی"], ["K1", "علی", None], [None, "علی", "0123529190"])

    assert [(e.row, e.code) for e in bring(path).errors] == [(3, "duplicate_in_file")]


def test_without_the_right_nothing_is_read(session: Any) -> None:
    actor = actor_with(EmployeeFactory(), ("list", "crm.customers"), ("add", "crm.customers"))
    with pytest.raises(NotAllowed):
        bring(SAMPLE, actor=actor)


def test_rows_of_other_departments_are_neither_seen_nor_overwritten(session: Any, tmp_path: Path) -> None:
    home, away = DepartmentFactory(), DepartmentFactory(code="AWAY")
    foreign = CustomerFactory(code="F1", name="بیگانه", city="قم", department=away)
    actor = actor_with(EmployeeFactory(home_department=home), *RIGHTS)
    session.flush()
    path = book(tmp_path, ["کد", "نام", "شهر", "دپارتمان"], ["F1", "دیگر", "یزد", None], ["N1", "تازه", None, "AWAY"])

    report = bring(path, actor=actor)

    assert [(e.row, e.code) for e in report.errors] == [(2, "taken"), (3, "foreign_department")]
    session.refresh(foreign)
    assert (foreign.name, foreign.city) == ("بیگانه", "قم")


def test_new_rows_belong_to_the_home_department(session: Any) -> None:
    employee = EmployeeFactory(home_department=DepartmentFactory())
    session.flush()
    bring(SAMPLE, actor=actor_with(employee, *RIGHTS))

    places = set(session.scalars(select(Customer.department_id).where(Customer.national_id == "0123529190")))
    assert places == {employee.home_department_id}


def test_command_prints_the_report_and_refuses_what_is_no_workbook(app: Any, tmp_path: Path) -> None:
    run = app.test_cli_runner().invoke
    first = run(args=["kartabl", "import", "customers", str(SAMPLE), "--json"])
    second = run(args=["kartabl", "import", "customers", str(SAMPLE), "--json"])
    (tmp_path / "no.xlsx").write_bytes(b"no workbook")
    refused = run(args=["kartabl", "import", "customers", str(tmp_path / "no.xlsx"), "--json"])

    assert first.exit_code == 0, first.output
    assert json.loads(first.output)["new"] == 40
    assert {k: json.loads(second.output)[k] for k in ("verdict", "rows", "new", "same", "errors")} == {
        "verdict": "accept", "rows": 40, "new": 0, "same": 40, "errors": [],
    }  # fmt: skip
    assert (refused.exit_code, json.loads(refused.output)["verdict"]) == (2, "reject")


def test_somebody_who_works_for_a_dealer_brings_in_no_other_party(session: Any, tmp_path: Path) -> None:
    """However far the roles reach: the new customers would belong to no dealer of theirs."""
    place = DepartmentFactory()
    own = CustomerFactory(department=place, is_dealer=True)
    person = EmployeeFactory(home_department=place)
    rights = (("import", "crm.customers"), ("see_all", "crm.customers"))
    actor = replace(actor_with(person, *rights), customer_id=own.id)
    path, before = book(tmp_path, ["code", "name"], ["zz1", "Arya"]), stored()
    with pytest.raises(ScopeViolation):
        bring(path, actor=actor)
    session.rollback()
    assert stored() <= before
