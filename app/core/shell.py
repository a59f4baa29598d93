"""What the frame of every page needs: menu, icons, languages, links to records, assets.

`install` registers the filters of `core.formats` and these functions as globals of the templates.
They are globals and not a context processor because FAB renders its widgets without one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Flask, current_app, g, request, url_for
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException
from werkzeug.routing import BuildError

from app.core import actor, calendar, clock, formats
from app.core.feature import features_of
from app.core.ports import ListAction, list_actions, record_actions

FAB_ICONS = {
    "fa-user": "person",
    "fa-users": "people",
    "fa-group": "people",
    "fa-cogs": "gear",
    "fa-cog": "gear",
    "fa-key": "key",
    "fa-lock": "lock",
    "fa-list": "list-ul",
    "fa-link": "link-45deg",
    "fa-chain": "link-45deg",
    "fa-bar-chart-o": "bar-chart",
    "fa-edit": "pencil",
    "fa-pencil": "pencil",
    "fa-trash": "trash3",
    "fa-plus": "plus-lg",
    "fa-globe": "globe",
    "fa-rocket": "lightning-charge",
    "fa-user-plus": "person-plus",
    "fa-copy": "copy",
}
CATEGORY_ICONS = {"Security": "shield-lock"}
SECONDARY = ("Security", "org")
"""Headings that are set once and seldom opened; they close the sidebar and start folded."""


@dataclass(frozen=True, slots=True)
class MenuLink:
    """One line of the sidebar."""

    name: str
    label: str
    url: str
    icon: str
    is_active: bool = False


@dataclass(frozen=True, slots=True)
class MenuGroup:
    """A heading of the sidebar with its lines; the first group has none."""

    name: str
    label: str
    icon: str
    links: list[MenuLink] = field(default_factory=list)
    is_folded: bool = False


@dataclass(frozen=True, slots=True)
class InboxRow:
    """One line of a box on the home page."""

    title: str
    detail: str
    url: str
    due: Any
    tone: str


@dataclass(frozen=True, slots=True)
class Offer:
    """A button that a list or a record offers, with its address."""

    name: str
    label: Any
    icon: str
    url: str


def install(app: Flask) -> None:
    """Make the filters and functions known to every template of an application."""
    env = app.jinja_env
    env.filters.update(
        cell=cell,
        num=formats.num,
        rials=formats.rials,
        percent=formats.percent,
        jdate=formats.jdate,
        jdatetime=formats.jdatetime,
        jdate_input=formats.jdate_input,
        digits=formats.local_digits,
        phone=formats.phone,
        badge=formats.badge,
        yes_no=formats.yes_no,
        label=formats.label_of,
        cell_class=formats.cell_class,
        path=path_value,
    )
    env.globals.update(
        icon=icon,
        asset=asset,
        lang=formats.lang,
        text_dir=formats.text_dir,
        sidebar=sidebar,
        has_route=has_route,
        list_offers=list_offers,
        record_offers=record_offers,
        view_of=view_of,
        languages=languages,
        signed_in_name=signed_in_name,
        app_name=app_name,
        request_query=request_query,
        home_boxes=home_boxes,
        home_stats=home_stats,
        today_text=today_text,
        fab=fab,
        input_attributes=formats.input_attributes,
    )


def cell(value: Any, column: str = "") -> Markup:
    """The filter `cell`: a value as lists and pages show it, related records as links."""
    return formats.cell(value, column, link=record_url)


def path_value(record: Any, path: str) -> Any:
    """The value at a dotted path of a record; None where the way there is empty."""
    for name in path.split("."):
        if record is None:
            return None
        record = getattr(record, name)
        if callable(record):
            record = record()
    return record


def icon(name: str, css: str = "", label: str = "") -> Markup:
    """An icon of the sprite; decoration unless a label says what it means."""
    name = FAB_ICONS.get(name, name.removeprefix("bi-"))
    if name not in sprite_icons():
        name = "dot"
    said = Markup('role="img" aria-label="{}"').format(label) if label else Markup('aria-hidden="true"')
    return Markup('<svg class="icon {}" {}><use href="{}#{}"></use></svg>').format(
        css, said, asset("vendor/bootstrap-icons/sprite.svg"), name
    )


@lru_cache(maxsize=1)
def sprite_icons() -> frozenset[str]:
    """The names of the icons that the vendored sprite holds."""
    path = Path(__file__).parent / "static" / "vendor" / "bootstrap-icons" / "sprite.svg"
    parts = path.read_text(encoding="utf-8").split('<symbol id="')[1:]
    return frozenset(part.split('"', 1)[0] for part in parts)


def asset(path: str) -> str:
    """The address of a static file, with a mark that changes when its contents do."""
    file = Path(current_app.static_folder or "") / path
    return url_for("static", filename=path, v=_mark(file, file.stat().st_mtime_ns))


@lru_cache(maxsize=256)
def _mark(file: Path, _changed: int) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()[:8]


def fab() -> Any:
    """The AppBuilder of the running application."""
    return current_app.extensions["appbuilder"]


def app_name() -> str:
    """The name of the product in the page's language."""
    return _("Kartabl") if fab().app_name == "Kartabl" else fab().app_name


