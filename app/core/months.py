"""Names of months and weekdays, as written and as read."""

from __future__ import annotations

MONTHS_FA = ("فروردین", "اردیبهشت", "خرداد", "تیر", "مرداد", "شهریور", "مهر", "آبان", "آذر", "دی", "بهمن", "اسفند")
MONTHS_EN = (
    "Farvardin",
    "Ordibehesht",
    "Khordad",
    "Tir",
    "Mordad",
    "Shahrivar",
    "Mehr",
    "Aban",
    "Azar",
    "Dey",
    "Bahman",
    "Esfand",
)
WEEKDAYS_FA = ("شنبه", "یکشنبه", "دوشنبه", "سه‌شنبه", "چهارشنبه", "پنجشنبه", "جمعه")
WEEKDAYS_EN = ("Saturday", "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday")

_GREGORIAN = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
GREGORIAN_EN = {
    **{name: number for number, name in enumerate(_GREGORIAN, 1)},
    **{name[:3]: number for number, name in enumerate(_GREGORIAN, 1)},
    "sept": 9,
}
"""Numbers of the Gregorian months by their English names and abbreviations."""

MONTH_WORDS = {"امرداد": 5, "اذر": 9, "ابان": 8}
"""Other spellings of Jalali months."""

AM_WORDS = ("ق.ظ", "ق ظ", "قبل از ظهر", "صبح", "am")
PM_WORDS = ("ب.ظ", "ب ظ", "بعد از ظهر", "بعدازظهر", "عصر", "pm")
CLOCK_WORD = "ساعت"
MONTH_SUFFIX = "ماه"
