"""Which column is which: words, parted names, memory, suggestions, and what a person or a program chose."""

from __future__ import annotations

from typing import Any

import pytest

from app.core.sheets import SheetSpec, sheet_named
from imports.choice import Choice, Part, Recipe
from imports.layout import Header, Layout
from imports.mapping import (
    Origin,
    Remembered,
    UnknownHeader,
    map_chosen,
    map_headers,
    stand_for,
    with_keys,
)
from imports.transforms import exchange, fold, made_of, split_family_first, split_given_first


def layout(*headers: str) -> Layout:
    return Layout((0, 0), tuple(Header(place, words) for place, words in enumerate(headers)))


@pytest.fixture
def customers(app: Any) -> SheetSpec:
    return sheet_named("customers")


def test_a_bare_name_is_the_whole_name_where_it_stands_alone(customers: SheetSpec) -> None:
    assert map_headers(layout("نام", "کد ملی"), customers).sources == {"name": 0, "national_id": 1}


def test_beside_a_family_name_a_bare_name_is_the_given_one_and_both_make_the_whole(customers: SheetSpec) -> None:
    mapping = map_headers(layout("نام", "نام خانوادگی"), customers)

    assert mapping.sources == {"first_name": 0, "last_name": 1, "name": 0}
    assert mapping.recipes == {"name": Recipe((0, 1))}


def test_a_column_that_says_whole_name_stays_the_whole_name(customers: SheetSpec) -> None:
    mapping = map_headers(layout("نام و نام خانوادگی", "نام خانوادگی"), customers)
    assert mapping.sources == {"name": 0, "last_name": 1}


@pytest.mark.parametrize(
    ("name", "given", "family"),
    [
        ("فاطمه محمدی", "فاطمه", "محمدی"),
        ("محمد رضا یزدانی", "محمد رضا", "یزدانی"),
        ("سید محمد رضا حسینی", "سید محمد رضا", "حسینی"),
        ("زهرا سادات هاشمی نژاد", "زهرا سادات", "هاشمی نژاد"),
        ("Mary Ann Smith", "Mary", "Ann Smith"),
        ("محمدی", "", "محمدی"),
    ],
)
def test_a_whole_name_is_taken_apart(name: str, given: str, family: str) -> None:
    assert split_given_first(name) == (given, family)


@pytest.mark.parametrize(
    ("name", "given", "family"),
    [("محمدی، فاطمه", "فاطمه", "محمدی"), ("هاشمی نژاد زهرا", "زهرا", "هاشمی نژاد"), ("محمدی", "", "محمدی")],
)
def test_a_name_that_begins_with_the_family_is_taken_apart(name: str, given: str, family: str) -> None:
    assert split_family_first(name) == (given, family)


def test_cells_are_joined_without_gaps_of_blanks() -> None:
    joined = made_of(Recipe((0, 1)), [["علی", None, " زهرا ", None], ["رضایی", "کریمی", None, None]])
    assert joined == ["علی رضایی", "کریمی", "زهرا", None]


def test_a_part_of_a_blank_is_blank() -> None:
    assert made_of(Recipe((0,), Part.GIVEN), [["علی رضایی", None, "کریمی"]]) == ["علی", None, None]


def test_answers_stand_for_words_however_they_are_spelled() -> None:
    answers: dict[str, Any] = {fold("تهران"): "THR", fold("-"): None, fold("کرج"): {"id": 7}}
    assert exchange(["تهران", "تهران ", "-", "كرج", 5, None], answers) == ["THR", "THR", None, "كرج", 5, None]


def test_a_suggestion_is_no_choice_and_prefers_the_longer_word(customers: SheetSpec) -> None:
    mapping = map_headers(layout("نام مشتری", "شماره همراه مشتری"), customers)

    assert mapping.sources == {"name": 0}
    assert [(one.column, one.header.column) for one in mapping.suggestions] == [("mobile", 1)]


def test_suggestions_stay_after_a_person_has_chosen_other_columns(customers: SheetSpec) -> None:
    mapping = map_chosen(layout("نام مشتری", "شماره همراه مشتری"), customers, Choice(sources={"name": 0}))
    assert [one.column for one in mapping.suggestions] == ["mobile"]


def test_memory_wins_over_words_and_says_whose_it_is(customers: SheetSpec) -> None:
    memory = {fold("تاریخ"): Remembered("", Origin.PERSON), fold("عنوان"): Remembered("company_name", Origin.COMPANY)}
    mapping = map_headers(layout("نام", "تاریخ", "عنوان"), customers, remembered=memory)

    assert mapping.sources == {"name": 0, "company_name": 2}
    assert mapping.origins == {0: Origin.WORDS, 1: Origin.PERSON, 2: Origin.COMPANY}


def test_a_program_names_headers_or_letters(customers: SheetSpec) -> None:
    choice = Choice(
        columns={"note": "شرح حال", "city": "C"},
        ignore=("استان",),
        constants={"kind": "company", "price_list": {"id": 3}},
        parts={"first_name": (("نام",), Part.GIVEN)},
    )
    mapping = map_chosen(layout("نام", "شرح حال", "محل سکونت", "استان"), customers, choice)

    assert mapping.sources == {"name": 0, "note": 1, "city": 2, "first_name": 0}
    assert mapping.recipes == {"first_name": Recipe((0,), Part.GIVEN)}
    assert mapping.constants == {"kind": "company", "price_list": "#3"}
    assert mapping.values["price_list"] == {"#3": {"id": 3}}


def test_a_header_that_is_not_there_is_named_with_those_that_are(customers: SheetSpec) -> None:
    with pytest.raises(UnknownHeader, match=r"Colour.*نام · شهر"):
        map_chosen(layout("نام", "شهر"), customers, Choice(columns={"note": "Colour"}))


def test_keys_are_narrowed_and_widened_by_choice_only(customers: SheetSpec) -> None:
    assert with_keys(customers, None) is customers
    assert with_keys(customers, [("national_id",), ("mobile",)]).keys == (("national_id",), ("mobile",))
    assert with_keys(customers, [("colour",)]) is customers


def test_a_column_of_names_serves_as_the_customer_where_there_is_no_code(app: Any) -> None:
    invoices = sheet_named("sales_invoices")
    alone = map_headers(layout("شماره فاکتور", "نام مشتری"), invoices)
    both = map_headers(layout("کد مشتری", "نام مشتری"), invoices)

    assert stand_for(alone, invoices).sources == {"number": 0, "customer": 1}
    assert stand_for(both, invoices) is both


def test_a_choice_comes_back_from_what_a_batch_keeps() -> None:
    choice = Choice(
        sheet="S", header_row=3, sources={"name": 1}, units={"credit": "toman"}, recipes={"name": Recipe((1, 2))},
        constants={"city": "تهران"}, values={"owner": {"ali": {"id": 4}}}, create={"unit": ""},
        keys=(("name", "phone"),),
    )  # fmt: skip
    assert Choice.from_json(choice.as_json()) == choice
    assert Choice.from_json({"sources": {"name": 1}}) == Choice(sources={"name": 1})
