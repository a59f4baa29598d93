"""Discounts, additions and taxes of an invoice as cells, and back again, without loss.

The usual ones have columns of their own: a percent and then an amount, freight, packing, a
deduction, VAT, duty and another charge. What is beside them, or in another order, stands in one
text: `2% + 1000` on a line, `-5% of payable; insurance: 20000 taxed` on a document.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l

from app.core import text
from app.core.cells import Kind
from app.core.digits import to_ascii
from app.core.formats import lang
from app.core.raw_cells import Parsed, Problem, as_texts
from app.core.totals import Addition, Discount, DiscountOf
from app.sales.catalog.models import TaxKind
from app.sales.documents.choices import tax_name
from app.sales.documents.filling import plain

ADDITIONS = {"freight": 1, "packing": 1, "deduction": -1}
"""Additions with a column of their own, in the order of the editor, with their signs."""
VAT, DUTY, CHARGE = (tax_name(kind) for kind in TaxKind)
OF_PAYABLE, TAXED = "of payable", "taxed"
WORDS = {"از قابل پرداخت": OF_PAYABLE, "مشمول مالیات": TAXED}
STEP = re.compile(r"(?P<value>\d{1,15}(?:\.\d{1,4})?)(?P<percent>%?)")
ADJUSTMENT = re.compile(
    r"(?:(?P<name>.*):\s*(?P<sign>-?)\s*(?P<amount>\d{1,15})(?P<taxed>\s+taxed)?"
    r"|-\s*(?P<value>\d{1,15}(?:\.\d{1,4})?)(?P<percent>%?)(?P<payable>\s+of payable)?)"
)
BAD_STEPS = Problem("malformed", _l("Write discounts one after the other, like 5% + 2% + 1000."))
BAD_ADJUSTMENTS = Problem("malformed", _l("Write discounts and additions like -5%; -1000; insurance: 20000."))
SEPARATOR = re.compile(r"(?<!\\)[;؛]")

Adjusted = tuple[list[Discount], list[Addition]]


# --- texts


@dataclass(frozen=True, slots=True)
class Steps(Kind):
    """Discounts of a line one after the other; the value is their text, always written the same."""

    name = "steps"

    def parse(self, values: Sequence[Any], *, unit: str | None = None) -> Parsed:
        return _parse(values, lambda value: steps_text(read_steps(value)), BAD_STEPS)


@dataclass(frozen=True, slots=True)
class Adjustments(Kind):
    """Further discounts and additions of a document; the value is their text in English."""

    name = "adjustments"

    def parse(self, values: Sequence[Any], *, unit: str | None = None) -> Parsed:
        return _parse(values, lambda value: adjustments_text(*read_adjustments(value)), BAD_ADJUSTMENTS)

    def write(self, values: Iterable[Any]) -> list[Any]:
        return [_in_persian(value) if value and lang() == "fa" else value for value in values]


def _parse(values: Sequence[Any], canonical: Any, problem: Problem) -> Parsed:
    texts, problems = as_texts(values)
    found: list[str | None] = []
    for place, value in enumerate(text.clean_all(texts)):
        try:
            found.append(canonical(value) if value else None)
        except ValueError:
            found.append(None)
            problems.setdefault(place, problem)
    return Parsed(found, problems)


def _in_persian(value: str) -> str:
    for persian, english in WORDS.items():
        value = re.sub(rf" {english}(?=$|;)", f" {persian}", value)
    return value


def read_steps(written: str | None) -> list[Discount]:
    """The discounts of a text. Raises ValueError."""
    found = []
    for part in filter(None, re.split(r"\s*\+\s*", to_ascii(written or "").replace("٪", "%").strip())):
        match = STEP.fullmatch(re.sub(r"[\s,٬]", "", part).replace("٫", "."))
        if match is None or (not match["percent"] and "." in match["value"]):
            raise ValueError(part)
        value = Decimal(match["value"])
        found.append(Discount(percent=value) if match["percent"] else Discount(amount=int(value)))
    return found


def steps_text(steps: Iterable[Discount]) -> str | None:
    """Discounts as their text; None without any."""
    return " + ".join(_worth(one) for one in steps) or None


def _worth(one: Discount) -> str:
    return str(one.amount) if one.percent is None else f"{plain(one.percent)}%"


def read_adjustments(written: str | None) -> Adjusted:
    """The discounts and additions of a text. Raises ValueError."""
    discounts: list[Discount] = []
    additions: list[Addition] = []
    for part in SEPARATOR.split(written or ""):
        if part.strip():
            one = _read_adjustment(part)
            (additions if isinstance(one, Addition) else discounts).append(one)  # type: ignore[arg-type]
    return discounts, additions


def _read_adjustment(part: str) -> Discount | Addition:
    part = part.replace("\\;", ";").strip()
    for persian, english in WORDS.items():
        part = re.sub(rf"\s*{persian}$", f" {english}", part)
    name, colon, rest = part.rpartition(":")
    match = ADJUSTMENT.fullmatch(f"{name}{colon}{_plain_digits(rest)}")
    if match is None:
        raise ValueError(part)
    if match["amount"] is not None:
        sign = -1 if match["sign"] else 1
        return Addition(match["name"].strip(), int(match["amount"]), sign, bool(match["taxed"]))
    of = DiscountOf.PAYABLE if match["payable"] else DiscountOf.NET
    value = Decimal(match["value"])
    if match["percent"]:
        return Discount(percent=value, of=of)
    if value != int(value):
        raise ValueError(part)
    return Discount(amount=int(value), of=of)


def _plain_digits(written: str) -> str:
    return re.sub(r"(?<=\d)[,٬](?=\d)", "", to_ascii(written).replace("٪", "%").replace("٫", ".").replace("−", "-"))


def adjustments_text(discounts: Iterable[Discount], additions: Iterable[Addition]) -> str | None:
    """Discounts and additions of a document as their text; None without any."""
    parts = [f"-{_worth(one)}{' ' + OF_PAYABLE if one.of is DiscountOf.PAYABLE else ''}" for one in discounts]
    for one in additions:
        name = one.name.replace(";", "\\;")
        parts.append(f"{name}: {'-' if one.sign < 0 else ''}{one.amount}{' ' + TAXED if one.taxed else ''}")
    return "; ".join(parts) or None


# --- columns: how each is picked of what is stored, and what they mean together


def _split(steps: Sequence[Discount]) -> tuple[Decimal | None, int | None, list[Discount]]:
    """The leading percent, the amount after it, and the rest; only discounts before taxes lead."""
    left = list(steps)
    percent = amount = None
    if left and left[0].percent is not None and left[0].of is DiscountOf.NET:
        percent = left.pop(0).percent
    if left and left[0].amount is not None and left[0].of is DiscountOf.NET:
        amount = left.pop(0).amount
    return percent, amount, left


def _stored_steps(stored: Iterable[Mapping[str, str]]) -> list[Discount]:
    return [
        Discount(percent=Decimal(one["percent"])) if "percent" in one else Discount(amount=int(one["amount"]))
        for one in stored
    ]


def line_percent(stored: Any) -> Decimal | None:
    """Of the stored discounts of a line the percent that is taken first."""
    return _split(_stored_steps(stored))[0]


def line_amount(stored: Any) -> int | None:
    """Of the stored discounts of a line the rials that are taken first, or after the percent."""
    return _split(_stored_steps(stored))[1]


def line_more(stored: Any) -> str | None:
    """Of the stored discounts of a line all others, in order."""
    return steps_text(_split(_stored_steps(stored))[2])


def vat_rate(stored: Any) -> Decimal | None:
    """Of the stored taxes of a line the rate of VAT; None for a line that bears none."""
    return next((tax.percent for tax in stored if tax.name == VAT), None)


def duty_rate(stored: Any) -> Decimal | None:
    """Of the stored taxes of a line the rate of the other duty."""
    return next((tax.percent for tax in stored if tax.name == DUTY), None)


def charge_rate(stored: Any) -> Decimal | None:
    """Of the stored taxes of a line the rate of the other legal charge."""
    return next((tax.percent for tax in stored if tax.name not in (VAT, DUTY)), None)


def stored_adjustments(stored: Iterable[Any]) -> Adjusted:
    """The discounts and the additions that an invoice has, each in order."""
    rows = sorted(stored, key=lambda row: row.position)
    discounts = [Discount(row.percent, row.amount_rials, row.of) for row in rows if row.is_discount]
    return discounts, [Addition(r.name, r.amount_rials, r.sign, r.taxed) for r in rows if not r.is_discount]


def _named(additions: Sequence[Addition]) -> tuple[dict[str, int], list[Addition]]:
    """The additions with columns of their own, as far as they come first and in order; and the rest."""
    left, found = list(additions), {}
    for name, sign in ADDITIONS.items():
        if left and (left[0].name, left[0].sign, left[0].taxed) == (name, sign, False):
            found[name] = left.pop(0).amount
    return found, left


def document_percent(stored: Any) -> Decimal | None:
    """Of the stored adjustments the percent that is taken off the document first."""
    return _split(stored_adjustments(stored)[0])[0]


def document_amount(stored: Any) -> int | None:
    """Of the stored adjustments the rials that are taken off the document first, or after the percent."""
    return _split(stored_adjustments(stored)[0])[1]


def addition_of(name: str) -> Any:
    """Picks the rials of a usual addition."""
    return lambda stored: _named(stored_adjustments(stored)[1])[0].get(name)


def document_more(stored: Any) -> str | None:
    """Of the stored adjustments all that have no column of their own."""
    discounts, additions = stored_adjustments(stored)
    return adjustments_text(_split(discounts)[2], _named(additions)[1])


def line_discounts(cells: Mapping[str, Any]) -> list[Discount]:
    """The discounts that the cells of a line say, in order."""
    percent, amount = cells.get("discount_percent"), cells.get("discount_amount")
    leading = ([Discount(percent=percent)] if percent else []) + ([Discount(amount=amount)] if amount else [])
    return leading + read_steps(cells.get("more_discounts"))


def adjustments(cells: Mapping[str, Any], stored: Sequence[Any] = ()) -> Adjusted:
    """The discounts and additions that the cells of a document say; a blank cell leaves what is stored."""
    discounts, additions = stored_adjustments(stored)
    percent, amount, more = _split(discounts)
    held, others = _named(additions)
    percent = _said(cells, "document_discount_percent", percent)
    amount = _said(cells, "document_discount_rials", amount)
    if cells.get("adjustments") is not None:
        more, others = read_adjustments(cells["adjustments"])
    named = {name: _said(cells, f"{name}_rials", held.get(name)) for name in ADDITIONS}
    leading = ([Discount(percent=percent)] if percent else []) + ([Discount(amount=amount)] if amount else [])
    usual = [Addition(name, rials, ADDITIONS[name]) for name, rials in named.items() if rials]
    return [*leading, *more], [*usual, *others]


def _said(cells: Mapping[str, Any], name: str, held: Any) -> Any:
    value = cells.get(name)
    return held if value is None else value
