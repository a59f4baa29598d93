"""Digits and Persian text: stored, searched, sorted."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core import digits
from app.core.text import clean, clean_all, search_key, search_keys, sort_key, sort_keys

IN_ORDER = ["آب", "اسب", "ببر", "پری", "تهران", "چای", "ژاله", "کاوه", "گلی", "یاس"]
TEXTS = st.text(max_size=40) | st.text("آابپيیكکةهۀ \u200c\u200d\u200f\u064e\u0640\u0653\x1e\t\n۱2", max_size=20)


@pytest.mark.parametrize("written", ["۰۱۲۳۴۵۶۷۸۹", "٠١٢٣٤٥٦٧٨٩", "0123456789"])
def test_digits_of_every_script_become_ascii(written: str) -> None:
    assert digits.to_ascii(written) == "0123456789"


def test_a_superscript_is_not_a_digit() -> None:
    assert "²".isdigit()
    assert digits.to_ascii("²") == "²"


def test_digits_are_shown_in_the_language_of_the_page() -> None:
    assert digits.localize("1403/02/15", "fa") == "۱۴۰۳/۰۲/۱۵"
    assert digits.localize("1403/02/15", "en") == "1403/02/15"
    assert digits.to_ascii(digits.to_persian("a12")) == "a12"


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        pytest.param("شركت آرياي", "شرکت آریای", id="arabic ye and ke"),
        pytest.param("مصطفى", "مصطفی", id="alef maksura"),
        pytest.param("کتـــاب", "کتاب", id="tatweel"),
        pytest.param("مُحَمَّد", "محمد", id="diacritics"),
        pytest.param("می\u200c\u200cشود", "می\u200cشود", id="half-space run"),
        pytest.param("مشتری\u200c قدیمی", "مشتری قدیمی", id="half-space beside a space"),
        pytest.param("\u200cنام\u200c", "نام", id="half-space at the edge"),
        pytest.param("  a \u00a0 b\t c ", "a b c", id="spaces"),
        pytest.param("a\nb", "a\nb", id="line break stays"),
        pytest.param("1403\u200f", "1403", id="direction marks"),
        pytest.param("ا\u0653ب", "آب", id="alef with a madda of its own"),
        pytest.param("ﮐﺘﺎﺏ ﻼ", "کتاب لا", id="joined shapes"),
        pytest.param("۱۲ متر", "۱۲ متر", id="digits stay in text"),
        pytest.param("a\x00b", "ab", id="zero byte"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_text_is_unified_on_the_way_in(typed: str, stored: str) -> None:
    assert clean(typed) == stored


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("خانهٔ آبي", "خانه ابی"),
        ("خانۀ آبی", "خانه ابی"),
        ("حمل\u200cونقل", "حملونقل"),
        ("أحمد إسلام", "احمد اسلام"),
        ("فاطمة", "فاطمه"),
        ("ABC ۱۲٣", "abc 123"),
        ("مسئول مؤثر جزء", "مسیول موثر جز"),
        ("a \n b", "a b"),
    ],
)
def test_search_folds_what_people_write_in_two_ways(typed: str, key: str) -> None:
    assert search_key(typed) == key


def test_persian_order_is_kept_by_code_points_and_by_bytes() -> None:
    mixed = random.Random(7).sample(IN_ORDER, len(IN_ORDER))
    assert sorted(mixed) != IN_ORDER
    assert sorted(mixed, key=sort_key) == IN_ORDER
    assert sorted(mixed, key=lambda word: sort_key(word).encode()) == IN_ORDER


def test_the_whole_alphabet_is_in_order() -> None:
    alphabet = "آابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهی"
    assert sorted(alphabet, key=sort_key) == list(alphabet)


@pytest.mark.parametrize(
    "words",
    [
        ["علی", "علی پور", "علیزاده"],
        ["Zebra", "آب"],
        ["9", "A", "آ"],
        ["۲", "۳"],
        ["كاوه", "کاوه ب"],
        ["رئیس", "رییسی"],
        ["می\u200cخواهم", "میز"],
    ],
    ids=lambda words: words[0],
)
def test_words_are_sorted_as_in_a_telephone_book(words: list[str]) -> None:
    backwards = words[::-1]
    assert sorted(backwards, key=sort_key) == words


@given(TEXTS)
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    assert clean(clean(text)) == clean(text)
    assert search_key(search_key(text)) == search_key(text)


@given(TEXTS)
def test_keys_do_not_depend_on_cleaning_first(text: str) -> None:
    assert search_key(clean(text)) == search_key(text)
    assert sort_key(clean(text)) == sort_key(text)


@given(TEXTS)
def test_a_sort_key_is_not_longer_than_its_column_allows(text: str) -> None:
    assert len(sort_key(text)) <= 4 * max(1, len(clean(text)))


@given(st.lists(TEXTS))
def test_columns_are_folded_as_single_values_are(texts: list[str]) -> None:
    assert clean_all(texts) == [clean(text) for text in texts]
    assert search_keys(texts) == [search_key(text) for text in texts]
    assert sort_keys(texts) == [sort_key(text) for text in texts]


def test_nothing_in_a_column_stays_nothing() -> None:
    assert search_keys(["آب", None, "آب"]) == ["اب", None, "اب"]
