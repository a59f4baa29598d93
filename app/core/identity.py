"""Identity numbers of people, companies, accounts and telephones.

`normalize_*` gives the form that is stored (ASCII digits, no separators) and judges nothing;
`valid_*` says whether a value, once normalised, can be right. Telephones are the exception:
`normalize_phone` refuses what is no number. Columns of an import go through `core.identity_bulk`.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Any

import phonenumbers
from flask_babel import lazy_gettext as _l

from app.core.digits import to_ascii
from app.core.errors import DomainError
from app.core.text import clean

_SEPARATORS = re.compile(r"[\s\u200c\-–—−_./]+")
_LEGAL_WEIGHTS = (29, 27, 23, 19, 17, 29, 27, 23, 19, 17)


def as_text(value: object) -> str:
    """A value of a cell as text: a spreadsheet's 912.0 is 912, nothing is the empty text."""
    if isinstance(value, str):
        return value
    if value is None or value != value:  # NaN
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _compact(value: str | float) -> str:
    """ASCII digits and letters without the marks that people write between them."""
    text = as_text(value)
    if text.isascii() and text.isalnum():
        return text
    return _SEPARATORS.sub("", to_ascii(clean(text)))


def _digits(text: str, *, length: int) -> bool:
    return len(text) == length and text.isascii() and text.isdigit()


# --- people and companies


def normalize_national_id(value: str | float) -> str:
    """The national ID (کد ملی) as stored; leading zeros that a spreadsheet ate are put back."""
    text = _compact(value)
    return text.zfill(10) if len(text) in (8, 9) and _digits(text, length=len(text)) else text


def valid_national_id(value: str | float) -> bool:
    """Whether the check digit holds. Equal digits are real codes; six zeros in the middle are not."""
    text = normalize_national_id(value)
    if not _digits(text, length=10) or text[3:9] == "000000":
        return False
    rest = sum(int(digit) * weight for digit, weight in zip(text, range(10, 1, -1), strict=False)) % 11
    return int(text[9]) == (rest if rest < 2 else 11 - rest)


def normalize_legal_id(value: str | float) -> str:
    """The ID of a legal entity (شناسه ملی) as stored."""
    return _compact(value)


def valid_legal_id(value: str | float) -> bool:
    """Whether the check digit holds. It misses 1.7 % of single slips: show the name beside it."""
    text = _compact(value)
    if not _digits(text, length=11):
        return False
    plus = int(text[9]) + 2
    total = sum((int(digit) + plus) * weight for digit, weight in zip(text, _LEGAL_WEIGHTS, strict=False))
    return int(text[10]) == total % 11 % 10


class EconomicCodeKind(StrEnum):
    """Whose economic code it is; `OLD` ones of 12 digits are kept as text."""

    LEGAL = "legal"
    NATURAL = "natural"
    OLD = "old"


def normalize_economic_code(value: str | float) -> str:
    """The economic code (کد اقتصادی) as stored."""
    return _compact(value)


def economic_code_kind(value: str | float) -> EconomicCodeKind | None:
    """Legal: a valid 11-digit ID. Natural: 14 digits. Old: 12 digits. None: not an economic code."""
    text = _compact(value)
    if valid_legal_id(text):
        return EconomicCodeKind.LEGAL
    if _digits(text, length=14):
        return EconomicCodeKind.NATURAL
    return EconomicCodeKind.OLD if _digits(text, length=12) else None


def valid_economic_code(value: str | float) -> bool:
    """Whether it is an economic code of today or an old one."""
    return economic_code_kind(value) is not None


def normalize_postal_code(value: str | float) -> str:
    """The postal code (کد پستی) as stored."""
    return _compact(value)


def valid_postal_code(value: str | float) -> bool:
    """Whether it has ten digits."""
    return _digits(_compact(value), length=10)


# --- accounts


def normalize_sheba(value: str) -> str:
    """The Sheba (شبا) as stored: IR and 24 digits; IR is put before 24 bare digits."""
    text = _compact(value).upper()
    return f"IR{text}" if _digits(text, length=24) else text


