"""Reading dates that people typed or a workbook holds. The rules are told in docs/dates.md.

A year decides the calendar: 1250–1439 is Jalali, 1900–2100 Gregorian, 1440–1499 could be lunar
and is refused like two-digit years, since a date that is guessed is worse than one asked again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time, timedelta, timezone
from numbers import Integral
from typing import Any, TypeVar

from app.core.clock import TEHRAN
from app.core.digits import to_ascii
from app.core.jalali import InvalidDate, from_jalali
from app.core.months import (
    AM_WORDS,
    CLOCK_WORD,
    GREGORIAN_EN,
    MONTH_SUFFIX,
    MONTH_WORDS,
    MONTHS_EN,
    MONTHS_FA,
    PM_WORDS,
)
from app.core.text import clean, search_key

JALALI_YEARS = range(1250, 1440)
MAYBE_HIJRI_YEARS = range(1440, 1500)
GREGORIAN_YEARS = range(1900, 2101)

_T = TypeVar("_T")
_DASHES = "-–—−_ "
_EDGES = " ,،-–—"
_YEAR_FIRST = re.compile(r"([0-9]{4})([/.\-])([0-9]{1,2})\2([0-9]{1,2})(?: ([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?)?")
_TRIPLE = re.compile(r"([0-9]{1,4})\s*([/.\-– ])\s*([0-9]{1,2})\s*\2\s*([0-9]{1,4})")
_EIGHT = re.compile(r"[0-9]{8}")
_TIME = re.compile(
    r"(?<![0-9])([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:\.[0-9]+)?)?(?![0-9:])"
    r"(?:\s*(z\b|[+-][0-9]{2}:?[0-9]{2}))?"
)
_PERSIAN_WEEKDAY = re.compile(r"(?:یک|دو|سه|چهار|پنج)?[\s\u200c]*شنبه|جمعه|آدینه")
_WEEKDAY = re.compile(
    _PERSIAN_WEEKDAY.pattern + r"|\b(?:sat(?:ur)?|sun|mon|tue(?:s)?|wed(?:nes)?|thu(?:rs)?|fri)(?:day)?\b"
)
_TOKENS = re.compile(r"[0-9]+|[^\W\d_]+")


def _words(words: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(rf"(?<!\w){re.escape(word)}(?!\w)" for word in words))


_AM, _PM = _words(AM_WORDS), _words(PM_WORDS)
_JALALI_MONTHS = {
    **{search_key(name): index for index, name in enumerate(MONTHS_FA, 1)},
    **{name.lower(): index for index, name in enumerate(MONTHS_EN, 1)},
    **MONTH_WORDS,
}

# the serial 1 is 1900-01-01; from 61 on one day more is counted, for a 29 February 1900 that never was
_SERIAL_ZERO = date(1899, 12, 31)
_NO_LEAP_DAY = 60
_LAST_SERIAL = (date(2100, 12, 31) - _SERIAL_ZERO).days + 1


def parse_date(value: Any) -> date | None:
    """The Gregorian date of a text, a spreadsheet number, a date or an instant; None for nothing.

    A time of day is left out; use `parse_moment` to keep it.

    Raises:
        InvalidDate: `reason` says why, see `core.jalali`.
    """
    found = parse_moment(value)
    return found.date() if isinstance(found, datetime) else found


def parse_moment(value: Any) -> date | datetime | None:
    """A date, or a datetime without zone on Tehran's clock where a time of day is given; None for nothing.

    Raises:
        InvalidDate: as `parse_date`.
    """
    found = _read(value)
    if isinstance(found, datetime) and found.tzinfo is not None:
        return found.astimezone(TEHRAN).replace(tzinfo=None)
    return found


def parse_datetime(value: Any) -> datetime | None:
    """The instant, aware UTC. Without a zone it is Tehran's clock, without a time its midnight; None for nothing.

    Raises:
        InvalidDate: as `parse_date`.
    """
    found = _read(value)
    if found is None:
        return None
    if not isinstance(found, datetime):
        found = datetime.combine(found, time())
    if found.tzinfo is None:
        found = found.replace(tzinfo=TEHRAN)
    return found.astimezone(UTC)


def parse_dates(values: Iterable[Any]) -> tuple[list[date | None], list[str | None]]:
    """`parse_date` over a column: (dates, reasons), each as long as `values`.

    Nothing gives None and None, a refused value None and its reason. Distinct values are read once.
    """
    return _each(values, parse_date)


def parse_moments(values: Iterable[Any]) -> tuple[list[date | datetime | None], list[str | None]]:
    """`parse_moment` over a column, as `parse_dates`."""
    return _each(values, parse_moment)


def _each(values: Iterable[Any], work: Callable[[Any], _T | None]) -> tuple[list[_T | None], list[str | None]]:
    known: dict[Any, tuple[_T | None, str | None]] = {}
    found: list[_T | None] = []
    reasons: list[str | None] = []
    for value in values:
        # True == 1 and a date may equal nothing of another type: the class belongs to the key
        key = value if value.__class__ is str else (value.__class__, value)
        pair = known.get(key)
        if pair is None:
            pair = known[key] = _try(value, work)
        found.append(pair[0])
        reasons.append(pair[1])
    return found, reasons


def _try(value: Any, work: Callable[[Any], _T | None]) -> tuple[_T | None, str | None]:
    try:
        return work(value), None
    except InvalidDate as refused:
        return None, refused.reason


def _read(value: Any) -> date | datetime | None:
    """A date, a datetime on Tehran's clock (no zone) or an aware one; None for nothing."""
    if isinstance(value, str):
        quick = _YEAR_FIRST.fullmatch(to_ascii(value))
        if quick:
            day = _day(int(quick[1]), int(quick[3]), int(quick[4]))
            return datetime.combine(day, _time(quick[5], quick[6], quick[7])) if quick[5] else day
        return _text(value)
    if value is None or value != value:  # NaN and NaT
        return None
    if isinstance(value, datetime):
        return _whole_seconds(value)
    if isinstance(value, date):
        return _plausible(value)
    if isinstance(value, bool) or not isinstance(value, (Integral, float)):
        raise InvalidDate("unreadable")
    return _number(float(value) if isinstance(value, float) else int(value))


