"""The routes of a list's sheet: the page, its rows window by window, a check of cells, and the save."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import abort, jsonify, request, url_for
from flask_appbuilder import expose, has_access
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _

from app.core.db import db, writing
from app.core.forms import ModelForm
from app.core.list_shapes import ListShapes
from app.core.positions import sample
from app.core.sheet_rows import Sheet, column_json, open_sheet, rows_of
from app.core.sheet_save import Outcome, answer_of, check_sheet, save_sheet
from app.core.sheet_words import sheet_words

WINDOW = 100
"""Rows that the page opens with; the browser asks for up to 200 at a time."""


class SheetRoutes(ListShapes):
    """`<route>/sheet` for every list whose model has a SheetSpec; others answer 404."""

    sheet_template = "kartabl/model/sheet.html"

    def write_new(self, record: Any, form: ModelForm) -> None:
        """Make a record of a checked form."""
        raise NotImplementedError

    def write_changes(self, record: Any, form: ModelForm) -> None:
        """Change a record by a checked form."""
        raise NotImplementedError

    def _sheet(self) -> Sheet:
        sheet = open_sheet(self)
        if sheet is None:
            abort(404)
        return sheet

    @expose("/sheet")
    @has_access
    @permission_name("list")
    def sheet(self) -> Any:
        """The page, with its first rows."""
        sheet = self._sheet()
        query = self.query(self.asked())
        query.size = WINDOW
        page = query.page()
        data = {
            "columns": [column_json(sheet, column) for column in sheet.columns],
            "rights": {"edit": sheet.may_edit, "add": sheet.may_add, "delete": sheet.may_delete},
            "window": {
                "rows": rows_of(sheet, query.rows([row.id for row in page.rows], sheet.loads())),
                "before": "", "after": page.after, "count": page.count.number, "capped": page.count.is_capped,
            },
            "sort": page.sort,
            "name": sheet.spec.name,
            "urls": {name: url_for(f"{self.endpoint}.sheet_{name}") for name in ("rows", "check", "save")},
            "words": sheet_words(),
        }  # fmt: skip
        title = _("%(list)s — sheet", list=str(self.list_title))
        return self.render_template(
            self.sheet_template, title=title, view=self, sheet=sheet, page=page, data=data,
            has_lines=sheet.spec.lines is not None,
        )  # fmt: skip

    @expose("/sheet/rows")
    @has_access
    @permission_name("list")
    def sheet_rows(self) -> Any:
        """A window: `after` or `before` a cursor, `page=last`, or `at` a part (0 to 1) of the list."""
        sheet, query = self._sheet(), self.query()
        begin = request.args.get("at", type=float)
        estimate = None
        if begin is not None or request.args.get("estimate"):
            drawn = sample(query)
            estimate = drawn.estimate
            if begin is not None and begin == begin:  # not NaN
                query.cursor = drawn.cursor_at(begin)
        window = query.window()
        rows = rows_of(sheet, query.rows(window.ids, sheet.loads()))
        return jsonify(rows=rows, before=window.before, after=window.after, estimate=estimate)

    @expose("/sheet/check", methods=["POST"])
    @has_access
    @permission_name("list")
    def sheet_check(self) -> Any:
        """What is bad in the sent cells, and the good ones as they would be stored; stores nothing."""
        sheet = self._sheet()
        db.session.rollback()  # the request began as one that writes
        with writing(intent=False):
            outcome, texts = check_sheet(sheet, request.get_json(silent=True))
            db.session.rollback()
        return jsonify(errors=outcome.errors, texts=texts)

    @expose("/sheet/save", methods=["POST"])
    @has_access
    @permission_name("list")
    def sheet_save(self) -> Any:
        """Store all rows or none; 409 with the rows that others changed, 422 with the bad cells."""
        sheet = self._sheet()
        outcome = save_sheet(sheet, request.get_json(silent=True))
        if outcome.is_refused:
            return _refused(outcome)
        return jsonify(answer_of(sheet, outcome))


def _refused(outcome: Outcome) -> Any:
    gone = outcome.conflicts and not outcome.errors and not any(outcome.conflicts.values())
    if gone:
        status, message = HTTPStatus.NOT_FOUND, _("These rows are gone. Nothing was saved.")
    elif outcome.conflicts:
        status, message = HTTPStatus.CONFLICT, _("Someone else changed some of these rows. Nothing was saved yet.")
    else:
        status, message = HTTPStatus.UNPROCESSABLE_ENTITY, _("Nothing was saved. Correct what is marked.")
    return jsonify(message=message, errors=outcome.errors, conflicts=outcome.conflicts), status
