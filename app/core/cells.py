"""Kinds of cells: how a column of a sheet is read and written, the same in every sheet.

A kind reads a whole column at once, so that a hundred thousand rows take seconds: it answers the
values and every problem, never stopping at the first. Blank is None. What it writes, it can read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Any

from flask_babel import lazy_gettext as _l

from app.core import calendar, dates, identity_bulk, text
from app.core.digits import to_ascii
from app.core.formats import label_of
from app.core.identity import InvalidPhone
from app.core.money import InvalidAmount, Unit, parse_rials_all
from app.core.raw_cells import (
    DIGITS_LOST,
    EXACT,
    EXACT_DIGITS,
    TRUTH_VALUE,
    Parsed,
    Problem,
    as_decimal,
    as_text,
    as_texts,
)


@dataclass(frozen=True, slots=True)
class Kind:
    """The base of all kinds: reads text and writes text."""

    name = "text"
    is_text = True  # written as a text cell, read left to right or not by its column

    def parse(self, values: Sequence[Any], *, unit: str | None = None) -> Parsed:
        """Read a column of raw cells (str, int, float, bool, date, datetime, None)."""
        raise NotImplementedError

    def write(self, values: Iterable[Any]) -> list[Any]:
        """A column as cells: text or, where `is_text` is False, numbers."""
        cells = list(values)
        if set(map(type, cells)) <= {str, type(None)}:
            return cells
        return [None if value is None else str(value) for value in cells]


@dataclass(frozen=True, slots=True)
class Text(Kind):
    """Words, cleaned as they are stored."""

    def parse(self, values: Sequence[Any], *, unit: str | None = None) -> Parsed:
        texts, problems = as_texts(values)
        return Parsed([value or None for value in text.clean_all(texts)], problems)


@dataclass(frozen=True, slots=True)
class Code(Kind):
    """A code or number that is not counted with: digits folded to ASCII, leading zeros kept."""

    name = "code"

    def parse(self, values: Sequence[Any], *, unit: str | None = None) -> Parsed:
        texts, problems = as_texts(values)
        return Parsed([to_ascii(value) or None for value in text.clean_all(texts)], problems)


@dataclass(frozen=True, slots=True)
class Digits(Kind):
    """A number of a fixed count of digits (a postal code), separators left out."""

    length: int = 10
    name = "digits"

    def parse(self, values: Sequence[Any], *, unit: str | None = None) -> Parsed:
        texts, problems = as_texts(values)
        found: list[str | None] = []
        for place, value in enumerate(text.clean_all(texts)):
            digits = to_ascii(value)
            if not (digits.isascii() and digits.isdigit()):
                digits = re.sub(r"[\s\u200c-]", "", digits)
            found.append(digits or None)
            if digits and not (len(digits) == self.length and digits.isascii() and digits.isdigit()):
                problems.setdefault(
                    place, Problem("digit_count", _l("This must have %(length)d digits.", length=self.length))
                )
        return Parsed(found, problems)


@dataclass(frozen=True, slots=True)
class Email(Kind):
    """An e-mail address."""

    name = "email"

    def parse(self, values: Sequence[Any], *, unit: str | None = None) -> Parsed:
        texts, problems = as_texts(values)
        found = [value or None for value in text.clean_all(texts)]
        for place, value in enumerate(found):
            if value is not None and not EMAIL.fullmatch(value):
                problems.setdefault(place, Problem("email", _l("This is not an e-mail address.")))
        return Parsed(found, problems)


EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


@dataclass(frozen=True, slots=True)
class Rials(Kind):
    """Money in whole rials; tomans where the cell, the header or the person says so."""

    negative: bool = False
    name = "rials"
    is_text = False

    def parse(self, values: Sequence[Any], *, unit: str | None = None) -> Parsed:
        if set(map(type, values)) <= {int, type(None)}:
            factor = 10 if unit == Unit.TOMAN else 1
            amounts: list[int | None] = [None if value is None else value * factor for value in values]
            reasons: list[str | None] = []
        else:
            amounts, reasons = parse_rials_all(values, unit or Unit.RIAL)
        problems = {place: _amount_problem(reason) for place, reason in enumerate(reasons) if reason}
        for place, value in enumerate(values):
            if value.__class__ is bool:
                problems[place] = TRUTH_VALUE
            elif value.__class__ in (int, float) and abs(value) >= EXACT:
                problems[place] = DIGITS_LOST
        if not self.negative:
            below = (place for place, amount in enumerate(amounts) if amount is not None and amount < 0)
            problems |= dict.fromkeys(below, Problem("negative", _l("This amount cannot be negative.")))
        return Parsed([None if place in problems else amount for place, amount in enumerate(amounts)], problems)

    def write(self, values: Iterable[Any]) -> list[Any]:
        return [str(v) if v is not None and abs(v) >= EXACT else v for v in values]


def _amount_problem(reason: str) -> Problem:
    return Problem(reason, InvalidAmount(reason).message)


@dataclass(frozen=True, slots=True)
class Number(Kind):
    """A decimal number, or a whole one where `scale` is 0 (then values are int).

    `least` and `most` bound it, `percent` also understands a percent sign.
    """

    scale: int = 3
    least: Decimal | int | None = None
    most: Decimal | int | None = None
    percent: bool = False
    name = "number"
    is_text = False

    def parse(self, values: Sequence[Any], *, unit: str | None = None) -> Parsed:
        known: dict[Any, Decimal | int | Problem | None] = {}
        found: list[Any] = []
        problems: dict[int, Problem] = {}
        for place, value in enumerate(values):
            key = value if value.__class__ is str else (value.__class__, value)
            if key not in known:
                known[key] = self._one(value)
            result = known[key]
            if isinstance(result, Problem):
                problems[place] = result
                result = None
            found.append(result)
        return Parsed(found, problems)

    def _one(self, value: Any) -> Decimal | int | Problem | None:
        number = as_decimal(value, percent=self.percent)
        if number is None or isinstance(number, Problem):
            return number
        if self.percent and isinstance(value, float) and 0 < abs(value) < 1:
            return Problem("percent_or_part", _l("Write 9 or 9% for nine percent: 0.09 could be read in two ways."))
        if round(number, self.scale) != number:
            if self.scale == 0:
                return Problem("not_whole", _l("This must be a whole number."))
            return Problem("too_many_decimals", _l("At most %(scale)d decimals are kept here.", scale=self.scale))
        if self.least is not None and number < self.least:
            return Problem("too_small", _l("This must be at least %(least)s.", least=str(self.least)))
        if self.most is not None and number > self.most:
            return Problem("too_big", _l("This can be at most %(most)s.", most=str(self.most)))
        return int(number) if self.scale == 0 else number

    def write(self, values: Iterable[Any]) -> list[Any]:
        return [None if v is None else _number_cell(v) for v in values]


def _number_cell(value: Any) -> Any:
    if value.__class__ is float:
        return value
    if value == int(value):
        return int(value) if abs(value) < EXACT else str(value)
    return float(value) if len(Decimal(value).as_tuple().digits) <= EXACT_DIGITS else str(value)


@dataclass(frozen=True, slots=True)
class Day(Kind):
    """A date; Jalali or Gregorian text, a spreadsheet's date or number. Written as Jalali text."""

    name = "date"

    def parse(self, values: Sequence[Any], *, unit: str | None = None) -> Parsed:
        found, reasons = dates.parse_dates(values)
        return Parsed(list(found), _date_problems(reasons))

    def write(self, values: Iterable[Any]) -> list[Any]:
        return [None if v is None else _day_cell(v) for v in values]


