"""The screens of edit levels: the kinds, the table of one, a cell of it, and what a change would mean."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar

from flask import flash, redirect, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _

from app.core.actor import require_current
from app.core.db import db
from app.core.digits import to_ascii
from app.core.errors import DomainError, Invalid
from app.core.fresh import require_fresh_password
from app.core.history import history_of
from app.core.level_rules import ANY, Cell, Limits
from app.core.levels import Document, documents
from app.core.money import parse_rials
from app.core.row_numbers import row_number
from app.office.edit_levels import services, words
from app.office.edit_levels.effects import Turn, effect_of
from app.office.edit_levels.models import percent_text
from app.office.edit_levels.table import Row, Who
from app.office.edit_levels.words import Names

ANY_STATE = "any"
"""The word for any state in addresses."""
FREE_LINES = 3
BAD_NUMBER = -1
"""What stands for something that is no number; it is refused with the others."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the form of a cell, as it was typed."""

    who: str = ""
    amount: str = ""
    discount: str = ""
    age: str = ""

    @classmethod
    def of(cls, row: Row) -> Line:
        limits, who = row.limits, row.who
        kind, number = next(
            (kind, number)
            for kind, number in (("role", who.role_id), ("post", who.post_id), ("rank", who.rank))
            if number is not None
        )
        return cls(
            f"{kind}:{number}",
            "" if limits.amount_rials is None else str(limits.amount_rials),
            percent_text(limits.discount_percent),
            "" if limits.age_days is None else str(limits.age_days),
        )

    def row(self, cell: Cell) -> Row:
        """The line as a row of a cell."""
        kind, _sign, typed = self.who.partition(":")
        number = row_number(typed)
        who = Who(**{f"{kind}_id" if kind != "rank" else kind: number}) if kind in ("role", "post", "rank") else Who()
        return Row(cell, who, Limits(_rials(self.amount), _percent(self.discount), _days(self.age)))


def _rials(typed: str) -> int | None:
    try:
        return parse_rials(typed) if typed.strip() else None
    except (DomainError, ValueError):
        return BAD_NUMBER


def _percent(typed: str) -> Decimal | None:
    text = to_ascii(typed).strip().rstrip("%٪").replace("٫", ".").strip()
    try:
        found = Decimal(text) if text else None
    except InvalidOperation:
        return Decimal(BAD_NUMBER)
    return found if found is None or found.is_finite() else Decimal(BAD_NUMBER)


def _days(typed: str) -> int | None:
    text = to_ascii(typed).strip()
    number = row_number(text)
    return None if not text else BAD_NUMBER if number is None else number


