"""What the page of one record shows: facts, buttons, related lists, history."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import url_for
from sqlalchemy import inspect
from sqlalchemy.orm import MANYTOONE

from app.core.actor import require_current
from app.core.audit import Audited
from app.core.field_rights import readable
from app.core.history import history_of
from app.core.listing import ListPage
from app.core.workflow import Workflow


@dataclass(frozen=True, slots=True)
class Related:
    """A list of rows below a record."""

    view: Any
    page: ListPage
    field: str


@dataclass(frozen=True, slots=True)
class StepButton:
    """A button for a step; with a refusal it says why not now."""

    label: Any
    url: str
    icon: str
    kind: str
    confirm: str
    needs_reason: bool
    refusal: str


def context(view: Any, record: Any) -> dict[str, Any]:
    """The template's values for a record's page."""
    return {
        "title": str(record),
        "record": record,
        "view": view,
        "sections": readable_sections(view),
        "related": related_lists(view, record),
        "history": history_of(record, limit=50) if isinstance(record, Audited) else None,
        "steps": steps(view, record),
    }


def readable_sections(view: Any) -> list[tuple[Any, list[str]]]:
    """The headings of the page with the fields under them that the actor may read."""
    sections = view.show_sections or (("", view.show_columns),)
    found = [(heading, readable(view.model, names)) for heading, names in sections]
    return [(heading, names) for heading, names in found if names]


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


def steps(view: Any, record: Any) -> list[StepButton]:
    """The workflow's steps that are legal now and that the actor has the right to."""
    flow = Workflow.of(type(record))
    if flow is None:
        return []
    return [
        StepButton(
            label=offer.transition.label,
            url=url_for(f"{view.endpoint}.step", name=offer.transition.name, pk=record.id),
            icon=offer.transition.icon,
            kind=offer.transition.style,
            confirm=str(offer.transition.confirm or ""),
            needs_reason=offer.transition.needs_reason,
            refusal=str(offer.refusal) if offer.refusal is not None else "",
        )
        for offer in flow.available(record, require_current())
    ]
