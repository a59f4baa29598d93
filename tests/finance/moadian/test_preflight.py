"""The pre-flight check: each refusal of the tax system is named before the issue."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from app.core import totals
from app.finance.moadian.codes import BuyerKind, Column, InvoiceType, Pattern
from app.finance.moadian.preflight import Rules, check, errors_of
from app.finance.moadian.values import Buyer, Charge, Seller
from tests.finance.moadian.papers import AT, COMPANY, PERSON, document, line, paper_of

RULES = Rules(date(2026, 11, 22), warn_days=7, refuse_days=30, vat_percent=Decimal(10))


def codes(paper: Any, rules: Rules = RULES) -> dict[str, str]:
    return {finding.code: finding.level.value for finding in check(paper, rules)}


@pytest.mark.parametrize("buyer", [COMPANY, PERSON], ids=["company", "person"])
def test_a_good_invoice_has_no_finding(buyer: Buyer) -> None:
    assert check(paper_of(document(), buyer=buyer), RULES) == []


@pytest.mark.parametrize(
    ("buyer", "expected"),
    [
        (replace(COMPANY, national_id=""), "no_legal_id"),
        (replace(COMPANY, national_id="14000405501"), "legal_id"),
        (replace(COMPANY, national_id="0499370899"), "legal_id"),
        (replace(COMPANY, economic_code="12345678901234"), "economic_code"),
        (replace(COMPANY, postal_code="12345"), "postal_code"),
        (replace(PERSON, national_id=""), "no_national_id"),
        (replace(PERSON, national_id="0684159415"), "national_id"),
        (replace(PERSON, economic_code=""), "no_economic_code"),
        (replace(PERSON, economic_code="411111111111"), "economic_code"),
        (Buyer(), "no_buyer"),
        (Buyer(BuyerKind.FOREIGN, "12"), "buyer_code"),
    ],
)
def test_buyer_of_type_one(buyer: Buyer, expected: str) -> None:
    assert codes(paper_of(document(), buyer=buyer)) == {expected: "error"}


@pytest.mark.parametrize("buyer", [Buyer(), Buyer(BuyerKind.NATURAL), Buyer(BuyerKind.LEGAL)])
def test_buyer_of_type_two_may_be_unknown(buyer: Buyer) -> None:
    assert codes(paper_of(document(), buyer=buyer, type=InvoiceType.SECOND)) == {}


def test_buyer_of_type_two_is_right_where_told() -> None:
    buyer = Buyer(BuyerKind.NATURAL, "0684159415")
    assert codes(paper_of(document(), buyer=buyer, type=InvoiceType.SECOND)) == {"national_id": "error"}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"goods_code": ""}, "no_goods_code"),
        ({"goods_code": "271000013862"}, "goods_code"),
        ({"unit_code": ""}, "no_unit_code"),
        ({"description": "x" * 401}, "description"),
        ({"charges": (Charge(Column.VAT, "VAT", Decimal(10), 2_001),)}, "tax_amount"),
        ({"charges": (Charge(Column.VAT, "VAT", Decimal(10), 2_000, is_plain=False),)}, "tax_amount"),
    ],
)
def test_lines(change: dict[str, Any], expected: str) -> None:
    paper = paper_of(document())
    items = (replace(paper.items[0], **change),)
    found = check(replace(paper, items=items, payable=sum(item.total for item in items)), RULES)
    assert [(f.code, f.path.split(".")[0]) for f in errors_of(found)] == [(expected, "lines[0]")]


def test_every_line_is_named_at_once() -> None:
    paper = paper_of(document([line(), line(), line()]))
    paper = replace(paper, items=tuple(replace(item, goods_code="", unit_code="") for item in paper.items))
    assert len(errors_of(check(paper, RULES))) == 6


def test_two_duties_share_one_field() -> None:
    taxes = tuple(totals.Tax(name, Decimal(1)) for name in ("toll", "levy"))
    assert codes(paper_of(document([line(taxes=taxes)]))) == {"two_taxes": "error"}


@pytest.mark.parametrize("policy", [totals.Policy.LINE_HALF_UP, totals.Policy.DOCUMENT_HALF_UP])
def test_other_rounding_is_refused(policy: totals.Policy) -> None:
    assert codes(paper_of(document(policy=policy))) == {"policy": "error"}


def test_half_up_tax_is_refused_by_its_figure_too() -> None:
    paper = paper_of(document([line("1", "5326")], policy=totals.Policy.LINE_HALF_UP))
    assert set(codes(paper)) == {"policy", "tax_amount"}


@pytest.mark.parametrize(
    ("days", "expected"),
    [(0, {}), (7, {}), (8, {"late": "warning"}), (30, {"late": "warning"}), (31, {"too_old": "error"})],
)
def test_date_window(days: int, expected: dict[str, str]) -> None:
    assert codes(paper_of(document(), at=AT - timedelta(days=days))) == expected


def test_a_date_in_the_future_is_refused() -> None:
    assert codes(paper_of(document(), at=AT + timedelta(days=1))) == {"future": "error"}


def test_the_window_counts_days_of_tehran() -> None:
    """21:00 UTC is half past midnight of the next day in Tehran, which is not yet the future."""
    assert codes(paper_of(document(), at=AT.replace(day=21, hour=21))) == {}


@pytest.mark.parametrize(
    ("seller", "expected"),
    [
        (Seller("def5gh", "10380284790"), "memory_id"),
        (Seller("DEF5GH", ""), "seller_code"),
        (Seller("DEF5GH", "123456789012"), "seller_code"),
    ],
)
def test_seller(seller: Seller, expected: str) -> None:
    assert codes(paper_of(document(), seller=seller)) == {expected: "error"}


def test_a_rate_that_is_not_the_days_is_a_warning() -> None:
    assert codes(paper_of(document([line(vat="9")]))) == {"vat_rate": "warning"}
    assert codes(paper_of(document([line(vat="0"), line(vat="")]))) == {}


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        ({"additions": (totals.Addition("freight", 5_000),)}, {"additions": "error"}),
        ({"additions": (totals.Addition("deduction", 50, sign=-1),)}, {"deductions": "error"}),
        ({"discounts": (totals.Discount(amount=500, of=totals.DiscountOf.PAYABLE),)}, {"deductions": "error"}),
        ({"discounts": (totals.Discount(amount=500),)}, {}),
    ],
    ids=["freight", "deduction", "discount after taxes", "discount before taxes"],
)
def test_what_has_no_field_is_refused(terms: dict[str, Any], expected: dict[str, str]) -> None:
    assert codes(paper_of(document(**terms))) == expected


def test_freight_that_is_taxed_makes_two_errors() -> None:
    made = document(additions=(totals.Addition("freight", 5_000, taxed=True),))
    assert set(codes(paper_of(made))) == {"additions", "tax_amount"}


def test_the_rial_of_an_inclusive_price_is_a_warning() -> None:
    taxes = (totals.Tax("VAT", Decimal(10), included=True),)
    assert codes(paper_of(document([line("1", "1000", taxes=taxes)]))) == {"rounding": "warning"}


@pytest.mark.parametrize("pattern", [p for p in Pattern if p is not Pattern.SALE])
def test_patterns_that_need_more_than_an_invoice_holds(pattern: Pattern) -> None:
    assert codes(paper_of(document(), pattern=pattern)) == {"pattern": "error"}


def test_type_three_is_a_receipt_of_a_terminal() -> None:
    assert codes(paper_of(document(), type=InvoiceType.THIRD, buyer=Buyer())) == {"payments": "error"}


def test_nothing_to_send_without_lines() -> None:
    assert codes(replace(paper_of(document()), items=(), payable=0)) == {"no_lines": "error"}


def test_errors_come_before_warnings() -> None:
    paper = paper_of(document([line(vat="9")]), buyer=Buyer())
    assert [finding.is_error for finding in check(paper, RULES)] == [True, False]
