"""Jalali arithmetic: the 33-year rule, which is the official calendar for the years 1178 to 1633."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l

from app.core.errors import DomainError

FIRST_YEAR, LAST_YEAR = 1178, 1633

# the ordinal of 1 Farvardin of year y is _EPOCH + 365·(y−1) + leap days before it
_EPOCH = 226895

_REASONS: dict[str, Any] = {
    "unreadable": _l("This is not a date."),
    "bad_month": _l("A month is a number from 1 to 12."),
    "bad_day": _l("This month does not have that day."),
    "bad_time": _l("This is not a time of day."),
    "bad_zone": _l("This is not a time zone."),
    "out_of_range": _l("The year of this date is not plausible."),
    "two_digit_year": _l("A year needs four digits: this one could be of either century or calendar."),
    "maybe_hijri": _l("This year could be of the lunar calendar; write the date in Jalali or Gregorian."),
    "day_or_month": _l("It cannot be told which number is the day and which the month; write the year first."),
    "bare_year": _l("This is only a year; a date needs its month and day."),
    "serial_zero": _l("Zero and negative numbers are no dates in a spreadsheet."),
    "serial_60": _l("This cell holds 29 February 1900, a day that never was."),
}


class InvalidDate(DomainError, ValueError):
    """A value that is not a date; `reason` (also `code`) says why."""

    def __init__(self, reason: str) -> None:
        super().__init__(_REASONS[reason])
        self.code = self.reason = reason


def is_leap(year: int) -> bool:
    """Whether Esfand of a Jalali year has 30 days."""
    return (25 * year + 11) % 33 < 8


def month_length(year: int, month: int) -> int:
    """Days of a Jalali month: 31 in the first six, then 30, Esfand 29 or 30."""
    if month <= 6:
        return 31
    return 30 if month < 12 or is_leap(year) else 29


def _new_year(year: int) -> int:
    return _EPOCH + 365 * (year - 1) + (8 * year + 21) // 33


def to_jalali(day: date) -> tuple[int, int, int]:
    """Year, month and day of a Gregorian date in the Jalali calendar."""
    ordinal = day.toordinal()
    year = day.year - 621
    start = _new_year(year)
    if ordinal < start:
        year -= 1
        start = _new_year(year)
    days = ordinal - start
    if days < 186:
        return year, days // 31 + 1, days % 31 + 1
    return year, (days - 186) // 30 + 7, (days - 186) % 30 + 1


def from_jalali(year: int, month: int, day: int) -> date:
    """The Gregorian date of a Jalali one.

    Raises:
        InvalidDate: out_of_range, bad_month or bad_day: there is no such day.
    """
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise InvalidDate("out_of_range")
    if not 1 <= month <= 12:
        raise InvalidDate("bad_month")
    if not 1 <= day <= month_length(year, month):
        raise InvalidDate("bad_day")
    before = (month - 1) * 31 if month <= 7 else 186 + (month - 7) * 30
    return date.fromordinal(_new_year(year) + before + day - 1)


def add_months(day: date, months: int) -> date:
    """The same Jalali day of another month, or that month's last day when it is shorter."""
    year, month, number = to_jalali(day)
    years, index = divmod(month - 1 + months, 12)
    year, month = year + years, index + 1
    return from_jalali(year, month, min(number, month_length(year, month)))


def jalali_year_range(year: int) -> tuple[date, date]:
    """First and last Gregorian date of a Jalali year."""
    return from_jalali(year, 1, 1), from_jalali(year, 12, month_length(year, 12))


def jalali_month_range(year: int, month: int) -> tuple[date, date]:
    """First and last Gregorian date of a Jalali month."""
    first = from_jalali(year, month, 1)
    return first, from_jalali(year, month, month_length(year, month))


def fiscal_year(day: date, *, starts: tuple[int, int] = (1, 1)) -> int:
    """The fiscal year of a date, named by the Jalali year it begins in. `starts` is (month, day)."""
    year, month, number = to_jalali(day)
    return year if (month, number) >= starts else year - 1


def weekday(day: date) -> int:
    """Day of the week: Saturday 0 … Friday 6."""
    return (day.weekday() + 2) % 7
