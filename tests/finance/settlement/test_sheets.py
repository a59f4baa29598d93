"""Receipts, cheques and opening balances by workbook: in, again, wrong, undone, and by nobody without the right."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from sqlalchemy import func, select

from app.core.actor import Actor, acting_as
from app.core.db import db
from app.core.errors import NotAllowed
from app.core.feature import Role
from app.core.sheets import sheet_named
from app.finance.cheques.models import Cheque
from app.finance.cheques.states import ChequeState
from app.finance.settlement import payments
from app.finance.settlement.models import OpeningBalance, Payment
from app.finance.settlement.postings import stored_items
from app.finance.settlement.queries import balance_of
from app.finance.settlement.states import OpeningState, PaymentState
from imports.apply import Order, Report, run_import
from imports.models import ImportBatch
from imports.undo import CannotUndo, undo_batch
from tests.factories import CustomerFactory, EmployeeFactory
from tests.factories.acting import actor_with
from tests.factories.finance import issued_invoice, line
from tests.factories.settlement import cash, cheque, posted_payment

Browser = Callable[..., Any]


@pytest.fixture(autouse=True)
def _system(app: Any) -> Iterator[None]:
    with acting_as(Actor.system("test")):
        yield


@pytest.fixture
def party(app: Any) -> Any:
    return CustomerFactory(code="C-1", name="فروشگاه بهار")


def bring(tmp_path: Path, sheet: str, *rows: tuple[Any, ...], dry_run: bool = False) -> Report:
    """What comes of a workbook of these rows."""
    book = openpyxl.Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    file = tmp_path / f"{sheet}.xlsx"
    book.save(file)
    return run_import(file, Order(sheet_named(sheet)), dry_run=dry_run)


def verdict(report: Report) -> tuple[int, int, list[tuple[int, str, str]]]:
    """How many are new and the same, and where what is wrong."""
    numbers = report.numbers()
    return numbers["new"], numbers["same"], [(one.row, one.name, one.code) for one in report.errors]


OPENING = ("کد طرف حساب", "ماهیت", "مبلغ", "تاریخ", "شماره مرجع")


def test_opening_balances_come_in_are_known_again_and_are_undone(party: Any, tmp_path: Path) -> None:
    rows = (
        OPENING, ("C-1", "بدهکار", "۱٬۰۰۰", "1405/01/01", "A-1"), ("C-1", "بستانکار", 300, "1405/01/01", None),
    )  # fmt: skip
    report = bring(tmp_path, "opening_balances", *rows)
    assert verdict(report) == (2, 0, [])
    assert balance_of(party.id) == 700
    assert verdict(bring(tmp_path, "opening_balances", *rows))[:2] == (0, 2)
    batch = db.session.get_one(ImportBatch, report.batch_id)
    paid = posted_payment(party, [cash(10)])
    with pytest.raises(CannotUndo) as refused:
        undo_batch(batch)
    assert [(one.code, one.name) for one in refused.value.found] == [("held", "A-1")]
    payments.reverse_payment(paid.id, reason="first")
    undo_batch(batch)
    assert balance_of(party.id) == 0
    assert set(db.session.scalars(select(OpeningBalance.state))) == {OpeningState.UNDONE}
    assert verdict(bring(tmp_path, "opening_balances", *rows)) == (2, 0, [])
    assert balance_of(party.id) == 700


def test_a_sheet_never_changes_a_booked_opening_balance(party: Any, tmp_path: Path) -> None:
    bring(tmp_path, "opening_balances", OPENING, ("C-1", "بدهکار", 1000, "1405/01/01", "A-1"))
    report = bring(tmp_path, "opening_balances", OPENING, ("C-1", "بدهکار", 900, "1405/01/02", "A-1"))
    assert {(one.name, one.code) for one in report.errors} == {("amount_rials", "frozen"), ("booked_on", "frozen")}
    assert balance_of(party.id) == 1000


CHEQUE = ("نوع", "شناسه صیاد", "شماره چک", "مبلغ", "سررسید", "طرف حساب", "بانک")


def test_cheques_of_before_the_books_come_into_the_register(party: Any, tmp_path: Path) -> None:
    ours, theirs = "1234567890123456", "1234567890123457"
    rows = (
        CHEQUE, ("دریافتی", theirs, "77", 500, "1405/12/01", "C-1", "ملت"),
        ("پرداختی", ours, "78", 600, "1405/12/02", "C-1", "ملی"),
    )  # fmt: skip
    report = bring(tmp_path, "cheques", *rows)
    assert verdict(report) == (2, 0, [])
    states = {one.sayad_id: one.state for one in db.session.scalars(select(Cheque))}
    assert states == {theirs: ChequeState.IN_HAND, ours: ChequeState.GIVEN}
    assert balance_of(party.id) == 0
    assert verdict(bring(tmp_path, "cheques", *rows))[:2] == (0, 2)
    wrong = bring(tmp_path, "cheques", CHEQUE, ("دریافتی", theirs, "77", 501, "1405/12/01", "C-1", "ملت"))
    assert verdict(wrong)[2] == [(2, "amount_rials", "frozen")]
    undo_batch(db.session.get_one(ImportBatch, report.batch_id))
    assert db.session.scalar(select(func.count(Cheque.id))) == 0


@pytest.mark.parametrize(
    ("row", "error"),
    [
        (("دریافتی", "12", "77", 500, "1405/12/01", "C-1", ""), ("sayad_id", "digit_count")),
        (("دریافتی", None, None, 500, "1405/12/01", "C-1", ""), ("sayad_id", "required")),
        (("گم", None, "77", 500, "1405/12/01", "C-1", ""), ("direction", "unknown_choice")),
        (("دریافتی", None, "77", 500, None, "C-1", ""), ("due_on", "required")),
    ],
)
def test_a_bad_cheque_is_named(party: Any, tmp_path: Path, row: tuple[Any, ...], error: tuple[str, str]) -> None:
    report = bring(tmp_path, "cheques", CHEQUE, row)
    assert verdict(report) == (0, 0, [(2, *error)])
    assert not report.stored


MONEY = ("شماره مرجع", "نوع", "تاریخ", "طرف حساب", "بابت فاکتور", "روش", "مبلغ", "شناسه صیاد", "سررسید", "توضیحات")


def test_receipts_come_in_as_drafts_with_what_they_settle(party: Any, tmp_path: Path) -> None:
    first, second = (issued_invoice(party, [line("1", "1000", taxes=[])], due_on="1406/01/01") for _ in range(2))
    names = [f"{one.fiscal_year}-{one.number}" for one in (second, first)]
    sayad = "1234567890123458"
    rows = (
        MONEY,
        (
            "R-1",
            "دریافت",
            "1405/09/01",
            "C-1",
            f"{names[0]}: ۶۰۰؛ فاکتور فروش {names[1]}: 100",
            "نقد",
            200,
            None,
            None,
            None,
        ),
        ("R-1", None, None, None, None, "چک", 500, sayad, "1405/12/01", None),
        ("R-2", "رسید", "1405/09/01", "فروشگاه بهار", None, "حواله", 50, None, None, "بابت"),
    )
    report = bring(tmp_path, "payments", *rows)
    assert verdict(report) == (2, 0, [])
    assert verdict(bring(tmp_path, "payments", *rows))[:2] == (0, 2)
    drafts = db.session.scalars(select(Payment).order_by(Payment.reference)).all()
    assert [(one.reference, one.state, one.amount_rials) for one in drafts] == [
        ("R-1", PaymentState.DRAFT, 700), ("R-2", PaymentState.DRAFT, 50),
    ]  # fmt: skip
    payments.post_payment(drafts[0].id)
    figures = [(item.settled_rials, item.covered_rials) for one in (first, second) for item in stored_items(one.id)]
    assert figures == [(0, 100), (200, 400)]
    assert verdict(bring(tmp_path, "payments", *rows))[:2] == (0, 2)


def test_undo_takes_back_drafts_and_not_what_was_booked(party: Any, tmp_path: Path) -> None:
    rows = (MONEY, *((f"R-{n}", "دریافت", "1405/09/01", "C-1", None, "نقد", 5, None, None, None) for n in (1, 2)))
    report = bring(tmp_path, "payments", *rows)
    batch = db.session.get_one(ImportBatch, report.batch_id)
    first = db.session.scalars(select(Payment).where(Payment.reference == "R-1")).one()
    booked = db.session.begin_nested()
    payments.post_payment(first.id)
    with pytest.raises(CannotUndo):
        undo_batch(batch)
    booked.rollback()
    db.session.expire_all()
    undo_batch(batch)
    assert db.session.scalar(select(func.count(Payment.id))) == 0


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"بابت فاکتور": "1405-99: 5"}, ("settles", "reference")),
        ({"بابت فاکتور": "همه"}, ("settles", "malformed")),
        ({"تاریخ": "1420/01/01"}, ("paid_on", "future")),
        ({"روش": "چک"}, ("line_amount", "required")),
        ({"روش": "چک", "سررسید": "1405/12/01"}, ("sayad_id", "required")),
        ({"روش": "write_off"}, ("note", "required")),
        ({"طرف حساب": "گم"}, ("customer", "unknown_reference")),
        ({"مبلغ": -5}, ("line_amount", "negative")),
    ],
    ids=lambda value: "" if isinstance(value, dict) else "-".join(value),
)
def test_a_bad_receipt_is_named(party: Any, tmp_path: Path, changes: dict[str, Any], error: tuple[str, str]) -> None:
    good = dict(zip(MONEY, ("R-1", "دریافت", "1405/09/01", "C-1", None, "نقد", 5, None, None, None), strict=True))
    row = tuple({**good, **changes}.values())
    report = bring(tmp_path, "payments", MONEY, row)
    names = {(one.name, one.code) for one in report.errors}
    assert error in names or (error[0] == "line_amount" and any(code == error[1] for _name, code in names)), names
    assert not report.stored


def test_more_than_is_open_is_named(party: Any, tmp_path: Path) -> None:
    invoice = issued_invoice(party, [line("1", "1000", taxes=[])])
    row = ("R-1", "دریافت", "1405/09/01", "C-1", f"{invoice.number_text}: 1001", "نقد", 2000, None, None, None)
    assert verdict(bring(tmp_path, "payments", MONEY, row))[2] == [(2, "settles", "exceeds")]


def test_an_endorsed_cheque_is_found_by_its_sayad_number(party: Any, tmp_path: Path) -> None:
    held = posted_payment(CustomerFactory(), [cheque(500)]).lines[0].cheque
    row = ("P-1", "پرداخت", "1405/09/01", "C-1", None, "چک", 500, held.sayad_id, "1405/12/01", None)
    assert verdict(bring(tmp_path, "payments", MONEY, row)) == (1, 0, [])
    draft = db.session.scalars(select(Payment).where(Payment.reference == "P-1")).one()
    assert draft.lines[0].cheque_id == held.id
    payments.post_payment(draft.id)
    assert held.state is ChequeState.ENDORSED


@pytest.mark.parametrize(
    ("sheet", "subject"),
    [("payments", "finance.settlement"), ("opening_balances", "finance.settlement"), ("cheques", "finance.cheques")],
)
def test_without_the_right_nothing_comes_in_and_nothing_goes_out(
    session: Any, as_user: Browser, tmp_path: Path, sheet: str, subject: str
) -> None:
    file = tmp_path / "any.xlsx"
    openpyxl.Workbook().save(file)
    rights = [(action, subject) for action in ("list", "show", "add", "see_all")]
    with acting_as(actor_with(EmployeeFactory(), *rights)), pytest.raises(NotAllowed):
        run_import(file, Order(sheet_named(sheet)))
    clerk = as_user(Role.COLLECTOR)
    table = sheet_named(sheet).model.__tablename__
    assert clerk.get(f"/export/{subject}/{table}").status_code in (302, 403)
    assert clerk.get(f"/import/{sheet}").status_code in (302, 403, 404)
