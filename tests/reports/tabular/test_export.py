"""What a list's export holds, for whom, and what it leaves behind."""

from __future__ import annotations

import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from app.core import clock, listing
from app.core.actor import Actor, acting_as
from app.core.db import db
from app.core.feature import Role
from app.core.job_runner import run_job
from app.core.jobs import Job, JobState, enqueue
from app.core.ledger import HistoryBatch, HistoryRow
from app.core.sheets import sheet_for
from app.crm.customers.models import Customer
from imports.specs import CUSTOMERS, SALES_INVOICES
from reports.tabular import jobs, views
from reports.tabular.export import UnreadableFilter, open_export
from reports.tabular.rows import _Tuples
from tests.factories import ContactFactory, CustomerFactory, DepartmentFactory, EmployeeFactory
from tests.factories.acting import actor_with
from tests.factories.finance import issued_invoice, line

SYSTEM = Actor.system("test")


def rows_of(content: bytes) -> list[dict[str, Any]]:
    """The rows of a workbook by heading."""
    head, *rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    return [dict(zip(head, row, strict=True)) for row in rows]


def label(sheet: Any, name: str) -> str:
    return str(sheet.column(name).label)


def exported(subject: str = "crm.customers", actor: Actor = SYSTEM, **values: str) -> list[dict[str, Any]]:
    file = io.BytesIO()
    with acting_as(actor):
        open_export(subject, {name: [value] for name, value in values.items()}).write(file)
    return rows_of(file.getvalue())


def codes(rows: list[dict[str, Any]]) -> set[str]:
    return {row[label(CUSTOMERS, "code")] for row in rows}


@pytest.mark.databases
def test_every_column_of_the_sheet_is_read_by_one_statement(session: Any) -> None:
    owner = EmployeeFactory()
    customer = CustomerFactory(
        owner=owner, department=owner.home_department, national_id="0012345679", credit_limit_rials=50_000_000
    )

    with acting_as(SYSTEM):
        assert _Tuples.of(open_export("crm.customers", {}).main) is not None
        assert _Tuples.of(open_export("finance.invoices", {}).main) is not None
    row = next(row for row in exported() if row[label(CUSTOMERS, "code")] == customer.code)

    assert list(row) == [str(column.label) for column in CUSTOMERS.columns]
    assert row[label(CUSTOMERS, "mobile")] == customer.mobile
    assert row[label(CUSTOMERS, "national_id")] == "0012345679"
    assert row[label(CUSTOMERS, "credit_limit_rials")] == 50_000_000
    assert row[label(CUSTOMERS, "owner")] == owner.username
    assert row[label(CUSTOMERS, "department")] == owner.home_department.code


@pytest.mark.databases
def test_what_goes_out_reads_back_as_what_is_stored(session: Any) -> None:
    customer = CustomerFactory(
        latitude=35.732595, longitude=51.4, registered_on=clock.today(), is_dealer=True, note="=1+1", email="a@b.ir"
    )
    row = next(row for row in exported() if row[label(CUSTOMERS, "code")] == customer.code)

    for column in CUSTOMERS.columns:
        raw = row[str(column.label)]
        if column.name not in {"owner", "department", "price_list"}:
            parsed = column.kind.parse([None if raw == "" else raw])
            assert not parsed.problems
            stored = column.read(customer)
            found = parsed.values[0]
            assert (float(found) if isinstance(stored, float) else found) == stored, column.name


def test_headings_are_words_that_import_knows(session: Any) -> None:
    assert sheet_for(Customer) is CUSTOMERS
    for column in (*CUSTOMERS.columns, *SALES_INVOICES.all_columns):
        assert column.words()


@pytest.mark.databases
def test_filters_search_and_order_of_the_list_hold(session: Any) -> None:
    place = DepartmentFactory()
    for code, name, city in (("A1", "بهرام", "تهران"), ("A2", "آرش", "تهران"), ("A3", "پیمان", "قم")):
        CustomerFactory(code=code, name=name, city=city, department=place)
    here = {"f_department": str(place.id)}

    assert codes(exported(**here)) == {"A1", "A2", "A3"}
    assert [row[label(CUSTOMERS, "code")] for row in exported(**here, f_city="تهران")] == ["A2", "A1"]
    assert [row[label(CUSTOMERS, "code")] for row in exported(**here, sort="-name")] == ["A3", "A1", "A2"]
    assert codes(exported(**here, q="پیمان")) == {"A3"}
    assert codes(exported(**here, size="1", after="gone")) == {"A1", "A2", "A3"}


