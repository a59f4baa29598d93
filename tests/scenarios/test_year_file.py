"""The main job: workbooks of customers, goods and invoices come in, invoices are issued, printed, exported."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import ROUND_FLOOR, Decimal
from pathlib import Path
from random import Random
from typing import Any

import openpyxl
import pytest
from flask import Flask
from sqlalchemy import func, select

from app.core import jobs
from app.core.actor import Actor, acting_as
from app.core.db import db
from app.core.digits import to_persian
from app.finance.invoices.jobs import issue_invoices
from app.finance.invoices.models import Invoice
from app.finance.invoices.services import open_invoice
from reports.documents.invoices import invoice_print
from reports.documents.render import render_pdf

HEADS = ("شماره مرجع", "تاریخ", "کد ملی", "کد کالا", "تعداد", "قیمت واحد", "درصد تخفیف", "درصد مالیات")
NATIONAL_IDS = ("0499370899", "0790419904", "0076229645", "0684159414")
LINES = 5


def _goods(path: Path, count: int) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["کد کالا", "نام کالا", "واحد", "قیمت"])
    for place in range(count):
        sheet.append([f"K-{place:03}", f"کالای شمارهٔ {place}", "عدد", f"{(place + 1) * 1237:,}"])
    book.save(path)
    return path


def _customers(path: Path) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["نام مشتری", "کد ملی", "تلفن همراه"])
    for place, national_id in enumerate(NATIONAL_IDS):
        sheet.append([f"مشتری {place}", national_id, f"0912000000{place}"])
    book.save(path)
    return path


def _invoices(path: Path, count: int) -> tuple[Path, int]:
    """A workbook of invoices, and the payable of all by plain Decimal, line by line."""
    rng, total = Random(1405), 0
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["فروش سال"])
    sheet.append(HEADS)
    for serial in range(count):
        # As people write it: Persian digits, a date that rises.
        head = [f"ف-{serial:04}", to_persian(f"1405/{1 + serial * 6 // count:02}/{1 + serial % 28:02}")]
        for _line in range(LINES):
            quantity, price = rng.randint(1, 40), rng.randint(1_000, 9_999_999)
            discount = rng.choice((0, 0, 5, 7))
            row = [f"K-{rng.randrange(20):03}", to_persian(str(quantity)), price, discount, 10]
            sheet.append([*head, NATIONAL_IDS[serial % len(NATIONAL_IDS)], *row])
            total += _payable(quantity, price, discount)
    book.save(path)
    return path, total


def _payable(quantity: int, price: int, discount: int) -> int:
    gross = Decimal(quantity) * price
    net = gross - (gross * discount / 100).to_integral_value(ROUND_FLOOR)
    return int(net + (net / 10).to_integral_value(ROUND_FLOOR))


def _import(app: Flask, spec: str, path: Path) -> dict[str, Any]:
    answer = app.test_cli_runner().invoke(args=["kartabl", "import", spec, str(path), "--json"])
    assert answer.exit_code == 0, answer.output
    report: dict[str, Any] = json.loads(answer.output)
    assert report["errors"] == []
    return report


@pytest.mark.office
@pytest.mark.parametrize("count", [40, pytest.param(1000, marks=pytest.mark.soak)])
def test_a_year_of_invoices_goes_in_is_issued_and_comes_out_the_same(
    committed_app: Flask, office: Callable[..., Path], tmp_path: Path, count: int
) -> None:
    assert _import(committed_app, "customers", _customers(tmp_path / "c.xlsx"))["new"] == len(NATIONAL_IDS)
    assert _import(committed_app, "products", _goods(tmp_path / "g.xlsx", 20))["new"] == 20
    made, payable = _invoices(tmp_path / "made.xlsx", count)
    (tmp_path / "office").mkdir()
    workbook = office(made, to="xlsx", folder=tmp_path / "office")
    assert _import(committed_app, "sales_invoices", workbook)["new"] == count
    assert db.session.scalar(select(func.sum(Invoice.payable_rials))) == payable

    with acting_as(Actor.system("test")):
        ids = list(db.session.scalars(select(Invoice.id)))
        job = jobs.enqueue(issue_invoices, invoice_ids=ids, actor=Actor.system("test"))
        job_id = job.id
        db.session.commit()
        jobs.work_off()
        done = db.session.get_one(jobs.Job, job_id)
        assert done.result["issued"] == count, done.result
        issued = db.session.execute(select(Invoice.number, Invoice.invoice_on).order_by(Invoice.number)).all()
        assert [number for number, _day in issued] == list(range(1, count + 1))
        assert [day for _number, day in issued] == sorted(day for _number, day in issued)
        paper = render_pdf(invoice_print(open_invoice(ids[0])))
    assert paper[:5] == b"%PDF-"
    db.session.commit()

    out = tmp_path / "out.xlsx"
    answer = committed_app.test_cli_runner().invoke(args=["kartabl", "export", "sales_invoices", str(out)])
    assert answer.exit_code == 0, answer.output
    again = _import(committed_app, "sales_invoices", out)
    assert (again["new"], again["updated"], again["same"]) == (0, 0, count)
