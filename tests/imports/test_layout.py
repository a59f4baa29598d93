"""Finding the table on a sheet, and saying of every other row why it is not data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from imports.layout import Hidden, Layout, Skipped, find_layout
from imports.reader.read import Sheet, read_workbook

DATA = Path(__file__).parents[1] / "data" / "sheets"


def sheet_of(*rows: list[Any], merged: tuple[tuple[int, int, int, int], ...] = ()) -> Sheet:
    width = max(map(len, rows))
    full = [[*row, *[None] * (width - len(row))] for row in rows]
    columns = [list(column) for column in zip(*full, strict=True)]
    return Sheet("Sheet1", rows=len(rows), width=width, columns=columns, merged=list(merged))


def texts(layout: Layout) -> list[str]:
    return [header.full for header in layout.headers]


def test_header_of_two_merged_rows_is_found_below_titles() -> None:
    layout = find_layout(read_workbook(DATA / "invoice_list_merged_header.xlsx").sheets[0])

    assert layout.header_rows == (3, 4)
    assert texts(layout) == [
        "شماره", "تاریخ", "مشتری", "مبالغ (ریال) ناخالص", "مبالغ (ریال) تخفیف", "مبالغ (ریال) مالیات",
        "قابل پرداخت", "وضعیت",
    ]  # fmt: skip
    assert layout.headers[3].unit == "rial"
    assert layout.data.tolist() == list(range(5, 17))
    assert layout.skipped == {17: Skipped.TOTALS, 18: Skipped.BLANK, 19: Skipped.NOTE}


@pytest.mark.parametrize("name", ["customers_libreoffice", "mixed_dates"])
def test_header_in_the_first_row_is_found(name: str) -> None:
    layout = find_layout(read_workbook(DATA / f"{name}.xlsx").sheets[0])

    assert layout.header_rows == (0, 0)
    assert layout.data[0] == 1
    assert not layout.skipped


def test_header_without_merges_in_two_rows_is_put_together() -> None:
    layout = find_layout(sheet_of(
        ["کد", "مبلغ", None, "وضعیت"],
        [None, "ناخالص", "خالص", None],
        ["1", 10, 9, "باز"],
        ["2", 20, 19, "باز"],
    ))  # fmt: skip

    assert layout.header_rows in {(0, 1), (0, 0)}


def test_empty_leading_columns_keep_their_letters() -> None:
    layout = find_layout(sheet_of([None, None, "نام", "تلفن"], [None, None, "الف", "0912"], [None, None, "ب", "0913"]))

    assert [(header.letter, header.text) for header in layout.headers] == [("C", "نام"), ("D", "تلفن")]


def test_known_words_win_over_looks() -> None:
    rows = (["گزارش", "تهیه", "کننده"], ["الف", "ب", "ج"], ["کد", "نام", "تلفن"], ["1", "x", "y"], ["2", "z", "w"])

    assert find_layout(sheet_of(*rows), {"کد", "نام", "تلفن"}).header_rows == (2, 2)


def test_person_may_choose_the_header_row() -> None:
    rows = (["کد", "نام"], ["الف", "ب"], ["1", "x"])

    assert find_layout(sheet_of(*rows), header_row=1).header_rows == (1, 1)


def test_repeated_header_totals_and_notes_are_left_out_by_name() -> None:
    layout = find_layout(sheet_of(
        ["کد", "نام", "مبلغ"],
        ["1", "الف", 10],
        ["جمع صفحه:", None, 10],
        ["کد", "نام", "مبلغ"],
        ["2", "ب", 20],
        [None, None, None],
        ["جمع كل", None, 30],
        [None, "مهر و امضا", None],
    ))  # fmt: skip

    assert layout.data.tolist() == [1, 4]
    assert layout.skipped == {
        2: Skipped.TOTALS, 3: Skipped.REPEATED_HEADER, 5: Skipped.BLANK, 6: Skipped.TOTALS, 7: Skipped.NOTE,
    }  # fmt: skip


def test_last_record_with_one_cell_only_is_no_note() -> None:
    layout = find_layout(sheet_of(["نام", "تلفن", "شهر"], ["الف", "1", "x"], ["ب", None, None]))

    assert layout.data.tolist() == [1, 2]


def test_customer_named_like_a_total_is_data() -> None:
    layout = find_layout(
        sheet_of(["نام", "تلفن", "شهر"], ["جمعه‌ای", "1", None], ["مجموعه آریا", "2", None], ["الف", "1", "x"])
    )

    assert layout.data.tolist() == [1, 2, 3]


def test_cell_merged_over_rows_speaks_for_all_of_them() -> None:
    sheet = sheet_of(["شماره", "کالا"], ["7", "الف"], [None, "ب"], ["8", "ج"], merged=((1, 0, 2, 0),))

    find_layout(sheet)

    assert sheet.columns[0] == ["شماره", "7", "7", "8"]


def test_column_without_a_header_is_named() -> None:
    assert find_layout(sheet_of(["نام", None, "شهر"], ["الف", "1", "x"], ["ب", "2", "y"])).unnamed == (1,)


def test_row_of_error_cells_is_not_blank() -> None:
    sheet = sheet_of(["نام", "شهر"], ["الف", "x"], [None, None], ["ب", "y"])
    sheet.errors[(2, 1)] = "#REF!"

    assert find_layout(sheet).data.tolist() == [1, 2, 3]


def test_empty_sheet_has_no_table() -> None:
    assert find_layout(Sheet("Sheet1")).header_rows is None


def test_hidden_records_are_counted_and_left_out_where_that_is_wanted() -> None:
    sheet = sheet_of(["نام", "شهر"], ["الف", "x"], ["ب", "y"], ["ج", "z"], [None, None], ["جمع", None])
    sheet.hidden = [(2, 3), (4, 5)]

    kept, left = find_layout(sheet), find_layout(sheet, hidden=Hidden.LEAVE)

    assert (kept.hidden_count, kept.data.tolist(), kept.left_out()) == (2, [1, 2, 3], {"totals": 1})
    assert (left.hidden_count, left.data.tolist(), left.left_out()) == (2, [1], {"totals": 1, "hidden": 2})
    assert sheet.hidden_runs() == [(3, 4), (5, 6)]


def test_merged_ranges_that_reach_below_the_sheet_fill_no_rows_there() -> None:
    sheet = sheet_of(["شماره", "کالا"], ["7", "الف"], [None, "ب"], merged=((1, 0, 1_048_575, 0), (2, 0, 9, 0)))

    find_layout(sheet)

    assert sheet.columns == [["شماره", "7", "7"], ["کالا", "الف", "ب"]]


def test_long_header_word_is_no_repeated_header() -> None:
    layout = find_layout(sheet_of(["کد", "نام"], ["کد پستی", "الف"], ["کد", "کد"], ["کد", "نام"]))

    assert (layout.data.tolist(), layout.skipped) == ([1, 2], {3: Skipped.REPEATED_HEADER})
