"""The pre-flight check (پیش‌بررسی): what the tax system would refuse, said before the invoice is issued.

Pure: it looks at the values of an invoice and at the rules of the day, and names everything at
once. An error stops the issue where the tax system is turned on; a warning does not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _l

from app.core import identity
from app.core.totals import Policy
from app.finance.moadian.codes import BuyerKind, Column, InvoiceType, Pattern
from app.finance.moadian.tax_id import MEMORY_ID
from app.finance.moadian.values import Charge, Item, Paper, floored

MOST_TEXT = 400
GOODS_CODE = re.compile(r"[0-9]{13}")
TAXPAYER_CODE = re.compile(r"[0-9]{11}|[0-9]{14}")
MEMBER_CODE = re.compile(r"[0-9]{10,12}")


class Level(StrEnum):
    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not right: where (`lines[0].unit`), what (code), and words for a person."""

    level: Level
    path: str
    code: str
    message: Any

    @property
    def is_error(self) -> bool:
        return self.level is Level.ERROR

    def as_json(self) -> dict[str, str]:
        return {"level": self.level.value, "path": self.path, "code": self.code, "message": str(self.message)}


@dataclass(frozen=True, slots=True)
class Rules:
    """What holds on the day: how many days after its date an invoice may still be sent, and the rate of VAT."""

    today: date
    warn_days: int
    refuse_days: int
    vat_percent: Decimal


def check(paper: Paper, rules: Rules) -> list[Finding]:
    """Everything that the tax system would refuse (errors) or may ask about (warnings)."""
    found = [*_seller(paper), *_kind_of_document(paper), *_date(paper, rules), *_buyer(paper), *_sums(paper)]
    for item in paper.items:
        found += _item(item, rules)
    if not paper.items:
        found.append(_error("lines", "no_lines", _l("There are no lines.")))
    return sorted(found, key=lambda finding: not finding.is_error)


def errors_of(findings: Sequence[Finding]) -> list[Finding]:
    """The findings that stop an issue."""
    return [finding for finding in findings if finding.is_error]


def _error(path: str, code: str, message: Any) -> Finding:
    return Finding(Level.ERROR, path, code, message)


def _warning(path: str, code: str, message: Any) -> Finding:
    return Finding(Level.WARNING, path, code, message)


def _seller(paper: Paper) -> Iterator[Finding]:
    if not MEMORY_ID.fullmatch(paper.seller.memory_id):
        yield _error("memory_id", "memory_id", _l("The memory ID has six capital letters and digits."))
    if not TAXPAYER_CODE.fullmatch(paper.seller.economic_code):
        words = _l("Our own economic code is missing or wrong: a company's has 11 digits, a person's 14.")
        yield _error("seller.economic_code", "seller_code", words)


def _kind_of_document(paper: Paper) -> Iterator[Finding]:
    if paper.policy is not Policy.LINE_FLOOR:
        words = _l("The tax system drops the part of a rial on each line; choose that rounding for this invoice.")
        yield _error("policy", "policy", words)
    if paper.pattern is not Pattern.SALE:
        words = _l("“%(pattern)s” needs particulars that an invoice here does not hold.", pattern=paper.pattern.label)
        yield _error("pattern", "pattern", words)
    if paper.type is InvoiceType.THIRD and not paper.payments:
        words = _l("An invoice of type 3 needs the payment at the terminal.")
        yield _error("payments", "payments", words)


def _date(paper: Paper, rules: Rules) -> Iterator[Finding]:
    age = (rules.today - paper.on).days
    if age < 0:
        yield _error("invoice_on", "future", _l("The date of the invoice lies in the future."))
    elif age > rules.refuse_days:
        words = _l(
            "The invoice is %(age)d days old; the tax system takes it for %(days)d days after its date.",
            age=age,
            days=rules.refuse_days,
        )
        yield _error("invoice_on", "too_old", words)
    elif age > rules.warn_days:
        words = _l(
            "The invoice is %(age)d days old; it should be sent within %(days)d days.", age=age, days=rules.warn_days
        )
        yield _warning("invoice_on", "late", words)


# --- the buyer


def _buyer(paper: Paper) -> Iterator[Finding]:
    buyer, is_full = paper.buyer, paper.type is InvoiceType.FIRST
    if paper.type is InvoiceType.THIRD:
        return
    if buyer.kind is BuyerKind.LEGAL:
        yield from _legal_buyer(buyer.national_id, is_needed=is_full)
    elif buyer.kind is BuyerKind.NATURAL:
        yield from _natural_buyer(buyer.national_id, is_needed=is_full)
    elif buyer.kind is not None and (is_full or buyer.national_id) and not MEMBER_CODE.fullmatch(buyer.national_id):
        yield _error("buyer.national_id", "buyer_code", _l("The buyer's code has 10 to 12 digits."))
    elif buyer.kind is None and is_full:
        yield _error("buyer", "no_buyer", _l("An invoice of type 1 names its buyer."))
    yield from _economic_code(paper, is_needed=is_full)
    if buyer.postal_code and not identity.valid_postal_code(buyer.postal_code):
        yield _error("buyer.postal_code", "postal_code", _l("The buyer's postal code has ten digits."))


