"""Orders and proformas by workbook: drafts as their editor makes them, found again, written over, taken back."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from app.core.actor import Actor, acting_as
from app.core.db import db
from app.core.errors import NotAllowed
from app.core.sheets import sheet_named
from app.sales.orders.kinds import OrderSource
from app.sales.orders.models import Order as StoredOrder
from app.sales.orders.models import ProductionOrder, SalesOrder
from app.sales.orders.workflow import flow_of
from app.sales.proformas.models import PurchaseProforma, SalesProforma
from imports.apply import Order, Report, run_import
from imports.plans import Mode
from tests.factories import CustomerFactory, DepartmentFactory, EmployeeFactory, ProductFactory
from tests.factories.acting import actor_with
from tests.imports.test_undo import book as write
from tests.imports.test_undo import bring, taken_back

SYSTEM = Actor.system("test")
HEAD = ["مرجع", "تاریخ سفارش", "تاریخ تحویل", "کد مشتری", "کد کالا", "تعداد", "قیمت واحد", "درصد تخفیف"]
GOOD = [
    ["S-1", "1405/09/01", "1405/09/20", "C1", "P1", 3, 1_000, 10],
    ["S-1", None, None, None, "P2", 2, "۲٬۵۰۰", None],
    ["S-2", "1405/09/02", None, "C1", "P1", 1, 700, None],
]


def report_of(path: Path, sheet: str = "sales_orders", *, actor: Actor = SYSTEM, **options: Any) -> Report:
    with acting_as(actor):
        return run_import(path, Order(sheet_named(sheet), **options))


def stored(model: type[Any]) -> list[Any]:
    return list(db.session.scalars(select(model).order_by(model.reference)))


@pytest.fixture
def goods(session: Any) -> None:
    CustomerFactory(code="C1", name="بازرگانی آریا")
    CustomerFactory(code="V1", name="پخش البرز", is_supplier=True)
    for code in ("P1", "P2"):
        ProductFactory(code=code, name=f"کالای {code}")
    session.flush()


@pytest.mark.databases
@pytest.mark.usefixtures("goods")
def test_orders_come_in_as_drafts_with_the_figures_of_the_editor(session: Any, tmp_path: Path) -> None:
    bring(write(tmp_path, HEAD, *GOOD), sheet="sales_orders")

    first, second = stored(SalesOrder)
    # 3 × 1,000 less 10 % and 2 × 2,500; VAT 10 % of 2,700 and of 5,000.
    assert (first.net_rials, first.tax_rials, first.payable_rials) == (7_700, 770, 8_470)
    assert (second.net_rials, second.payable_rials) == (700, 770)
    assert (first.source, first.number, str(first.state)) == (OrderSource.EXCEL, None, "draft")
    assert (first.order_on, first.deliver_on) == (date(2026, 11, 22), date(2026, 12, 11))
    assert [line.description for line in first.lines] == ["کالای P1", "کالای P2"]


@pytest.mark.usefixtures("goods")
def test_the_same_file_is_the_same_and_a_changed_one_writes_over(session: Any, tmp_path: Path) -> None:
    path = write(tmp_path, HEAD, *GOOD)
    bring(path, sheet="sales_orders")
    kept = [line.id for line in stored(SalesOrder)[0].lines]

    again = report_of(path).numbers()
    assert (again["documents"], again["same"], again["new"], again["updated"]) == (2, 2, 0, 0)
    changed = write(tmp_path, HEAD, [*GOOD[0][:5], 4, 1_000, 10], *GOOD[1:])
    assert report_of(changed, mode=Mode.ADD).numbers()["skipped"] == 1
    batch = bring(changed, sheet="sales_orders")

    first = stored(SalesOrder)[0]
    assert first.net_rials == 8_600
    assert [line.id for line in first.lines] == kept
    assert taken_back(batch)["restored"] == 1
    assert stored(SalesOrder)[0].net_rials == 7_700


@pytest.mark.usefixtures("goods")
def test_new_orders_are_taken_back_whole(session: Any, tmp_path: Path) -> None:
    batch = bring(write(tmp_path, HEAD, *GOOD), sheet="sales_orders")

    taken_back(batch)

    assert stored(StoredOrder) == []


@pytest.mark.usefixtures("goods")
def test_a_submitted_order_is_not_written_over(session: Any, tmp_path: Path) -> None:
    bring(write(tmp_path, HEAD, *GOOD), sheet="sales_orders")
    with acting_as(SYSTEM):
        order = stored(SalesOrder)[1]
        flow_of(order).apply(order, "submit", actor=SYSTEM)

    report = report_of(write(tmp_path, HEAD, *GOOD[:2], [*GOOD[2][:5], 9, 700, None]))

    assert [(one.row, one.code) for one in report.errors] == [(4, "frozen")]
    assert not report.stored
    assert report_of(write(tmp_path, HEAD, *GOOD)).numbers()["same"] == 2


@pytest.mark.usefixtures("goods")
def test_each_wrong_cell_is_named_and_nothing_is_stored(session: Any, tmp_path: Path) -> None:
    rows = [
        ["S-1", "1405/09/01", "1405/08/30", "C1", "P1", 3, 1_000, None],  # delivered before it was ordered
        ["S-2", "1405/09/01", None, "C9", "P1", 3, 1_000, None],  # nobody
        ["S-3", "1405/09/01", None, "C1", "P9", 3, 1_000, None],  # nothing
        ["S-4", "1405/09/01", None, None, "P1", 3, 1_000, None],  # for whom?
        ["S-5", "1405/09/01", None, "C1", "P1", 3, 1_000, 130],  # more than the whole
        ["S-6", "1405/09/01", None, "C1", "P1", 3, 1_000, None],
    ]
    report = report_of(write(tmp_path, HEAD, *rows))

    found = {(one.row, one.header) for one in report.errors}
    assert found == {(2, HEAD[2]), (3, HEAD[3]), (4, HEAD[4]), (5, HEAD[3]), (6, HEAD[7])}
    assert stored(StoredOrder) == []


@pytest.mark.usefixtures("goods")
def test_a_supplier_is_asked_for_where_one_sells(session: Any, tmp_path: Path) -> None:
    rows = [["Q-1", "1405/09/01", "1405/09/20", "C1", "P1", 3, 1_000, None]]
    heads = ["مرجع", "تاریخ پیش فاکتور", "معتبر تا", "تامین کننده", *HEAD[4:]]

    report = report_of(write(tmp_path, heads, *rows), "purchase_proformas")
    assert [(one.row, one.code) for one in report.errors] == [(2, "not_supplier")]
    rows[0][3] = "V1"
    bring(write(tmp_path, heads, *rows), sheet="purchase_proformas")
    assert [(one.customer_name, one.payable_rials) for one in stored(PurchaseProforma)] == [("پخش البرز", 3_300)]


@pytest.mark.usefixtures("goods")
def test_a_proforma_gets_its_validity_and_production_needs_no_party(session: Any, tmp_path: Path) -> None:
    bring(write(tmp_path, [HEAD[0], "تاریخ", *HEAD[3:]], ["F-1", "1405/09/01", "C1", "P1", 1, 10, None]),
          sheet="sales_proformas")  # fmt: skip
    bring(write(tmp_path, [HEAD[0], "تاریخ", *HEAD[4:]], ["M-1", "1405/09/01", "P2", 5, 0, None]),
          sheet="production_orders")  # fmt: skip

    (proforma,), (order,) = stored(SalesProforma), stored(ProductionOrder)
    assert proforma.valid_until > proforma.proforma_on
    assert (order.customer_id, order.lines[0].quantity) == (None, 5)


@pytest.mark.usefixtures("goods")
def test_who_may_not_import_or_not_see_the_party_brings_nothing(session: Any, tmp_path: Path) -> None:
    path = write(tmp_path, HEAD, *GOOD)
    place = EmployeeFactory(home_department=DepartmentFactory())
    rights = [(name, "sales.orders") for name in ("import", "add", "edit", "see_department")]

    with pytest.raises(NotAllowed):
        report_of(path, actor=actor_with(place, *rights[1:]))
    report = report_of(path, actor=actor_with(place, *rights))
    assert {one.header for one in report.errors} == {"کد مشتری"}
    assert stored(StoredOrder) == []
