"""Invoices from a workbook: drafts with independently checked totals, and the way back as same."""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_FLOOR, Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from sqlalchemy import func, select

from app.core.actor import Actor, acting_as
from app.core.errors import NotAllowed
from app.core.sheets import sheet_named
from app.finance.invoices.models import Invoice
from app.finance.invoices.services import issue_invoice, issue_order
from app.finance.invoices.states import InvoiceState
from imports.apply import Order, Report, run_import
from imports.plans import Mode
from tests.factories import CustomerFactory, DepartmentFactory, EmployeeFactory, ProductFactory
from tests.factories.acting import actor_with

HEAD = ["شماره فاکتور", "تاریخ", "کد مشتری", "کد کالا", "شرح", "تعداد", "قیمت واحد", "درصد تخفیف", "درصد مالیات"]
RIGHTS = tuple((name, "finance.invoices") for name in ("import", "add", "edit", "see_department"))


def bring(path: Path, *, actor: Actor | None = None, **options: Any) -> Report:
    with acting_as(actor or Actor.system("test")):
        return run_import(path, Order(sheet_named("sales_invoices"), **options))


def write(path: Path, *rows: list[Any]) -> Path:
    book = Workbook()
    sheet: Any = book.active
    for row in rows:
        sheet.append(row)
    book.save(path)
    return path


def rows_of(count: int, *, lines: int = 5) -> list[list[Any]]:
    found = []
    for number in range(1, count + 1):
        for line in range(lines):
            found.append([
                f"F-{number}", f"۱۴۰۴/۰۹/{1 + number % 28:02d}", "C1", f"P{1 + line % 2}", f"شرح {line}",
                1 + (number * 7 + line) % 13, 1_003 + (number * 977 + line * 31) % 90_001, (number + line) % 4 * 5,
                10 if line else None,
            ])  # fmt: skip
    return found


def arrange(session: Any) -> None:
    customer = CustomerFactory(code="C1", name="بازرگانی آریا")
    for code in ("P1", "P2"):
        ProductFactory(code=code)
    session.flush()
    assert customer.id


def payable(lines: list[list[Any]]) -> int:
    """The sum of a document, worked out with Decimals and nothing of ours."""
    total = Decimal(0)
    for *_head, quantity, price, discount, tax in lines:
        gross = Decimal(quantity) * Decimal(price)
        net = gross - (gross * Decimal(discount) / 100).to_integral_value(ROUND_FLOOR)
        total += net + (net * Decimal(tax or 0) / 100).to_integral_value(ROUND_FLOOR)
    return int(total)


def numbers(report: Report) -> tuple[int, int, int, int]:
    found = report.numbers()
    return found["new"], found["updated"], found["same"], len(report.errors)


@pytest.mark.office
@pytest.mark.slow
def test_a_thousand_invoices_of_libreoffice(session: Any, tmp_path: Path, office: Callable[..., Path]) -> None:
    arrange(session)
    rows = rows_of(1_000)
    (tmp_path / "made").mkdir()
    path = office(write(tmp_path / "invoices.xlsx", HEAD, *rows), to="xlsx", folder=tmp_path / "made")

    report = bring(path)

    assert numbers(report) == (1_000, 0, 0, 0), [str(e.message) for e in report.errors[:3]]
    stored = dict(session.execute(select(Invoice.reference, Invoice.payable_rials)).all())
    by_number: dict[str, list[list[Any]]] = {}
    for row in rows:
        by_number.setdefault(row[0], []).append(row)
    assert {number: stored[number] for number in by_number} == {n: payable(lines) for n, lines in by_number.items()}
    assert set(session.scalars(select(Invoice.state).where(Invoice.reference.in_(by_number)))) == {InvoiceState.DRAFT}
    assert numbers(bring(path)) == (0, 0, 1_000, 0)


def test_issued_invoices_come_back_from_export_as_same(session: Any, tmp_path: Path) -> None:
    from reports.tabular.export import open_export

    arrange(session)
    bring(write(tmp_path / "a.xlsx", HEAD, *rows_of(12, lines=3)))
    with acting_as(Actor.system("test")):
        for invoice_id in issue_order(session.scalars(select(Invoice.id)).all()):
            issue_invoice(invoice_id)
        session.flush()
        session.expire_all()
        with (tmp_path / "out.xlsx").open("wb") as file:
            open_export("finance.invoices", {}).write(file)

    report = bring(tmp_path / "out.xlsx")

    assert numbers(report) == (0, 0, 12, 0), [(e.row, e.name, str(e.message)) for e in report.errors[:5]]