class EditLevelsView(BaseView):
    """`/edit-levels/…`: who may do what with which document, in which state and how far."""

    route_base = "/edit-levels"
    class_permission_name = services.SUBJECT
    base_permissions: ClassVar[list[str]] = ["can_list", "can_show", "can_edit"]
    default_view = "list"

    @expose("/")
    @has_access
    def list(self) -> str:
        """Every kind of document, and how much of its table is filled."""
        lines = [
            (document, words.kind_words(document), len({row.cell for row in services.rows_of(document.kind)}))
            for document in documents()
        ]
        return render_template("edit_levels/list.html", title=_("Edit levels"), lines=lines)

    @expose("/<kind>")
    @has_access
    def show(self, kind: str) -> str:
        """The table of a kind: states by actions."""
        document, names = services.document_of(kind), Names.read()
        rows, table = services.rows_of(kind), services.table_of(kind)
        actions = services.actions_of(document)

        def cell(state: str, action: str) -> dict[str, Any] | None:
            if state != ANY and state not in services.states_with(document, action):
                return None
            own = [row for row in rows if row.cell == Cell(kind, state, action)]
            anywhere = [row for row in rows if row.cell == Cell(kind, ANY, action)]
            return {
                "rows": words.rows_words(own or anywhere, names),
                "inherits": bool(not own and anywhere and state != ANY),
                "url": url_for("EditLevelsView.cell", kind=kind, state=state or ANY_STATE, action=action),
            }

        return render_template(
            "edit_levels/show.html",
            title=words.kind_words(document),
            kind=kind,
            actions=[(action, words.action_words(document, action)) for action in actions],
            lines=[
                (words.state_words(document, state), [cell(state, action) for action in actions])
                for state in (ANY, *(one.value for one in document.states))
            ],
            others=[
                (one.kind, words.kind_words(one))
                for one in documents()
                if one.kind != kind and services.rows_of(one.kind)
            ],
            may_change=_may_change(),
            seen=services.mark_of(kind),
            history=[words.readable(one, document) for one in history_of(table, limit=100)] if table else [],
        )

    @expose("/<kind>/<state>/<action>")
    @has_access
    @permission_name("show")
    def cell(self, kind: str, state: str, action: str) -> str:
        """Who may do one thing in one state, and how far."""
        document = services.document_of(kind)
        cell = services.cell_of(document, "" if state == ANY_STATE else state, action)
        lines = [Line.of(row) for row in services.rows_of(kind) if row.cell == cell]
        return self._cell_page(document, cell, lines, seen=services.mark_of(kind))

    @expose("/<kind>/preview", methods=["POST"])
    @has_access
    @permission_name("edit")
    def preview(self, kind: str) -> Any:
        """What the typed cell, or another kind's table, would mean; nothing is saved."""
        document = services.document_of(kind)
        require_current().require("edit", services.SUBJECT)
        return self._checked(document, lambda after: self._preview_page(document, after))

    @expose("/<kind>/save", methods=["POST"])
    @has_access
    @permission_name("edit")
    @require_fresh_password
    def save(self, kind: str) -> Any:
        """Save the typed cell, or another kind's table as this one's."""
        document = services.document_of(kind)

        def keep(after: tuple[Row, ...]) -> Any:
            services.save_rows(document, after, seen=_typed("seen"))
            db.session.commit()
            flash(_("Saved. It holds from each person's next click on."), "success")
            return redirect(url_for("EditLevelsView.show", kind=kind))

        return self._checked(document, keep)

    # Pages -------------------------------------------------------------------------------------

    def _checked(self, document: Document, then: Callable[[tuple[Row, ...]], Any]) -> Any:
        """Go on with the rows that were sent, or back to the form with what is wrong."""
        source = _typed("source")
        cell = None if source else services.cell_of(document, _typed("state"), _typed("action"))
        lines = _sent_lines()
        try:
            if cell is None:
                after = services.like(document, services.document_of(source))
            else:
                typed = [line.row(cell) for line in lines]
                services.check(document, typed)
                after = services.with_cell(services.rows_of(document.kind), cell, typed)
            return then(after)
        except DomainError as error:
            db.session.rollback()
            if cell is None:
                raise
            return self._cell_page(document, cell, lines, seen=_typed("seen"), error=error), error.status

    def _cell_page(
        self, document: Document, cell: Cell, lines: Sequence[Line], *, seen: str, error: DomainError | None = None
    ) -> str:
        names, rows = Names.read(), services.rows_of(document.kind)
        anywhere = [row for row in rows if row.cell == replace(cell, state=ANY)]
        may_change = _may_change()
        return render_template(
            "edit_levels/cell.html",
            title=_("%(action)s — %(state)s", action=words.action_words(document, cell.action),
                    state=words.state_words(document, cell.state)),
            kind=document.kind,
            kind_words=words.kind_words(document),
            cell=cell,
            lines=[*lines, *(Line() for _blank in range(FREE_LINES if may_change else 0))],
            inherited=words.rows_words(anywhere, names) if cell.state != ANY else [],
            names=names,
            ranks=[(rank, words.rank_words(rank)) for rank in range(1, services.lowest_rank() + 1)],
            measures=document.measures,
            may_change=may_change,
            seen=seen,
            error="" if error is None or isinstance(error, Invalid) else str(error),
            errors={one.path: str(one.message) for one in error.errors} if isinstance(error, Invalid) else {},
        )  # fmt: skip

    def _preview_page(self, document: Document, after: tuple[Row, ...]) -> str:
        effect = effect_of(document, services.rows_of(document.kind), after)
        source = _typed("source")
        state, action = _typed("state"), _typed("action")
        back = url_for("EditLevelsView.show", kind=document.kind)
        if not source:
            back = url_for("EditLevelsView.cell", kind=document.kind, state=state or ANY_STATE, action=action)
        return render_template(
            "edit_levels/preview.html",
            title=_("What this would change"),
            kind=document.kind,
            kind_words=words.kind_words(document),
            effect=effect,
            Turn=Turn,
            action_words=lambda one: words.action_words(document, one),
            state_words=lambda one: words.state_words(document, one),
            sent=[(name, value) for name, value in request.form.items(multi=True) if name != "csrf_token"],
            back=back,
        )


def _may_change() -> bool:
    return require_current().can("edit", services.SUBJECT)


def _typed(name: str) -> str:
    return request.form.get(name, "")


def _sent_lines() -> list[Line]:
    """The lines of the form that name somebody or say anything."""
    columns = [request.form.getlist(name) for name in ("who", "amount", "discount", "age")]
    count = max(map(len, columns), default=0)
    padded = [[*column, *[""] * (count - len(column))] for column in columns]
    return [line for values in zip(*padded, strict=True) if (line := Line(*values)) != Line()]
