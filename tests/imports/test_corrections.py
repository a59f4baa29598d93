"""Corrections: what they touch is checked again, what they do not touch is left alone, and all of it can be undone."""

from __future__ import annotations

import io
import random
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from app.core import jobs
from app.core.actor import Actor, ActorKind, acting_as
from app.core.db import db, writing
from app.core.sheets import sheet_named
from imports import corrections, preview, replacing
from imports.apply import run_import
from imports.batches import check_batch, file_of, new_batch, order_of, rows_of
from imports.corrections import Search
from imports.models import ImportBatch, Stage
from imports.row_store import RowsGone, Show, open_rows
from tests.app_fixtures import employee
from tests.factories import CustomerFactory, ProductFactory
from tests.imports.planted import national_id

HEADERS = ("کد مشتری", "نام", "کد ملی", "تلفن همراه", "شهر")
BILLS = ("مرجع", "تاریخ", "کد مشتری", "کد کالا", "تعداد", "قیمت واحد")
Batch = Callable[..., ImportBatch]


@pytest.fixture
def batch(committed_app: Any) -> Any:
    """`batch("customers", header, *rows)`: a batch of these rows, checked."""
    admin = employee("admin")
    actor = Actor(ActorKind.USER, "admin", user_id=admin.id, is_admin=True)

    def make(spec: str, *rows: tuple[Any, ...]) -> ImportBatch:
        book, content = Workbook(), io.BytesIO()
        sheet: Any = book.active
        for row in rows:
            sheet.append(row)
        book.save(content)
        content.seek(0)
        made = new_batch(sheet_named(spec), name="b.xlsx", content=content)
        made.job_id = jobs.enqueue(check_batch, batch_id=made.id).id
        batch_id = made.id
        db.session.commit()
        jobs.work_off()
        made = again(batch_id)
        assert made.stage is Stage.CHECKED, made.message
        return made

    with acting_as(actor):
        yield make


def again(batch_id: int) -> ImportBatch:
    """The batch in the session of now: a job ends the one before."""
    found = db.session.get(ImportBatch, batch_id)
    assert found is not None
    return found


def bad(batch: ImportBatch) -> list[tuple[int, str, str]]:
    with open_rows(rows_of(batch)) as store:
        return [(e["row"], e["column"], e["code"]) for e in store.errors()]


def fix(batch: ImportBatch, *cells: tuple[int, str, str]) -> dict[str, Any]:
    return preview.correct(
        batch.id, {"cells": [{"row": row, "column": column, "text": text} for row, column, text in cells]}
    )


def checked_whole(batch: ImportBatch) -> set[tuple[int, str, str]]:
    """What a check of all rows says, for comparison with what the kept rows say."""
    with writing(intent=False):
        report = run_import(file_of(batch), order_of(batch), name="b.xlsx", dry_run=True)
        db.session.rollback()
    return {(error.row, error.column, error.code) for error in report.errors}


def test_a_doubled_code_is_right_as_soon_as_the_other_row_changes(batch: Batch) -> None:
    made = batch("customers", HEADERS[:2], ("A", "x"), ("A", "y"), ("A", "z"), ("B", "w"))
    assert bad(made) == [(3, "A", "duplicate_in_file"), (4, "A", "duplicate_in_file")]

    fix(made, (2, "A", "C"))
    assert bad(made) == [(4, "A", "duplicate_in_file")]
    answer = fix(made, (4, "A", "b"), (5, "A", "b"))
    assert bad(made) == [(5, "A", "duplicate_in_file")]
    assert [row["row"] for row in answer["rows"]] == [3, 4, 5]
    preview.undo(made.id)
    preview.undo(made.id)

    assert bad(made) == [(3, "A", "duplicate_in_file"), (4, "A", "duplicate_in_file")]
    assert preview.undo(made.id)["cells"] == 0


