"""How values look on a screen: one filter for every cell, and its parts for templates of their own.

The kind of a value comes from its type first and from the name of its column second (`_rials`,
`_rate`, `_count`, `phone`, `email`; see the naming rules). Everything that is read left to right,
numbers and codes, sits in its own `<bdi dir="ltr">`, so that it stays in order among Persian words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from enum import Enum
from typing import Any

from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel.speaklater import LazyString
from markupsafe import Markup, escape

from app.core import calendar, digits
from app.core.clock import TEHRAN
from app.core.money import format_rials

DASH = Markup('<span class="none" aria-hidden="true">—</span>')
RIALS = re.compile(r"(^|[._])rials$")
RATE = re.compile(r"(^|[._])(rate|percent)$")
COUNT = re.compile(r"(^|[._])(count|quantity|capacity)$")
PHONE = re.compile(r"(^|[._])(phone|mobile|fax|phone_number)$")
EMAIL = re.compile(r"(^|[._])e?mail$")
CODE = re.compile(r"(^|[._])(number|code|national_id|legal_id|postal_code|barcode|sheba|username|economic_code)$")
LATIN = re.compile(r"[A-Za-z]")
PERSIAN = re.compile(r"[\u0600-\u06ff]")
INTERNATIONAL = re.compile(r"\+\d{8,15}")
CLAMP_FROM = 60
"""Texts longer than this are cut in a cell and shown whole in its title."""

TONES = {
    "ok": (
        "active",
        "approved",
        "issued",
        "done",
        "paid",
        "accepted",
        "won",
        "kept",
        "settled",
        "sent",
        "ok",
        "cleared",
    ),
    "warn": ("pending", "submitted", "on_hold", "partly", "partly_paid", "covered", "queued", "promised", "expired"),
    "bad": ("void", "cancelled", "rejected", "failed", "overdue", "lost", "broken", "bounced", "late", "error"),
    "info": ("in_progress", "running", "new", "open", "contacted", "partly_invoiced", "confirmed", "ready"),
}
_TONE_OF = {word: tone for tone, words in TONES.items() for word in words}
_labels: dict[tuple[type, Any], Any] = {}
_tones: dict[tuple[type, Any], str] = {}
"""By set and member: members of two sets with one word ("credit", "draft") are equal, and mean two things."""


def register_labels(labels: Mapping[Any, Any], tones: Mapping[Any, str] | None = None) -> None:
    """Say how the members of a closed set are written, and optionally in which tone."""
    _labels.update({(type(member), member): words for member, words in labels.items()})
    _tones.update({(type(member), member): tone for member, tone in (tones or {}).items()})


def lang() -> str:
    """The language of the page: fa or en. Persian outside a request."""
    found = get_locale()
    return found.language if found is not None else "fa"


def text_dir() -> str:
    """The direction of the page: rtl or ltr."""
    return "rtl" if lang() == "fa" else "ltr"


def ltr(text: str, css: str = "num") -> Markup:
    """A run of text that is read left to right wherever it stands."""
    return Markup('<bdi dir="ltr" class="{}">{}</bdi>').format(css, text)


SERIES = re.compile(r"(?<![\d-])\d+(?:-\d+)+(?:/\d+)?(?![\d-])")


def local_digits(value: Any) -> str:
    """Any text with the digits of the page's language.

    A number of parts (1405-7) stands isolated in a right-to-left sentence, which would turn its parts round.
    """
    if lang() != "fa":
        return digits.localize(str(value), lang())
    return digits.localize(SERIES.sub("\u2066\\g<0>\u2069", str(value)), "fa")


def num(value: int | Decimal | None, *, grouped: bool = True) -> str:
    """A number with separators, without trailing zeros; its whole value, never rounded."""
    if value is None:
        return ""
    if isinstance(value, int):
        written = f"{value:,}" if grouped else str(value)
    else:
        written = f"{value.normalize():,f}" if grouped else f"{value.normalize():f}"
    if lang() == "fa":
        written = written.replace(",", "٬").replace(".", "٫")
    return local_digits(written)


def file_size(count: int) -> str:
    """The size of a file of so many bytes, in the unit that people say it in."""
    if count < 1 << 20:
        return _("%(number)s KB", number=num(max(1, round(count / 1024))))
    return _("%(number)s MB", number=num(Decimal(count) / (1 << 20) * 10 // 1 / 10))


def rials(value: int | None) -> Markup:
    """An amount of rials, separated and isolated; a minus is kept in front of it."""
    if value is None:
        return DASH
    css = "num rials negative" if value < 0 else "num rials"
    return ltr(format_rials(int(value), lang()), css)


def percent(value: Decimal | int | None) -> Markup:
    """A percentage: 10 means 10 %."""
    if value is None:
        return DASH
    sign = "٪" if lang() == "fa" else "%"
    return ltr(num(Decimal(value)) + sign)


def jdate(value: date | datetime | None) -> Markup:
    """A Jalali date; in English with the Gregorian one as its title."""
    if value is None:
        return DASH
    if isinstance(value, datetime):
        value = _tehran(value).date()
    written = calendar.format_date(value, lang())
    return Markup('<time datetime="{}"{}>{}</time>').format(value.isoformat(), _gregorian(value), ltr(written))


def jdatetime(value: datetime | None) -> Markup:
    """A Jalali date and the minute in Tehran."""
    if value is None:
        return DASH
    written = calendar.format_datetime(_aware(value), lang())
    day = _tehran(value).date()
    return Markup('<time datetime="{}"{}>{}</time>').format(_aware(value).isoformat(), _gregorian(day), ltr(written))


def jdate_input(value: date | datetime | str | None) -> str:
    """A date as an input holds it: ASCII digits, 1404/09/02, with hour and minute for an instant."""
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, datetime):
        local = _tehran(value)
        return f"{calendar.format_date(local.date(), 'en')} {local:%H:%M}"
    return calendar.format_date(value, "en")


def phone_text(value: str) -> str:
    """A phone number as people here say it: 0912 508 8505, 021 8877 6655; foreign ones as they are."""
    number = digits.to_ascii(value).replace(" ", "")
    if number.startswith("+98"):
        number = "0" + number[3:]
    if re.fullmatch(r"09\d{9}", number):
        parts: tuple[str, ...] = (number[:4], number[4:7], number[7:])
    elif re.fullmatch(r"0\d{10}", number):
        parts = (number[:3], number[3:7], number[7:])
    else:
        parts = (number,)
    return local_digits("\u00a0".join(parts))


def phone(value: str | None) -> Markup:
    """A number to dial."""
    if not value:
        return DASH
    target = re.sub(r"[^\d+]", "", digits.to_ascii(value))
    return Markup('<a class="tel" href="tel:{}">{}</a>').format(target, ltr(phone_text(value)))


def line(value: str) -> Markup:
    """A line of parts (`code · city · phone`), each kept in its own order and digits."""
    shown = []
    for part in str(value).split(" · "):
        if INTERNATIONAL.fullmatch(part):
            shown.append(ltr(phone_text(part)))
        else:
            shown.append(Markup("<bdi>{}</bdi>").format(part if LATIN.search(part) else local_digits(part)))
    return Markup(" · ").join(shown)


def email(value: str | None) -> Markup:
    """An address to write to."""
    return Markup('<a href="mailto:{0}"><bdi dir="ltr">{0}</bdi></a>').format(value) if value else DASH


def yes_no(value: bool) -> Markup:
    """A badge that says yes or no."""
    return badge(_("Yes"), "ok") if value else badge(_("No"), "muted")


def badge(text: Any, tone: str = "muted") -> Markup:
    """A small coloured word; tones are ok, warn, bad, info and muted."""
    return Markup('<span class="badge tone-{}">{}</span>').format(tone, text)


def label_of(member: Enum) -> str:
    """The words for a member of a closed set; its value when nobody named it."""
    own = getattr(member, "label", str(member.value).replace("_", " ").capitalize())
    return str(_labels.get((type(member), member), own))


def tone_of(member: Enum) -> str:
    """The colour a member is shown in."""
    own = _tones.get((type(member), member), getattr(member, "tone", ""))
    return str(own or _TONE_OF.get(str(member.value), "muted"))


def text(value: str, column: str = "") -> Markup:
    """Text in a cell: a long one is cut with the whole in its title; Latin codes keep their digits and order."""
    if not value.strip():
        return DASH
    has_latin = LATIN.search(value) is not None
    if not has_latin:
        value = local_digits(value)
    if CODE.search(column) or (not PERSIAN.search(value) and not has_latin):
        return ltr(value, "code" if has_latin else "num")
    return _clamped(value, Markup("<bdi>{}</bdi>").format(value))


def cell_class(column: str) -> str:
    """The class of a column's cells: amounts stand with their last digits under one another."""
    return "amount" if RIALS.search(column) or RATE.search(column) or COUNT.search(column) else ""


