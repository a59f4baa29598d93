"""Runs of text in the order of the Unicode standard, each boxed for the engines."""

from __future__ import annotations

import re
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.documents.bidi import LTR, RTL, box_text_nodes, first_strong, levels, persian_digits, printable, runs


@pytest.mark.parametrize(
    ("text", "boxed"),
    [
        ("پرینتر لیزری HP M404dn", ["HP M404dn"]),
        ("کارتریج HP 59A (CF259A) اصلی", ["HP 59A (CF259A)"]),
        ("کابل (HDMI) دو متری", ["HDMI"]),
        ("تاریخ 1403/02/15 است", ["1403/02/15"]),
        ("تلفن: 021-88776655", ["021-88776655"]),
        ("فاکتور 1404-12 و 1404-13", ["1404-12", "1404-13"]),
        ("مبلغ ۱٬۲۳۴٫۵ ریال", ["۱٬۲۳۴٫۵"]),
        ("تخفیف 10% ویژه", ["10%"]),
        ("۱۲ ۳۴", ["۱۲", "۳۴"]),
        ("همه فارسی است (بله)", []),
    ],
)
def test_left_to_right_runs_are_those_of_the_standard(text: str, boxed: list[str]) -> None:
    assert [run.text for run in runs(text, RTL) if run.level == 2] == boxed


def test_numbers_in_persian_inside_latin_stand_one_level_deeper() -> None:
    assert [(run.text, run.level) for run in runs("Buyer شرکت 12 عدد Ltd", LTR)] == [
        ("Buyer ", 0),
        ("شرکت ", 1),
        ("12", 2),
        (" عدد", 1),
        (" Ltd", 0),
    ]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("خودکار 12 عددی", "خودکار ۱۲ عددی"),
        ("1404-12", "۱۴۰۴-۱۲"),
        ("پرینتر HP M404dn", "پرینتر HP M404dn"),
        ("ویندوز Windows 11 Pro", "ویندوز Windows 11 Pro"),
        ("PRN-0404", "PRN-0404"),
    ],
)
def test_digits_turn_persian_where_no_latin_letter_is_with_them(text: str, shown: str) -> None:
    assert persian_digits(text, RTL) == shown


@given(st.text(alphabet="ابپ‌یک ۱۲3a B(C)[]«»-/.,٬٫٪%:؛،", max_size=60), st.sampled_from([LTR, RTL]))
def test_runs_joined_are_the_text_again(text: str, base: int) -> None:
    assert "".join(run.text for run in runs(text, base)) == text


@given(st.text(alphabet="ابپ‌یک ۱۲3a B(C)[]«»-/.,٬٫٪%:؛،<>&\"'", max_size=60), st.booleans())
def test_boxing_loses_no_character_and_lets_no_markup_in(text: str, rtl: bool) -> None:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    html = box_text_nodes(f"<p>{escaped}</p>", rtl=rtl)
    tags = set(re.findall(r"<(\w+)", html))
    back = unescape(re.sub(r"<[^>]+>", "", html))
    assert tags <= {"p", "span"}
    assert back == (persian_digits(text, RTL) if rtl and text.strip() else text)


@given(st.text(max_size=80), st.sampled_from([LTR, RTL]))
def test_any_text_has_a_level_for_each_character(text: str, base: int) -> None:
    found = levels(text, base)
    assert len(found) == len(text)
    assert set(found) <= {base, base + 1, 2}


def test_marks_and_half_spaces_stand_in_nodes_of_their_own() -> None:
    html = box_text_nodes("<td>نام (بی‌سیم):</td>", rtl=True)
    assert html == (
        "<td><span>نام </span><span>(</span><span>بی</span>"
        '<span class="z">\u200c</span><span>سیم</span><span>)</span><span>:</span></td>'
    )


def test_style_title_and_attributes_are_left_alone() -> None:
    html = '<title>سند 12</title><style>a{top:12mm}</style><td title="12 > 3"></td>'.replace("> 3", "&gt; 3")
    assert box_text_nodes(html, rtl=True) == html


def test_control_and_direction_characters_are_not_printed() -> None:
    assert printable("a\u202eb\x00c\u2067d\ud800e\r\nf") == "abcde\nf"


@pytest.mark.parametrize(("text", "base"), [("12 سلام", RTL), ("12 hi سلام", LTR), ("12", LTR), ("", LTR)])
def test_first_letter_gives_the_direction(text: str, base: int) -> None:
    assert first_strong(text) == base