@pytest.mark.databases
def test_a_search_that_many_records_match_is_exported_whole(session: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "BROAD", 2)
    owner = EmployeeFactory()
    for number in range(5):
        CustomerFactory(name=f"بازرگانی سپهر {number}", owner=owner, department=owner.home_department)

    rows = exported(q="سپهر")

    assert len(rows) == 5
    assert {row[label(CUSTOMERS, "owner")] for row in rows} == {owner.username}


@pytest.mark.parametrize("values", [{"f_registered_on_from": "1404/13/40"}, {"f_colour": "red"}])
def test_a_filter_that_cannot_be_read_exports_nothing(session: Any, values: dict[str, str]) -> None:
    with pytest.raises(UnreadableFilter):
        exported(**values)


@pytest.mark.databases
def test_a_document_is_one_row_for_each_line_with_its_header_repeated(session: Any) -> None:
    lines = [line("2", "1000", discounts=[{"percent": "5"}]), line("3", "700")]
    invoice = issued_invoice(lines=lines, note="تحویل فوری")

    rows = [row for row in exported("finance.invoices") if row[label(SALES_INVOICES, "note")] == "تحویل فوری"]

    assert [row[label(SALES_INVOICES, "number")] for row in rows] == [str(invoice.number)] * 2
    assert [row[label(SALES_INVOICES, "quantity")] for row in rows] == [2, 3]
    assert [row[label(SALES_INVOICES, "unit_price")] for row in rows] == [1000, 700]
    assert [row[label(SALES_INVOICES, "discount_percent")] for row in rows] == [5, ""]
    assert [row[label(SALES_INVOICES, "tax_percent")] for row in rows] == [10, 10]
    assert [row[label(SALES_INVOICES, "line_payable")] for row in rows] == [one.payable_rials for one in invoice.lines]
    assert {row[label(SALES_INVOICES, "payable_rials")] for row in rows} == {invoice.payable_rials}


def test_a_list_without_a_sheet_goes_out_in_the_columns_of_its_screen(as_user: Any) -> None:
    contact = ContactFactory()

    answer = as_user("admin").get(f"/export/crm.customers/crm_customer_contact?f_customer={contact.customer_id}")

    (row,) = rows_of(answer.data)
    assert contact.name in row.values()
    assert contact.mobile in row.values()


# --- who gets what ---------------------------------------------------------------------------


def test_without_the_right_to_export_there_is_no_file(as_user: Any) -> None:
    collector = as_user(Role.COLLECTOR)

    assert collector.get("/customers/list/").status_code == 200
    assert collector.get("/export/crm.customers").status_code == 403
    assert b"/export/" not in collector.get("/customers/list/").data


def test_a_visitor_is_sent_to_sign_in(client: Any) -> None:
    answer = client.get("/export/crm.customers")

    assert (answer.status_code, "login" in answer.location) == (302, True)


def test_a_list_that_does_not_exist_is_not_found(as_user: Any) -> None:
    assert as_user("admin").get("/export/crm.nothing").status_code == 404
    assert as_user("admin").get("/export/crm.customers/ab_user").status_code == 404


def test_the_list_offers_its_export_with_its_filters(as_user: Any) -> None:
    page = as_user(Role.SALES).get("/customers/list/?f_city=قم").get_data(as_text=True)

    assert "/export/choose/crm.customers?f_city=" in page


@pytest.mark.databases
def test_rows_of_another_department_are_never_in_the_file(session: Any) -> None:
    employee, stranger = EmployeeFactory(), EmployeeFactory()
    mine = CustomerFactory(department=employee.home_department)
    theirs = CustomerFactory(department=stranger.home_department)
    actor = actor_with(employee, ("export", "crm.customers"), ("see_department", "crm.customers"))
    session.flush()

    assert {mine.code, theirs.code} <= codes(exported())
    assert codes(exported(actor=actor)) == {mine.code}
    assert theirs.code not in codes(exported(actor=actor, f_department=str(stranger.home_department_id)))


