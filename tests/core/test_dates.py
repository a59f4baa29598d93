"""Reading dates: what people type and what workbooks hold."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from app.core.calendar import (
    InvalidDate,
    format_date,
    from_jalali,
    month_length,
    parse_date,
    parse_dates,
    parse_datetime,
    parse_moment,
    to_jalali,
)
from app.core.dates import JALALI_YEARS, parse_moments
from app.core.digits import to_persian

DAY = date(2024, 5, 4)


@pytest.mark.parametrize(
    "value",
    [
        "۱۴۰۳/۰۲/۱۵",
        "1403/02/15",
        "1403-2-15",
        "1403.02.15",
        "1403 02 15",
        "١٤٠٣/٠٢/١٥",
        "1403/02/15 \u200f",
        "15/2/1403",
        "۱۵/۰۲/۱۴۰۳",
        "15-02-1403",
        "14030215",
        14030215,
        14030215.0,
        np.int64(14030215),
        "۱۵ اردیبهشت ۱۴۰۳",
        "15 ارديبهشت 1403",
        "۱۵ اردیبهشت‌ماه ۱۴۰۳",
        "۱۵ اردیبهشت ماه ۱۴۰۳",
        "شنبه ۱۵ اردیبهشت ۱۴۰۳",
        "اردیبهشت ۱۵، ۱۴۰۳",
        "1403 اردیبهشت 15",
        "15 Ordibehesht 1403",
        "2024-05-04",
        "2024/05/04",
        "2024/5/4",
        "20240504",
        20240504,
        "04-May-2024",
        "May 4, 2024",
        45416,
        45416.0,
        np.float64(45416),
        date(2024, 5, 4),
        datetime(2024, 5, 4),  # noqa: DTZ001
        pd.Timestamp(2024, 5, 4),
        "۱۴۰۳/۰۲/۱۵ ۱۳:۴۵",
        "2024-05-04T10:15:00Z",
    ],
)
def test_the_fourth_of_may_is_read_in_every_writing(value: object) -> None:
    assert parse_date(value) == DAY


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("1402/12/30", "bad_day"),
        ("1403/07/31", "bad_day"),
        ("1404-12-30", "bad_day"),
        ("1404-07-31", "bad_day"),
        ("1403/02/00", "bad_day"),
        ("2023-02-29", "bad_day"),
        ("1403/13/01", "bad_month"),
        ("02/15/1403", "bad_month"),
        ("2024/13/01", "bad_month"),
        ("۰۳/۰۲/۱۵", "two_digit_year"),
        ("15/02/03", "two_digit_year"),
        ("15 اردیبهشت 03", "two_digit_year"),
        ("1445/10/25", "maybe_hijri"),
        ("25/10/1445", "maybe_hijri"),
        (14451025, "maybe_hijri"),
        ("1249/01/01", "out_of_range"),
        ("1899-12-31", "out_of_range"),
        ("2101-01-01", "out_of_range"),
        ("0000/00/00", "out_of_range"),
        ("15 اردیبهشت 2024", "out_of_range"),
        ("15 May 1403", "out_of_range"),
        (date(1403, 2, 15), "out_of_range"),
        (datetime(9999, 12, 31, 23, 59, 59, 999_999), "out_of_range"),  # noqa: DTZ001
        ("05/04/2024", "day_or_month"),
        (0, "serial_zero"),
        (-1, "serial_zero"),
        (0.5, "serial_zero"),
        (60, "serial_60"),
        (60.5, "serial_60"),
        (1403, "bare_year"),
        (2024, "bare_year"),
        (73416, "out_of_range"),
        (140302, "out_of_range"),
        (float("inf"), "unreadable"),
        (True, "unreadable"),
        ([], "unreadable"),
        ("45416", "unreadable"),
        ("140302", "unreadable"),
        ("1403/02-15", "unreadable"),
        ("403/02/15", "unreadable"),
        ("فردا", "unreadable"),
        ("شنبه", "unreadable"),
        ("1403/02/²", "unreadable"),
        ("1403/02/15 25:00", "bad_time"),
        ("1403/02/15 13:60", "bad_time"),
        ("1403/02/15 13:45 ب.ظ", "bad_time"),
        ("2024-05-04T10:15:00+15:00", "bad_zone"),
    ],
)
def test_a_doubtful_date_is_refused_with_its_reason(value: object, reason: str) -> None:
    with pytest.raises(InvalidDate) as refused:
        parse_date(value)
    assert refused.value.reason == refused.value.code == reason


@pytest.mark.parametrize("value", [None, "", "  ", "-", "—", " - ", "\u200f", float("nan"), pd.NaT, np.nan])
def test_nothing_is_no_date_and_no_error(value: object) -> None:
    assert parse_date(value) is None
    assert parse_datetime(value) is None


@pytest.mark.parametrize(
    ("serial", "expected"),
    [
        (1, date(1900, 1, 1)),
        (59, date(1900, 2, 28)),
        (61, date(1900, 3, 1)),
        (45371, date(2024, 3, 20)),
        (73415, date(2100, 12, 31)),
    ],
)
def test_spreadsheet_numbers_skip_the_day_that_never_was(serial: int, expected: date) -> None:
    assert parse_date(serial) == expected


@pytest.mark.parametrize(
    "value",
    [
        "۱۴۰۳/۰۲/۱۵ ۱۳:۴۵",
        "1403/02/15 13:45:00",
        "13:45 1403/02/15",
        "1403/02/15 - 13:45",
        "1403/02/15، ساعت 13:45",
        "1403/02/15 01:45 ب.ظ",
        "1403/02/15 1:45 PM",
        "شنبه ۱۵ اردیبهشت ۱۴۰۳ ساعت ۱۳:۴۵",
        "2024-05-04T13:45",
        "2024-05-04T13:45:00.123",
        "2024-05-04T10:15:00Z",
        "2024-05-04 13:45:00+03:30",
        datetime(2024, 5, 4, 13, 45),  # noqa: DTZ001
        datetime(2024, 5, 4, 13, 44, 59, 999_999),  # noqa: DTZ001
        datetime(2024, 5, 4, 10, 15, tzinfo=UTC),
        45416 + (13 * 60 + 45) / 1440,
    ],
)
def test_a_time_of_day_makes_it_an_instant(value: object) -> None:
    assert parse_moment(value) == datetime(2024, 5, 4, 13, 45)  # noqa: DTZ001
    assert parse_datetime(value) == datetime(2024, 5, 4, 10, 15, tzinfo=UTC)


def test_midnight_and_noon_are_told_apart() -> None:
    assert parse_moment("1403/02/15 12:05 ق.ظ") == datetime(2024, 5, 4, 0, 5)  # noqa: DTZ001
    assert parse_moment("1403/02/15 12:05 ب.ظ") == datetime(2024, 5, 4, 12, 5)  # noqa: DTZ001


def test_a_date_alone_is_midnight_in_tehran_as_an_instant() -> None:
    assert parse_datetime("1403/02/15") == datetime(2024, 5, 3, 20, 30, tzinfo=UTC)
    assert parse_datetime("1400/04/10") == datetime(2021, 6, 30, 19, 30, tzinfo=UTC)


def test_an_aware_instant_keeps_its_moment() -> None:
    nine = timezone(timedelta(hours=9))
    assert parse_datetime(datetime(2024, 5, 4, 0, 15, tzinfo=nine)) == datetime(2024, 5, 3, 15, 15, tzinfo=UTC)
    assert parse_date(datetime(2024, 5, 3, 20, 30, tzinfo=UTC)) == DAY


def test_a_column_gives_dates_and_reasons_side_by_side() -> None:
    column = pd.Series(["1403/02/15", None, "1404/12/30", 45416, True, 1, "-", "1403/02/15"], dtype=object)
    found, reasons = parse_dates(column)
    assert found == [DAY, None, None, DAY, None, date(1900, 1, 1), None, DAY]
    assert reasons == [None, None, "bad_day", None, "unreadable", None, None, None]


def test_a_column_of_moments_keeps_the_times() -> None:
    found, reasons = parse_moments(["1403/02/15", "1403/02/15 13:45"])
    assert found == [DAY, datetime(2024, 5, 4, 13, 45)]  # noqa: DTZ001
    assert reasons == [None, None]


def test_a_hundred_thousand_dates_are_read_in_a_blink() -> None:
    texts = [to_persian(f"14{i % 10:02d}/{i % 12 + 1:02d}/{i % 29 + 1:02d}") for i in range(100_000)]
    start = time.process_time()
    _, reasons = parse_dates(texts)
    assert time.process_time() - start < 0.3
    assert not any(reasons)


@st.composite
def jalali_days(draw: st.DrawFn) -> date:
    year = draw(st.integers(JALALI_YEARS.start, JALALI_YEARS.stop - 1))
    month = draw(st.integers(1, 12))
    return from_jalali(year, month, draw(st.integers(1, month_length(year, month))))


@given(jalali_days())
def test_what_is_written_can_be_read(day: date) -> None:
    assert parse_date(format_date(day, "fa")) == day
    assert parse_date(format_date(day, "en")) == day
    year, month, number = to_jalali(day)
    assert parse_date(f"{number}/{month}/{year}") == day
    assert parse_date(year * 10_000 + month * 100 + number) == day


@given(st.text(max_size=30) | st.text("0123456789۰۱۲۳/-.: تیر", max_size=20) | st.floats() | st.integers())
def test_any_value_is_read_or_refused_and_nothing_else(value: object) -> None:
    (found,), (reason,) = parse_dates([value])
    assert found is None or (reason is None and 1871 <= found.year <= 2100)


WORKBOOK = Path(__file__).parents[1] / "data" / "mixed_dates.xlsx"


def _rows() -> list[tuple[str, object, str]]:
    sheet = load_workbook(WORKBOOK).active
    assert sheet is not None
    return [(str(case), value, str(wanted)) for case, value, wanted in sheet.iter_rows(min_row=2, values_only=True)]


@pytest.mark.parametrize(("value", "wanted"), [pytest.param(v, w, id=case) for case, v, w in _rows()])
def test_each_value_of_the_workbook_is_read_as_its_third_column_says(value: object, wanted: str) -> None:
    (found,), (reason,) = parse_moments([value])
    if wanted.startswith(("empty", "-")):
        assert (found, reason) == (None, None)
    elif "error" in wanted or "ambiguous" in wanted:
        assert reason
    else:
        assert found is not None
        shown = found.isoformat(timespec="minutes") if isinstance(found, datetime) else found.isoformat()
        assert shown == wanted
