"""What a document must be before any figure of it is worked out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l

from app.core.errors import FieldError
from app.core.money import MAX_RIALS
from app.core.totals.values import (
    MAX_LINES,
    MAX_PERCENT_DECIMALS,
    MAX_PRICE,
    MAX_PRICE_DECIMALS,
    MAX_QUANTITY,
    MAX_QUANTITY_DECIMALS,
    MAX_TAX_PERCENT,
    Addition,
    Discount,
    Document,
    Line,
    Tax,
)

MESSAGES: dict[str, Any] = {
    "required": _l("This value is missing."),
    "unknown_key": _l("This field is not known here."),
    "not_an_object": _l("An object with named fields is expected here."),
    "not_a_list": _l("A list is expected here."),
    "not_text": _l("Write the number as text, so that no digit of it is lost."),
    "not_a_number": _l("This is not a number."),
    "not_a_name": _l("A name is text."),
    "not_whole": _l("Whole rials are expected here."),
    "not_true_or_false": _l("True or false is expected here."),
    "bad_choice": _l("This is not one of the choices."),
    "negative": _l("This cannot be negative."),
    "too_large": _l("This number is too large."),
    "one_of": _l("Give either a percent or an amount."),
    "duplicate": _l("This tax is already on the line."),
    "discount_exceeds": _l("The discount is larger than what it is taken from."),
    "deduction_exceeds": _l("The deduction is larger than what it is taken from."),
    "taxes_exceed": _l("The taxes in the price are larger than what the discounts leave of it."),
    "negative_payable": _l("The deductions are larger than the payable amount."),
}


def refusal(path: str, code: str) -> FieldError:
    """The error of a code at a path."""
    return FieldError(path, code, MESSAGES[code])


def check(document: Document) -> list[FieldError]:
    """Every limit that a document breaks, in reading order; empty when it can be computed."""
    if len(document.lines) > MAX_LINES:
        return [FieldError("lines", "too_many", _l("A document has at most %(count)d lines.", count=MAX_LINES))]
    errors: list[FieldError] = []
    for index, line in enumerate(document.lines):
        errors += _line(line, path=f"lines[{index}]")
    errors += _discounts(document.discounts, path="discounts")
    for index, addition in enumerate(document.additions):
        errors += _addition(addition, path=f"additions[{index}]")
    return errors


def _line(line: Line, *, path: str) -> Iterator[FieldError]:
    yield from _number(line.quantity, path=f"{path}.quantity", most=MAX_QUANTITY, places=MAX_QUANTITY_DECIMALS)
    yield from _number(line.unit_price, path=f"{path}.unit_price", most=MAX_PRICE, places=MAX_PRICE_DECIMALS)
    yield from _discounts(line.discounts, path=f"{path}.discounts")
    seen: set[str] = set()
    for index, tax in enumerate(line.taxes):
        yield from _tax(tax, path=f"{path}.taxes[{index}]", seen=seen)


def _discounts(discounts: Sequence[Discount], *, path: str) -> Iterator[FieldError]:
    for index, discount in enumerate(discounts):
        here = f"{path}[{index}]"
        if (discount.percent is None) == (discount.amount is None):
            yield refusal(here, "one_of")
        elif discount.percent is not None:
            yield from _number(discount.percent, path=f"{here}.percent", most=100, places=MAX_PERCENT_DECIMALS)
        elif discount.amount is not None:
            yield from _amount(discount.amount, path=f"{here}.amount")


def _tax(tax: Tax, *, path: str, seen: set[str]) -> Iterator[FieldError]:
    if not tax.name:
        yield refusal(f"{path}.name", "required")
    elif tax.name in seen:
        yield refusal(f"{path}.name", "duplicate")
    seen.add(tax.name)
    yield from _number(tax.percent, path=f"{path}.percent", most=MAX_TAX_PERCENT, places=MAX_PERCENT_DECIMALS)


def _addition(addition: Addition, *, path: str) -> Iterator[FieldError]:
    yield from _amount(addition.amount, path=f"{path}.amount")
    if addition.sign not in (1, -1):
        yield refusal(f"{path}.sign", "bad_choice")


def _amount(amount: int, *, path: str) -> Iterator[FieldError]:
    if amount < 0:
        yield refusal(path, "negative")
    elif amount > MAX_RIALS:
        yield refusal(path, "too_large")


def _number(value: Decimal, *, path: str, most: int, places: int) -> Iterator[FieldError]:
    if not value.is_finite():
        yield refusal(path, "not_a_number")
    elif value < 0:
        yield refusal(path, "negative")
    elif value > most:
        yield FieldError(path, "too_large", _l("This number is larger than %(most)s.", most=f"{most:,}"))
    elif 10**places % value.as_integer_ratio()[1]:
        yield FieldError(path, "too_many_decimals", _l("At most %(places)d decimals are accepted.", places=places))
