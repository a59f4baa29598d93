"""The tax ID: the published vectors, the boundary of the day, and what its check digit finds."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.clock import TEHRAN
from app.finance.moadian.tax_id import BadTaxId, TaxId, day_number, make, read, tax_id, verhoeff_digit

JULY = datetime(2020, 7, 20, 9, 30, tzinfo=UTC)
MEMORY = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=6, max_size=6)
PARTS = st.builds(
    TaxId, MEMORY, st.integers(min_value=0, max_value=16**5 - 1), st.integers(min_value=1, max_value=10**12 - 1)
)


@pytest.mark.parametrize(
    ("serial", "expected"),
    [(12, "DEF5GH0481F000000000C2"), (8173, "DEF5GH0481F0000001FED8"), (2572613409, "DEF5GH0481F009956F7211")],
)
def test_published_values_of_one_day(serial: int, expected: str) -> None:
    assert tax_id("DEF5GH", instant=JULY, serial=serial) == expected


def test_published_value_of_a_memory_with_many_digits() -> None:
    """Digits of the memory ID are left alone; taking their ASCII codes too gives another check digit."""
    assert make(TaxId("A11216", 20415, 1)) == "A1121604FBF00000000013"


@pytest.mark.parametrize(
    ("tehran", "expected"),
    [
        (datetime(2025, 11, 22, 23, 59, 59, tzinfo=TEHRAN), date(2025, 11, 22)),
        (datetime(2025, 11, 23, 0, 0, tzinfo=TEHRAN), date(2025, 11, 22)),
        (datetime(2025, 11, 23, 3, 29, 59, 999_999, tzinfo=TEHRAN), date(2025, 11, 22)),
        (datetime(2025, 11, 23, 3, 30, tzinfo=TEHRAN), date(2025, 11, 23)),
        (datetime(2022, 7, 20, 4, 29, 59, tzinfo=TEHRAN), date(2022, 7, 19)),
        (datetime(2022, 7, 20, 4, 30, tzinfo=TEHRAN), date(2022, 7, 20)),
    ],
    ids=["evening", "midnight", "just before 03:30", "03:30", "summer of 1401, before 04:30", "summer, 04:30"],
)
def test_until_half_past_three_in_tehran_it_is_still_the_day_before(tehran: datetime, expected: date) -> None:
    made = tax_id("A11216", instant=tehran, serial=7)
    assert read(made).on == expected


@given(st.datetimes(timezones=st.just(UTC)).filter(lambda at: 1990 <= at.year < 2090), st.integers(-12, 14))
def test_the_zone_in_which_an_instant_is_written_changes_nothing(instant: datetime, hours: int) -> None:
    elsewhere = instant.astimezone(timezone(timedelta(hours=hours)))
    milliseconds = int(instant.timestamp() * 1000)
    assert day_number(instant) == day_number(elsewhere) == milliseconds // 86_400_000


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        day_number(JULY.replace(tzinfo=None))


@given(PARTS)
def test_what_is_made_is_read_again(parts: TaxId) -> None:
    made = make(parts)
    assert len(made) == 22
    assert read(made) == parts


@given(PARTS, st.integers(min_value=6, max_value=20), st.sampled_from("0123456789ABCDEF"))
def test_one_wrong_character_shows_nearly_always(parts: TaxId, place: int, wrong: str) -> None:
    """A hex digit is several decimals of the check string, so that one slip in ten may still pass."""
    made = make(parts)
    spoiled = made[:place] + wrong + made[place + 1 :]
    if spoiled == made:
        assert read(spoiled) == parts
        return
    try:
        found = read(spoiled)
    except BadTaxId:
        return
    assert found != parts


@given(st.text("0123456789", min_size=1, max_size=30), st.data())
def test_verhoeff_finds_every_wrong_digit_and_every_swap_of_neighbours(number: str, data: st.DataObject) -> None:
    whole = number + str(verhoeff_digit(number))
    place = data.draw(st.integers(0, len(whole) - 1))
    digit = data.draw(st.sampled_from("0123456789"))
    spoiled = whole[:place] + digit + whole[place + 1 :]
    assert _holds(spoiled) == (spoiled == whole)
    if place:
        swapped = whole[: place - 1] + whole[place] + whole[place - 1] + whole[place + 1 :]
        assert _holds(swapped) == (swapped == whole)


def _holds(whole: str) -> bool:
    return verhoeff_digit(whole[:-1]) == int(whole[-1])


def test_verhoeff_of_the_textbook() -> None:
    assert verhoeff_digit("236") == 3


@pytest.mark.parametrize(
    "parts",
    [TaxId("def5gh", 1, 1), TaxId("DEF5G", 1, 1), TaxId("DEF5GH", 16**5, 1), TaxId("DEF5GH", -1, 1),
     TaxId("DEF5GH", 1, 0), TaxId("DEF5GH", 1, 10**12), TaxId("DEF5G۱", 1, 1)],
)  # fmt: skip
def test_parts_that_do_not_fit_are_refused(parts: TaxId) -> None:
    with pytest.raises(BadTaxId):
        make(parts)


@pytest.mark.parametrize("text", ["", "DEF5GH0481F000000000C3", "DEF5GH0481F000000000C", "DEF5GH0481G000000000C2"])
def test_what_is_no_tax_id_is_refused(text: str) -> None:
    with pytest.raises(BadTaxId):
        read(text)
