"""Digits: ASCII inside, Persian on a Persian screen."""

from __future__ import annotations

ASCII = "0123456789"
PERSIAN = "۰۱۲۳۴۵۶۷۸۹"
ARABIC_INDIC = "٠١٢٣٤٥٦٧٨٩"

_TO_ASCII = str.maketrans(PERSIAN + ARABIC_INDIC, ASCII * 2)
_TO_PERSIAN = str.maketrans(ASCII, PERSIAN)


def to_ascii(value: str) -> str:
    """The text with Persian and Arabic-Indic digits as 0-9. Other digits (², ①) stay."""
    return value if value.isascii() else value.translate(_TO_ASCII)


def to_persian(value: str) -> str:
    """The text with 0-9 as Persian digits."""
    return value.translate(_TO_PERSIAN)


def localize(value: str, locale: str) -> str:
    """The text with the digits of a locale: Persian for fa, ASCII otherwise."""
    return to_persian(value) if locale.startswith("fa") else value
