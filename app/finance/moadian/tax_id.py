"""The tax ID (شماره منحصربه‌فرد مالیاتی): the 22 characters by which the tax system knows a document.

Memory ID (6) + day number in hex (5) + serial in hex (10) + one Verhoeff digit. Pure functions; the
rule and its worked values are in IRAN.md, "Tax system".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from flask_babel import lazy_gettext as _l

from app.core.errors import DomainError

MEMORY_ID = re.compile(r"[A-Z0-9]{6}")
LAST_DAY, LAST_SERIAL = 16**5 - 1, 10**12 - 1
"""The hex field of the serial would hold more; the check string has twelve decimals for it."""

_EPOCH = date(1970, 1, 1)
_PARTS = re.compile(r"([A-Z0-9]{6})([0-9A-F]{5})([0-9A-F]{10})([0-9])")
_SHUFFLE = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)


class BadTaxId(DomainError, ValueError):
    """A memory ID, day or serial that fits no tax ID, or a tax ID that is none."""

    code = "bad_tax_id"
    default_message = _l("This is not a tax ID: it has 22 characters, of which the last one proves the others.")


@dataclass(frozen=True, slots=True)
class TaxId:
    """What a tax ID says."""

    memory_id: str
    day: int
    serial: int

    @property
    def on(self) -> date:
        """The UTC day of issue."""
        return _EPOCH + timedelta(days=self.day)


def day_number(instant: datetime) -> int:
    """Whole UTC days since 1970-01-01: until 03:30 in Tehran still the day before.

    Take it of the very instant that stands in the document as its time of issue; the tax system
    refuses a document in which the two are of different days.
    """
    if instant.tzinfo is None:
        raise ValueError("an instant has a time zone")
    return (instant.astimezone(UTC).date() - _EPOCH).days


def tax_id(memory_id: str, *, instant: datetime, serial: int) -> str:
    """The tax ID of the document with this serial of a memory, issued at an instant. Raises BadTaxId."""
    return make(TaxId(memory_id, day_number(instant), serial))


def make(parts: TaxId) -> str:
    """The 22 characters. Raises BadTaxId for a part that does not fit."""
    if not MEMORY_ID.fullmatch(parts.memory_id) or not 0 <= parts.day <= LAST_DAY:
        raise BadTaxId(parts=parts)
    if not 0 < parts.serial <= LAST_SERIAL:
        raise BadTaxId(parts=parts)
    return f"{parts.memory_id}{parts.day:05X}{serial_text(parts.serial)}{verhoeff_digit(_check_string(parts))}"


def read(text: str) -> TaxId:
    """What a tax ID says. Raises BadTaxId where the form or the check digit is wrong."""
    found = _PARTS.fullmatch(text)
    if found is None:
        raise BadTaxId(text=text)
    parts = TaxId(found[1], int(found[2], 16), int(found[3], 16))
    if parts.serial > LAST_SERIAL or verhoeff_digit(_check_string(parts)) != int(found[4]):
        raise BadTaxId(text=text)
    return parts


def serial_text(serial: int) -> str:
    """The serial as it stands in the tax ID and in the field `inno`: ten hex digits."""
    return f"{serial:010X}"


def _check_string(parts: TaxId) -> str:
    """Digits only: letters of the memory ID as their ASCII code, then day (6) and serial (12) in decimals."""
    memory = "".join(c if c.isdigit() else str(ord(c)) for c in parts.memory_id)
    return f"{memory}{parts.day:06d}{parts.serial:012d}"


# --- Verhoeff: the digits as the ten symmetries of a pentagon, five turns (0-4) and five mirrors (5-9)


def verhoeff_digit(digits: str) -> int:
    """The digit to put behind a number, so that any one wrong digit and any swap of neighbours shows."""
    check = 0
    for place, digit in enumerate(reversed(digits), start=1):
        check = _after(check, _shuffled(int(digit), times=place % 8))
    return -check % 5 if check < 5 else check


def _after(first: int, second: int) -> int:
    """One symmetry done after the other."""
    turn = (first + second) % 5 if first < 5 else (first - second) % 5
    return turn if (first < 5) == (second < 5) else 5 + turn


def _shuffled(digit: int, *, times: int) -> int:
    for _time in range(times):
        digit = _SHUFFLE[digit]
    return digit