def _legal_buyer(code: str, *, is_needed: bool) -> Iterator[Finding]:
    if not code and is_needed:
        yield _error("buyer.national_id", "no_legal_id", _l("The buyer's legal-entity ID (11 digits) is missing."))
    elif code and not identity.valid_legal_id(code):
        yield _error("buyer.national_id", "legal_id", _l("The buyer's legal-entity ID is wrong."))


def _natural_buyer(code: str, *, is_needed: bool) -> Iterator[Finding]:
    if not code and is_needed:
        yield _error("buyer.national_id", "no_national_id", _l("The buyer's national ID (10 digits) is missing."))
    elif code and not identity.valid_national_id(code):
        yield _error("buyer.national_id", "national_id", _l("The buyer's national ID is wrong."))


def _economic_code(paper: Paper, *, is_needed: bool) -> Iterator[Finding]:
    code, kind = paper.buyer.economic_code, paper.buyer.kind
    wanted = identity.EconomicCodeKind.LEGAL if kind is BuyerKind.LEGAL else identity.EconomicCodeKind.NATURAL
    if not code:
        if is_needed and kind is BuyerKind.NATURAL:
            words = _l("The buyer's economic code (14 digits) is missing.")
            yield _error("buyer.economic_code", "no_economic_code", words)
    elif kind in {BuyerKind.LEGAL, BuyerKind.NATURAL} and identity.economic_code_kind(code) is not wanted:
        words = _l("The buyer's economic code is wrong: a company's is its 11-digit ID, a person's has 14 digits.")
        yield _error("buyer.economic_code", "economic_code", words)


# --- lines and sums


def _item(item: Item, rules: Rules) -> Iterator[Finding]:
    path, line = f"lines[{item.place - 1}]", item.place
    if not item.goods_code:
        words = _l("Line %(line)d: the product has no identifier of the tax system.", line=line)
        yield _error(f"{path}.product", "no_goods_code", words)
    elif not GOODS_CODE.fullmatch(item.goods_code):
        words = _l("Line %(line)d: the identifier of the tax system has 13 digits.", line=line)
        yield _error(f"{path}.product", "goods_code", words)
    if not item.unit_code:
        words = _l("Line %(line)d: the unit has no code in the tax system.", line=line)
        yield _error(f"{path}.unit", "no_unit_code", words)
    if len(item.description) > MOST_TEXT:
        words = _l("Line %(line)d: the description is longer than %(most)d letters.", line=line, most=MOST_TEXT)
        yield _error(f"{path}.description", "description", words)
    if item.quantity <= 0:
        yield _error(f"{path}.quantity", "quantity", _l("Line %(line)d: the quantity is not above zero.", line=line))
    for column in Column:
        yield from _charges(item, [charge for charge in item.charges if charge.column is column], path)
    vat = item.of(Column.VAT)
    if vat is not None and vat.percent not in (0, rules.vat_percent):
        words = _l(
            "Line %(line)d: VAT of %(percent)s percent is not the rate of the day.", line=line, percent=vat.percent
        )
        yield _warning(f"{path}.taxes", "vat_rate", words)


def _charges(item: Item, charges: Sequence[Charge], path: str) -> Iterator[Finding]:
    """The taxes of a line that share one column of the tax system."""
    line = item.place
    if len(charges) > 1:
        words = _l("Line %(line)d: “%(names)s” would share one field of the tax system; keep one of them.",
                   line=line, names=", ".join(charge.name for charge in charges))  # fmt: skip
        yield _error(f"{path}.taxes", "two_taxes", words)
    for charge in charges:
        expected = floored(item.net, charge.percent)
        if charge.amount != expected or not charge.is_plain:
            words = _l(
                "Line %(line)d: %(name)s is %(amount)s rials; the tax system works out %(expected)s.",
                line=line, name=charge.name, amount=f"{charge.amount:,}", expected=f"{expected:,}",
            )  # fmt: skip
            yield _error(f"{path}.taxes", "tax_amount", words)


def _sums(paper: Paper) -> Iterator[Finding]:
    """Additions and deductions of the whole document have no field; a missing rial is borne."""
    rest = paper.payable - paper.total
    if not rest:
        return
    if 0 < rest <= len(paper.items):
        words = _l("The payable is %(rest)d rials more than the lines, from prices that include taxes.", rest=rest)
        yield _warning("payable", "rounding", words)
    elif rest > 0:
        words = _l(
            "Additions of %(rest)s rials have no field in the tax system: enter them as lines of their own.",
            rest=f"{rest:,}",
        )
        yield _error("additions", "additions", words)
    else:
        words = _l(
            "Deductions of %(rest)s rials have no field in the tax system: enter them as a discount before taxes.",
            rest=f"{-rest:,}",
        )
        yield _error("additions", "deductions", words)
