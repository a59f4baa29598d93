"""Money: whole rials in, whole rials out, and the one place where anything is rounded.

Amounts are `int` rials that fit 64 bits; rates and percents are `Decimal`. Toman is only a view
(one tenth of a rial amount). Reading what people type, writing it back in figures and in words,
sharing an amount over parts, mean due date and simple interest live here; the totals of a
document live in `core.totals`, which rounds with the functions below.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from numbers import Integral
from typing import Any

from flask_babel import lazy_gettext as _l

from app.core.digits import localize, to_ascii
from app.core.errors import DomainError
from app.core.number_words import words
from app.core.text import clean

__all__ = [
    "MAX_RIALS",
    "InvalidAmount",
    "Rounding",
    "Unit",
    "apportion",
    "divide",
    "format_amount",
    "format_rials",
    "mean_due_date",
    "multiply",
    "parse_rials",
    "parse_rials_all",
    "percent_of",
    "round_rials",
    "simple_interest",
    "split",
    "words",
]

MAX_RIALS = 2**63 - 1


class Rounding(StrEnum):
    """What happens to the part of a rial. All three treat −x as the mirror of x."""

    FLOOR = "floor"
    HALF_UP = "half_up"
    CEILING = "ceiling"


class Unit(StrEnum):
    """The unit an amount is typed or shown in."""

    RIAL = "rial"
    TOMAN = "toman"


_REASONS: dict[str, Any] = {
    "empty": _l("An amount is missing."),
    "unreadable": _l("This is not an amount."),
    "bad_grouping": _l("The thousands separators of this amount are not in their places."),
    "fraction": _l("Rials have no fraction; tomans have one decimal at most."),
    "two_units": _l("This amount names both rial and toman."),
    "too_large": _l("This amount is too large."),
    "imprecise": _l("A number of more than 15 digits loses digits in a spreadsheet; write it as text."),
}


class InvalidAmount(DomainError, ValueError):
    """A value that is not an amount; `reason` (also `code`) says why.

    Reasons: empty, unreadable, bad_grouping, fraction, two_units, too_large, imprecise.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(_REASONS[reason])
        self.code = self.reason = reason


# --- rounding and sharing


def divide(numerator: int, *, by: int, rounding: Rounding) -> int:
    """The whole quotient, rounded; `by` is positive. Sign symmetric: a return mirrors its sale."""
    whole, rest = divmod(abs(numerator), by)
    if rest and (rounding is Rounding.CEILING or (rounding is Rounding.HALF_UP and 2 * rest >= by)):
        whole += 1
    return whole if numerator >= 0 else -whole


def round_rials(value: Decimal, *, rounding: Rounding) -> int:
    """A decimal amount of rials as whole rials."""
    numerator, denominator = value.as_integer_ratio()
    return divide(numerator, by=denominator, rounding=rounding)


def multiply(quantity: Decimal, *, price: Decimal, rounding: Rounding) -> int:
    """Quantity × unit price in whole rials, worked out exactly before it is rounded."""
    q_up, q_down = quantity.as_integer_ratio()
    p_up, p_down = price.as_integer_ratio()
    return divide(q_up * p_up, by=q_down * p_down, rounding=rounding)


def percent_of(amount: int, *, percent: Decimal, rounding: Rounding) -> int:
    """A percent (10 means 10 %) of an amount, in whole rials."""
    up, down = percent.as_integer_ratio()
    return divide(amount * up, by=down * 100, rounding=rounding)


def split(amount: int, *, weights: Sequence[int]) -> list[int]:
    """Share an amount in proportion to weights so that the parts add up exactly.

    Largest remainder: every part gets its floor, then one rial each goes to the largest
    fractional parts, the first of equal ones first. Weights are not negative; a weight of 0 gets
    nothing. −x is shared as the mirror of x.

    Raises:
        ValueError: there is an amount but no weight to put it on.

    Source: IRAN.md, document discount.
    """
    if not amount:
        return [0] * len(weights)
    total = sum(weights)
    if total <= 0:
        raise ValueError("nothing to share over")
    if amount < 0:
        return [-share for share in split(-amount, weights=weights)]
    return apportion(amount, numerators=[amount * weight for weight in weights], denominator=total)


