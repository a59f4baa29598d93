"""Dates as people write and read them: Jalali, Asia/Tehran, in Persian and in English.

Dates are stored Gregorian and instants UTC. Arithmetic is in `core.jalali`, reading in
`core.dates`; both are offered from here, so that callers need to know one name.
"""

from __future__ import annotations

from datetime import UTC, date, datetime

from app.core.clock import TEHRAN
from app.core.dates import parse_date, parse_dates, parse_datetime, parse_moment
from app.core.digits import localize
from app.core.jalali import (
    InvalidDate,
    add_months,
    fiscal_year,
    from_jalali,
    is_leap,
    jalali_month_range,
    jalali_year_range,
    month_length,
    to_jalali,
    weekday,
)
from app.core.months import MONTHS_EN, MONTHS_FA, WEEKDAYS_EN, WEEKDAYS_FA

__all__ = [
    "TEHRAN",
    "InvalidDate",
    "add_months",
    "fiscal_year",
    "format_date",
    "format_date_long",
    "format_datetime",
    "from_jalali",
    "is_leap",
    "jalali_month_name",
    "jalali_month_range",
    "jalali_year_range",
    "month_length",
    "parse_date",
    "parse_dates",
    "parse_datetime",
    "parse_moment",
    "to_jalali",
    "to_tehran",
    "weekday",
    "weekday_name",
]


def to_tehran(instant: datetime) -> datetime:
    """An instant on Tehran's clock. A value without zone is taken as UTC, as storage gives it."""
    if instant.tzinfo is None:
        instant = instant.replace(tzinfo=UTC)
    return instant.astimezone(TEHRAN)


def format_date(day: date, locale: str = "fa") -> str:
    """۱۴۰۳/۰۲/۱۵ for fa, 1403/02/15 otherwise. An instant is shown on Tehran's day."""
    if isinstance(day, datetime):
        day = to_tehran(day).date()
    year, month, number = to_jalali(day)
    return localize(f"{year:04d}/{month:02d}/{number:02d}", locale)


def format_date_long(day: date, locale: str = "fa") -> str:
    """With the names of weekday and month: شنبه ۱۵ اردیبهشت ۱۴۰۳."""
    year, month, number = to_jalali(day)
    shown = f"{weekday_name(day, locale)} {number} {jalali_month_name(month, locale)} {year}"
    return localize(shown, locale)


def format_datetime(instant: datetime, locale: str = "fa") -> str:
    """An instant on Tehran's clock: ۱۴۰۳/۰۲/۱۵ ۱۳:۴۵."""
    local = to_tehran(instant)
    return f"{format_date(local.date(), locale)} {localize(f'{local:%H:%M}', locale)}"


def jalali_month_name(month: int, locale: str = "fa") -> str:
    """The name of a Jalali month, 1 to 12."""
    return (MONTHS_FA if locale.startswith("fa") else MONTHS_EN)[month - 1]


def weekday_name(day: date, locale: str = "fa") -> str:
    """The name of the day of the week."""
    return (WEEKDAYS_FA if locale.startswith("fa") else WEEKDAYS_EN)[weekday(day)]
