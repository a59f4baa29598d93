"""The screens that say what a person can see and do, and why; for administrators."""

from __future__ import annotations

from typing import Any, ClassVar

from flask import flash, redirect, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import inspect

from app.core import ports
from app.core.db import db
from app.core.errors import NotFound
from app.core.links import fab, record_url
from app.core.ports import ListAction
from app.core.row_numbers import row_number
from app.org.access import explain, matrix, queries
from app.org.access.views import LEVEL_LABELS
from app.org.employees.models import Employee

SUBJECT = "org.access_check"
EXPLAIN = "explain"
"""A right that no role gives: the button on records is the administrator's."""


class AccessView(BaseView):
    """`/access/…`: one person, or one person and one record."""

    route_base = "/access"
    class_permission_name = SUBJECT
    base_permissions: ClassVar[list[str]] = ["can_show"]
    default_view = "show"

    @expose("/")
    @has_access
    def show(self) -> Any:
        """Choose a person, and a record by the address of its page."""
        person_id, address = row_number(request.args.get("person")), request.args.get("address", "").strip()
        if person_id is not None and address:
            try:
                record = queries.record_at(address)
            except NotFound:
                flash(_("There is no record's page at this address."), "warning")
                return redirect(url_for("AccessView.person", person_id=person_id))
            return redirect(_record_page(record, person_id))
        if person_id is not None:
            return redirect(url_for("AccessView.person", person_id=person_id))
        return render_template("access/index.html", title=_("Who can see and do what"))

    @expose("/<int:person_id>")
    @has_access
    @permission_name("show")
    def person(self, person_id: int) -> str:
        """All that somebody can see and do."""
        found = explain.access_of(_person(person_id))
        return render_template(
            "access/person.html", title=_("What %(name)s can see and do", name=str(found.person)), access=found,
            level_labels=LEVEL_LABELS,
        )  # fmt: skip

    @expose("/record/<table>/<int:record_id>")
    @has_access
    @permission_name("show")
    def record(self, table: str, record_id: int) -> Any:
        """Whether somebody sees a record, and why; without a person a place to choose one."""
        record = queries.record_of(table, record_id)
        module = matrix.module_of(queries.subject_of(type(record)))
        if module is None:
            raise NotFound(table=table)
        person_id = row_number(request.args.get("person"))
        found = explain.explain(_person(person_id), record, module) if person_id is not None else None
        return render_template(
            "access/record.html", title=_("Who can see “%(name)s”?", name=str(record)), record=record, access=found,
            module=module, level_labels=LEVEL_LABELS, record_url=record_url(record), table=table,
        )  # fmt: skip


def _person(person_id: int) -> Employee:
    person = db.session.get(Employee, person_id)
    if person is None:
        raise NotFound(person=person_id)
    return person


def _record_page(record: Any, person_id: int | None) -> str:
    table = inspect(type(record)).local_table.name
    return url_for("AccessView.record", table=table, record_id=record.id, person=person_id)


def offer_explanation(model: type[Any]) -> ListAction | None:
    """The button of a record's page; on a person's page it leads to what that person can do."""
    table = inspect(model).local_table.name

    def url(*, subject: str, record_id: int) -> str:
        if model is Employee:
            return url_for("AccessView.person", person_id=record_id)
        return url_for("AccessView.record", table=table, record_id=record_id)

    label = _l("What can this person do?") if model is Employee else _l("Who can see this?")
    return ListAction(name="explain", label=label, icon="shield-lock", action=EXPLAIN, url=url)


def install() -> None:
    """Put the button on every record's page; and FAB's raw screens under a name that says what they are."""
    ports.record_actions.register(offer_explanation)
    security = fab().menu.find("Security")
    if security is not None:
        security.label = _l("Advanced: raw permissions")
