"""Files made to hurt: each is refused in words or read as it is, none takes the parent down."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest

from imports.inspection import inspect_file
from imports.reader import read
from imports.reader.limits import DEFAULT, MB
from imports.reader.read import WorkbookRefused, read_workbook
from tests.imports.reader.hostile import READ, REFUSED, REFUSED_TEXTS, Maker
from tests.imports.reader.hostile_books import GOOD, bad_shared_string
from tests.imports.workbooks import workbook

QUICK = replace(DEFAULT, wall_seconds=20, cpu_seconds=10, memory_bytes=768 * MB, unpacked_bytes=150 * MB)


@pytest.mark.parametrize(("make", "codes"), REFUSED, ids=[make.__name__ for make, _ in REFUSED])
def test_hostile_file_is_refused_with_a_reason(tmp_path: Path, make: Maker, codes: set[str]) -> None:
    path = make(tmp_path / "upload.xlsx")
    started = time.perf_counter()

    with pytest.raises(WorkbookRefused) as refused:
        read_workbook(path, limits=QUICK)

    assert refused.value.code in codes
    assert str(refused.value)
    assert time.perf_counter() - started < QUICK.wall_seconds


def test_index_outside_of_the_strings_is_no_crash(tmp_path: Path) -> None:
    path = bad_shared_string(tmp_path / "upload.xlsx")

    with pytest.raises(WorkbookRefused) as refused:
        read_workbook(path)

    assert refused.value.code == "damaged"


def test_child_that_hangs_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sleeper = tmp_path / "sleeper"
    sleeper.write_text("#!/bin/sh\nexec sleep 60\n")
    sleeper.chmod(0o700)
    monkeypatch.setattr(read.sys, "executable", str(sleeper))
    path = workbook(tmp_path / "good.xlsx", GOOD)

    with pytest.raises(WorkbookRefused) as refused:
        read_workbook(path, limits=replace(DEFAULT, wall_seconds=1))

    assert refused.value.code == "timeout"


def test_memory_of_the_child_is_limited(tmp_path: Path) -> None:
    rows = "".join(f'<row r="{n}"><c r="A{n}"><v>{n}</v></c><c r="ZZ{n}"><v>1</v></c></row>' for n in range(1, 15_000))
    path = workbook(tmp_path / "wide.xlsx", rows)

    with pytest.raises(WorkbookRefused) as refused:
        read_workbook(path, limits=replace(DEFAULT, memory_bytes=128 * MB))

    assert refused.value.code == "memory"


def test_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WorkbookRefused) as refused:
        read_workbook(tmp_path / "nothing.xlsx")

    assert refused.value.code == "missing"


def test_page_saved_as_xls_is_read_as_its_table(tmp_path: Path) -> None:
    path = tmp_path / "list.xls"
    path.write_text(
        "<html><meta charset=utf-8><table><tr><th>نام</th><th colspan=2>مبلغ</th></tr>"
        "<tr><td>آریا &amp; پسران</td><td>۱۲٬۰۰۰</td><td></td></tr></table></html>",
        encoding="utf-8",
    )

    workbook = read_workbook(path)

    assert workbook.kind == "html"
    assert workbook.sheets[0].columns == [["نام", "آریا & پسران"], ["مبلغ", "۱۲٬۰۰۰"], [None, None]]


def test_page_without_a_table_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "list.xls"
    path.write_text("<html><body>Please log in</body></html>")

    with pytest.raises(WorkbookRefused) as refused:
        read_workbook(path)

    assert refused.value.code == "no_table"


@pytest.mark.parametrize(("make", "codes"), REFUSED_TEXTS, ids=[make.__name__ for make, _ in REFUSED_TEXTS])
def test_hostile_text_is_refused_with_a_reason(tmp_path: Path, make: Maker, codes: set[str]) -> None:
    with pytest.raises(WorkbookRefused) as refused:
        read_workbook(make(tmp_path / "upload.csv"), limits=QUICK)

    assert refused.value.code in codes
    assert str(refused.value)


@pytest.mark.parametrize(("make", "rows", "columns"), READ, ids=[one[0].__name__ for one in READ])
def test_odd_file_is_read_as_what_it_is(tmp_path: Path, make: Maker, rows: int, columns: int) -> None:
    path = make(tmp_path / "upload.xlsx")

    sheet = read_workbook(path, limits=QUICK).sheets[0]

    assert (sheet.rows, sheet.width) == (rows, columns)
    assert inspect_file(path, limits=QUICK).verdict in ("accept", "accept_with_warnings")


def test_refusal_of_a_text_names_the_row(tmp_path: Path) -> None:
    rows = {}
    for make, _codes in REFUSED_TEXTS:
        try:
            read_workbook(make(tmp_path / "upload.csv"), limits=QUICK)
        except WorkbookRefused as refused:
            rows[make.__name__] = refused.subject.get("row")

    assert {name: row for name, row in rows.items() if row} == {
        "unclosed_quote_at_the_end": 3, "unclosed_quote_that_another_closes": 3, "endless_text": 2,
        "two_encodings": 301, "zeros_amid_text": 5_002,
    }  # fmt: skip
