"""Ways from a value on a page to other pages: a record's own, and what is offered for lists and records."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import current_app, request, url_for
from werkzeug.exceptions import HTTPException
from werkzeug.routing import BuildError

from app.core import actor
from app.core.ports import ListAction, Panel, below_record, list_actions, record_actions, upload_actions


@dataclass(frozen=True, slots=True)
class Offer:
    """A button that a list or a record offers, with its address."""

    name: str
    label: Any
    icon: str
    url: str
    dialog: bool = False


def fab() -> Any:
    """The AppBuilder of the running application."""
    return current_app.extensions["appbuilder"]


def view_of(name: str) -> Any:
    """The view of a class name; None when nobody registered it."""
    views: dict[str, Any] = current_app.extensions.setdefault("kartabl_views", {})
    if name not in views:
        views.update({view.__class__.__name__: view for view in fab().baseviews})
    return views.get(name)


def record_url(record: Any) -> str | None:
    """The page of a record, when there is one and the actor may open it."""
    view = page_views().get(type(record))
    acting = actor.current()
    if view is None or acting is None or not acting.can("show", view.class_permission_name):
        return None
    try:
        return url_for(f"{view.endpoint}.show", pk=record.id)
    except (BuildError, HTTPException):
        return None


def kind_name(record: Any) -> str:
    """What the screens call one record of this kind; empty for one without a screen."""
    view = page_views().get(type(record))
    return str(view.item_title) if view is not None else ""


def list_url(model: type[Any]) -> str | None:
    """The list of a model, when there is one and the actor may open it."""
    acting = actor.current()
    view = page_views().get(model)
    if view is None or acting is None or not acting.can("list", view.class_permission_name):
        return None
    try:
        return url_for(f"{view.endpoint}.list")
    except BuildError:
        return None


def page_views() -> dict[type[Any], Any]:
    """By model, the view that shows its records; worked out once an application."""
    pages: dict[type[Any], Any] = current_app.extensions.setdefault("kartabl_pages", {})
    if not pages:
        pages.update(_pages())
    return pages


def panels_below(record: Any) -> list[Panel]:
    """What stands below the page of a stored record: its files and notes."""
    return below_record.panels_for(record) if record is not None and record.id is not None else []


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


def upload_offers(model: type[Any], subject: str) -> list[Offer]:
    """What helps somebody who is about to bring in rows of a model."""
    acting = actor.current()
    return [
        _offer(action, action.url(subject=subject))
        for action in upload_actions.actions_for(model)
        if acting is not None and acting.can(action.action, subject)
    ]


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
    return Offer(action.name, action.label, action.icon, url, action.dialog)