def input_attributes(name: str) -> dict[str, Any]:
    """What an input of this name needs: numbers, codes and addresses are typed left to right."""
    if RIALS.search(name):
        return {"data-rials": True, "dir": "ltr", "inputmode": "numeric"}
    if PHONE.search(name):
        return {"dir": "ltr", "inputmode": "tel"}
    if EMAIL.search(name):
        return {"dir": "ltr", "inputmode": "email"}
    return {"dir": "ltr"} if CODE.search(name) else {}


def cell(value: Any, column: str = "", link: Callable[[Any], str | None] | None = None) -> Markup:
    """Any value as a cell of a list or a fact of a page shows it.

    `link` gives the address of a related record's page, or None where the actor has no page of it.
    """
    if value is None or value == "":
        return DASH
    for kinds, show in _BY_TYPE:
        if isinstance(value, kinds):
            return show(value, column)
    if isinstance(value, Iterable):
        items = [cell(item, column, link) for item in value]
        return Markup('<span class="listing">{}</span>').format(escape(_(", ")).join(items)) if items else DASH
    name = text(str(value))
    address = link(value) if link else None
    return Markup('<a href="{}">{}</a>').format(address, name) if address else name


def _text_cell(value: str, column: str) -> Markup:
    if PHONE.search(column):
        return phone(value)
    if EMAIL.search(column):
        return email(value)
    return text(value, column)


