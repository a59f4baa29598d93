"""Whole numbers in words, Persian and English, as financial papers want them.

Persian groups by میلیارد (2,500,000,000,000 is «دو هزار و پانصد میلیارد») and says یکصد and
یک هزار, so that nothing can be written in front. English uses thousand, million, billion, trillion.
"""

from __future__ import annotations

LIMIT = 2**63 - 1

_FA_SMALL = [
    "صفر",
    "یک",
    "دو",
    "سه",
    "چهار",
    "پنج",
    "شش",
    "هفت",
    "هشت",
    "نه",
    "ده",
    "یازده",
    "دوازده",
    "سیزده",
    "چهارده",
    "پانزده",
    "شانزده",
    "هفده",
    "هجده",
    "نوزده",
]
_FA_TENS = ("", "", *["بیست", "سی", "چهل", "پنجاه", "شصت", "هفتاد", "هشتاد", "نود"])
_FA_HUNDREDS = ("", *["یکصد", "دویست", "سیصد", "چهارصد", "پانصد", "ششصد", "هفتصد", "هشتصد", "نهصد"])
_FA_AND = " و "
_FA_MINUS = "منفی"
_FA_SCALES = ((10**9, "میلیارد"), (10**6, "میلیون"), (10**3, "هزار"))

_EN_SMALL = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_EN_TENS = ("", "", *["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"])
_EN_SCALES = (
    (10**18, "quintillion"),
    (10**15, "quadrillion"),
    (10**12, "trillion"),
    (10**9, "billion"),
    (10**6, "million"),
    (10**3, "thousand"),
)


def words(number: int, locale: str = "fa") -> str:
    """A whole number in words, without a unit: Persian for fa, English otherwise.

    Raises:
        ValueError: the number does not fit 64 bits.
    """
    if abs(number) > LIMIT:
        raise ValueError("number too large to be written in words")
    if locale.startswith("fa"):
        return f"{_FA_MINUS} {_persian(-number)}" if number < 0 else _persian(number)
    return f"minus {_english(-number)}" if number < 0 else _english(number)


def _persian(number: int) -> str:
    if number == 0:
        return _FA_SMALL[0]
    parts = []
    for scale, name in _FA_SCALES:
        # 10^18 and more: the count of milliards is itself written in milliards
        count, number = divmod(number, scale)
        if count:
            parts.append(f"{_persian(count)} {name}")
    if number:
        parts.append(_persian_below_1000(number))
    return _FA_AND.join(parts)


def _persian_below_1000(number: int) -> str:
    hundreds, rest = divmod(number, 100)
    parts = [_FA_HUNDREDS[hundreds]] if hundreds else []
    if rest >= 20:
        parts.append(_FA_TENS[rest // 10])
        rest %= 10
    if rest:
        parts.append(_FA_SMALL[rest])
    return _FA_AND.join(parts)


def _english(number: int) -> str:
    if number == 0:
        return _EN_SMALL[0]
    parts = []
    for scale, name in _EN_SCALES:
        count, number = divmod(number, scale)
        if count:
            parts.append(f"{_english_below_1000(count)} {name}")
    if number:
        parts.append(_english_below_1000(number))
    return " ".join(parts)


def _english_below_1000(number: int) -> str:
    hundreds, rest = divmod(number, 100)
    parts = [f"{_EN_SMALL[hundreds]} hundred"] if hundreds else []
    if rest >= 20:
        tens, ones = divmod(rest, 10)
        parts.append(f"{_EN_TENS[tens]}-{_EN_SMALL[ones]}" if ones else _EN_TENS[tens])
    elif rest:
        parts.append(_EN_SMALL[rest])
    return " ".join(parts)