@pytest.mark.databases
def test_joined_records_out_of_reach_stay_blank(session: Any) -> None:
    employee = EmployeeFactory()
    invoice = issued_invoice(lines=[line()], note="هدف")
    rights = (("export", "finance.invoices"), ("see_all", "finance.invoices"))
    actor, buyer = actor_with(employee, *rights), invoice.customer_name
    session.flush()
    session.expunge_all()

    rows = exported("finance.invoices", actor)

    row = next(row for row in rows if row[label(SALES_INVOICES, "note")] == "هدف")
    assert row[label(SALES_INVOICES, "customer")] == ""
    assert row[label(SALES_INVOICES, "customer_name")] == buyer


# --- the file and its traces -----------------------------------------------------------------


def test_the_download_is_a_private_workbook_with_a_dated_name(as_user: Any) -> None:
    answer = as_user("admin").get("/export/crm.customers")

    assert answer.status_code == 200
    assert answer.mimetype.endswith("spreadsheetml.sheet")
    assert "no-store" in answer.headers["Cache-Control"]
    assert "attachment; filename=customers-14" in answer.headers["Content-Disposition"]


def test_each_export_is_in_the_history_with_its_rows_and_filters(as_user: Any, session: Any) -> None:
    sales = as_user(Role.SALES)
    CustomerFactory(city="قم", department=sales.user.home_department)

    assert sales.get("/export/crm.customers?f_city=قم").status_code == 200

    query = select(HistoryRow, HistoryBatch).join(HistoryBatch, HistoryBatch.id == HistoryRow.batch_id)
    row, batch = session.execute(query.where(HistoryRow.action == "exported")).one()
    assert (row.model, batch.actor_id) == ("crm_customer", sales.user.id)
    assert '"rows"' in row.changes
    assert "f_city" in row.changes


def test_a_long_list_becomes_a_job(as_user: Any, session: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "DIRECT_ROWS", 1)
    sales = as_user(Role.SALES)
    for _number in range(2):
        CustomerFactory(department=sales.user.home_department)

    answer = sales.get("/export/crm.customers?f_is_active=1")

    record = session.scalars(select(Job).order_by(Job.id.desc())).first()
    assert answer.location.endswith(f"/jobs/{record.id}/page")
    assert (record.name, record.actor_id, record.state) == ("reports.export", sales.user.id, JobState.QUEUED)
    assert record.args["values"] == {"f_is_active": ["1"]}


@pytest.fixture
def finished(committed_app: Flask) -> tuple[int, int, int]:
    """A finished export: its job, who asked, and a colleague with the same rights."""
    owner = EmployeeFactory(role=Role.SALES)
    colleague = EmployeeFactory(role=Role.SALES, home_department=owner.home_department)
    for _number in range(3):
        CustomerFactory(department=owner.home_department)
    CustomerFactory()
    db.session.commit()
    owner_id, colleague_id = owner.id, colleague.id
    with _as(owner_id):
        job_id = enqueue(jobs.export_list, subject="crm.customers", values={}).id
        db.session.commit()
    assert run_job(job_id)
    return job_id, owner_id, colleague_id


def _as(user_id: int) -> Any:
    from app.org.employees.models import Employee
    from app.org.security import actor_of

    return acting_as(actor_of(db.session.get_one(Employee, user_id)))


def test_the_job_writes_the_rows_of_its_owner_and_logs_them(finished: tuple[int, int, int]) -> None:
    job_id, owner_id, _colleague = finished
    record = db.session.get_one(Job, job_id)

    assert (record.state, record.error_message) == (JobState.DONE, None)
    assert (record.result["rows"], record.done) == (3, 3)
    with _as(owner_id):
        path, _result = jobs.finished_file(job_id)
    assert len(rows_of(path.read_bytes())) == 3
    assert db.session.scalars(select(HistoryRow).where(HistoryRow.action == "exported")).one()
    assert not list(path.parent.glob(".*.part"))


