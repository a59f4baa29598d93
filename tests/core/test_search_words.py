"""What is typed into a search box, taken apart without a database."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core import search


@pytest.mark.parametrize(
    ("name", "kind", "is_ours"),
    [
        ("crm_customer_fts", "table", True),
        ("crm_customer_fts_docsize", "table", True),
        ("ix_crm_customer_search", "index", True),
        ("crm_customer", "table", False),
        ("ix_crm_customer_name", "index", False),
        ("x_fts", "column", False),
    ],
)
def test_autogenerate_passes_over_search_objects(name: str, kind: str, is_ours: bool) -> None:
    assert search.is_search_object(name, kind) is is_ours


@given(st.text(max_size=60))
def test_any_text_parses(typed: str) -> None:
    query = search.parse(typed)
    assert all(len(spelling) >= search.TRIGRAM for spellings in query.long for spelling in spellings)
