"""Hidden rows are asked about: on the columns page, in a mapping file, in the report."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from sqlalchemy import select

from app.core.actor import Actor, acting_as
from app.core.db import db
from app.core.sheets import sheet_named
from app.crm.customers.models import Customer
from imports.apply import Order, run_import
from imports.choice import Choice
from imports.layout import Hidden
from tests.app_fixtures import employee, sign_in
from tests.imports.test_wizard import mapping_form, step_on, upload


def workbook_with_hidden_rows() -> bytes:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content) as book:
        sheet = book.add_worksheet()
        for place, row in enumerate(
            (["نام", "شهر"], ["دیده یک", "قم"], ["ندیده", "ری"], ["دیده دو", "یزد"], ["جمع", ""])
        ):
            sheet.write_row(place, 0, row)
        sheet.set_row(2, None, None, {"hidden": True})
    return content.getvalue()


@pytest.mark.parametrize(
    ("answer", "names"), [("include", ["دیده دو", "دیده یک", "ندیده"]), ("leave", ["دیده دو", "دیده یک"])]
)
def test_wizard_asks_and_does_what_is_said(committed_app: Any, answer: str, names: list[str]) -> None:
    visitor = sign_in(committed_app, employee("admin"))
    address = upload(visitor, workbook_with_hidden_rows()).headers["Location"]
    page = visitor.get(address).text
    fields = mapping_form(page)

    assert re.search(r'<bdi class="num">[3۳]</bdi>', page)
    assert fields["hidden"] == "include"
    preview = step_on(visitor, visitor.post(address, data={**fields, "hidden": answer}))
    path = preview.request.path.replace("/preview", "")
    step_on(visitor, visitor.post(f"{path}/apply", data={"mode": "both"}))

    found = db.session.scalars(select(Customer.name).where(Customer.city.in_(["قم", "ری", "یزد"]))).all()
    assert sorted(name for name in found if "دیده" in name) == names


def test_wizard_asks_nothing_where_no_row_is_hidden(committed_app: Any) -> None:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["نام", "شهر"])
        sheet.write_row(1, 0, ["الف", "قم"])
    visitor = sign_in(committed_app, employee("admin"))

    page = visitor.get(upload(visitor, content.getvalue()).headers["Location"]).text

    assert 'name="hidden"' not in page


def test_report_counts_what_was_left_out(session: Any, tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(workbook_with_hidden_rows())
    spec = sheet_named("customers")

    with acting_as(Actor.system("test")):
        with_all = run_import(path, Order(spec), dry_run=True)
        without = run_import(path, Order(spec, choice=Choice(hidden=Hidden.LEAVE)), dry_run=True)

    assert (with_all.rows, with_all.verdict, with_all.left_out) == (3, "accept_with_warnings", {"totals": 1})
    assert (without.rows, without.left_out) == (2, {"totals": 1, "hidden": 1})
    assert without.as_json()["left_out"] == {"totals": 1, "hidden": 1}
