"""What a person chooses for a file: format, columns, dates, further sheets; and what is kept of it."""

from __future__ import annotations

import csv
import io
from datetime import date
from typing import Any

import openpyxl
import pytest
from sqlalchemy import select

from app.core.actor import Actor, acting_as
from app.core.db import db
from app.core.feature import Role
from app.core.job_runner import run_job
from app.core.jobs import enqueue
from app.org.exports.models import ExportRecord
from imports.specs import CUSTOMERS
from reports.tabular import jobs
from reports.tabular.export import open_export
from reports.tabular.options import Options, UnknownOption
from reports.tabular.rows import _Records, _Tuples
from tests.factories import ContactFactory, CustomerFactory, EmployeeFactory, ProductFactory
from tests.factories.acting import actor_with
from tests.factories.finance import issued_invoice, line

SYSTEM = Actor.system("test")


def book(subject: str = "crm.customers", actor: Actor = SYSTEM, **values: str) -> Any:
    file = io.BytesIO()
    with acting_as(actor):
        open_export(subject, {name: [value] for name, value in values.items()}).write(file)
    return openpyxl.load_workbook(file)


def heads(sheet: Any) -> list[str]:
    return [cell.value for cell in sheet[1]]


def test_the_columns_of_the_list_go_out_in_its_order(session: Any, as_user: Any) -> None:
    owner = EmployeeFactory()
    CustomerFactory(code="S1", name="آرش", owner=owner, city="قم", department=owner.home_department)
    shown = book(f_city="قم", columns="seen").worksheets[0]

    assert [cell.value for cell in shown[2]][:2] == ["آرش", "S1"]
    assert owner.username in [cell.value for cell in shown[2]]
    chosen = book(f_city="قم", columns="seen", names="code,note,name,unknown").worksheets[0]
    assert heads(chosen) == ["کد", str(CUSTOMERS.column("note").label), "نام"]


def test_a_list_of_products_shows_groups_by_name_that_import_finds(session: Any) -> None:
    product = ProductFactory(code="P1")
    shown = book("sales.catalog", columns="seen").worksheets[0]
    row = next(row for row in shown.iter_rows(min_row=2, values_only=True) if "P1" in row)

    assert product.unit.name in row


def test_real_dates_have_jalali_text_beside_them(session: Any) -> None:
    CustomerFactory(city="قم", registered_on=date(2026, 11, 23))
    sheet = book(f_city="قم", dates="real").worksheets[0]
    place = heads(sheet).index(str(CUSTOMERS.column("registered_on").label)) + 1
    cell = sheet.cell(2, place)

    assert (cell.is_date, cell.value.date()) == (True, date(2026, 11, 23))
    assert sheet.cell(2, place + 1).value == "1405/09/02"
    assert "شمسی" in sheet.cell(1, place + 1).value


def test_each_sheet_is_framed_for_reading_and_printing(session: Any) -> None:
    CustomerFactory(city="قم")
    sheet = book(f_city="قم", related="1").worksheets[0]

    assert sheet.sheet_view.rightToLeft
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == f"A1:{sheet.cell(2, sheet.max_column).coordinate}"
    assert sheet.print_title_rows == "$1:$1"


@pytest.mark.databases
def test_further_sheets_hold_what_hangs_on_the_listed_records(session: Any) -> None:
    employee = EmployeeFactory()
    mine = CustomerFactory(code="M1", department=employee.home_department)
    ContactFactory(customer=mine, name="رابط من")
    ContactFactory(customer=CustomerFactory(), name="رابط دیگری")
    actor = actor_with(employee, ("export", "crm.customers"), ("see_department", "crm.customers"))
    session.flush()
    made = book(actor=actor, related="1")

    assert made.sheetnames == ["مشتریان", "اشخاص رابط", "شماره‌های دیگر", "نشانی‌های دیگر"]
    assert [row[:2] for row in made.worksheets[1].iter_rows(min_row=2, values_only=True)] == [("M1", "رابط من")]


@pytest.mark.databases
def test_documents_can_have_their_lines_on_a_sheet_of_their_own(session: Any) -> None:
    invoice = issued_invoice(lines=[line("2", "1000"), line("3", "700")])
    head, lines = book("finance.invoices", related="1", q=invoice.number_text).worksheets

    assert head.max_row - 1 == 1
    assert lines.max_row - 1 == 2
    assert {row[0] for row in lines.iter_rows(min_row=2, values_only=True)} == {str(invoice.number)}