def test_a_correction_may_make_a_new_error(batch: Batch) -> None:
    made = batch("customers", HEADERS[:3], ("A", "x", "12"), ("B", "y", None))
    answer = fix(made, (2, "C", "0684159414"), (3, "B", ""))
    assert bad(made) == [(3, "B", "required")]
    assert answer["counts"] == {"rows": 2, "new": 1, "updated": 0, "same": 0, "skipped": 0, "error": 1}
    assert [kind["code"] for kind in answer["kinds"]] == ["required"]


def test_a_corrected_key_finds_the_stored_record(batch: Batch) -> None:
    CustomerFactory(code="K7", name="کاوه")
    made = batch("customers", HEADERS[:2], ("K8", "کاوه"), ("K9", "نو"))
    answer = fix(made, (2, "A", "K7"))
    assert [row["verdict"] for row in answer["rows"]] == ["same"]
    assert (answer["counts"]["same"], answer["counts"]["new"]) == (1, 1)


def test_header_cells_of_a_document_agree_after_a_correction(batch: Batch) -> None:
    CustomerFactory(code="M1")
    ProductFactory(code="P1")
    made = batch(
        "sales_invoices", BILLS,
        ("F1", "1403/02/15", "M1", "P1", 2, 1000), ("F1", "1403/02/16", None, "P1", 1, 1000),
        ("F2", "1403/02/17", "M1", "P9", 1, 1000), ("F3", "1403/02/31", "M1", "P1", -1, 1000),
    )  # fmt: skip
    assert bad(made) == [(3, "B", "header_disagrees"), (4, "D", "unknown_reference"), (5, "E", "too_small")]

    answer = fix(made, (3, "B", "1403/02/15"))
    assert [row["row"] for row in answer["rows"]] == [2, 3]
    assert answer["documents"] == {"documents": 3, "new": 1, "updated": 0, "same": 0, "skipped": 0, "error": 2}
    moved = fix(made, (3, "A", "F2"), (4, "D", "P1"))
    assert bad(made) == [(4, "B", "header_disagrees"), (5, "E", "too_small")]
    assert moved["documents"]["new"] == 1
    fix(made, (4, "B", "1403/02/15"), (5, "E", "1"))

    assert bad(made) == []
    assert checked_whole(made) == set()


@pytest.mark.parametrize("seed", range(6))
def test_checking_some_rows_says_what_checking_all_says(batch: Batch, seed: int) -> None:
    chance = random.Random(seed)
    pool = {
        "A": ["A1", "A2", "A3", "a1", ""],
        "B": ["علی", "علي", "رضا", ""],
        "C": [national_id(random.Random(n)) for n in range(3)] + ["12", ""],
        "D": ["09121234567", "۰۹۱۲۱۲۳۴۵۶۷", "0912", ""],
        "E": ["تهران", "ر" * 61],
    }
    rows = [tuple(chance.choice(pool[letter]) or None for letter in "ABCDE") for _row in range(9)]
    made = batch("customers", HEADERS, *rows)

    for _turn in range(12):
        letter = chance.choice("ABCDE")
        fix(made, (chance.randrange(2, 11), letter, chance.choice(pool[letter])))
        if chance.random() < 0.2:
            preview.undo(made.id)
        kept = {(row, column) for row, column, _code in bad(made)}
        assert kept == {(row, column) for row, column, _code in checked_whole(made)}