def test_an_issued_invoice_that_differs_is_refused(session: Any, tmp_path: Path) -> None:
    arrange(session)
    rows = rows_of(2, lines=2)
    bring(write(tmp_path / "a.xlsx", HEAD, *rows))
    with acting_as(Actor.system("test")):
        issue_invoice(session.scalars(select(Invoice.id).where(Invoice.reference == "F-1")).one())
        session.flush()
    rows[1][5] += 1
    rows[3][5] += 1

    report = bring(write(tmp_path / "b.xlsx", HEAD, *rows))

    assert [(e.row, e.column, e.code) for e in report.errors] == [(2, "A", "issued")]
    assert not report.stored
    assert numbers(bring(tmp_path / "b.xlsx", good_rows=True)) == (0, 1, 0, 1)
    session.expire_all()
    changed = session.scalars(select(Invoice).where(Invoice.reference == "F-2")).one()
    assert changed.payable_rials == payable(rows[2:])


def test_blank_heads_belong_to_the_document_above(session: Any, tmp_path: Path) -> None:
    arrange(session)
    first, second, third = rows_of(1, lines=3)
    path = write(tmp_path / "a.xlsx", HEAD, first, [None] * 3 + second[3:], [None] * 3 + third[3:])

    assert numbers(bring(path)) == (1, 0, 0, 0)
    invoice = session.scalars(select(Invoice).where(Invoice.reference == "F-1")).one()
    assert len(invoice.lines) == 3


def test_errors_name_their_cells_and_stop_the_file(session: Any, tmp_path: Path) -> None:
    arrange(session)
    before = session.scalar(select(func.count()).select_from(Invoice))
    good, bad = rows_of(2, lines=1)
    bad[2], bad[3], bad[5] = "NOBODY", "NOTHING", "دو"

    report = bring(write(tmp_path / "a.xlsx", HEAD, good, bad))

    assert [(e.row, e.column, e.code) for e in report.errors] == [
        (3, "C", "unknown_reference"), (3, "D", "unknown_reference"), (3, "F", "not_a_number"),
    ]  # fmt: skip
    assert session.scalar(select(func.count()).select_from(Invoice)) == before
    assert numbers(bring(tmp_path / "a.xlsx", mode=Mode.UPDATE))[0] == 0


def test_customer_is_found_by_name_and_taxes_by_the_catalogue(session: Any, tmp_path: Path) -> None:
    arrange(session)
    head = ["شماره", "تاریخ", "نام مشتری", "شرح کالا", "تعداد", "فی (تومان)"]

    report = bring(write(tmp_path / "a.xlsx", head, [17, "1404/09/02", "بازرگاني آريا", "کار", 2, "۱٬۰۰۰"]))

    assert numbers(report) == (1, 0, 0, 0), [str(e.message) for e in report.errors]
    invoice = session.scalars(select(Invoice).where(Invoice.reference == "17")).one()
    assert (invoice.net_rials, invoice.tax_rials) == (20_000, 2_000)


def test_customers_of_other_departments_are_unknown_and_the_right_is_needed(session: Any, tmp_path: Path) -> None:
    arrange(session)
    employee = EmployeeFactory(home_department=DepartmentFactory())
    path = write(tmp_path / "a.xlsx", HEAD, *rows_of(1, lines=1))
    session.flush()

    report = bring(path, actor=actor_with(employee, *RIGHTS, ("see_department", "crm.customers")))

    assert [(e.row, e.code) for e in report.errors] == [(2, "unknown_reference")]
    with pytest.raises(NotAllowed):
        bring(path, actor=actor_with(employee, *RIGHTS[1:]))


def test_one_number_of_a_supplier_written_twice_is_said_with_its_row(session: Any, tmp_path: Path) -> None:
    arrange(session)
    CustomerFactory(code="S1", is_supplier=True)
    session.flush()
    head = ["شماره فاکتور خرید", "تاریخ", "کد تامین کننده", "کد کالا", "تعداد", "قیمت واحد"]
    rows = [[number, "1404/09/01", "S1", "P1", 1, 1000] for number in ("F-12", "F-13", "f ۱۲")]
    path = write(tmp_path / "a.xlsx", head, *rows)
    with acting_as(Actor.system("test")):
        report = run_import(path, Order(sheet_named("purchases")))
    assert [(e.row, e.column, e.code) for e in report.errors] == [(4, "A", "duplicate_in_file")]
    assert "2" in str(report.errors[0].message)
    assert not report.stored
