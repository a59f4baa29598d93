"""The question of a conversion: how much of each line goes over, and the document that comes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import uuid4

from flask import flash, redirect, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.core.actor import require_current
from app.core.db import db
from app.core.errors import DomainError, Invalid, NotFound
from app.core.links import kind_name, record_url
from app.core.raw_cells import Problem, as_decimal
from app.sales.documents import conversions
from app.sales.documents.conversions import ROUTES, Route
from app.sales.documents.filling import plain

QUANTITY = "quantity_"
"""The fields of the form are named so, with the line's id."""


class NoQuantity(DomainError):
    """A quantity that cannot be read."""

    code = "quantity"
    default_message = _l("Give a quantity of zero or more, with at most three decimals.")


@dataclass(frozen=True, slots=True)
class Way:
    """A route as a page offers it."""

    label: Any
    icon: str
    url: str


@dataclass(frozen=True, slots=True)
class Row:
    """A line in the question: what there is, what went over, what is left, and what is entered."""

    line: Any
    taken: Decimal
    left: Decimal
    entered: str


def ways_from(endpoint: str, document: Any) -> list[Way]:
    """What the actor may make from a document now, of which something is left."""
    found = []
    for route in conversions.routes_from(document):
        if any(conversions.left_of(document, route.lane).values()):
            url = url_for(f"{endpoint}.make", record_id=document.id, route=route.name)
            found.append(Way(route.label, route.icon, url))
    return found


class Making(BaseView):
    """For the editor of a document that others are made from."""

    def find(self, record_id: int) -> Any:
        """A visible document of the editor's kind. Raises NotFound."""
        raise NotImplementedError

    def url_of(self, record_id: int) -> str:
        """Its page."""
        raise NotImplementedError

    @expose("/<int:record_id>/make/<route>", methods=["GET", "POST"])
    @has_access
    @permission_name("convert")
    def make(self, record_id: int, route: str) -> Any:
        """Ask for the quantities of a conversion, all that is left at first; then make the document."""
        found, source = ROUTES.get(route), self.find(record_id)
        if found is None or found.source is not type(source):
            raise NotFound(route=route)
        require_current().require("add", found.target.__subject__)
        if request.method == "GET":
            if found not in conversions.routes_from(source):
                flash(str(conversions.NotConvertible.default_message), "danger")
                return redirect(self.url_of(record_id))
            return self._question(source, found, key=uuid4().hex)
        try:
            target = conversions.convert(route, record_id, key=_key(), quantities=_entered())
            db.session.commit()
        except DomainError as refusal:
            db.session.rollback()
            return self._question(self.find(record_id), found, key=_key(), refusal=refusal), refusal.status
        flash(_("It is made: %(kind)s.", kind=kind_name(target)), "success")
        return redirect(record_url(target) or self.url_of(record_id))

    def _question(self, source: Any, route: Route, *, key: str, refusal: DomainError | None = None) -> str:
        part = request.headers.get("X-Part") == "dialog"
        return render_template(
            "documents/make_part.html" if part else "documents/make.html",
            title=_("Make: %(what)s", what=str(route.label)),
            subtitle=str(source),
            route=route,
            rows=_rows(source, route, request.form),
            may_exceed=require_current().can("exceed", conversions.subject_of(source)),
            key=key,
            refusals=_words(refusal),
            action=url_for(f"{self.endpoint}.make", record_id=source.id, route=route.name),
            back=self.url_of(source.id),
        )


def _rows(source: Any, route: Route, typed: Mapping[str, str]) -> list[Row]:
    taken, left = conversions.taken_of(source, route.lane), conversions.left_of(source, route.lane)
    return [
        Row(
            line,
            taken.get(line.id, Decimal(0)),
            left[line.id],
            typed.get(f"{QUANTITY}{line.id}", plain(left[line.id])),
        )
        for line in source.lines
    ]


def _key() -> str:
    return request.form.get("key", "")


def _entered() -> dict[int, Decimal]:
    """The quantities of the form by the line's id; a blank one is nothing. Raises NoQuantity."""
    found = {}
    for name, value in request.form.items():
        line_id = name.removeprefix(QUANTITY)
        if name.startswith(QUANTITY) and line_id.isascii() and line_id.isdigit():
            found[int(line_id)] = quantity_of(value)
    return found


def quantity_of(value: str) -> Decimal:
    """A quantity as people type it, in digits of either script; a blank one is zero. Raises NoQuantity."""
    number = as_decimal(value, percent=False)
    if number is None:
        return Decimal(0)
    if isinstance(number, Problem) or not 0 <= number < 10**12 or number != round(number, 3):
        raise NoQuantity
    return number


def _words(refusal: DomainError | None) -> list[str]:
    if refusal is None:
        return []
    return [str(error.message) for error in refusal.errors] if isinstance(refusal, Invalid) else [str(refusal)]