def signed_in_name() -> str:
    """The full name of who is signed in; empty for nobody."""
    user = getattr(g, "user", None)
    if user is None or user.is_anonymous:
        return ""
    return user.get_full_name().strip() or str(user.username)


def languages() -> dict[str, str]:
    """Every language of the application: code and its own name."""
    return {code: entry["name"] for code, entry in current_app.config["LANGUAGES"].items()}


def request_query(**changes: Any) -> str:
    """The address of the present page with some arguments changed; None takes one out.

    Repeated arguments are kept, so two filters on one column survive paging.
    """
    args = MultiDict(request.args)
    for name, value in changes.items():
        args.poplist(name)
        if value is not None:
            args.add(name, str(value))
    merged = {**(request.view_args or {}), **args.to_dict(flat=False)}
    return url_for(request.endpoint or "", **merged)


def has_route(path: str) -> bool:
    """Whether the application answers at an address, e.g. the bell's."""
    known: set[str] = current_app.extensions.setdefault("kartabl_routes", set())
    if not known:
        known.update(rule.rule for rule in current_app.url_map.iter_rules())
    return path in known


def sidebar() -> list[MenuGroup]:
    """The menu that the actor may see, in one pass and without a query per entry."""
    acting = actor.current()
    if acting is None or acting.kind is actor.ActorKind.ANONYMOUS:
        return []
    top = MenuGroup("", "", "")
    groups = [top]
    for item in fab().menu.get_list():
        if not item.childs:
            top.links.extend(_links([item], acting))
            continue
        links = _links(item.childs, acting)
        if links:
            groups.append(_group(item, links))
    main = [group for group in groups if group.name not in SECONDARY]
    return main + sorted((group for group in groups if group.name in SECONDARY), key=_last)


def _last(group: MenuGroup) -> bool:
    return group.name == "Security"


def _group(item: Any, links: list[MenuLink]) -> MenuGroup:
    is_folded = item.name in SECONDARY and not any(link.is_active for link in links)
    return MenuGroup(item.name, _(str(item.label)), CATEGORY_ICONS.get(item.name, item.icon), links, is_folded)


def _links(items: list[Any], acting: actor.Actor) -> list[MenuLink]:
    links = []
    for item in items:
        if item.name == "-" or not item.should_render() or not acting.can("menu_access", item.name):
            continue
        url = item.get_url()
        links.append(MenuLink(item.name, _(str(item.label)), url, item.icon, _is_active(item, url)))
    return links


def _is_active(item: Any, url: str) -> bool:
    """A line is marked on every page of its view, or by its exact address where it has no view."""
    if item.baseview is not None and request.endpoint is not None:
        return request.endpoint.split(".")[0] == getattr(item.baseview, "endpoint", None)
    return request.path == url


def view_of(name: str) -> Any:
    """The view of a class name; None when nobody registered it."""
    views: dict[str, Any] = current_app.extensions.setdefault("kartabl_views", {})
    if name not in views:
        views.update({view.__class__.__name__: view for view in fab().baseviews})
    return views.get(name)


