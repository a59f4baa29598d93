"""The statement of account on the screen, and as a workbook; upper layers offer it as a PDF."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Response, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _

from app.core import ports
from app.core.actor import require_current
from app.core.audit import record_bulk
from app.core.calendar import InvalidDate, parse_date
from app.core.db import db, writing
from app.core.errors import NotFound
from app.crm.customers.models import Customer
from app.finance.settlement.models import SUBJECT, OpenItem
from app.finance.settlement.queries import visible_customer
from app.finance.settlement.statement import MOST_ROWS, Statement, statement_of
from app.finance.settlement.statement_sheet import workbook
from app.org.exports.services import note_export

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def asked_statement(customer_id: int) -> Statement:
    """The statement of the address: a party, and a period by `from` and `to`. Raises NotFound."""
    customer = visible_customer(customer_id)
    if customer is None:
        raise NotFound(customer_id=customer_id)
    return statement_of(customer, since=_day("from"), until=_day("to"))


def _day(name: str) -> date | None:
    try:
        return parse_date(request.args.get(name) or "")
    except InvalidDate:
        return None


class StatementView(BaseView):
    """Statements of account of parties."""

    route_base = "/settlement/statement"
    class_permission_name = SUBJECT
    default_view = "page"

    @expose("/<int:customer_id>")
    @has_access
    @permission_name("list")
    def page(self, customer_id: int) -> str:
        statement, actor = asked_statement(customer_id), require_current()
        period: dict[str, Any] = {name: request.args[name] for name in ("from", "to") if request.args.get(name)}
        return render_template(
            "settlement/statement.html",
            title=_("Statement of account of %(name)s", name=statement.customer.name),
            statement=statement,
            most=MOST_ROWS,
            may_add=actor.can("add", SUBJECT),
            may_match=actor.can("match", SUBJECT),
            sheet_url=url_for("StatementView.sheet", customer_id=customer_id, **period)
            if actor.can("export", SUBJECT)
            else None,
            prints=[
                (offer, offer.url(subject=SUBJECT, record_id=customer_id, **period))
                for offer in ports.statement_actions.actions_for(Customer)
                if actor.can(offer.action, SUBJECT)
            ],
        )

    @expose("/<int:customer_id>.xlsx")
    @has_access
    @permission_name("export")
    def sheet(self, customer_id: int) -> Response:
        """The workbook; the administrator sees who took it."""
        statement = asked_statement(customer_id)
        name = _("Statement of account of %(name)s", name=statement.customer.name)
        content, count = workbook(statement, title=name), len(statement.rows)
        db.session.rollback()
        with writing():
            filters = {**request.args.to_dict(flat=False), "customer": [str(customer_id)]}
            note_export(
                subject=SUBJECT, sheet=OpenItem.__tablename__, filters=filters, options={"format": "xlsx"}, rows=count
            )
            record_bulk(db.session, Customer, [(customer_id, {"rows": [None, count]})], action="exported")
            db.session.commit()
        response = Response(content, mimetype=XLSX)
        response.headers["Content-Disposition"] = f'attachment; filename="statement-{customer_id}.xlsx"'
        response.headers["Cache-Control"] = "no-store, private"
        return response