def _integer_cell(value: int, column: str) -> Markup:
    if RIALS.search(column):
        return rials(value)
    if RATE.search(column):
        return percent(value)
    return ltr(num(value, grouped=COUNT.search(column) is not None))


def _decimal_cell(value: Decimal, column: str) -> Markup:
    return percent(value) if RATE.search(column) else ltr(num(value))


_BY_TYPE: tuple[tuple[type | tuple[type, ...], Callable[[Any, str], Markup]], ...] = (
    (Markup, lambda value, column: value),
    (bool, lambda value, column: yes_no(value)),
    (Enum, lambda value, column: badge(label_of(value), tone_of(value))),
    (str, _text_cell),
    (LazyString, lambda value, column: _text_cell(str(value), column)),
    (int, _integer_cell),
    (Decimal, _decimal_cell),
    (datetime, lambda value, column: jdatetime(value)),
    (date, lambda value, column: jdate(value)),
    (time, lambda value, column: ltr(local_digits(f"{value:%H:%M}"))),
)


def _clamped(whole: str, shown: Markup) -> Markup:
    if len(whole) <= CLAMP_FROM:
        return shown
    return Markup('<span class="clamp-2" title="{}">{}</span>').format(whole, shown)


def _aware(value: datetime) -> datetime:
    """FAB's own columns are naive; they hold UTC as everything here does."""
    return value if value.tzinfo is not None else value.replace(tzinfo=UTC)


def _tehran(value: datetime) -> datetime:
    return _aware(value).astimezone(TEHRAN)


def _gregorian(value: date) -> Markup:
    """No Gregorian date reaches a Persian reader."""
    return Markup("") if lang() == "fa" else Markup(' title="{}"').format(value.isoformat())
