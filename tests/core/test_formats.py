"""How values look: amounts, dates, phones, codes, in the page's language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

import pytest
from flask import Flask
from flask_babel import Babel, force_locale
from markupsafe import Markup

from app.core import formats, shell


class Light(StrEnum):
    RED = "red"
    ISSUED = "issued"


formats.register_labels({Light.RED: "Stop <now>"}, {Light.RED: "bad"})


@pytest.fixture(params=["fa", "en"])
def language(request: pytest.FixtureRequest) -> Iterator[str]:
    app = Flask(__name__)
    Babel(app)
    with app.test_request_context(), force_locale(request.param):
        yield request.param


def words(shown: Any) -> str:
    """What a reader sees."""
    return re.sub(r"<[^>]+>", "", str(shown))


@pytest.mark.parametrize(
    ("value", "column", "fa", "en"),
    [
        (1250000, "payable_rials", "۱٬۲۵۰٬۰۰۰", "1,250,000"),
        (0, "net_rials", "۰", "0"),
        (1404, "year", "۱۴۰۴", "1404"),
        (12000, "row_count", "۱۲٬۰۰۰", "12,000"),
        (Decimal("2.500"), "quantity", "۲٫۵", "2.5"),
        (Decimal(1000), "quantity", "۱٬۰۰۰", "1,000"),
        (Decimal("9.5"), "vat_rate", "۹٫۵٪", "9.5%"),
        (date(2025, 11, 23), "invoice_on", "۱۴۰۴/۰۹/۰۲", "1404/09/02"),
        ("+989125088505", "mobile", "۰۹۱۲\u00a0۵۰۸\u00a0۸۵۰۵", "0912\u00a0508\u00a08505"),
        ("+982188776655", "phone", "۰۲۱\u00a0۸۸۷۷\u00a0۶۶۵۵", "021\u00a08877\u00a06655"),
        ("+4930123456", "phone", "+۴۹۳۰۱۲۳۴۵۶", "+4930123456"),
        ("C-1001", "code", "C-1001", "C-1001"),
        ("پلاک ۱۲ و 13", "address", "پلاک ۱۲ و ۱۳", "پلاک ۱۲ و 13"),
        ("کاغذ A4", "name", "کاغذ A4", "کاغذ A4"),
        (None, "name", "—", "—"),
        ("", "name", "—", "—"),
        ([], "tags", "—", "—"),
    ],
)
def test_cell_reads_right_in_both_languages(language: str, value: Any, column: str, fa: str, en: str) -> None:
    assert words(formats.cell(value, column)) == (fa if language == "fa" else en)


def test_instant_is_shown_on_the_clock_of_tehran(language: str) -> None:
    shown = words(formats.cell(datetime(2025, 11, 22, 21, 0, tzinfo=UTC), "created_at"))

    assert shown == ("۱۴۰۴/۰۹/۰۲ ۰۰:۳۰" if language == "fa" else "1404/09/02 00:30")


def test_no_gregorian_date_reaches_a_persian_reader(language: str) -> None:
    shown = str(formats.jdate(date(2025, 11, 23)))

    assert ('title="2025-11-23"' in shown) is (language == "en")


def test_amounts_and_codes_are_isolated_left_to_right(language: str) -> None:
    assert '<bdi dir="ltr"' in formats.cell(-5, "balance_rials")
    assert "negative" in formats.cell(-5, "balance_rials")
    assert '<bdi dir="ltr"' in formats.cell("C-1001", "code")


def test_text_is_escaped_everywhere(language: str) -> None:
    attack = '<img src=x onerror="x">'
    for column in ("name", "code", "phone", "email", "note"):
        assert "<img" not in formats.cell(attack, column)
        assert "<img" not in formats.cell(attack * 9, column)
    assert "<img" not in formats.cell([attack], "names")
    assert "<now>" not in formats.cell(Light.RED, "state")


def test_member_is_a_badge_with_its_label_and_tone(language: str) -> None:
    assert words(formats.cell(Light.RED, "state")) == "Stop &lt;now&gt;"
    assert "tone-bad" in formats.cell(Light.RED, "state")
    assert "tone-ok" in formats.cell(Light.ISSUED, "state")


def test_long_text_is_cut_with_the_whole_in_its_title(language: str) -> None:
    shown = formats.cell("کلمه " * 40, "note")

    assert "clamp-2" in shown
    assert "title=" in shown


def test_related_record_is_a_link_where_it_has_a_page(language: str) -> None:
    class Town:
        def __str__(self) -> str:
            return "Tehran"

    assert 'href="/city/1"' in formats.cell(Town(), "city", link=lambda _record: "/city/1")
    assert "<a" not in formats.cell(Town(), "city", link=lambda _record: None)


def test_date_in_an_input_keeps_ascii_digits(language: str) -> None:
    assert formats.jdate_input(date(2025, 11, 23)) == "1404/09/02"
    assert formats.jdate_input(datetime(2025, 11, 22, 21, 0, tzinfo=UTC)) == "1404/09/02 00:30"
    assert formats.jdate_input(None) == ""


def test_constants_of_a_template_follow_the_reader() -> None:
    """Jinja folds filters over constants once; the next reader must not get the first one's digits."""
    app = Flask(__name__)
    Babel(app)
    shell.install(app)
    template = app.jinja_env.from_string("{{ 12|num }}")

    with app.test_request_context():
        with force_locale("fa"):
            assert template.render() == "۱۲"
        with force_locale("en"):
            assert template.render() == "12"


def test_markup_passes_through(language: str) -> None:
    assert formats.cell(Markup("<b>x</b>"), "any") == "<b>x</b>"


class Lamp(StrEnum):
    RED = "red"


formats.register_labels({Lamp.RED: "A red lamp"}, {Lamp.RED: "info"})


def test_members_of_two_sets_with_one_word_keep_their_own_labels() -> None:
    assert Lamp.RED == Light.RED
    assert (formats.label_of(Lamp.RED), formats.label_of(Light.RED)) == ("A red lamp", "Stop <now>")
    assert (formats.tone_of(Lamp.RED), formats.tone_of(Light.RED)) == ("info", "bad")
