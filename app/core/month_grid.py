"""A Jalali month as a calendar shows it: weeks from Saturday to Friday."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from app.core.digits import localize, to_ascii
from app.core.jalali import FIRST_YEAR, LAST_YEAR, jalali_month_range, to_jalali, weekday
from app.core.months import MONTHS_EN, MONTHS_FA, WEEKDAYS_EN, WEEKDAYS_FA

_KEY = re.compile(r"(\d{4})-(\d{1,2})")


@dataclass(frozen=True, slots=True)
class Month:
    """A Jalali month; `key` is how an address names it (1405-09)."""

    year: int
    month: int

    @classmethod
    def of(cls, day: date) -> Month:
        """The month in which a day lies."""
        return cls(*to_jalali(day)[:2])

    @classmethod
    def read(cls, typed: str, *, default: date) -> Month:
        """The month of an address; that of `default` for whatever names none."""
        found = _KEY.fullmatch(to_ascii(typed).strip())
        if found is None:
            return cls.of(default)
        year, month = int(found[1]), int(found[2])
        # One year inside the calendar's range, so that both neighbours are months too.
        if not (FIRST_YEAR < year < LAST_YEAR and 1 <= month <= 12):
            return cls.of(default)
        return cls(year, month)

    @property
    def key(self) -> str:
        return f"{self.year}-{self.month:02d}"

    @property
    def first(self) -> date:
        return jalali_month_range(self.year, self.month)[0]

    @property
    def last(self) -> date:
        return jalali_month_range(self.year, self.month)[1]

    @property
    def days(self) -> list[date]:
        """All days of the month."""
        return [self.first + timedelta(days=number) for number in range((self.last - self.first).days + 1)]

    @property
    def blanks_before(self) -> int:
        """Days of the first week that belong to the month before."""
        return weekday(self.first)

    @property
    def blanks_after(self) -> int:
        """Days of the last week that belong to the month after."""
        return 6 - weekday(self.last)

    def moved(self, months: int) -> Month:
        """The month so many months later."""
        years, index = divmod(self.month - 1 + months, 12)
        return Month(self.year + years, index + 1)

    def title(self, locale: str) -> str:
        """The month in words: آذر ۱۴۰۵."""
        names = MONTHS_FA if locale.startswith("fa") else MONTHS_EN
        return localize(f"{names[self.month - 1]} {self.year}", locale)


def weekday_names(locale: str) -> tuple[str, ...]:
    """The days of the week in a calendar's order."""
    return WEEKDAYS_FA if locale.startswith("fa") else WEEKDAYS_EN
