"""Kinds of cells: what a column reads and what it writes."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

import pytest

from app.core import cells, identity, identity_bulk
from app.core.cells import Kind


class Answer(StrEnum):
    YES_PLEASE = "yes_please"
    NO = "no"


ANSWER = cells.Choice(Answer, {"yes_please": ("آری لطفا",)})


@pytest.mark.parametrize(
    ("kind", "raw", "value"),
    [
        (cells.TEXT, " كتاب  خوب ", "کتاب خوب"),
        (cells.TEXT, 12, "12"),
        (cells.TEXT, 0.1 + 0.2, "0.3"),
        (cells.TEXT, date(2024, 5, 4), "1403/02/15"),
        (cells.TEXT, "   ", None),
        (cells.CODE, "۰۰۱۲", "0012"),
        (cells.CODE, 1001, "1001"),
        (cells.POSTAL_CODE, "۱۲۳۴۵-۶۷۸۹۰", "1234567890"),
        (cells.EMAIL_ADDRESS, "a@b.ir", "a@b.ir"),
        (cells.RIALS, "۱٬۵۰۰ تومان", 15_000),
        (cells.RIALS, 0, 0),
        (cells.RIALS, 1500.0, 1500),
        (cells.QUANTITY, "۲٫۵", Decimal("2.5")),
        (cells.QUANTITY, 1.1, Decimal("1.1")),
        (cells.QUANTITY, "1,234.5", Decimal("1234.5")),
        (cells.QUANTITY, "-", None),
        (cells.WHOLE, "۳", 3),
        (cells.PERCENT, "۹٪", 9),
        (cells.PERCENT, 10, 10),
        (cells.DATE, "۱۴۰۳/۰۲/۱۵", date(2024, 5, 4)),
        (cells.DATETIME, "1403/02/15 13:45", datetime(2024, 5, 4, 10, 15, tzinfo=UTC)),
        (cells.YES_NO, "بله", True),
        (cells.YES_NO, "غير فعال", False),
        (cells.YES_NO, 1, True),
        (cells.YES_NO, False, False),
        (cells.YES_NO, None, None),
        (cells.PHONE, "۰۹۱۲ ۳۴۵ ۶۷۸۹", "+989123456789"),
        (cells.PHONE, 2188776655, "+982188776655"),
        (cells.NATIONAL_ID, 499370899, "0499370899"),
        (cells.LEGAL_ID, "۱۰۳۸۰۲۸۴۷۹۰", "10380284790"),
        (ANSWER, "آری‌لطفا", Answer.YES_PLEASE),
        (ANSWER, "آري لطفا", Answer.YES_PLEASE),
        (ANSWER, "YES_PLEASE", Answer.YES_PLEASE),
        (ANSWER, "yes please", Answer.YES_PLEASE),
    ],
)  # fmt: skip
def test_cell_is_read_as_its_kind(kind: Kind, raw: Any, value: Any) -> None:
    assert kind.parse([raw]).values == [value]


@pytest.mark.parametrize(
    ("kind", "raw", "code"),
    [
        (cells.TEXT, True, "truth_value"),
        (cells.CODE, 1234567890123456789, "digits_lost"),
        (cells.NATIONAL_ID, "0684159415", "national_id"),
        (cells.LEGAL_ID, "10380285692", "legal_id"),
        (cells.PHONE, "0912345678", "phone_invalid"),
        (cells.POSTAL_CODE, "12345", "digit_count"),
        (cells.EMAIL_ADDRESS, "a at b", "email"),
        (cells.RIALS, "ده", "unreadable"),
        (cells.RIALS, 10.5, "fraction"),
        (cells.RIALS, -1, "negative"),
        (cells.RIALS, 10**15, "digits_lost"),
        (cells.RIALS, True, "truth_value"),
        (cells.QUANTITY, "2x", "not_a_number"),
        (cells.QUANTITY, date(2024, 5, 4), "not_a_number"),
        (cells.QUANTITY, "1.2345", "too_many_decimals"),
        (cells.QUANTITY, -1, "too_small"),
        (cells.WHOLE, 1.5, "not_whole"),
        (cells.PERCENT, 0.09, "percent_or_part"),
        (cells.PERCENT, 101, "too_big"),
        (cells.DATE, "1404/12/30", "bad_day"),
        (cells.DATETIME, "فردا", "unreadable"),
        (cells.YES_NO, "شاید", "yes_or_no"),
        (ANSWER, "maybe", "unknown_choice"),
    ],
)  # fmt: skip
def test_bad_cell_is_refused_with_a_code_and_words(kind: Kind, raw: Any, code: str) -> None:
    problem = kind.parse([None, raw]).problems[1]

    assert problem.code == code
    assert str(problem.message)


@pytest.mark.parametrize(
    ("kind", "value", "written"),
    [
        (cells.TEXT, "=1+1", "=1+1"),
        (cells.CODE, "007", "007"),
        (cells.RIALS, 1500, 1500),
        (cells.RIALS, 10**15, "1000000000000000"),
        (cells.QUANTITY, Decimal("2.500"), 2.5),
        (cells.QUANTITY, Decimal(3), 3),
        (cells.DATE, date(2024, 5, 4), "1403/02/15"),
        (cells.DATETIME, datetime(2024, 5, 4, 10, 15, tzinfo=UTC), "1403/02/15 13:45"),
        (cells.PHONE, "+989123456789", "+989123456789"),
        (cells.YES_NO, True, "Yes"),
        (ANSWER, Answer.YES_PLEASE, "Yes please"),
    ],
)  # fmt: skip
def test_what_is_written_is_read_again(kind: Kind, value: Any, written: Any) -> None:
    assert kind.write([None, value]) == [None, written]
    assert kind.parse([written]).values == [value]
    assert kind.parse([written]).problems == {}


@pytest.mark.parametrize(
    "number", ["09121234567", "02188776655", "01133221144", "09991234567", "02012345678", "00000000000"]
)
def test_phone_by_the_column_is_the_phone_by_itself(number: str) -> None:
    (value,), (reason,) = identity_bulk.normalize_phones([number])

    assert (reason is None) == identity.valid_phone(number)
    assert reason is not None or value == identity.normalize_phone(number)
