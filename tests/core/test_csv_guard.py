"""Text in comma-separated files is never a formula, and reads back as it was."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.csv_guard import guarded, unguarded

TRICKY = st.text(alphabet="'=+-@\t\ra۱ ", max_size=6)


@pytest.mark.parametrize("value", ["=1+1", "+98 21", "-5", "@SUM(A1)", "\t=2", "\r=3"])
def test_what_begins_like_a_formula_gets_an_apostrophe(value: str) -> None:
    assert guarded(value) == f"'{value}"


@pytest.mark.parametrize("value", ["علی", "0912", "", "'quoted'", "a=b", 12, -3.5, None])
def test_anything_else_stays_as_it_is(value: object) -> None:
    assert guarded(value) == value
    assert unguarded([value]) == [value]


@given(TRICKY)
def test_every_text_comes_back(value: str) -> None:
    assert not str(guarded(value)).startswith(("=", "+", "-", "@", "\t", "\r"))
    assert unguarded([guarded(value)]) == [value]
