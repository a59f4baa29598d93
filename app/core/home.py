"""What the home page shows when no feature draws it: the inboxes that the features bring."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app
from flask_babel import lazy_gettext as _l

from app.core import actor, calendar, clock, formats
from app.core.feature import Band, features_of
from app.core.field_rights import seen
from app.core.links import fab, record_url


@dataclass(frozen=True, slots=True)
class Box:
    """An inbox as the home page shows it."""

    label: Any
    icon: str
    count: int
    url: str
    rows: list[InboxRow]
    bands: Sequence[Band] = ()


OFFICE = "appbuilder/baselayout.html"
"""The frame of the office: sidebar, search, bell."""


@dataclass(frozen=True, slots=True)
class Landing:
    """A part of the site that some people live in: its first page, and the template that frames all they see.

    Every page of the part lies below `url`.
    """

    url: str
    label: Any
    icon: str
    frame: str


Leading = Callable[[actor.Actor], Landing | None]
"""The part that somebody is led to instead of the home page; None for who is not."""
_leadings: list[Leading] = []


def lead(leading: Leading) -> None:
    """Let a feature lead some people to a part of its own; safe to repeat."""
    if leading not in _leadings:
        _leadings.append(leading)


def landing_of(who: actor.Actor | None) -> Landing | None:
    """Where somebody is led instead of the home page."""
    if who is None:
        return None
    return next((found for leading in _leadings if (found := leading(who)) is not None), None)


def first_page() -> Landing:
    """Where the present person begins: the part that they are led to, else the inbox of the office."""
    own = landing_of(actor.current())
    return own or Landing(fab().get_url_for_index, _l("To my inbox"), "inbox", OFFICE)


def page_frame() -> str:
    """The template that frames a page for the present person."""
    own = landing_of(actor.current())
    return own.frame if own is not None else OFFICE


@dataclass(frozen=True, slots=True)
class InboxRow:
    """One line of a box on the home page."""

    title: str
    detail: str
    url: str
    due: Any
    tone: str


def install(app: Flask) -> None:
    """Make the functions known to the home page's template."""
    app.jinja_env.globals.update(
        home_boxes=home_boxes,
        home_stats=home_stats,
        today_text=today_text,
        first_page=first_page,
        page_frame=page_frame,
    )


def today_text() -> str:
    """The present day in words a page greets with."""
    return calendar.format_date_long(clock.today(), formats.lang())


def home_boxes(limit: int = 5) -> list[Box]:
    """The inboxes of the features that the actor may see."""
    acting = actor.current()
    if acting is None:
        return []
    boxes = []
    for feature in features_of(current_app._get_current_object()):  # type: ignore[attr-defined]
        for box in feature.inboxes:
            if acting.can("list", box.subject):
                rows = [_inbox_row(row) for row in box.rows(limit)]
                boxes.append(Box(box.label, box.icon, box.count(), box.url(), rows, box.bands()))
    return boxes


def home_stats(boxes: list[Box]) -> list[tuple[Any, int, str, str, str]]:
    """A counter for each box: label, count, icon, tone, address."""
    tones = ("ok", "info", "warn", "bad")
    return [(box.label, box.count, box.icon, tones[at % 4], box.url) for at, box in enumerate(boxes)][:4]


def _inbox_row(row: Any) -> InboxRow:
    """A record as a line: what it says of itself (`inbox_title`, `inbox_detail`, `due_on`), else its name."""
    url = getattr(row, "inbox_url", None) or record_url(row) or "#"
    row = seen(row)
    return InboxRow(
        title=str(getattr(row, "inbox_title", row)),
        detail=str(getattr(row, "inbox_detail", getattr(row, "customer_name", ""))),
        url=url,
        due=getattr(row, "due_at", None) or getattr(row, "due_on", None),
        tone=getattr(row, "inbox_tone", "info"),
    )
