"""What the page of one record shows: facts, buttons, related lists, history."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import inspect
from sqlalchemy.orm import MANYTOONE

from app.core.audit import Audited
from app.core.history import history_of
from app.core.listing import ListPage


@dataclass(frozen=True, slots=True)
class Related:
    """A list of rows below a record."""

    view: Any
    page: ListPage
    field: str


def context(view: Any, record: Any) -> dict[str, Any]:
    """The template's values for a record's page."""
    return {
        "title": str(record),
        "record": record,
        "view": view,
        "sections": view.show_sections or (("", view.show_columns),),
        "related": related_lists(view, record),
        "history": history_of(record, limit=50) if isinstance(record, Audited) else None,
        "steps": steps(record),
    }


def related_lists(view: Any, record: Any) -> list[Related]:
    """The first rows of each related view that the actor may list."""
    found = []
    for other in view.get_init_inner_views():
        if not other.may("list"):
            continue
        relation = next(
            r for r in inspect(other.model).relationships
            if r.direction is MANYTOONE and issubclass(type(record), r.mapper.class_)
        )  # fmt: skip
        key = inspect(other.model).get_property_by_column(next(iter(relation.local_columns))).key
        query = other.query({}, getattr(other.model, key) == record.id)
        query.size = 10
        found.append(Related(other, query.page(), relation.key))
    return found


def steps(record: Any) -> list[Any]:
    """The workflow's transitions that the actor may take now."""
    return []