# --- numbers and dates of a spreadsheet


def _plausible(day: date) -> date:
    if day.year not in GREGORIAN_YEARS:
        raise InvalidDate("out_of_range")
    return day


def _whole_seconds(moment: datetime) -> date | datetime:
    _plausible(moment)
    # the clock of a spreadsheet may be a microsecond off; a subclass (pandas) is brought back to datetime
    moment = datetime.combine(moment.date(), moment.timetz()) + timedelta(microseconds=500_000)
    moment = moment.replace(microsecond=0)
    return moment.date() if moment.tzinfo is None and moment.time() == time() else moment


def _number(number: float) -> date | datetime:
    if number in (float("inf"), float("-inf")):
        raise InvalidDate("unreadable")
    days = int(number)
    seconds = round((number - days) * 86400)
    if not seconds and 10_000_000 <= days <= 99_999_999:
        return _day(days // 10_000, days // 100 % 100, days % 100)
    if days < 1:
        raise InvalidDate("serial_zero")
    if days == _NO_LEAP_DAY:
        raise InvalidDate("serial_60")
    if not seconds and (1250 <= days < 1500 or days in GREGORIAN_YEARS):
        raise InvalidDate("bare_year")
    if days > _LAST_SERIAL:
        raise InvalidDate("out_of_range")
    day = _SERIAL_ZERO + timedelta(days=days - (days > _NO_LEAP_DAY))
    return datetime.combine(day, time()) + timedelta(seconds=seconds) if seconds else day


# --- text


def _text(value: str) -> date | datetime | None:
    text = to_ascii(clean(value)).lower()
    if not text.strip(_DASHES):
        return None
    clock, text = _clock(text)
    day = _day_of(text)
    if clock is None:
        return day
    at, zone = clock
    return datetime.combine(day, at, tzinfo=zone)


def _clock(text: str) -> tuple[tuple[time, timezone | None] | None, str]:
    """The time of day that a text holds, its zone, and the rest of the text."""
    match = _TIME.search(text)
    if match is None:
        return None, text
    rest = text[: match.start()] + " " + text[match.end() :]
    at = _time(match[1], match[2], match[3])
    rest, afternoon = _PM.subn(" ", rest)
    rest, morning = _AM.subn(" ", rest)
    if morning or afternoon:
        if not 1 <= at.hour <= 12:
            raise InvalidDate("bad_time")
        at = at.replace(hour=at.hour % 12 + (12 if afternoon else 0))
    rest = rest.replace(CLOCK_WORD, " ").strip(_EDGES)
    return (at, _zone(match[4])), rest.removesuffix("t").strip(_EDGES)


def _time(hour: str, minute: str, second: str | None) -> time:
    try:
        return time(int(hour), int(minute), int(second or 0))
    except ValueError:
        raise InvalidDate("bad_time") from None


def _zone(text: str | None) -> timezone | None:
    if text is None:
        return None
    if text == "z":
        return UTC
    hours, minutes = int(text[1:3]), int(text[-2:])
    if hours > 14 or minutes > 59:
        raise InvalidDate("bad_zone")
    offset = timedelta(hours=hours, minutes=minutes)
    return timezone(-offset if text[0] == "-" else offset)


def _day_of(text: str) -> date:
    triple = _TRIPLE.fullmatch(text)
    if triple:
        return _triple(triple[1], triple[3], triple[4])
    if _EIGHT.fullmatch(text):
        return _day(int(text[:4]), int(text[4:6]), int(text[6:]))
    return _named(text)


def _triple(first: str, second: str, third: str) -> date:
    if len(first) == 4 and len(third) <= 2:
        return _day(int(first), int(second), int(third))
    if len(third) == 4 and len(first) <= 2:
        day, month, year = int(first), int(second), int(third)
        if year in GREGORIAN_YEARS and day <= 12 and month <= 12 and day != month:
            raise InvalidDate("day_or_month")
        return _day(year, month, day)
    raise InvalidDate("two_digit_year" if len(first) <= 2 and len(third) <= 2 else "unreadable")


def _named(text: str) -> date:
    """A date with the name of its month, with or without a weekday: ۱۵ اردیبهشت ۱۴۰۳."""
    tokens = _TOKENS.findall(search_key(_WEEKDAY.sub(" ", text)))
    numbers = [token for token in tokens if token.isdigit()]
    names = [token for token in tokens if not token.isdigit() and token != MONTH_SUFFIX]
    if len(numbers) != 2 or len(names) != 1:
        raise InvalidDate("unreadable")
    year, day = (numbers[0], numbers[1]) if len(numbers[0]) > 2 else (numbers[1], numbers[0])
    name = names[0]
    month = _JALALI_MONTHS.get(name) or _JALALI_MONTHS.get(name.removesuffix(MONTH_SUFFIX))
    gregorian = GREGORIAN_EN.get(name)
    if (month is None and gregorian is None) or len(day) > 2:
        raise InvalidDate("unreadable")
    if len(year) != 4:
        raise InvalidDate("two_digit_year")
    if (int(year) in GREGORIAN_YEARS) != (month is None):
        raise InvalidDate("out_of_range")
    return _day(int(year), month or gregorian or 0, int(day))


def _day(year: int, month: int, day: int) -> date:
    """The date of three numbers; the year decides the calendar."""
    if year in JALALI_YEARS:
        return from_jalali(year, month, day)
    if year in MAYBE_HIJRI_YEARS:
        raise InvalidDate("maybe_hijri")
    if year not in GREGORIAN_YEARS:
        raise InvalidDate("out_of_range")
    if not 1 <= month <= 12:
        raise InvalidDate("bad_month")
    try:
        return date(year, month, day)
    except ValueError:
        raise InvalidDate("bad_day") from None
