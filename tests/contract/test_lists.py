"""Every filter of every list is answered by an index: a million rows filter as a thousand do."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import inspect

from app.core.filters import Filter, Kind, leads_an_index
from app.core.list_spec import _specs

MIXED = {"kind", "state", "tax_class", "terms"}
"""Choices of few members, none of them rare: the list's own order meets them soon."""
SMALL = {"Department", "Employee"}
"""Tables of hundreds of rows."""


def _is_served(one: Filter) -> bool:
    column = inspect(one.model).columns[one.attribute.key]
    if one.kind is Kind.TEXT and one.name in getattr(one.model, "__search_fields__", ()):
        return True
    if one.kind is Kind.BOOLEAN:  # its rarer value is a partial index
        named = [str(index.dialect_options["sqlite"].get("where")) for index in column.table.indexes]
        return leads_an_index(column) or any(column.name in condition for condition in named)
    return leads_an_index(column, behind=inspect(one.model).polymorphic_on) or column.name in MIXED


@pytest.mark.usefixtures("app")
def test_every_filter_has_an_index(app: Flask) -> None:
    filters: list[tuple[Any, Filter]] = [
        (model, f) for model, spec in _specs.items() if model.__name__ not in SMALL for f in spec.filters.values()
    ]
    assert len(filters) > 20
    assert [f"{model.__name__}.{one.name}" for model, one in filters if not _is_served(one)] == []