@lru_cache(maxsize=20_000)
def _day_cell(value: Any) -> str:
    """A day in Jalali; a long list has few of them, many times each."""
    return calendar.format_date(value, "en")


@dataclass(frozen=True, slots=True)
class Moment(Kind):
    """An instant on Tehran's clock. Written as Jalali text with hour and minute."""

    name = "datetime"

    def parse(self, values: Sequence[Any], *, unit: str | None = None) -> Parsed:
        found: list[Any] = []
        reasons: list[str | None] = []
        for value in values:
            try:
                found.append(calendar.parse_datetime(value))
                reasons.append(None)
            except calendar.InvalidDate as refused:
                found.append(None)
                reasons.append(refused.reason)
        return Parsed(found, _date_problems(reasons))

    def write(self, values: Iterable[Any]) -> list[Any]:
        return [None if v is None else calendar.format_datetime(v, "en") for v in values]


def _date_problems(reasons: Sequence[str | None]) -> dict[int, Problem]:
    return {
        place: Problem(reason, calendar.InvalidDate(reason).message) for place, reason in enumerate(reasons) if reason
    }


Checker = Callable[[Iterable[Any]], tuple[list[str | None], list[str | None]]]


@dataclass(frozen=True, slots=True)
class Identity(Kind):
    """A number with a check of its own: `check` reads a column and gives reasons."""

    name: str = "identity"
    check: Checker = identity_bulk.check_national_ids
    messages: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def parse(self, values: Sequence[Any], *, unit: str | None = None) -> Parsed:
        texts, problems = as_texts(values)
        found, reasons = self.check(texts)
        for place, reason in enumerate(reasons):
            if reason:
                problems.setdefault(place, Problem(reason, self.messages.get(reason) or InvalidPhone(reason).message))
        return Parsed(list(found), problems)


