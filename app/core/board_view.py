"""The routes of a list's board and of its calendar, for every list whose view says how; others answer 404."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import abort, request
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _

from app.core import formats
from app.core.actor import require_current
from app.core.board import MOST_CARDS, BoardSpec, CardMaker, Column
from app.core.clock import today
from app.core.list_shapes import ListShapes
from app.core.listing import Count, ListQuery
from app.core.month_grid import Month, weekday_names
from app.core.month_view import CalendarSpec, days_of

NOTHING = Count(0)
STATE = "f_state"


class BoardRoutes(ListShapes):
    """`<route>/board` and `<route>/calendar`."""

    board_template = "kartabl/model/board.html"
    calendar_template = "kartabl/model/calendar.html"

    @expose("/board")
    @has_access
    @permission_name("list")
    def board(self) -> Any:
        """The records of each state as cards, the first due first; dragging one takes a step of its workflow."""
        spec = self.board_spec
        if spec is None:
            abort(404)
        asked = {name: found for name, found in self.asked().items() if name not in {STATE, "sort"}}
        head = self.head_of(self.query(asked), NOTHING)
        head.filters = {name: bound for name, bound in head.filters.items() if name != "state"}
        maker = CardMaker(self, spec, require_current())
        ends = [self._column(spec, state, (), NOTHING) for state in spec.ends]
        return self.render_template(
            self.board_template, title=_("%(list)s — board", list=str(self.list_title)), view=self, page=head,
            columns=[*(self._full_column(maker, state, asked) for state in spec.states), *ends], today=today(),
        )  # fmt: skip

    def _full_column(self, maker: CardMaker, state: Any, asked: dict[str, Any]) -> Column:
        spec = maker.spec
        query = self.query({**asked, "sort": [spec.day], "size": [str(MOST_CARDS)]}, self.model.state == state)
        page = query.page()
        return self._column(spec, state, [maker.card(row) for row in page.rows], page.count)

    def _column(self, spec: BoardSpec, state: Any, cards: Any, count: Count) -> Column:
        return Column(
            of=state,
            key=state.value,
            title=formats.label_of(state),
            cards=cards,
            count=count,
            tone=formats.tone_of(state),
            more_url=self.as_filtered("list", **{STATE: state.value, "sort": spec.day}),
            is_end=state in spec.ends,
        )

    @expose("/calendar")
    @has_access
    @permission_name("list")
    def calendar(self) -> Any:
        """The records on the days of a Jalali month; without a filter of states those that are still to be done."""
        spec = self.calendar_spec
        if spec is None or not self.has_shape("calendar"):
            abort(404)
        asked = {name: found for name, found in self.asked().items() if name != "sort"}
        query = self._open_ones(spec, asked)
        month = Month.read(request.args.get("month", ""), default=today())
        return self.render_template(
            self.calendar_template, title=_("%(list)s — calendar", list=str(self.list_title)), view=self,
            page=self.head_of(query, NOTHING), month=month, days=days_of(self, query, spec, month),
            weekdays=weekday_names(formats.lang()), late=self._late(spec, asked),
            today=today(), late_url=self.days_url(None, formats.jdate_input(today() - timedelta(days=1))),
        )  # fmt: skip

    def _open_ones(self, spec: CalendarSpec, asked: dict[str, Any], *conditions: Any) -> ListQuery:
        """The list without what is over, unless the address asks for states itself."""
        state = () if STATE in asked else (self.model.state.in_(spec.states),)
        return self.query(asked, *state, *conditions)

    def days_url(self, since: str | None, until: str) -> str:
        """The list of what a calendar has on days from one to another, as an address writes them; both included."""
        spec = self.calendar_spec
        assert spec is not None
        more: dict[str, Any] = {
            "sort": spec.day,
            f"f_{spec.day}_from": since,
            f"f_{spec.day}_to": until,
        }
        if STATE not in request.args:
            more[STATE] = [state.value for state in spec.states]
        return self.as_filtered("list", **more)

    def _late(self, spec: CalendarSpec, asked: dict[str, Any]) -> Count:
        """How many are past their day, of all months."""
        return self._open_ones(spec, asked, getattr(self.model, spec.day) < today()).count()
