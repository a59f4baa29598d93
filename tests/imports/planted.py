"""Workbooks as accountants make them, with errors planted in known cells.

The values, their check digits and the record of what was planted are made here, by nothing of the
application's own. Each planted cell keeps what stood there before, so that it can be put right.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

GIVEN = ("علی", "زهرا", "محمد", "فاطمه", "حسین", "مریم", "رضا", "ليلا", "مهدي", "نرگس", "كاوه", "شیرین")
FAMILY = ("رضایی", "کریمی", "احمدی", "محمدی", "حسینی", "نوری", "صادقي", "مرادی", "جعفری", "كاظمی", "رحیمی")
CITIES = (("تهران", "تهران"), ("اصفهان", "کاشان"), ("فارس", "شیراز"), ("خراسان رضوی", "مشهد"), ("گیلان", "رشت"))
PERSIAN = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
REF = object()
"""A cell with Excel's #REF!."""
UNWORKED = object()
"""A formula that was never worked out."""


@dataclass(frozen=True)
class Planted:
    """A bad cell: where (row from 1, letter), what the import must call it, what stood there."""

    row: int
    column: str
    code: str
    right: Any


@dataclass
class Sheet:
    """A sheet in the making: rows of cells under a header, and the record of what was planted."""

    headers: list[str]
    rows: list[list[Any]]
    first_row: int
    titles: tuple[str, ...] = ()
    planted: list[Planted] = field(default_factory=list)

    def plant(self, place: int, column: int, bad: Any, code: str) -> None:
        """Spoil a cell, and remember it."""
        right = self.rows[place][column]
        self.rows[place][column] = bad
        self.planted.append(Planted(self.first_row + place, get_column_letter(column + 1), code, right))

    def kinds(self) -> Counter[str]:
        """How often each kind was planted."""
        return Counter(planted.code for planted in self.planted)

    def cells(self) -> set[tuple[int, str, str]]:
        """What a check must find, no more and no less."""
        return {(one.row, one.column, one.code) for one in self.planted}

    def write(self, path: Path) -> Path:
        """The workbook, with titles, colours and widths as people give them."""
        book = Workbook()
        sheet: Any = book.active
        sheet.title, sheet.sheet_view.rightToLeft = "مشتریان", True
        for place, title in enumerate(self.titles, 1):
            sheet.cell(place, 1, title).font = Font(bold=True, size=14)
        head = self.first_row - 1
        for at, words in enumerate(self.headers, 1):
            cell = sheet.cell(head, at, words)
            cell.font, cell.fill = Font(bold=True, color="FFFFFF"), PatternFill("solid", fgColor="1F4E79")
            cell.alignment = Alignment(horizontal="center")
            sheet.column_dimensions[get_column_letter(at)].width = 18
        sheet.freeze_panes = f"B{head + 1}"
        for place, row in enumerate(self.rows):
            for at, value in enumerate(row, 1):
                if value is None:
                    continue
                cell = sheet.cell(self.first_row + place, at)
                if value is REF:
                    cell.value, cell.data_type = "#REF!", "e"
                elif value is UNWORKED:
                    cell.value = f"=A{self.first_row + place}&B{self.first_row + place}"
                else:
                    cell.value = value
                if isinstance(value, int):
                    cell.number_format = "#,##0"
        book.save(path)
        return path


# --- values that are right


def national_id(chance: random.Random) -> str:
    """Ten digits whose last makes the weighted sum fit (11 − rest, or the rest below 2)."""
    digits = [chance.randrange(10) for _place in range(9)]
    if len(set(digits)) == 1 or sum(digits[:3]) == 0:
        return national_id(chance)
    rest = sum(digit * (10 - place) for place, digit in enumerate(digits)) % 11
    return "".join(map(str, [*digits, rest if rest < 2 else 11 - rest]))


def legal_id(chance: random.Random) -> str:
    """Eleven digits: the tenth plus two is added to each of ten, weights 29 27 23 19 17 twice."""
    digits = [1, 0, *(chance.randrange(10) for _place in range(8))]
    extra = digits[9] + 2
    rest = sum((d + extra) * w for d, w in zip(digits, (29, 27, 23, 19, 17) * 2, strict=True)) % 11
    return "".join(map(str, [*digits, 0 if rest == 10 else rest]))


def wrong_digit(number: str) -> str:
    """The same number with another check digit."""
    return number[:-1] + str((int(number[-1]) + 3) % 10)


# --- customers

CUSTOMER_HEADERS = [
    "کد مشتری", "نام مشتری", "نوع شخص", "كد ملي", "شناسه ملی", "تلفن همراه", "ایمیل", "استان", "شهر", "کد پستی",
    "سقف اعتبار (تومان)", "تاریخ عضویت", "لیست قیمت", "توضیحات",
]  # fmt: skip
CODE, NAME, KIND, NATIONAL, LEGAL, MOBILE, EMAIL, PROVINCE, CITY, POSTAL, CREDIT, SINCE, PRICES, NOTE = range(14)


