"""What the frame of every page needs: menu, icons, languages, links to records, assets.

`install` registers the filters of `core.formats` and these functions as globals of the templates.
They are globals and not a context processor because FAB renders its widgets without one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache, wraps
from pathlib import Path
from typing import Any

from flask import Flask, current_app, g, request, url_for
from flask_babel import gettext as _
from jinja2 import ChoiceLoader, FileSystemLoader, pass_context
from markupsafe import Markup
from werkzeug.datastructures import MultiDict

from app.core import actor, formats, home
from app.core.links import fab, list_offers, panels_below, record_offers, record_url, upload_offers, view_of

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
    "fa-user-gear": "person-gear",
    "fa-list-alt": "card-list",
}
CATEGORY_ICONS = {"Security": "shield-lock"}
PLAIN_INPUTS = frozenset({"StringField", "IntegerField", "DecimalField", "CleanTextField", "RialsField"})
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


def install(app: Flask) -> None:
    """Make the filters and functions known to every template of an application."""
    app.jinja_loader = ChoiceLoader([app.jinja_loader, FileSystemLoader(_feature_folders(app))])  # type: ignore[list-item]
    env = app.jinja_env
    env.filters.update({name: _unfolded(shown) for name, shown in _filters().items()})
    home.install(app)
    env.globals.update(
        icon=icon,
        asset=asset,
        lang=formats.lang,
        text_dir=formats.text_dir,
        sidebar=sidebar,
        has_route=has_route,
        list_offers=list_offers,
        upload_offers=upload_offers,
        record_offers=record_offers,
        panels_below=panels_below,
        view_of=view_of,
        languages=languages,
        signed_in_name=signed_in_name,
        translated=translated,
        app_name=app_name,
        request_query=request_query,
        fab=fab,
        input_of=input_of,
    )


def _filters() -> dict[str, Callable[..., Any]]:
    """The filters of the templates, by name."""
    return {
        "cell": cell,
        "num": formats.num,
        "file_size": formats.file_size,
        "rials": formats.rials,
        "percent": formats.percent,
        "jdate": formats.jdate,
        "jdatetime": formats.jdatetime,
        "jdate_input": formats.jdate_input,
        "digits": formats.local_digits,
        "line": formats.line,
        "phone": formats.phone,
        "badge": formats.badge,
        "yes_no": formats.yes_no,
        "label": formats.label_of,
        "cell_class": formats.cell_class,
        "path": path_value,
    }


def _feature_folders(app: Flask) -> list[str]:
    """The `templates` of every feature package; each keeps its own under a folder of its name."""
    return sorted(str(folder) for folder in Path(app.root_path).glob("*/*/templates"))


def _unfolded(shown: Callable[..., Any]) -> Callable[..., Any]:
    """A filter that Jinja runs on every page.

    Without it a constant (`{{ 0|num }}`) is written at compile time, in the language of the first reader.
    """

    @pass_context
    @wraps(shown)
    def run(_context: Any, *values: Any, **options: Any) -> Any:
        return shown(*values, **options)

    return run


def cell(value: Any, column: str = "") -> Markup:
    """The filter `cell`: a value as lists and pages show it, related records as links."""
    return formats.cell(value, column, link=record_url)


def input_of(field: Any, described: str = "") -> Markup:
    """The input of a form's field with what its name asks for, told by which element it is described."""
    attributes = formats.input_attributes(field.name) if field.type in PLAIN_INPUTS else {}
    if described:
        attributes["aria-describedby"] = described.strip()
    # FAB's widgets repeat the label as a placeholder, which then hides that the field is empty.
    repeated = str(Markup(' placeholder="{}"').format(field.label.text))
    return Markup(str(field(**attributes)).replace(repeated, ""))  # noqa: S704 - WTForms has escaped it


def path_value(record: Any, path: str) -> Any:
    """The value at a dotted path of a record; None where the way there is empty."""
    for name in path.split("."):
        if record is None:
            return None
        record = getattr(record, name)
        if callable(record):
            record = record()
    return record


def translated(message: Any) -> str:
    """The words of a message that holds what somebody typed; the templates' own `_` would read its % signs."""
    return _(str(message))


def icon(name: str, css: str = "", label: str = "") -> Markup:
    """An icon of the sprite; decoration unless a label says what it means."""
    if "sprite_url" not in g:
        g.sprite_url = asset("vendor/bootstrap-icons/sprite.svg")
    return _icon(name, css, str(label), g.sprite_url)


@lru_cache(maxsize=2048)
def _icon(name: str, css: str, label: str, sprite: str) -> Markup:
    name = FAB_ICONS.get(name, name.removeprefix("bi-"))
    if name not in sprite_icons():
        name = "dot"
    said = Markup('role="img" aria-label="{}"').format(label) if label else Markup('aria-hidden="true"')
    return Markup('<svg class="icon {}" {}><use href="{}#{}"></use></svg>').format(css, said, sprite, name)


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
