"""What falls due: uncleared cheques by Jalali month, on the screen and as a workbook."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Response, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from sqlalchemy import select

from app.core.actor import require_current
from app.core.audit import record_bulk
from app.core.calendar import InvalidDate, parse_date
from app.core.clock import today
from app.core.db import db, writing
from app.core.row_numbers import row_number
from app.core.text import clean
from app.crm.customers.models import Customer
from app.finance.cheques.models import Cheque
from app.finance.cheques.queries import Asked, due_calendar
from app.finance.cheques.sheet import workbook
from app.finance.cheques.states import DIRECTION_LABELS, STATE_LABELS, UNCLEARED, ChequeState, Direction
from app.org.exports.services import note_export

SUBJECT = "finance.cheques"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
KEPT = ("direction", "from", "to", "customer", "bank", "state")


def _asked() -> Asked:
    """What the address asks for; rubbish in it asks for nothing."""
    state = request.args.get("state", "")
    return Asked(
        direction=Direction.ISSUED if request.args.get("direction") == "issued" else Direction.RECEIVED,
        since=_day("from"),
        until=_day("to"),
        customer_id=row_number(request.args.get("customer", "")),
        bank=clean(request.args.get("bank", ""))[:60],
        state=ChequeState(state) if state in {one.value for one in UNCLEARED} else None,
    )


def _day(name: str) -> date | None:
    try:
        return parse_date(request.args.get(name) or "")
    except InvalidDate:
        return None


class ChequeCalendarView(BaseView):
    """Uncleared cheques by the month in which they fall due, each with its sum and its mean due date."""

    route_base = "/cheque-calendar"
    class_permission_name = SUBJECT
    default_view = "page"

    @expose("/")
    @has_access
    @permission_name("list")
    def page(self) -> str:
        asked, kept = _asked(), {name: request.args[name] for name in KEPT if request.args.get(name)}
        party = db.session.scalar(select(Customer).where(Customer.id == asked.customer_id))
        links: dict[str, Any] = dict(kept)
        return render_template(
            "cheques/calendar.html",
            title=_("Cheques falling due"),
            asked=asked,
            party=party,
            is_narrowed=bool(kept.keys() - {"direction"}),
            directions={way: (label, url_for("ChequeCalendarView.page", **{**links, "direction": way.value}))
                        for way, label in DIRECTION_LABELS.items()},
            states={one: STATE_LABELS[one] for one in ChequeState if one in UNCLEARED},
            calendar=due_calendar(asked, base=today()),
            sheet_url=url_for("ChequeCalendarView.sheet", **links)
            if require_current().can("export", SUBJECT)
            else None,
            today=today(),
        )  # fmt: skip

    @expose("/due.xlsx")
    @has_access
    @permission_name("export")
    def sheet(self) -> Response:
        """The same as a workbook; the administrator sees who took it."""
        calendar = due_calendar(_asked(), base=today())
        count = sum(len(month.cheques) for month in calendar.months)
        content = workbook(calendar, title=_("Cheques falling due"))
        db.session.rollback()
        with writing():
            filters = request.args.to_dict(flat=False)
            note_export(
                subject=SUBJECT, sheet=Cheque.__tablename__, filters=filters, options={"format": "xlsx"}, rows=count
            )
            record_bulk(db.session, Cheque, [(0, {"rows": [None, count]})], action="exported")
            db.session.commit()
        response = Response(content, mimetype=XLSX)
        response.headers["Content-Disposition"] = 'attachment; filename="cheques-due.xlsx"'
        response.headers["Cache-Control"] = "no-store, private"
        return response
