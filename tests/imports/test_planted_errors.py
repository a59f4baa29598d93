"""An accountant's file of 5,000 rows with 200 bad cells: all named, none more, put right, stored."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import func, select

from app.core.actor import Actor, acting_as
from app.core.db import db
from app.crm.customers.models import Customer
from tests.app_fixtures import employee, sign_in
from tests.factories import PriceListFactory
from tests.imports import planted
from tests.imports.test_wizard import mapping_form, step_on, upload

ROWS, ERRORS = 5_000, 200


@pytest.fixture
def made(committed_app: Any, tmp_path: Path) -> tuple[planted.Sheet, Path]:
    """The sheet, its record, and the file."""
    with acting_as(Actor.system("test")):
        prices = PriceListFactory(code="PL-TEST")
        db.session.commit()
    sheet = planted.customers(seed=14_030, rows=ROWS, errors=ERRORS, price_list=prices.code)
    return sheet, sheet.write(tmp_path / "customers.xlsx")


def count() -> int:
    db.session.commit()
    return int(db.session.scalar(select(func.count()).select_from(Customer)) or 0)


def checked(visitor: Any, path: Path) -> str:
    """Upload and check a file with the mapping that words give; answers the batch's address."""
    answer = upload(visitor, path.read_bytes(), path.name)
    fields = mapping_form(visitor.get(answer.headers["Location"]).text)
    preview = step_on(visitor, visitor.post(answer.headers["Location"], data=fields))
    address, _slash, page = str(preview.request.path).rpartition("/")
    assert page in ("preview", "values"), preview.text  # unknown words are asked about; they may also be corrected
    return address


def rows_of(visitor: Any, address: str, **args: Any) -> dict[str, Any]:
    answer = visitor.get(f"{address}/rows", query_string=args)
    assert answer.status_code == 200, answer.text
    return dict(answer.json)


def shown_errors(visitor: Any, address: str) -> set[tuple[int, str, str]]:
    """Every error that the preview shows, window after window."""
    found: set[tuple[int, str, str]] = set()
    offset = 0
    while True:
        window = rows_of(visitor, address, show="errors", offset=offset, size=75)
        found |= {(row["row"], e["column"], e["code"]) for row in window["rows"] for e in row["errors"]}
        offset += 75
        if offset >= window["total"]:
            return found


def right_text(one: planted.Planted) -> str:
    return "" if one.right is None else str(one.right)


def test_the_record_has_200_errors_of_15_kinds(made: tuple[planted.Sheet, Path]) -> None:
    sheet, _path = made
    assert len(sheet.planted) == ERRORS
    assert len(sheet.kinds()) == 15


def test_all_planted_errors_and_no_other_are_named_everywhere(
    committed_app: Any, made: tuple[planted.Sheet, Path]
) -> None:
    sheet, path = made
    visitor = sign_in(committed_app, employee("admin"))
    before = count()

    told = committed_app.test_cli_runner().invoke(args=["kartabl", "import", "customers", str(path), "--json"])
    report = json.loads(told.output)
    address = checked(visitor, path)
    window = rows_of(visitor, address)
    back: Any = load_workbook(_saved(path, visitor.get(f"{address}/errors.xlsx").data)).active

    assert {(e["row"], e["column"], e["code"]) for e in report["errors"]} == sheet.cells()
    assert shown_errors(visitor, address) == sheet.cells()
    coloured = {(c.row, c.column_letter) for row in back.iter_rows() for c in row if c.comment is not None}
    assert coloured == {(one.row, one.column) for one in sheet.planted}
    said = {row for row in range(4, ROWS + 4) if back.cell(row, len(sheet.headers) + 1).value}
    assert said == {one.row for one in sheet.planted}
    assert window["counts"] == {
        "rows": ROWS,
        "new": ROWS - ERRORS,
        "updated": 0,
        "same": 0,
        "skipped": 0,
        "error": ERRORS,
    }
    assert (report["stored"], count()) == (False, before)


def test_the_file_is_put_right_in_the_grid_and_stored(committed_app: Any, made: tuple[planted.Sheet, Path]) -> None:
    sheet, path = made
    visitor = sign_in(committed_app, employee("admin"))
    before = count()
    address = checked(visitor, path)

    for start in range(0, ERRORS, 40):
        part = sheet.planted[start : start + 40]
        cells = [{"row": one.row, "column": one.column, "text": right_text(one)} for one in part]
        answer = visitor.post(f"{address}/correct", json={"cells": cells})
        assert answer.status_code == 200, answer.text
        assert answer.json["error_count"] == ERRORS - len(part) - start
        again = {row["row"]: row["errors"] for row in answer.json["rows"]}
        assert [again[one.row] for one in part] == [[]] * len(part)
    assert count() == before
    report = step_on(visitor, visitor.post(f"{address}/apply", data={"mode": "both"}))

    assert report.request.path == f"{address}/report", report.text
    assert count() == before + ROWS
    codes = {row[planted.CODE] for row in sheet.rows} | {one.right for one in sheet.planted if one.column == "A"}
    assert set(db.session.scalars(select(Customer.code).where(Customer.code.in_(codes)))) == codes


def test_the_returned_workbook_repaired_in_excel_goes_on_where_it_was(
    committed_app: Any, made: tuple[planted.Sheet, Path]
) -> None:
    sheet, path = made
    visitor = sign_in(committed_app, employee("admin"))
    before = count()
    address = checked(visitor, path)
    first, later = sheet.planted[:20], sheet.planted[20:]
    cells = [{"row": one.row, "column": one.column, "text": right_text(one)} for one in first]
    visitor.post(f"{address}/correct", json={"cells": cells})

    back = _saved(path, visitor.get(f"{address}/errors.xlsx").data)
    book: Any = load_workbook(back)
    assert book.active.freeze_panes == "B4"
    assert book.active["A3"].fill.fgColor.rgb == "001F4E79"
    for one in later:
        book.active[f"{one.column}{one.row}"].value = one.right
    book.save(back)
    again = upload(visitor, back.read_bytes(), "customers-errors.xlsx")
    preview = step_on(visitor, again)

    assert preview.request.path == f"{address}/preview"
    window = rows_of(visitor, address)
    assert (window["error_count"], window["acts"]) == (0, 0)
    assert window["counts"]["new"] == ROWS
    step_on(visitor, visitor.post(f"{address}/apply", data={"mode": "both"}))
    assert count() == before + ROWS


def _saved(path: Path, content: bytes) -> Path:
    back = path.with_name("back.xlsx")
    back.write_bytes(content)
    return back
