"""Products, and what hangs on a customer, from a workbook: written once, then the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from sqlalchemy import select

from app.core.actor import Actor, acting_as
from app.core.audit import history_of
from app.core.errors import NotAllowed
from app.core.sheets import sheet_named
from app.crm.customers.models import CustomerContact, CustomerPhone
from app.sales.catalog.models import Product, ProductKind, TaxClass
from imports.apply import Order, Report, run_import
from tests.factories import (
    ContactFactory,
    CustomerFactory,
    EmployeeFactory,
    ProductCategoryFactory,
    ProductFactory,
    UnitFactory,
)
from tests.factories.acting import actor_with

SYSTEM = Actor.system("test")


def bring(spec: str, folder: Path, *rows: list[Any], actor: Actor = SYSTEM) -> Report:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    book.save(folder / "book.xlsx")
    with acting_as(actor):
        return run_import(folder / "book.xlsx", Order(sheet_named(spec)))


def counts(report: Report) -> tuple[int, int, int, int]:
    found = report.numbers()
    return found["new"], found["updated"], found["same"], len(report.errors)


@pytest.mark.databases
def test_products_are_added_and_updated_by_their_code(session: Any, tmp_path: Path) -> None:
    UnitFactory(code="box", name="کارتن آزمایشی")
    ProductCategoryFactory(code="dry", name="خشکبار آزمایشی")
    known = ProductFactory(code="007", name="شکر", price_rials=1_000, note="می‌ماند")
    session.flush()
    rows = (
        ["کد کالا", "نام کالا", "نوع", "گروه کالا", "واحد", "مالیات", "قیمت (تومان)", "شناسه کالا", "توضیحات"],
        ["007", "شکر", "کالا", None, None, None, 745, None, None],
        ["00-8", "نصب دستگاه", "خدمت", "خشکبار آزمایشی", "کارتن آزمایشی", "معاف", "۱۲٬۵۰۰", "2710000000017", None],
    )

    assert counts(bring("products", tmp_path, *rows)) == (1, 1, 0, 0)
    assert counts(bring("products", tmp_path, *rows)) == (0, 0, 2, 0)

    session.expire_all()
    made = session.scalars(select(Product).where(Product.code == "00-8")).one()
    assert (made.kind, made.tax_class, made.price_rials) == (ProductKind.SERVICE, TaxClass.EXEMPT, 125_000)
    assert (made.unit.code, made.category.code, made.tax_code) == ("box", "dry", "2710000000017")
    assert (known.price_rials, known.note) == (7_450, "می‌ماند")
    assert [entry.via for entry in history_of(made)] == ["import"]


def test_a_product_without_a_unit_is_counted_in_the_first(session: Any, tmp_path: Path) -> None:
    assert counts(bring("products", tmp_path, ["کد کالا", "نام کالا"], ["N1", "نمک"])) == (1, 0, 0, 0)

    assert session.scalars(select(Product).where(Product.code == "N1")).one().unit_id is not None


def test_bad_products_are_named_by_cell_and_nothing_is_stored(session: Any, tmp_path: Path) -> None:
    ProductFactory(code="A1", barcode="6260000000248")
    session.flush()

    report = bring(
        "products",
        tmp_path,
        ["کد کالا", "نام کالا", "بارکد", "نوع", "قیمت", "واحد", "شناسه کالا"],
        ["B1", "یک", "6260000000248", "کالا", 10, None, None],
        ["B2", None, None, "میوه", -5, "ناشناس", "12"],
        ["B1", "سه", None, None, None, None, None],
    )

    assert not report.stored
    assert {(error.row, error.code) for error in report.errors} == {
        (2, "taken"), (3, "required"), (3, "unknown_choice"), (3, "negative"), (3, "unknown_reference"),
        (3, "digit_count"), (4, "duplicate_in_file"),
    }  # fmt: skip
    assert session.scalars(select(Product.code).where(Product.code.in_(["B1", "B2"]))).all() == []


@pytest.mark.databases
def test_contacts_hang_on_their_customer_and_so_does_their_history(session: Any, tmp_path: Path) -> None:
    customer = CustomerFactory(code="C1")
    known = ContactFactory(customer=customer, name="سارا", mobile="+989120000001")
    session.flush()
    rows = (
        ["کد مشتری", "نام رابط", "سمت", "موبایل"],
        ["C1", "سارا", "مدیر خرید", None],
        ["C1", "رضا", "انباردار", "09120000002"],
    )

    assert counts(bring("customer_contacts", tmp_path, *rows)) == (1, 1, 0, 0)
    assert counts(bring("customer_contacts", tmp_path, *rows)) == (0, 0, 2, 0)

    session.expire_all()
    made = session.scalars(select(CustomerContact).where(CustomerContact.name == "رضا")).one()
    assert (made.customer_id, made.mobile, made.created_at is not None) == (customer.id, "+989120000002", True)
    assert (known.post, known.mobile) == ("مدیر خرید", "+989120000001")
    told = [entry for entry in history_of(customer) if entry.via == "import"]
    assert sorted(entry.action for entry in told) == ["created", "updated"]


def test_nothing_is_hung_on_a_customer_out_of_reach(session: Any, tmp_path: Path) -> None:
    employee = EmployeeFactory()
    CustomerFactory(code="MINE", department=employee.home_department)
    CustomerFactory(code="THEIRS")
    actor = actor_with(employee, ("import", "crm.customers"), ("see_department", "crm.customers"))
    session.flush()
    head = ["کد مشتری", "شماره"]

    report = bring("customer_phones", tmp_path, head, ["MINE", "02112345678"], ["THEIRS", "02112345679"], actor=actor)

    assert [(error.row, error.code) for error in report.errors] == [(3, "unknown_reference")]
    assert session.scalars(select(CustomerPhone)).all() == []
    with pytest.raises(NotAllowed):
        bring("customer_phones", tmp_path, head, ["MINE", "02112345678"], actor=actor_with(employee))