def _word(word: str) -> str:
    """A word folded; written apart, together or with a half-space it is the same."""
    return text.search_key(word).replace(" ", "")


@dataclass(frozen=True, slots=True)
class YesNo(Kind):
    """Yes or no in the words people use."""

    name = "bool"

    def parse(self, values: Sequence[Any], *, unit: str | None = None) -> Parsed:
        found: list[bool | None] = []
        problems = {}
        for place, value in enumerate(values):
            key = value if isinstance(value, bool) else text.search_key(as_text(value))
            truth = key if isinstance(key, bool) else TRUTHS.get(key.replace(" ", ""))
            if truth is None and key != "":
                problems[place] = Problem("yes_or_no", _l("Write yes or no."))
            found.append(truth)
        return Parsed(found, problems)

    def write(self, values: Iterable[Any]) -> list[Any]:
        from flask_babel import gettext

        yes, no = gettext("Yes"), gettext("No")
        return [None if v is None else (yes if v else no) for v in values]


TRUTHS: dict[str, bool] = {
    **dict.fromkeys(map(_word, ("بله", "بلی", "آری", "دارد", "هست", "فعال", "درست", "✓", "✔", "☑")), True),
    **dict.fromkeys(map(_word, ("خیر", "نه", "ندارد", "نیست", "غیرفعال", "غیر فعال", "نادرست", "✗")), False),
    **dict.fromkeys(("yes", "y", "true", "1", "on", "x"), True),
    **dict.fromkeys(("no", "n", "false", "0", "off"), False),
}


@dataclass(frozen=True, slots=True)
class Choice(Kind):
    """A member of a closed set, by its value, its label or a further word for it."""

    members: type[StrEnum] = StrEnum
    words: Mapping[str, Sequence[str]] = field(default_factory=dict, hash=False)
    name = "choice"

    def parse(self, values: Sequence[Any], *, unit: str | None = None) -> Parsed:
        known = self._known()
        texts, problems = as_texts(values)
        found: list[Any] = []
        for place, key in enumerate(text.search_keys(texts)):
            member = known.get(key.replace(" ", ""))
            if member is None and key:
                allowed = ", ".join(label_of(m) for m in self.members)
                problems.setdefault(
                    place, Problem("unknown_choice", _l("Not a choice here. Use one of: %(allowed)s.", allowed=allowed))
                )
            found.append(member)
        return Parsed(found, problems)

    def _known(self) -> dict[str, StrEnum]:
        known: dict[str, StrEnum] = {}
        for member in self.members:
            for word in (member.value, label_of(member), *self.words.get(member.value, ())):
                known[_word(word)] = member
        return known

    def write(self, values: Iterable[Any]) -> list[Any]:
        labels = {member: label_of(member) for member in self.members}
        return [None if v is None else labels.get(v, str(v)) for v in values]


@dataclass(frozen=True, slots=True)
class Reference(Kind):
    """Another record, named by a code or a name; looked up for the whole column at once.

    `by` are columns of `model` tried in order; one that ends in `_sort` or `_key` holds folded
    text. `create` says that unknown names may be made after asking.
    """

    model: type[Any] = object
    by: tuple[str, ...] = ("code",)
    shown: str = "code"
    create: bool = False
    name = "reference"

    def parse(self, values: Sequence[Any], *, unit: str | None = None) -> Parsed:
        texts, problems = as_texts(values)
        return Parsed([value or None for value in text.clean_all(texts)], problems)


TEXT = Text()
CODE = Code()
EMAIL_ADDRESS = Email()
POSTAL_CODE = Digits(10)
RIALS = Rials()
SIGNED_RIALS = Rials(negative=True)
QUANTITY = Number(3, least=0)
WHOLE = Number(0)
PERCENT = Number(4, least=0, most=100, percent=True)
DATE = Day()
DATETIME = Moment()
YES_NO = YesNo()
PHONE = Identity("phone", identity_bulk.normalize_phones)
NATIONAL_ID = Identity(
    "national_id",
    identity_bulk.check_national_ids,
    {"national_id": _l("This national ID is not valid.")},
)
LEGAL_ID = Identity(
    "legal_id",
    identity_bulk.check_legal_ids,
    {"legal_id": _l("This legal-entity ID is not valid.")},
)
