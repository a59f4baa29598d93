"""The books: sums over exactly the rows that a person sees, returns off, voided documents nothing."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import pytest
from openpyxl import load_workbook

from app.core.actor import Actor, acting_as
from app.core.db import db
from app.core.feature import Role
from app.finance.books.queries import Book, By, Period, Side, Sums, book
from app.finance.invoices import returns, services, voids
from app.finance.invoices.kinds import InvoiceKind
from app.org.security import actor_of
from tests.factories import CustomerFactory, DepartmentFactory, EmployeeFactory
from tests.factories.finance import draft_invoice, entry, issued_invoice, line

pytestmark = pytest.mark.databases
TAXED = [line("3", "1000", taxes=[{"name": "VAT", "percent": "10"}, {"name": "duty", "percent": "3"}])]


@pytest.fixture(autouse=True)
def _system(app: Any) -> Any:
    with acting_as(Actor.system("test")):
        yield


def year(by: By = By.MONTH, side: Side = Side.SALES, **more: Any) -> Book:
    return book(Period(side, by, date(2026, 3, 21), date(2027, 3, 20), **more))


def in_month(month: int, *lines: Any, **head: Any) -> Any:
    return issued_invoice(head.pop("customer", None), list(lines) or None, invoice_on=f"1405/{month:02}/01", **head)


def test_a_month_sums_what_was_issued_in_it() -> None:
    first, second = in_month(1, *TAXED), in_month(1)
    later = in_month(2)
    draft_invoice(None, None, invoice_on="1405/01/05")
    found = year()
    assert len(found.rows) == 2
    month = found.rows[0].sums
    assert (month.count, month.returns) == (2, 0)
    assert month.net_rials == first.net_rials + second.net_rials
    assert (month.duty_rials, month.vat_rials) == (90, 300 + second.tax_rials)
    assert month.payable_rials == first.payable_rials + second.payable_rials
    assert found.total.payable_rials == month.payable_rials + later.payable_rials


@pytest.mark.parametrize("by", By)
def test_returns_are_taken_off_and_voids_cancel_out(by: By) -> None:
    sold = in_month(1, *TAXED)
    other = in_month(2, *TAXED)
    voids.void_invoice(other.id, reason="wrong", on=date(2026, 11, 22))
    draft = returns.save_return(
        {
            "original_id": sold.id,
            "reason": "broken",
            "invoice_on": "1405/09/01",
            "lines": [{"original_line_id": sold.lines[0].id, "quantity": "1"}],
        }
    )
    back = services.issue_invoice(draft.id)
    total = year(by).total
    assert (total.count, total.returns) == (1, 1)
    assert total.payable_rials == sold.payable_rials - back.payable_rials
    assert total.net_rials == sold.net_rials - back.net_rials
    assert total.vat_rials + total.duty_rials == sold.tax_rials - back.tax_rials
    assert year(by, kind=InvoiceKind.SALES).total.payable_rials == sold.payable_rials
    assert year(by, side=Side.PURCHASES).total == Sums()


def test_purchases_have_a_book_of_their_own() -> None:
    supplier = CustomerFactory(is_supplier=True)
    draft = services.save_draft(entry(supplier, supplier_number="12"), kind=InvoiceKind.PURCHASE)
    bought = services.issue_invoice(draft.id)
    assert year(side=Side.PURCHASES).total.payable_rials == bought.payable_rials
    assert year(By.PARTY, side=Side.PURCHASES).rows[0].label == bought.customer_name
    assert year().total == Sums()


def test_the_largest_come_first_and_the_others_in_one_row() -> None:
    for price in ("1000", "3000", "2000"):
        in_month(3, line("1", price), customer=CustomerFactory(city=f"شهر {price}"))
    found = book(Period(Side.SALES, By.REGION, date(2026, 3, 21), date(2027, 3, 20)), most=2)
    assert [row.sums.net_rials for row in found.rows] == [3000, 2000, 1000]
    assert found.is_cut
    assert found.total.net_rials == 6000


def test_a_seller_gets_the_sums_of_the_own_department_only() -> None:
    home, other = DepartmentFactory(), DepartmentFactory()
    ours = in_month(1, *TAXED, customer=CustomerFactory(department=home))
    in_month(1, line("9", "9999"), customer=CustomerFactory(department=other))
    seller = actor_of(EmployeeFactory(role=Role.SALES, home_department=home))
    db.session.flush()
    with acting_as(seller):
        for by in By:
            assert year(by).total.payable_rials == ours.payable_rials, by
            assert year(by).total.duty_rials == 90
        assert year(department_id=other.id).total == Sums()


# --- the screen


def test_page_and_workbook_say_the_same(as_user: Any) -> None:
    sold = in_month(1, *TAXED)
    db.session.commit()
    chief = as_user("admin")
    for by in By:
        page = chief.get(f"/books/sales/{by}?from=1405/01/01&until=1405/12/29")
        assert page.status_code == 200
        assert 'id="book-table"' in page.text
    content = chief.get("/books/sales/month.xlsx?from=1405/01/01&until=1405/12/29").data
    rows = list(load_workbook(io.BytesIO(content)).worksheets[0].iter_rows(values_only=True))
    assert rows[1][-1] == rows[-1][-1] == sold.payable_rials


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("sales/none", 404),
        ("none/month", 404),
        ("sales/month?kind=purchase", 404),
        ("sales/month?from=1405/13/01", 422),
        ("sales/month?from=1405/02/01&until=1405/01/01", 422),
        ("sales/month?from=1300/01/01&until=1405/01/01", 422),
        ("sales/month?department=%00", 200),
        ("sales/month?side=x&by=y&_external=1", 200),
        ("sales/month?department=99999999999999999999", 200),
    ],
)
def test_bad_input_is_refused_in_words(as_user: Any, address: str, status: int) -> None:
    answer = as_user("admin").get(f"/books/{address}")
    assert answer.status_code in ({400, 422} if status == 422 else {status})


def test_who_may_not_list_purchases_has_no_book_of_them(as_user: Any) -> None:
    seller = as_user(Role.SALES, home_department=DepartmentFactory())
    assert seller.get("/books/sales/month").status_code == 200
    assert seller.get("/books/purchases/month").status_code == 403
    assert seller.get("/books/purchases/month.xlsx").status_code == 403
    assert as_user(Role.SECRETARY).get("/books/sales/month").status_code in {302, 403}