def customers(*, seed: int, rows: int, errors: int, price_list: str) -> Sheet:
    """Customers without a fault, then `errors` planted ones of fifteen kinds, at most one a row."""
    chance = random.Random(seed)
    sheet = Sheet(
        CUSTOMER_HEADERS,
        [_customer(chance, place, price_list) for place in range(rows)],
        first_row=4,
        titles=("شرکت نمونه (سهامی خاص)", "فهرست مشتریان تا پایان سال ۱۴۰۳"),
    )
    people = [place for place, row in enumerate(sheet.rows) if row[NATIONAL]]
    companies = [place for place, row in enumerate(sheet.rows) if row[LEGAL]]
    chance.shuffle(people)
    chance.shuffle(companies)
    for number in range(errors):
        kind, needs_company = KINDS[number % len(KINDS)]
        place = (companies if needs_company else people).pop()
        kind(sheet, place, chance)
    return sheet


def _customer(chance: random.Random, place: int, price_list: str) -> list[Any]:
    is_company = chance.random() < 0.3
    province, city = chance.choice(CITIES)
    day = f"14{chance.randrange(0, 4):02d}/{chance.randrange(1, 13):02d}/{chance.randrange(1, 30):02d}"
    mobile = f"09{chance.choice(('12', '13', '15', '35', '02'))}{chance.randrange(10**7):07d}"
    name = f"{chance.choice(GIVEN)} {chance.choice(FAMILY)}"
    return [
        f"C{place + 10_001}",
        f"شرکت {chance.choice(FAMILY)} {place}" if is_company else name,
        "حقوقی" if is_company else chance.choice(("حقیقی", "شخص")),
        None if is_company else chance.choice((str, _persian))(national_id(chance)),
        legal_id(chance) if is_company else None,
        chance.choice((mobile, _persian(mobile), int(mobile))),
        f"c{place}@example.ir" if chance.random() < 0.5 else None,
        province,
        city,
        f"{chance.randrange(1_111_111_111, 9_999_999_999)}",
        chance.choice((chance.randrange(1, 900) * 100_000, f"{chance.randrange(1, 900) * 100_000:,}", None)),
        chance.choice((day, _persian(day))),
        price_list if chance.random() < 0.4 else None,
        chance.choice((None, None, "تماس پس از ساعت ۱۰")),
    ]


def _persian(text: str) -> str:
    return text.translate(PERSIAN)


def _earlier_code(sheet: Sheet, place: int, chance: random.Random) -> None:
    """The code of a row above, which was not spoilt itself."""
    spoilt = {one.row - sheet.first_row for one in sheet.planted}
    above = next(other for other in range(place) if other not in spoilt)
    sheet.plant(place, CODE, sheet.rows[above][CODE], "duplicate_in_file")
    assert chance


def _at(column: int, code: str, bad: Callable[[Any, random.Random], Any]) -> Callable[..., None]:
    def plant(sheet: Sheet, place: int, chance: random.Random) -> None:
        sheet.plant(place, column, bad(sheet.rows[place][column], chance), code)

    return plant


BAD_DAYS = ("1402/12/30", "۱۴۰۳/۰۷/۳۱", "1401/02/32", "1400-11-31")
KINDS: list[tuple[Callable[..., None], bool]] = [
    (_at(NATIONAL, "national_id", lambda old, _c: wrong_digit(_latin(old))), False),
    (_at(LEGAL, "legal_id", lambda old, _c: wrong_digit(old)), True),
    (_at(SINCE, "bad_day", lambda _o, chance: chance.choice(BAD_DAYS)), False),
    (_at(CREDIT, "unreadable", lambda _o, chance: chance.choice(("ندارد", "ده میلیون", "؟"))), False),
    (_at(CREDIT, "negative", lambda _o, chance: -chance.randrange(1, 50) * 100_000), True),
    (_at(PRICES, "unknown_reference", lambda _o, _c: "همکار ویژه"), False),
    (_earlier_code, False),
    (_at(NAME, "required", lambda _o, chance: chance.choice((None, "   "))), True),
    (_at(CITY, "too_long", lambda old, _c: (old + " ") * 20), False),
    (_at(MOBILE, "phone_invalid", lambda _o, chance: chance.choice(("0912", "9121", "تلفن ندارد"))), False),
    (_at(KIND, "unknown_choice", lambda _o, _c: "خصوصی"), True),
    (_at(CREDIT, "error_cell", lambda _o, _c: REF), False),
    (_at(NOTE, "formula_without_value", lambda _o, _c: UNWORKED), True),
    (_at(EMAIL, "email", lambda _o, chance: chance.choice(("info@", "ندارد", "a b@c.ir"))), False),
    (_at(POSTAL, "digit_count", lambda old, _c: old[:9]), False),
]


def _latin(text: str) -> str:
    return text.translate(str.maketrans("۰۱۲۳۴۵۶۷۸۹", "0123456789"))