@pytest.mark.databases
def test_one_statement_and_records_give_the_same_rows(session: Any) -> None:
    issued_invoice(
        lines=[line("2", "1000", discounts=[{"percent": "5"}, {"percent": "2"}])],
        additions=[{"name": "freight", "amount": "200000", "sign": 1, "taxed": False}],
    )
    with acting_as(SYSTEM):
        export = open_export("finance.invoices", {})
        quick = [list(map(list, columns)) for columns in _Tuples(export.main).batches(export.query, 500)]
        careful = [list(map(list, columns)) for columns in _Records(export.main).batches(export.query, 500)]

    assert quick == careful
    assert quick[0]


@pytest.mark.parametrize("bad", [{"format": "pdf"}, {"columns": "some"}, {"dates": "x"}])
def test_an_option_that_is_not_known_is_refused(session: Any, as_user: Any, bad: dict[str, str]) -> None:
    with pytest.raises(UnknownOption):
        book(**bad)
    assert as_user("admin").get("/export/crm.customers", query_string=bad).status_code == 422


def test_what_was_kept_of_an_older_version_is_no_reason_to_fail() -> None:
    assert Options.remembered({"format": "ods", "colour": "red"}) == Options()
    assert Options.remembered(Options(related=True).as_json()) == Options(related=True)


def test_the_choice_is_remembered_and_the_text_is_harmless(as_user: Any) -> None:
    sales = as_user(Role.SALES)
    CustomerFactory(name="=1+1", department=sales.user.home_department)
    before = sales.get("/export/choose/crm.customers").get_data(as_text=True)

    answer = sales.get("/export/crm.customers?format=csv&dates=real")
    after = sales.get("/export/choose/crm.customers", headers={"X-Part": "dialog"}).get_data(as_text=True)

    assert 'value="xlsx" checked' in before
    assert answer.mimetype == "text/csv"
    assert answer.headers["Content-Disposition"].endswith(".csv")
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert "'=1+1" in rows[1]
    assert 'value="csv" checked' in after
    assert 'value="real" checked' in after
    assert "<html" not in after


def test_the_page_keeps_the_filters_and_tells_how_many(as_user: Any) -> None:
    sales = as_user(Role.SALES)
    CustomerFactory(city="قم", department=sales.user.home_department)

    page = sales.get("/export/choose/crm.customers?f_city=قم&sort=-name").get_data(as_text=True)

    assert 'name="f_city" value="قم"' in page
    assert 'name="sort" value="-name"' in page


def test_without_the_rights_there_is_neither_choice_nor_form(as_user: Any) -> None:
    collector = as_user(Role.COLLECTOR)

    assert collector.get("/export/choose/crm.customers").status_code == 403
    assert collector.get("/export/template/customers").status_code == 403
    assert as_user("admin").get("/export/template/nothing").status_code == 422


def test_the_form_offers_only_what_the_person_may_see(as_user: Any) -> None:
    accountant = as_user(Role.ACCOUNTANT)
    answer = accountant.get("/export/template/sales_invoices")
    made = openpyxl.load_workbook(io.BytesIO(answer.data))

    assert made.sheetnames[1] == "فهرست‌ها"
    assert made.worksheets[1].sheet_state == "hidden"
    assert "no-store" in answer.headers["Cache-Control"]


def test_every_export_is_listed_for_the_administrator(as_user: Any, session: Any) -> None:
    sales = as_user(Role.SALES)
    CustomerFactory(city="قم", department=sales.user.home_department)
    assert sales.get("/export/crm.customers?f_city=قم&columns=seen").status_code == 200

    record = session.scalars(select(ExportRecord)).one()
    assert (record.employee_id, record.sheet, record.row_count) == (sales.user.id, "customers", 1)
    assert record.filter_words == "city: قم"
    page = as_user("admin").get("/exports/list/").get_data(as_text=True)
    assert "city: قم" in page
    assert as_user(Role.MANAGER).get("/exports/list/").status_code == 200
    assert sales.get("/exports/list/").status_code == 403


def test_a_long_text_file_is_written_by_the_worker(committed_app: Any) -> None:
    from app.org.employees.models import Employee
    from app.org.security import actor_of

    owner = EmployeeFactory(role=Role.SALES)
    CustomerFactory(department=owner.home_department, code="J1")
    db.session.commit()
    owner_id = owner.id
    with acting_as(actor_of(owner)):
        job_id = enqueue(jobs.export_list, subject="crm.customers", values={"format": ["csv"]}).id
        db.session.commit()
    assert run_job(job_id)

    with acting_as(actor_of(db.session.get_one(Employee, owner_id))):
        path, result = jobs.finished_file(job_id)
    assert path.suffix == ".csv"
    assert result["file_name"].endswith(".csv")
    assert "J1" in path.read_text("utf-8-sig")
    assert db.session.scalars(select(ExportRecord)).one().options["format"] == "csv"
