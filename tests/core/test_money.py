"""Amounts: read, rounded, shared, written and said."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core import money
from app.core.calendar import from_jalali
from app.core.digits import to_persian
from app.core.money import InvalidAmount, Rounding, Unit, parse_rials, parse_rials_all

RIALS = st.integers(-money.MAX_RIALS, money.MAX_RIALS)


@pytest.mark.parametrize(
    ("typed", "rials"),
    [
        ("1500000", 1_500_000),
        ("۱٬۵۰۰٬۰۰۰", 1_500_000),
        ("۲٬۵۰۰٬۰۰۰ ریال", 2_500_000),
        ("۲٬۵۰۰٬۰۰۰ ريال", 2_500_000),
        ("۳،۵۰۰،۰۰۰", 3_500_000),
        ("5,500,000", 5_500_000),
        ("٥٥٠٠", 5_500),
        ("1.500.000", 1_500_000),
        ("1 500 000", 1_500_000),
        ("1\u00a0500\u00a0000", 1_500_000),
        ("1'500'000", 1_500_000),
        ("1,500.0", 1_500),
        ("1500.00", 1_500),
        ("1500٫0", 1_500),
        ("ریال 1,500", 1_500),
        ("IRR 1,500", 1_500),
        ("1,500 rials", 1_500),
        ("۱۵۰۰﷼", 1_500),
        ("۴۵۰٬۰۰۰ تومان", 4_500_000),
        ("۴۵۰٬۰۰۰ تومن", 4_500_000),
        ("450,000 T", 4_500_000),
        ("450,000T", 4_500_000),
        ("۴۵۰ت", 4_500),
        ("450.5 toman", 4_505),
        ("-1,500", -1_500),
        ("1,500-", -1_500),
        ("−1,500", -1_500),
        ("(1,500)", -1_500),
        ("(۱٬۵۰۰) تومان", -15_000),
        ("+5", 5),
        ("0", 0),
        ("007", 7),
        ("9223372036854775807", money.MAX_RIALS),
        (1500, 1_500),
        (1500.0, 1_500),
        (np.int64(1500), 1_500),
        (np.float64(1500), 1_500),
        (Decimal("1500.0"), 1_500),
    ],
)
def test_an_amount_is_read_in_every_writing(typed: Any, rials: int) -> None:
    assert parse_rials(typed) == rials


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("", "empty"),
        (" - ", "empty"),
        (None, "empty"),
        (float("nan"), "empty"),
        ("abc", "unreadable"),
        ("²", "unreadable"),
        ("１２", "unreadable"),
        ("1e5", "unreadable"),
        ("تومان", "unreadable"),
        ("5 میلیون", "unreadable"),
        ("--5", "unreadable"),
        ("()", "unreadable"),
        ("5 ریال ریال", "unreadable"),
        (True, "unreadable"),
        (float("inf"), "unreadable"),
        ("1,50", "bad_grouping"),
        ("12,34,567", "bad_grouping"),
        ("1,234 567", "bad_grouping"),
        ("1500.5", "fraction"),
        ("1.500", "fraction"),
        ("1.000", "fraction"),
        ("450.55 تومان", "fraction"),
        (1500.5, "fraction"),
        ("12 ریال تومان", "two_units"),
        ("9223372036854775808", "too_large"),
        ("922337203685477580.8 تومان", "too_large"),
        ("9" * 60, "too_large"),
        (1e16, "imprecise"),
    ],
)
def test_a_doubtful_amount_is_refused_with_its_reason(typed: Any, reason: str) -> None:
    with pytest.raises(InvalidAmount) as refused:
        parse_rials(typed)
    assert refused.value.reason == refused.value.code == reason


def test_a_unit_in_the_text_wins_over_the_unit_of_the_column() -> None:
    assert parse_rials("500", unit="toman") == 5_000
    assert parse_rials("۵۰۰٫۵", unit=Unit.TOMAN) == 5_005
    assert parse_rials("500 ریال", unit="toman") == 500
    assert parse_rials(500.5, unit="toman") == 5_005


def test_a_column_gives_amounts_and_reasons_side_by_side() -> None:
    found, reasons = parse_rials_all(["۱٬۵۰۰", None, "x", True, 1, 1.0, "", np.nan, "-"])
    assert found == [1_500, None, None, None, 1, 1, None, None, None]
    assert reasons == [None, None, "unreadable", "unreadable", None, None, None, None, None]


@given(RIALS)
def test_what_is_written_can_be_read(amount: int) -> None:
    for locale in ("fa", "en"):
        assert parse_rials(money.format_rials(amount, locale)) == amount
        shown = money.format_amount(amount, unit=Unit.TOMAN, locale=locale)
        assert parse_rials(shown, unit=Unit.TOMAN) == amount


@given(st.text(max_size=20) | st.text("0123456789۰۱٬،,. -()تومانریال", max_size=20))
def test_any_text_is_read_or_refused_and_nothing_else(text: str) -> None:
    (amount,), (reason,) = parse_rials_all([text])
    assert amount is None or (reason is None and abs(amount) <= money.MAX_RIALS)
    assert parse_rials_all([to_persian(text)]) == ([amount], [reason])


def test_amounts_are_written_in_groups_of_three() -> None:
    assert money.format_rials(1_234_567, "fa") == "۱٬۲۳۴٬۵۶۷"
    assert money.format_rials(-1_234_567, "en") == "-1,234,567"


def test_toman_is_a_view_that_shows_the_odd_rial() -> None:
    assert money.format_amount(12_340, unit="toman", locale="fa") == "۱٬۲۳۴"
    assert money.format_amount(12_345, unit="toman", locale="fa") == "۱٬۲۳۴٫۵"
    assert money.format_amount(-5, unit="toman", locale="en") == "-0.5"
    assert money.format_amount(12_345, unit="rial", locale="en") == "12,345"


@pytest.mark.parametrize(
    ("number", "persian", "english"),
    [
        (0, "صفر", "zero"),
        (7, "هفت", "seven"),
        (15, "پانزده", "fifteen"),
        (40, "چهل", "forty"),
        (99, "نود و نه", "ninety-nine"),
        (100, "یکصد", "one hundred"),
        (365, "سیصد و شصت و پنج", "three hundred sixty-five"),
        (1_000, "یک هزار", "one thousand"),
        (1_100, "یک هزار و یکصد", "one thousand one hundred"),
        (1_000_000, "یک میلیون", "one million"),
        (5_606_331, "پنج میلیون و ششصد و شش هزار و سیصد و سی و یک", None),
        (1_000_000_001, "یک میلیارد و یک", "one billion one"),
        (2_500_000_000_000, "دو هزار و پانصد میلیارد", "two trillion five hundred billion"),
        (10**15, "یک میلیون میلیارد", "one quadrillion"),
        (10**18, "یک میلیارد میلیارد", "one quintillion"),
        (-21, "منفی بیست و یک", "minus twenty-one"),
    ],
)
def test_numbers_are_said_as_on_financial_papers(number: int, persian: str, english: str | None) -> None:
    assert money.words(number) == persian
    if english:
        assert money.words(number, "en") == english


def test_a_number_beyond_64_bits_is_not_said() -> None:
    with pytest.raises(ValueError, match="too large"):
        money.words(2**63)


def _heard(text: str) -> int:
    """The number that Persian words say, worked out the other way round."""
    small = {money.words(n): n for n in [*range(1, 20), *range(20, 100, 10), *range(100, 1000, 100)]}
    total, million, group = 0, 0, 0
    for word in text.replace(" و ", " ").split():
        if word == "هزار":
            million, group = million + group * 10**3, 0
        elif word == "میلیون":
            million, group = million + group * 10**6, 0
        elif word == "میلیارد":
            total, million, group = (total + million + group) * 10**9, 0, 0
        else:
            group += small[word]
    return total + million + group


@given(st.integers(1, 10**18))
def test_every_number_can_be_told_from_its_words(number: int) -> None:
    assert _heard(money.words(number)) == number


@pytest.mark.parametrize(
    ("numerator", "floor", "half_up", "ceiling"),
    [(14, 1, 1, 2), (15, 1, 2, 2), (10, 1, 1, 1), (0, 0, 0, 0), (-14, -1, -1, -2), (-15, -1, -2, -2)],
)
def test_rounding_mirrors_negative_amounts(numerator: int, floor: int, half_up: int, ceiling: int) -> None:
    assert money.divide(numerator, by=10, rounding=Rounding.FLOOR) == floor
    assert money.divide(numerator, by=10, rounding=Rounding.HALF_UP) == half_up
    assert money.divide(numerator, by=10, rounding=Rounding.CEILING) == ceiling


@given(RIALS, st.integers(1, 10**9), st.sampled_from(Rounding))
def test_rounding_is_less_than_a_rial_off_and_sign_symmetric(amount: int, by: int, rounding: Rounding) -> None:
    rounded = money.divide(amount, by=by, rounding=rounding)
    assert abs(rounded * by - amount) < by
    assert money.divide(-amount, by=by, rounding=rounding) == -rounded


@pytest.mark.parametrize(
    ("net", "percent", "vat"), [(7_272_727, 10, 727_272), (5_322, 9, 478), (13_636_364, 10, 1_363_636)]
)
def test_vat_is_floored(net: int, percent: int, vat: int) -> None:
    assert money.percent_of(net, percent=Decimal(percent), rounding=Rounding.FLOOR) == vat


def test_quantity_times_price_is_exact_before_it_is_rounded() -> None:
    assert money.multiply(Decimal("0.333"), price=Decimal(10), rounding=Rounding.FLOOR) == 3
    assert money.multiply(Decimal("1.5"), price=Decimal("1.01"), rounding=Rounding.HALF_UP) == 2
    assert money.round_rials(Decimal("2.5"), rounding=Rounding.HALF_UP) == 3


def test_a_discount_is_shared_by_largest_remainder() -> None:
    assert money.split(100_000, weights=[3_750_000, 666_666, 780_000]) == [72_162, 12_829, 15_009]


def test_equal_remainders_go_to_the_first() -> None:
    assert money.split(2, weights=[1, 1, 1]) == [1, 1, 0]
    assert money.split(-2, weights=[1, 1, 1]) == [-1, -1, 0]
    assert money.split(10, weights=[0, 5, 0]) == [0, 10, 0]
    assert money.split(0, weights=[0, 0]) == [0, 0]


def test_an_amount_needs_a_weight_to_lie_on() -> None:
    with pytest.raises(ValueError, match="nothing to share over"):
        money.split(1, weights=[0, 0])


@given(RIALS, st.lists(st.integers(0, 10**15), min_size=1, max_size=20).filter(any))
def test_parts_add_up_exactly_and_are_less_than_a_rial_off(amount: int, weights: list[int]) -> None:
    parts = money.split(amount, weights=weights)
    assert sum(parts) == amount
    assert money.split(-amount, weights=weights) == [-part for part in parts]
    total = sum(weights)
    assert all(abs(part * total - amount * weight) < total for part, weight in zip(parts, weights, strict=True))


def test_mean_due_date_of_three_cheques() -> None:
    base = from_jalali(1405, 9, 1)
    items = [
        (500_000_000, from_jalali(1405, 10, 15)),
        (300_000_000, from_jalali(1405, 12, 1)),
        (200_000_000, from_jalali(1406, 2, 20)),
    ]
    assert money.mean_due_days(base, items=items) == 83
    assert money.mean_due_date(base, items=items) == from_jalali(1405, 11, 24)


@given(
    st.lists(st.tuples(st.integers(1, 10**12), st.dates(date(2020, 1, 1), date(2030, 1, 1))), min_size=1, max_size=10)
)
def test_mean_due_date_lies_between_the_first_and_the_last(items: list[tuple[int, date]]) -> None:
    days = [due for _, due in items]
    assert min(days) <= money.mean_due_date(date(2025, 1, 1), items=items) <= max(days)


def test_no_amount_has_no_mean_due_date() -> None:
    with pytest.raises(ValueError, match="no amount"):
        money.mean_due_date(date(2025, 1, 1), items=[])


def test_simple_interest_counts_days_of_the_year() -> None:
    assert money.simple_interest(100_000_000, percent=Decimal(18), days=45) == 2_219_178