def apportion(amount: int, *, numerators: Sequence[int], denominator: int) -> list[int]:
    """Exact parts (each numerator ÷ denominator) as whole rials that add up to `amount`.

    Largest remainder, first of equal ones first. `amount` lies between the sum of the floors and
    that sum plus the number of parts that have a fraction.
    """
    shares = [numerator // denominator for numerator in numerators]
    missing = amount - sum(shares)
    if missing:
        by_remainder = sorted(range(len(shares)), key=lambda i: -(numerators[i] % denominator))
        for index in by_remainder[:missing]:
            shares[index] += 1
    return shares


# --- reading

_GROUPED = re.compile(r"\d{1,3}(?:(?P<sep>[,'.٬،’ ])\d{3})(?:(?P=sep)\d{3})*", re.ASCII)
_NUMBER = re.compile(r"(?P<whole>\d[\d,'٬،’ .]*?)(?:[.٫](?P<part>\d+))?", re.ASCII)
_DOT_GROUP = re.compile(r"[0-9]{1,3}\.[0-9]{3}")
_USUAL = re.compile(r"([0-9]{1,3}(?:(?:,[0-9]{3})*|(?:٬[0-9]{3})*|(?:،[0-9]{3})*)|[0-9]{1,17})\s*(ر[یي]ال|تومان)?")
_SEPARATORS = str.maketrans("", "", ",٬،")
_RIAL = re.compile(r"ریال|﷼|\bIRR\b|\brials?\b", re.IGNORECASE)
_TOMAN = re.compile(
    r"تومان|تومن|\bIRT\b|\btomans?\b|(?<![^\W\d_])T(?![^\W\d_])|(?<![^\W\d_])ت(?![^\W\d_])", re.IGNORECASE
)
_MINUS = "-\u2212\u2013"


def parse_rials(value: str | int | float | Decimal, unit: str = Unit.RIAL) -> int:
    """The whole rials that a person typed, or that a cell of a workbook holds.

    Understands Persian and Arabic digits, the separators , ٬ ، . ' and space in groups of three,
    minus or parentheses for negative, and ریال or تومان (also تومن, ت, T, IRR, IRT) before or
    after; a unit named in the text wins over `unit`. One tenth of a toman is a rial. A single dot
    before three digits is taken as a fraction and refused, never guessed.

    Raises:
        InvalidAmount: see its reasons. An empty value is refused too.
    """
    if isinstance(value, str):
        usual = _USUAL.fullmatch(to_ascii(value))
        if usual and len(value) < 24:
            tomans = usual[2] == "تومان" or (unit == Unit.TOMAN and not usual[2])
            return int(usual[1].translate(_SEPARATORS)) * (10 if tomans else 1)
        return _parse_text(value, unit=unit)
    if isinstance(value, Integral) and not isinstance(value, bool):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        raise InvalidAmount("empty" if value is None else "unreadable")
    if value != value:  # NaN
        raise InvalidAmount("empty")
    if isinstance(value, float) and 2**53 <= abs(value) < float("inf"):
        raise InvalidAmount("imprecise")
    number = Decimal(repr(float(value))) if isinstance(value, float) else Decimal(value)
    if not number.is_finite():
        raise InvalidAmount("unreadable")
    return _in_rials(number, toman=unit == Unit.TOMAN)


def _parse_text(value: str, *, unit: str) -> int:
    text = to_ascii(clean(value))
    if not text or text in {*_MINUS, "—"}:
        raise InvalidAmount("empty")
    text, rials = _RIAL.subn("", text)
    text, tomans = _TOMAN.subn("", text)
    if rials and tomans:
        raise InvalidAmount("two_units")
    if rials > 1 or tomans > 1:
        raise InvalidAmount("unreadable")
    text, negative = _sign(text.strip())
    amount = _in_rials(_number(text), toman=bool(tomans) or (unit == Unit.TOMAN and not rials))
    return -amount if negative else amount


def _sign(text: str) -> tuple[str, bool]:
    if text.startswith("(") and text.endswith(")"):
        return text[1:-1].strip(), True
    if text[:1] in _MINUS and text:
        return text[1:].strip(), True
    if text[-1:] in _MINUS and text:
        return text[:-1].strip(), True
    return text.removeprefix("+").strip(), False


def _number(text: str) -> Decimal:
    if not text.isascii() or not text.isdigit():
        if _DOT_GROUP.fullmatch(text):
            raise InvalidAmount("fraction")
        if _GROUPED.fullmatch(text):
            return Decimal(re.sub(r"\D", "", text))
        match = _NUMBER.fullmatch(text)
        if match is None:
            raise InvalidAmount("unreadable")
        whole, part = match["whole"], match["part"] or "0"
        if not whole.isdigit() and not _GROUPED.fullmatch(whole):
            raise InvalidAmount("bad_grouping")
        text = re.sub(r"\D", "", whole) + "." + part
    if len(text) > 40:
        raise InvalidAmount("too_large")
    return Decimal(text)


def _in_rials(number: Decimal, *, toman: bool) -> int:
    if abs(number) > MAX_RIALS:
        raise InvalidAmount("too_large")
    up, down = number.as_integer_ratio()
    amount, rest = divmod(up * 10 if toman else up, down)
    if rest:
        raise InvalidAmount("fraction")
    if abs(amount) > MAX_RIALS:
        raise InvalidAmount("too_large")
    return amount


def parse_rials_all(values: Iterable[Any], unit: str = Unit.RIAL) -> tuple[list[int | None], list[str | None]]:
    """Many amounts at once: (rials, reasons), each as long as `values`.

    Where a value is empty both are None; where it is refused the amount is None and the reason
    is a reason of `InvalidAmount`. Each distinct value is worked out once.
    """
    known: dict[Any, tuple[int | None, str | None]] = {}
    amounts: list[int | None] = []
    reasons: list[str | None] = []
    for value in values:
        key = value if value.__class__ is str else (value.__class__, value)
        found = known.get(key)
        if found is None:
            found = known[key] = _try(value, unit)
        amounts.append(found[0])
        reasons.append(found[1])
    return amounts, reasons


def _try(value: Any, unit: str) -> tuple[int | None, str | None]:
    try:
        return parse_rials(value, unit), None
    except InvalidAmount as refused:
        return None, None if refused.reason == "empty" else refused.reason


# --- writing


def format_rials(amount: int, locale: str = "fa") -> str:
    """The amount in groups of three, without a unit: ۱٬۲۳۴٬۵۶۷ for fa, 1,234,567 otherwise."""
    if not locale.startswith("fa"):
        return f"{amount:,}"
    return localize(f"{amount:,}".replace(",", "٬"), locale)


def format_amount(amount: int, *, unit: str = Unit.RIAL, locale: str = "fa") -> str:
    """Rials shown in a unit, without its name. In toman the odd rials stay visible as one decimal."""
    if unit != Unit.TOMAN:
        return format_rials(amount, locale)
    tomans, odd = divmod(abs(amount), 10)
    shown = format_rials(tomans, locale)
    if odd:
        shown += localize(f"٫{odd}" if locale.startswith("fa") else f".{odd}", locale)
    return f"-{shown}" if amount < 0 else shown


# --- time and money


def mean_due_days(base: date, *, items: Iterable[tuple[int, date]]) -> int:
    """Days from `base` to the mean due date (ras) of (rials, due date) pairs, half up.

    Raises:
        ValueError: the amounts add up to nothing.
    """
    total = weighted = 0
    for amount, due in items:
        total += amount
        weighted += amount * (due - base).days
    if total <= 0:
        raise ValueError("no amount to take the mean due date of")
    return divide(weighted, by=total, rounding=Rounding.HALF_UP)


def mean_due_date(base: date, *, items: Iterable[tuple[int, date]]) -> date:
    """The day on which all items together would be due (راس).

    Source: IRAN.md: base + round(Σ amount·days ÷ Σ amount), days from the base.
    """
    return base + timedelta(days=mean_due_days(base, items=items))


def simple_interest(
    principal: int,
    *,
    percent: Decimal,
    days: int,
    year_days: int = 365,
    rounding: Rounding = Rounding.FLOOR,
) -> int:
    """Interest in whole rials at `percent` a year (18 means 18 %), without compounding."""
    up, down = percent.as_integer_ratio()
    return divide(principal * up * days, by=down * 100 * year_days, rounding=rounding)
