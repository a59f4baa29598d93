"""Raw cells of a spreadsheet as texts and exact numbers, and the problems that a cell can have.

Raw are str, int, float, bool, date, datetime and None. A spreadsheet's numbers carry 15 digits:
what is longer has been changed by it and is refused rather than believed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l

from app.core import calendar, text
from app.core.digits import to_ascii

EXACT_DIGITS = 15
EXACT = 10**EXACT_DIGITS
"""From here on a spreadsheet's numbers lose their last digits."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a cell is refused: a code for programs, words for people."""

    code: str
    message: Any


@dataclass(slots=True)
class Parsed:
    """A column that was read: a value per cell (None for blank or refused), problems by place."""

    values: list[Any]
    problems: dict[int, Problem] = field(default_factory=dict)


DIGITS_LOST = Problem(
    "digits_lost", _l("A spreadsheet keeps only 15 digits of a number. Make this a text cell with all its digits.")
)
NOT_NUMBER = Problem("not_a_number", _l("This is not a number."))
TRUTH_VALUE = Problem("truth_value", _l("This cell holds TRUE or FALSE, which does not belong in this column."))


PLAIN_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)", re.ASCII)
GROUPED_NUMBER = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?", re.ASCII)
NUMBER_MARKS = str.maketrans({"٬": ",", "،": ",", "٫": ".", "−": "-", "–": "-", " ": None, "\u200c": None})


def as_decimal(value: Any, *, percent: bool) -> Decimal | Problem | None:
    """An exact decimal; a spreadsheet's number by its 15 digits."""
    if value is None:
        return None
    if isinstance(value, bool):
        return TRUTH_VALUE
    if isinstance(value, int | float):
        return Decimal(format(value, ".15g")) if abs(value) < EXACT else DIGITS_LOST
    if not isinstance(value, str):
        return NOT_NUMBER
    written = to_ascii(text.clean(value)).translate(NUMBER_MARKS)
    if percent:
        written = written.strip("%٪")
    if written in ("", "-"):
        return None
    if GROUPED_NUMBER.fullmatch(written):
        written = written.replace(",", "")
    return Decimal(written) if PLAIN_NUMBER.fullmatch(written) and len(written) < 40 else NOT_NUMBER


def as_text(value: Any) -> str:
    """A raw cell as text, as a spreadsheet shows it; a date in Jalali."""
    if value.__class__ is str:
        return str(value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return format(value, ".15g")
    if isinstance(value, datetime):
        return calendar.format_date(value.date(), "en") + (f" {value:%H:%M}" if value.time() else "")
    return calendar.format_date(value, "en") if isinstance(value, date) else str(value)


def as_texts(values: Sequence[Any]) -> tuple[list[str], dict[int, Problem]]:
    """Raw cells as texts, and problems where a number has lost digits or a truth value stands."""
    classes = set(map(type, values))
    if classes <= {str, type(None)}:
        return [value or "" for value in values], {}
    problems = {}
    if classes & {int, float, bool}:
        for place, value in enumerate(values):
            if value.__class__ is bool:
                problems[place] = TRUTH_VALUE
            elif value.__class__ in (int, float) and abs(value) >= EXACT:
                problems[place] = DIGITS_LOST
    return [as_text(value) for value in values], problems