def test_windows_show_what_was_asked_for(batch: Batch) -> None:
    made = batch("customers", HEADERS[:2], *((f"C{n}", None if n % 7 == 3 else f"n{n}") for n in range(250)))
    wrong = [n + 2 for n in range(250) if n % 7 == 3]
    with open_rows(rows_of(made)) as store:
        total, rows = store.page(Show("errors"), offset=10, limit=5)
        assert (total, [row.row + 1 for row in rows]) == (len(wrong), wrong[10:15])
        assert store.page(Show("errors", "name", "required"), offset=0, limit=1)[0] == len(wrong)
        assert store.page(Show("errors", "name", "other"), offset=0, limit=1)[0] == 0
        assert store.page(Show("new"), offset=0, limit=1)[0] == 250 - len(wrong)
    window = preview.window(made, {"row": "200", "size": "50"})
    assert (window["offset"], window["rows"][0]["row"]) == (150, 152)
    fix(made, (wrong[0], "B", "named"))
    assert [row["row"] for row in preview.window(made, {"show": "corrected"})["rows"]] == [wrong[0]]


def test_many_corrections_are_checked_by_a_job(batch: Batch) -> None:
    made = batch("customers", HEADERS[:2] + HEADERS[4:], *((f"C{n}", f"n{n}", "طهران") for n in range(1_050)))
    wish = {"find": "طهران", "replace": "تهران", "whole": True}
    assert preview.replace(made.id, {**wish, "preview": True})["count"] == 1_050
    batch_id = made.id
    answer = preview.replace(batch_id, wish)
    assert (answer["cells"], answer["rows"]) == (1_050, [])
    assert answer["job"]
    jobs.work_off()
    window = preview.window(again(batch_id), {"show": "corrected"})
    assert (window["total"], window["rows"][0]["cells"]["C"]) == (1_050, "تهران")


@pytest.mark.parametrize(
    ("find", "whole", "text", "by", "expected"),
    [
        ("علي", False, "علی رضایی، علی", "ع", "ع رضایی، ع"),
        ("۱۲", False, "A12-12", "-", "A---"),
        ("abc", True, " ABC ", "x", "x"),
        ("abc", True, "abcd", "x", None),
        ("", True, "", "x", "x"),
        ("İ", False, "xİy", "", "xy"),
        ("می روم", False, "می\u200cروم", "ر", "ر"),
    ],
)
def test_finding_folds_letters_and_digits(find: str, whole: bool, text: str, by: str, expected: str | None) -> None:
    assert Search(find, whole=whole).replaced(text, by) == expected


def test_everything_that_is_shown_can_be_found(batch: Batch) -> None:
    made = batch("customers", ("کد مشتری", "نام", "تاریخ عضویت", "سقف اعتبار", "توضیحات"),
                 ("A", 'say "x"', date(2024, 5, 4), 0.1 + 0.2, "a\\b"))  # fmt: skip
    for find, count in (('"x', 1), ("1403/02/15", 1), ("۰٫۳", 0), ("0.3", 1), ("A\\B", 1), ("2024", 0), ("null", 0)):
        assert preview.replace(made.id, {"find": find, "replace": "", "preview": True})["count"] == count, find


def test_rows_that_are_gone_are_said_to_be(batch: Batch) -> None:
    made = batch("customers", HEADERS[:2], ("A", "x"))
    Path(rows_of(made)).unlink()
    with pytest.raises(RowsGone):
        preview.window(made, {})


def test_replacing_in_a_large_file_is_a_job_from_the_start(batch: Batch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replacing, "AT_ONCE", 20)
    made = batch("customers", HEADERS[:2] + HEADERS[4:], *((f"C{n}", f"n{n}", "طهران") for n in range(30)))
    batch_id, act = made.id, corrections.acts_of(made.id)
    answer = preview.replace(batch_id, {"find": "طهران", "replace": "تهران", "whole": True})
    assert (answer["cells"], answer["rows"]) == (0, [])
    assert answer["job"] == again(batch_id).job_id
    with pytest.raises(corrections.NotCorrectable):
        corrections.open_for_correction(again(batch_id))
    db.session.rollback()
    jobs.work_off()
    window = preview.window(again(batch_id), {"show": "corrected"})
    assert (window["total"], window["rows"][0]["cells"]["C"], window["acts"]) == (30, "تهران", act + 1)
    assert jobs.job_view(answer["job"])["state"] == "done"
