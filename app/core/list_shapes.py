"""The shapes of a list beside each other: list, sheet, board, calendar. Each is offered by what the view says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from flask import request, url_for
from flask_babel import lazy_gettext as _l

from app.core.board import BoardSpec
from app.core.field_rights import may_read
from app.core.listing import ListPage, ListQuery
from app.core.month_view import CalendarSpec
from app.core.row_actions import RowActions
from app.core.sheets import sheet_for

PAGING = frozenset({"size", "after", "before", "page", "month"})
"""What an address says of a page of the list, and nothing of the list itself."""


@dataclass(frozen=True, slots=True)
class Shape:
    """One way to look at a list."""

    name: str
    label: Any
    icon: str


SHAPES = (
    Shape("list", _l("List"), "list-ul"),
    Shape("sheet", _l("Sheet"), "table"),
    Shape("board", _l("Board"), "kanban"),
    Shape("calendar", _l("Calendar"), "calendar3"),
)


class ListShapes(RowActions):
    """What the shapes of a list share: who is offered which, and the filters that go from one to another."""

    board_spec: ClassVar[BoardSpec | None] = None
    calendar_spec: ClassVar[CalendarSpec | None] = None

    def query(self, values: Any = None, *conditions: Any) -> ListQuery:
        """The list as the address asks for it; ModelView brings it."""
        raise NotImplementedError

    def has_shape(self, name: str) -> bool:
        """Whether the list has a shape for the present actor."""
        if name == "sheet":
            return sheet_for(self.model) is not None
        if name == "board":
            return self.board_spec is not None
        if name == "calendar":
            return self.calendar_spec is not None and may_read(self.model, self.calendar_spec.day)
        return name == "list"

    def other_shapes(self, shown: str) -> list[tuple[Shape, str]]:
        """The other shapes of the list with their addresses, filtered as it is now."""
        return [(one, self.as_filtered(one.name)) for one in SHAPES if one.name != shown and self.has_shape(one.name)]

    def list_url(self) -> str:
        """The list as another shape of it is filtered now."""
        return self.as_filtered("list")

    def as_filtered(self, shape: str, **more: Any) -> str:
        """The address of a shape with the filters of this request; `more` replaces some of them."""
        return url_for(f"{self.endpoint}.{shape}", **{**self.asked(), **more})

    def asked(self) -> dict[str, Any]:
        """What this request says of the list, without its pages."""
        return {name: found for name, found in request.args.to_dict(flat=False).items() if name not in PAGING}

    def head_of(self, query: ListQuery, count: Any) -> ListPage:
        """A page without rows: what the filters of a shape show."""
        return ListPage(
            spec=query.spec, rows=(), filters=query.filters, text=query.text, sort=query.sort, size=query.size,
            count=count, notices=query.notices,
        )  # fmt: skip
