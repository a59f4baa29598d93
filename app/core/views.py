"""Pages of no single model: the home page, the search over everything, the bell."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Flask, Response, current_app, redirect, render_template, request, url_for
from flask_appbuilder import IndexView, expose
from flask_babel import gettext as _

from app.core import search
from app.core.actor import Actor, ActorKind, current, require_current
from app.core.db import db
from app.core.feature import SearchSource, features_of
from app.core.field_rights import seen
from app.core.home import landing_of
from app.core.links import view_of
from app.core.table import shown_columns, table_rows
from app.core.web import wants_json

HITS = 8
MORE = 50


class HomeView(IndexView):
    """The kartabl: what waits for the person who is signed in."""

    index_template = "appbuilder/index.html"

    @expose("/")
    def index(self) -> Any:
        who = current()
        if who is None or who.kind is ActorKind.ANONYMOUS:
            return redirect(self.appbuilder.get_url_for_login)
        if (own := landing_of(who)) is not None:
            return redirect(own.url)
        return self.render_template(self.index_template)


# Search ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Hit:
    """A record that was found."""

    title: str
    detail: str
    url: str


@dataclass(frozen=True, slots=True)
class Group:
    """What was found in one place, and the way to all of it."""

    label: str
    icon: str
    hits: list[Hit]
    more_url: str = ""


def find_everywhere(text: str, who: Actor, *, limit: int = HITS) -> list[Group]:
    """The best hits of every searchable thing that the actor may list; no groups without hits."""
    groups = []
    for feature in features_of(current_app._get_current_object()):  # type: ignore[attr-defined]
        for source in feature.searches:
            if who.can("list", getattr(source.model, "__subject__", feature.name)):
                group = _find(source, text, limit)
                if group.hits:
                    groups.append(group)
    return groups


def _find(source: SearchSource, text: str, limit: int) -> Group:
    session = db.session()
    ids = search.matching_ids(session, source.model, text, limit=limit + 1)
    rows = {row.id: row for row in session.query(source.model).filter(source.model.id.in_(ids))} if ids else {}
    argument = _argument_of(source.endpoint)
    hits = [
        Hit(source.title(seen(row)), source.detail(seen(row)), url_for(source.endpoint, **{argument: row.id}))
        for ident in ids[:limit]
        if (row := rows.get(ident)) is not None
    ]
    view = view_of(source.endpoint.partition(".")[0])
    more = url_for(f"{view.endpoint}.list", q=text) if len(ids) > limit and hasattr(view, "list") else ""
    return Group(str(source.label), source.icon, hits, more)


def _argument_of(endpoint: str) -> str:
    """The name that a page's address gives to the record's number."""
    rule = next(current_app.url_map.iter_rules(endpoint))
    return next(iter(rule.arguments), "pk")


pages = Blueprint("core_pages", __name__)


@pages.get("/search")
def search_page() -> Any:
    """Hits in everything, grouped; as JSON for the box that answers while one types."""
    who = require_current()
    text = request.args.get("q", "").strip()[:200]
    groups = find_everywhere(text, who, limit=HITS) if text else []
    if wants_json() or request.args.get("format") == "json":
        return {"query": text, "groups": [_as_json(group) for group in groups]}
    return render_template("kartabl/search.html", title=_("Search"), query=text, groups=groups)


def _as_json(group: Group) -> dict[str, Any]:
    hits = [{"title": hit.title, "detail": hit.detail, "url": hit.url} for hit in group.hits]
    return {"label": group.label, "icon": group.icon, "hits": hits, "more_url": group.more_url}


# Bell ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Bell:
    """What the bell shows: new ones, late ones among them, and whether nobody rings alarms."""

    count: int = 0
    late: int = 0
    stale: bool = False


_bells: list[Callable[[Actor], Bell]] = []


def register_bell(count: Callable[[Actor], Bell]) -> None:
    """Let a feature (notifications) say what the bell shows."""
    if count not in _bells:
        _bells.append(count)


def bell_of(who: Actor) -> Bell:
    """The bell of an actor: what the registered counters say, else the open rows of the inboxes."""
    if _bells:
        parts = [count(who) for count in _bells]
        return Bell(sum(p.count for p in parts), sum(p.late for p in parts), any(p.stale for p in parts))
    boxes = [box for feature in features_of(current_app._get_current_object()) for box in feature.inboxes]  # type: ignore[attr-defined]
    return Bell(sum(box.count() for box in boxes if who.can("list", box.subject)))


@pages.get("/bell/")
def bell() -> Response:
    """Polled by every open page; 304 while nothing is new."""
    found = bell_of(require_current())
    body = json.dumps({"count": found.count, "late": found.late, "stale": found.stale})
    response = Response(body, mimetype="application/json")
    response.set_etag(hashlib.sha256(body.encode()).hexdigest()[:16])
    response.headers["Cache-Control"] = "private, no-cache"
    response.make_conditional(request)
    return response


def install(app: Flask) -> None:
    """Add the pages to an application."""
    app.config.setdefault("FAB_INDEX_VIEW", f"{__name__}.HomeView")
    app.register_blueprint(pages)
    app.jinja_env.globals.update(table_rows=table_rows, shown_columns=shown_columns)
