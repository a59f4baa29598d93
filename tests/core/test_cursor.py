"""Cursors of pages: they come back as they were, and anything else is refused."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Integer, String

from app.core.cursor import decode, encode
from app.core.db import ScaledDecimal, UtcDateTime


@pytest.mark.parametrize(
    ("key", "kind"),
    [("پری", String()), (None, String()), (7, Integer()), (Decimal("1.250"), ScaledDecimal(3)),
     (datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC), UtcDateTime())],
)  # fmt: skip
def test_cursor_comes_back_as_it_was(key: Any, kind: Any) -> None:
    assert decode(encode((12, key)), kind) == (key, 12)


@pytest.mark.parametrize(
    "token", ["", "x", "e30", "WzEsMl0", "bnVsbA", "WyJhIiwiYiJd", "WyJhIiwtMV0", "é", "W1siYSJdLDFd"]
)
def test_broken_cursor_is_refused(token: str) -> None:
    assert decode(token, String()) is None


@given(st.text(max_size=40))
def test_any_text_as_cursor_is_harmless(token: str) -> None:
    for kind in (String(), Integer(), ScaledDecimal(3), UtcDateTime()):
        decode(token, kind)