def valid_sheba(value: str) -> bool:
    """Whether it is IR with 24 digits and the remainder by 97 is 1 (ISO 13616)."""
    text = normalize_sheba(value)
    if not text.startswith("IR") or not _digits(text[2:], length=24):
        return False
    return int(text[4:] + "1827" + text[2:4]) % 97 == 1


def normalize_card(value: str | float) -> str:
    """The number of a bank card as stored."""
    return _compact(value)


def valid_card(value: str | float) -> bool:
    """Whether it has 16 digits and the Luhn sum holds."""
    text = _compact(value)
    if not _digits(text, length=16) or text == "0" * 16:
        return False
    doubled = (int(digit) * 2 for digit in text[::2])
    return (sum(number - 9 * (number > 9) for number in doubled) + sum(map(int, text[1::2]))) % 10 == 0


def normalize_sayad(value: str | float) -> str:
    """The Sayad ID of a cheque (شناسه صیاد) as stored."""
    return _compact(value)


def valid_sayad(value: str | float) -> bool:
    """Whether it has 16 digits; no checksum is published."""
    return _digits(_compact(value), length=16)


# --- telephones

_PHONE_REASONS: dict[str, Any] = {
    "phone_empty": _l("A phone number is missing."),
    "phone_invalid": _l("This phone number is not valid."),
    "phone_extension": _l("Write the extension of a phone number in a field of its own."),
}
_MOBILE = re.compile(r"(?:\+98|0098|98|0)?(9[0-9]{9})")


def _plan(kind: str) -> re.Pattern[str]:
    metadata = phonenumbers.PhoneMetadata.metadata_for_region("IR")
    return re.compile(str(getattr(metadata, kind).national_number_pattern))


MOBILE_PLAN = _plan("mobile")
"""Ten digits that the library knows as an Iranian mobile number; its own check is a hundred times slower."""
FIXED_PLAN = _plan("fixed_line")
"""The same for a number with area code that stands on a desk."""
_DIALLED = re.compile(r"\+?[0-9]{3,20}")
_EXTENSION = re.compile(r"^\+?[0-9]{5,}(?:داخلی|داخلي|ext|x|#|;)", re.IGNORECASE)
_PHONE_MARKS = re.compile(r"[\s\u200c\-–—−_./()]+")


class InvalidPhone(DomainError, ValueError):
    """A value that is no phone number; `reason` (also `code`) is phone_empty, phone_invalid or phone_extension."""

    def __init__(self, reason: str) -> None:
        super().__init__(_PHONE_REASONS[reason])
        self.code = self.reason = reason


def normalize_phone(value: str | float, region: str = "IR") -> str:
    """The number in E.164 (+989123456789), from Persian digits, 0…, 98… or +…; `region` is where 0… is dialled.

    Raises:
        InvalidPhone: no number, or one with an extension, which E.164 cannot hold.
    """
    bare = _PHONE_MARKS.sub("", to_ascii(clean(as_text(value))))
    if not bare:
        raise InvalidPhone("phone_empty")
    mobile = _MOBILE.fullmatch(bare)
    if mobile and region == "IR" and MOBILE_PLAN.fullmatch(mobile[1]):
        return f"+98{mobile[1]}"
    # letters would be read as the keys of a telephone
    if not _DIALLED.fullmatch(bare):
        raise InvalidPhone("phone_extension" if _EXTENSION.search(bare) else "phone_invalid")
    return _parse_phone(f"+{bare[2:]}" if bare.startswith("00") else bare, region)


def valid_phone(value: str | float, region: str = "IR") -> bool:
    """Whether `normalize_phone` accepts it."""
    try:
        normalize_phone(value, region)
    except InvalidPhone:
        return False
    return True


def _parse_phone(text: str, region: str) -> str:
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        raise InvalidPhone("phone_invalid") from None
    if not phonenumbers.is_valid_number(number):
        raise InvalidPhone("phone_invalid")
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
