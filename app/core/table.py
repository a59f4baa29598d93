"""The rows of a list as its template shows them.

Everything that does not change from row to row is worked out once, since the cells are most of
what a page costs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import url_for
from markupsafe import Markup

from app.core import formats
from app.core.links import record_url
from app.core.listing import Column, ListPage
from app.core.shell import path_value


@dataclass(frozen=True, slots=True)
class Cell:
    """A value with the words of its column, which phones show beside it."""

    label: str
    html: Markup


@dataclass(frozen=True, slots=True)
class Row:
    """A record of a list: where it opens, where it is changed ("" when not), its cells."""

    id: int
    url: str
    edit_url: str
    cells: list[Cell]


def shown_columns(page: ListPage, hide: str = "") -> list[Column]:
    """The columns of a list without the one that goes without saying."""
    return [column for column in page.spec.columns if column.name != hide]


def table_rows(view: Any, page: ListPage, hide: str = "") -> list[Row]:
    """The rows of a page, their first cell a link where the actor may open the record."""
    show = _address(view, "show")
    edit = _address(view, "edit")
    columns = [(column, str(column.label)) for column in shown_columns(page, hide)]
    link = remembered(record_url)
    rows = []
    for record in page.rows:
        url = f"{show}{record.id}" if show else ""
        cells = [Cell(label, _cell(record, column, link)) for column, label in columns]
        if url and cells and "<a " not in cells[0].html:
            cells[0] = Cell(cells[0].label, Markup('<a href="{}">{}</a>').format(url, cells[0].html))
        may_edit = edit and view.is_editable(record)
        rows.append(Row(record.id, url, f"{edit}{record.id}" if may_edit else "", cells))
    return rows


def _address(view: Any, name: str) -> str:
    """The address of a record's page without its number; empty where the actor has no page."""
    return url_for(f"{view.endpoint}.{name}", pk="0").removesuffix("0") if view.may(name) else ""


def _cell(record: Any, column: Column, link: Callable[[Any], str | None]) -> Markup:
    value = path_value(record, column.name)
    if column.formatter is not None:
        return Markup("{}").format(column.formatter(value))
    return formats.cell(value, column.name, link=link)


def remembered(work: Callable[[Any], str | None]) -> Callable[[Any], str | None]:
    """`work` on records, asked once for each record of a page."""
    known: dict[Any, str | None] = {}

    def ask(record: Any) -> str | None:
        key = (type(record), getattr(record, "id", None))
        if key not in known:
            known[key] = work(record)
        return known[key]

    return ask