def record_url(record: Any) -> str | None:
    """The page of a record, when there is one and the actor may open it."""
    pages: dict[type[Any], Any] = current_app.extensions.setdefault("kartabl_pages", {})
    if not pages:
        pages.update(_pages())
    view = pages.get(type(record))
    acting = actor.current()
    if view is None or acting is None or not acting.can("show", view.class_permission_name):
        return None
    try:
        return url_for(f"{view.endpoint}.show", pk=record.id)
    except (BuildError, HTTPException):
        return None


def _pages() -> Iterator[tuple[type[Any], Any]]:
    """The first view of each model is its page; the menu comes before the related lists."""
    seen = set()
    for view in fab().baseviews:
        model = getattr(getattr(view, "datamodel", None), "obj", None)
        if model is not None and hasattr(view, "show") and model not in seen:
            seen.add(model)
            yield model, view


def list_offers(view_name: str) -> list[Offer]:
    """What may be done with a list as it is filtered now: import, export, sheet."""
    view = view_of(view_name)
    model = getattr(getattr(view, "datamodel", None), "obj", None)
    if model is None:
        return []
    found = []
    for action in list_actions.actions_for(model):
        if _allowed(action, view):
            url = action.url(subject=view.class_permission_name)
            query = request.query_string.decode()
            found.append(_offer(action, f"{url}{'&' if '?' in url else '?'}{query}" if query else url))
    return found


def record_offers(view_name: str, record_id: Any) -> list[Offer]:
    """What may be done with one record: print, refer."""
    view = view_of(view_name)
    model = getattr(getattr(view, "datamodel", None), "obj", None)
    if model is None or record_id is None:
        return []
    subject = view.class_permission_name
    return [
        _offer(action, action.url(subject=subject, record_id=record_id))
        for action in record_actions.actions_for(model)
        if _allowed(action, view)
    ]


def _allowed(action: ListAction, view: Any) -> bool:
    acting = actor.current()
    return acting is not None and acting.can(action.action, view.class_permission_name)


def _offer(action: ListAction, url: str) -> Offer:
    return Offer(action.name, action.label, action.icon, url)


def today_text() -> Markup:
    """The present day in words a page greets with."""
    return Markup(calendar.format_date_long(clock.today(), formats.lang()))


def home_boxes(limit: int = 5) -> list[tuple[Any, str, int, str, list[InboxRow]]]:
    """The inboxes of the features that the actor may see: label, icon, count, address, first rows."""
    acting = actor.current()
    if acting is None:
        return []
    boxes = []
    for feature in features_of(current_app._get_current_object()):  # type: ignore[attr-defined]
        for box in feature.inboxes:
            if acting.can("list", box.subject):
                rows = [_inbox_row(row) for row in box.rows(limit)]
                boxes.append((box.label, box.icon, box.count(), box.url(), rows))
    return boxes


def home_stats(boxes: list[tuple[Any, str, int, str, list[InboxRow]]]) -> list[tuple[Any, int, str, str, str]]:
    """A counter for each box: label, count, icon, tone, address."""
    tones = ("ok", "info", "warn", "bad")
    return [(label, count, sign, tones[at % 4], url) for at, (label, sign, count, url, _rows) in enumerate(boxes)][:4]


def _inbox_row(row: Any) -> InboxRow:
    """A record as a line: what it says of itself (`inbox_title`, `inbox_detail`, `due_on`), else its name."""
    return InboxRow(
        title=str(getattr(row, "inbox_title", row)),
        detail=str(getattr(row, "inbox_detail", getattr(row, "customer_name", ""))),
        url=getattr(row, "inbox_url", None) or record_url(row) or "#",
        due=getattr(row, "due_at", None) or getattr(row, "due_on", None),
        tone=getattr(row, "inbox_tone", "info"),
    )


def template_names(app: Flask) -> Mapping[str, str]:
    """Every template of ours that replaces one of FAB's, by name, with its path."""
    folder = Path(app.root_path) / (app.template_folder or "templates")
    return {str(path.relative_to(folder)): str(path) for path in sorted((folder / "appbuilder").rglob("*.html"))}