def test_nobody_else_gets_the_file_not_even_the_administrator(
    finished: tuple[int, int, int], committed_app: Flask, as_user_of: Any
) -> None:
    job_id, owner_id, colleague_id = finished

    with as_user_of(owner_id).get(f"/export/files/{job_id}") as answer:
        assert (answer.status_code, len(rows_of(answer.data))) == (200, 3)
    assert as_user_of(colleague_id).get(f"/export/files/{job_id}").status_code == 404
    assert as_user_of("admin").get(f"/export/files/{job_id}").status_code == 404
    assert f"/export/files/{job_id}" in as_user_of(owner_id).get(f"/jobs/{job_id}/page").get_data(as_text=True)


@pytest.fixture
def as_user_of(committed_app: Flask) -> Any:
    from app.org.employees.models import Employee
    from tests.app_fixtures import sign_in

    def visitor(who: int | str) -> Any:
        if isinstance(who, str):
            user = db.session.scalars(select(Employee).where(Employee.username == who)).one()
        else:
            user = db.session.get_one(Employee, who)
        return sign_in(committed_app, user)

    return visitor


def test_the_file_is_gone_after_a_day(
    finished: tuple[int, int, int], as_user_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id, owner_id, _colleague = finished
    visitor = as_user_of(owner_id)

    with clock.frozen(clock.now() + timedelta(hours=25)), _as(owner_id), pytest.raises(jobs.ExportGone):
        jobs.finished_file(job_id)

    with visitor.get(f"/export/files/{job_id}") as answer:
        assert answer.status_code == 200
    monkeypatch.setattr(jobs, "KEPT_FOR", timedelta(seconds=-1))
    assert jobs.remove_old_exports() == 1
    monkeypatch.undo()
    assert visitor.get(f"/export/files/{job_id}").status_code == 404


# --- the command -----------------------------------------------------------------------------


def test_the_command_writes_workbooks_and_harmless_text(app: Flask, session: Any, tmp_path: Path) -> None:
    CustomerFactory(code="K1", name="=cmd|' /C calc'!A0", city="قم", mobile="+989120000001")
    session.commit()
    run = app.test_cli_runner().invoke

    done = run(args=["kartabl", "export", "customers", str(tmp_path / "a.csv"), "--filter", "city=قم"])
    assert done.exit_code == 0, done.output
    text = (tmp_path / "a.csv").read_text("utf-8-sig")
    assert "'=cmd" in text
    assert "'+989120000001" in text
    done = run(args=["kartabl", "export", "customers", str(tmp_path / "a.xlsx"), "--filter", "city=قم"])
    assert done.exit_code == 0, done.output
    assert codes(rows_of((tmp_path / "a.xlsx").read_bytes())) == {"K1"}


def test_the_command_acts_as_a_user(app: Flask, session: Any, tmp_path: Path) -> None:
    sales, collector = EmployeeFactory(role=Role.SALES), EmployeeFactory(role=Role.COLLECTOR)
    mine = CustomerFactory(department=sales.home_department)
    CustomerFactory()
    session.commit()
    target = tmp_path / "mine.xlsx"
    run = app.test_cli_runner().invoke

    done = run(args=["kartabl", "export", "customers", str(target), "--user", sales.username])
    assert done.exit_code == 0, done.output
    assert codes(rows_of(target.read_bytes())) == {mine.code}
    refused = run(args=["kartabl", "export", "customers", str(tmp_path / "no.xlsx"), "--user", collector.username])
    assert refused.exit_code == 1
    assert not (tmp_path / "no.xlsx").exists()


@pytest.mark.parametrize("given", [["nothing"], ["customers", "--user", "nobody"], ["customers", "--filter", "size=3"]])
def test_the_command_refuses_what_it_does_not_know(app: Flask, tmp_path: Path, given: list[str]) -> None:
    spec, *rest = given
    done = app.test_cli_runner().invoke(args=["kartabl", "export", spec, str(tmp_path / "a.xlsx"), *rest])

    assert done.exit_code != 0
    assert not list(tmp_path.iterdir())
