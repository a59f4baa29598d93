"""Jalali arithmetic and writing of dates."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import jdatetime
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core import calendar
from app.core.calendar import InvalidDate, add_months, from_jalali, to_jalali
from app.core.jalali import FIRST_YEAR, LAST_YEAR

DAYS = st.dates(date(1800, 1, 1), date(2250, 1, 1))


def test_every_day_of_two_centuries_agrees_with_the_reference_library() -> None:
    day, last = date(1921, 3, 21), date(2122, 3, 20)
    assert to_jalali(day) == (1300, 1, 1)
    while day <= last:
        expected = jdatetime.date.fromgregorian(date=day)
        assert to_jalali(day) == (expected.year, expected.month, expected.day)
        assert from_jalali(expected.year, expected.month, expected.day) == day
        day += timedelta(days=1)
    assert to_jalali(last) == (1500, 12, 29)


@given(DAYS)
def test_a_date_comes_back_from_jalali(day: date) -> None:
    assert from_jalali(*to_jalali(day)) == day


@pytest.mark.parametrize(
    ("year", "first", "last", "days"),
    [
        (1403, date(2024, 3, 20), date(2025, 3, 20), 366),
        (1404, date(2025, 3, 21), date(2026, 3, 20), 365),
        (1405, date(2026, 3, 21), date(2027, 3, 20), 365),
    ],
)
def test_a_year_begins_and_ends_on_its_days(year: int, first: date, last: date, days: int) -> None:
    assert calendar.jalali_year_range(year) == (first, last)
    assert (last - first).days + 1 == days
    assert calendar.fiscal_year(first) == calendar.fiscal_year(last) == year


def test_leap_years_are_those_of_the_official_calendar() -> None:
    assert [year for year in range(1396, 1413) if calendar.is_leap(year)] == [1399, 1403, 1408, 1412]


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ((1404, 12, 30), "bad_day"),
        ((1404, 7, 31), "bad_day"),
        ((1403, 1, 32), "bad_day"),
        ((1403, 1, 0), "bad_day"),
        ((1403, 13, 1), "bad_month"),
        ((1403, 0, 1), "bad_month"),
        ((FIRST_YEAR - 1, 1, 1), "out_of_range"),
        ((LAST_YEAR + 1, 1, 1), "out_of_range"),
    ],
)
def test_days_that_do_not_exist_are_refused(parts: tuple[int, int, int], reason: str) -> None:
    with pytest.raises(InvalidDate) as refused:
        from_jalali(*parts)
    assert refused.value.reason == reason


def test_a_refused_date_is_also_a_value_error() -> None:
    assert issubclass(InvalidDate, ValueError)


@pytest.mark.parametrize(
    ("start", "months", "expected"),
    [
        ((1403, 6, 31), 1, (1403, 7, 30)),
        ((1404, 11, 30), 1, (1404, 12, 29)),
        ((1403, 12, 30), 12, (1404, 12, 29)),
        ((1403, 12, 30), 60, (1408, 12, 30)),
        ((1403, 1, 31), -1, (1402, 12, 29)),
        ((1403, 1, 15), 0, (1403, 1, 15)),
        ((1403, 1, 15), -25, (1400, 12, 15)),
    ],
)
def test_adding_months_clamps_to_the_last_day(
    start: tuple[int, int, int], months: int, expected: tuple[int, int, int]
) -> None:
    assert to_jalali(add_months(from_jalali(*start), months)) == expected


@given(st.dates(date(1860, 1, 1), date(2180, 1, 1)), st.integers(-600, 600))
def test_adding_months_counts_months_and_never_raises_the_day(day: date, months: int) -> None:
    year, month, number = to_jalali(day)
    later_year, later_month, later_number = to_jalali(add_months(day, months))
    assert (later_year - year) * 12 + later_month - month == months
    assert later_number == min(number, calendar.month_length(later_year, later_month))


def test_a_fiscal_year_may_begin_in_another_month() -> None:
    assert calendar.fiscal_year(from_jalali(1403, 6, 31), starts=(7, 1)) == 1402
    assert calendar.fiscal_year(from_jalali(1403, 7, 1), starts=(7, 1)) == 1403


def test_the_week_begins_on_saturday() -> None:
    assert calendar.weekday(date(2024, 5, 4)) == 0
    assert calendar.weekday(date(2024, 5, 10)) == 6
    assert calendar.weekday_name(date(2024, 5, 4), "fa") == "شنبه"
    assert calendar.weekday_name(date(2024, 5, 10), "en") == "Friday"


def test_a_month_knows_its_days() -> None:
    assert calendar.jalali_month_range(1403, 12) == (date(2025, 2, 19), date(2025, 3, 20))


def test_dates_are_jalali_in_both_languages() -> None:
    day = date(2024, 5, 4)
    assert calendar.format_date(day, "fa") == "۱۴۰۳/۰۲/۱۵"
    assert calendar.format_date(day, "en") == "1403/02/15"
    assert calendar.format_date_long(day, "fa") == "شنبه ۱۵ اردیبهشت ۱۴۰۳"
    assert calendar.format_date_long(day, "en") == "Saturday 15 Ordibehesht 1403"
    assert [calendar.jalali_month_name(12, locale) for locale in ("fa", "en")] == ["اسفند", "Esfand"]


@pytest.mark.parametrize(
    ("instant", "shown"),
    [
        pytest.param(datetime(2024, 5, 4, 10, 15, tzinfo=UTC), "1403/02/15 13:45", id="no summer time since 1401"),
        pytest.param(datetime(2021, 7, 1, 10, 15, tzinfo=UTC), "1400/04/10 14:45", id="summer of 1400"),
        pytest.param(datetime(2022, 7, 1, 10, 15, tzinfo=UTC), "1401/04/10 14:45", id="summer of 1401"),
        pytest.param(datetime(2022, 12, 1, 10, 15, tzinfo=UTC), "1401/09/10 13:45", id="winter of 1401"),
        pytest.param(datetime(2024, 5, 3, 20, 30, tzinfo=UTC), "1403/02/15 00:00", id="midnight in Tehran"),
        pytest.param(datetime(2024, 5, 3, 20, 29), "1403/02/14 23:59", id="stored without zone"),  # noqa: DTZ001
    ],
)
def test_instants_are_shown_on_the_clock_of_tehran(instant: datetime, shown: str) -> None:
    assert calendar.format_datetime(instant, "en") == shown
    assert calendar.format_date(instant, "en") == shown[:10]
