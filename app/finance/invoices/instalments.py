"""Schedules of instalments (اقساط): equal shares of a payable, a month or more apart."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l

from app.core.calendar import InvalidDate, parse_date
from app.core.digits import to_ascii
from app.core.errors import DomainError, FieldError, Invalid
from app.core.formats import jdate_input
from app.core.jalali import add_months
from app.core.money import parse_rials, split
from app.finance.invoices.entry import MOST_INSTALMENTS

MOST_MONTHS = 24


def schedule(data: Mapping[str, Any]) -> list[dict[str, str]]:
    """`due_on` (Jalali) and `amount` (rials) of equal instalments that sum to `payable`.

    `data`: `payable`, `count`, `first_on`, `months` between two of them (1). Raises Invalid.
    """
    errors: list[FieldError] = []
    count = _whole(data, "count", 1, MOST_INSTALMENTS, errors)
    months = _whole({"months": "1", **data}, "months", 1, MOST_MONTHS, errors)
    first_on = _day(data.get("first_on"), errors)
    try:
        payable = parse_rials(str(data.get("payable") or "0"))
    except DomainError as error:
        payable = 0
        errors.append(FieldError("payable", error.code, error.message))
    if not errors and payable < count:
        errors.append(FieldError("count", "range", _l("The amount is too small for so many instalments.")))
    if errors or first_on is None:
        raise Invalid(errors)
    days = [add_months(first_on, place * months) for place in range(count)]
    shares = split(payable, weights=[1] * count)
    return [{"due_on": jdate_input(day), "amount": str(share)} for day, share in zip(days, shares, strict=True)]


def _whole(data: Mapping[str, Any], name: str, least: int, most: int, errors: list[FieldError]) -> int:
    text = to_ascii(str(data.get(name) or "")).strip()
    if text.isascii() and text.isdigit() and len(text) < 6 and least <= int(text) <= most:
        return int(text)
    message = _l("Give a whole number from %(least)s to %(most)s.", least=least, most=most)
    errors.append(FieldError(name, "range", message))
    return least


def _day(value: Any, errors: list[FieldError]) -> date | None:
    try:
        found = parse_date(str(value or ""))
    except InvalidDate as error:
        errors.append(FieldError("first_on", "date", error.message))
        return None
    if found is None:
        errors.append(FieldError("first_on", "required", _l("Give the day of the first instalment.")))
    return found
