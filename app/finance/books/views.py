"""The books on the screen: a table, a chart beside it, and the workbook."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from flask import Response, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.core import clock
from app.core.actor import require_current
from app.core.audit import record_bulk
from app.core.calendar import InvalidDate, parse_date
from app.core.db import db, writing
from app.core.errors import DomainError, NotFound
from app.core.fab import has_access, permission_name
from app.core.jalali import jalali_year_range, to_jalali
from app.core.row_numbers import row_number
from app.finance.books.queries import SHOWN, By, Period, Side, book
from app.finance.books.sheet import figures, workbook
from app.finance.invoices.kinds import POLICIES, InvoiceKind
from app.finance.invoices.models import Invoice
from app.org.departments.models import Department
from app.org.exports.services import note_export

SUBJECT = "finance.books"
LONGEST_DAYS = 3660
FILTERS = ("from", "until", "kind", "department")
"""The arguments of an address that go on from page to page."""
IN_CHART = 24
"""Groups of the chart; more cannot be told apart."""
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class BadPeriod(DomainError):
    """The days of a book cannot be read, are in the wrong order, or are too many."""

    code = "bad_period"
    default_message = _l("Give the first and the last day of at most ten years.")


def asked_for(side: str, by: str, given: Mapping[str, str]) -> Period:
    """What an address asks for; without days this Jalali year up to its end. Raises BadPeriod, NotFound."""
    try:
        which, group = Side(side), By(by)
        kind = InvoiceKind(given["kind"]) if given.get("kind") else None
    except ValueError as error:
        raise NotFound(side=side, by=by) from error
    if kind is not None and kind not in which.kinds:
        raise NotFound(kind=kind)
    first, last = jalali_year_range(to_jalali(clock.today())[0])
    from_on, until_on = _day(given.get("from"), first), _day(given.get("until"), last)
    if not 0 <= (until_on - from_on).days <= LONGEST_DAYS:
        raise BadPeriod
    return Period(which, group, from_on, until_on, kind, row_number(given.get("department") or ""))


def _day(text: str | None, usual: date) -> date:
    try:
        return parse_date(text or "") or usual
    except InvalidDate as error:
        raise BadPeriod from error


def checked(side: str, by: str) -> Period:
    """The period of this request, of a book whose documents the actor may list."""
    asked = asked_for(side, by, request.args)
    require_current().require("list", POLICIES[asked.side.kinds[0]].subject)
    return asked


def heads_of(by: By, side: Side) -> list[str]:
    """The words over the columns."""
    party = _("Customer") if side is Side.SALES else _("Supplier")
    first = {By.MONTH: _("Month"), By.PARTY: party, By.GOODS: _("Goods"), By.REP: _("Rep"), By.REGION: _("Region")}
    return [
        first[by],
        _("Rows") if by is By.GOODS else _("Invoices"),
        _("Returns"),
        _("Discount (rials)"),
        _("Net (rials)"),
        _("VAT (rials)"),
        _("Duty and charges (rials)"),
        _("Rounding and additions (rials)"),
        _("Payable (rials)"),
    ]


def tabs_of(side: Side) -> dict[By, str]:
    """The ways to group a book, in words."""
    party = _("By customer") if side is Side.SALES else _("By supplier")
    words = (_("By month"), party, _("By goods"), _("By rep"), _("By region"))
    return dict(zip(By, words, strict=True))


class BooksView(BaseView):
    """The books of sales and purchases; read only, and over the rows that the person sees."""

    route_base = "/books"
    default_view = "start"
    template_folder = str(Path(__file__).parent / "templates")
    class_permission_name = SUBJECT

    @expose("/")
    @has_access
    @permission_name("list")
    def start(self) -> str:
        """The sales of this year by month."""
        return self._page(Side.SALES, By.MONTH)

    @expose("/<side>/<by>")
    @has_access
    @permission_name("list")
    def show(self, side: str, by: str) -> str:
        return self._page(side, by)

    def _page(self, side: str, by: str) -> str:
        asked = checked(side, by)
        found = book(asked)
        chart = [row for row in found.rows if row.sums.payable_rials][:IN_CHART]
        actor = require_current()
        kept: dict[str, Any] = {name: request.args[name] for name in FILTERS if request.args.get(name)}
        return render_template(
            "books/book.html",
            title=str(asked.side.label),
            asked=asked,
            book=found,
            heads=heads_of(asked.by, asked.side),
            figures=figures,
            chart={"labels": [r.label for r in chart], "values": [r.sums.payable_rials for r in chart]},
            sides=[s for s in Side if actor.can("list", POLICIES[s.kinds[0]].subject)],
            tabs=tabs_of(asked.side),
            kept=kept,
            departments=db.session.query(Department).order_by(Department.name_sort).limit(SHOWN).all(),
            shown=SHOWN,
            may_export=actor.can("export", SUBJECT),
            sheet_url=url_for("BooksView.sheet", side=asked.side, by=asked.by, **kept),
        )

    @expose("/<side>/<by>.xlsx")
    @has_access
    @permission_name("export")
    def sheet(self, side: str, by: str) -> Response:
        """The workbook with every group; the administrator sees who took it."""
        asked = checked(side, by)
        found = book(asked, most=None)
        content = workbook(found, title=str(asked.side.label), heads=heads_of(asked.by, asked.side))
        db.session.rollback()
        with writing():
            filters = request.args.to_dict(flat=False)
            note_export(
                subject=SUBJECT,
                sheet=Invoice.__tablename__,
                filters=filters,
                options={"format": "xlsx"},
                rows=len(found.rows),
            )
            record_bulk(db.session, Invoice, [(0, {"rows": [None, len(found.rows)]})], action="exported")
            db.session.commit()
        response = Response(content, mimetype=XLSX)
        response.headers["Content-Disposition"] = f'attachment; filename="{asked.side}-by-{asked.by}.xlsx"'
        response.headers["Cache-Control"] = "no-store, private"
        return response
