"""What the home page shows when no feature draws it: the inboxes that the features bring."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app

from app.core import actor, calendar, clock, formats
from app.core.feature import features_of
from app.core.field_rights import seen
from app.core.links import record_url

Box = tuple[Any, str, int, str, list["InboxRow"]]
"""Label, icon, count, address, first rows."""

Landing = Callable[[actor.Actor], str | None]
"""The address that somebody is led to instead of the home page; None for who is not."""
_landings: list[Landing] = []


def lead(landing: Landing) -> None:
    """Let a feature lead some people to a page of its own; safe to repeat."""
    if landing not in _landings:
        _landings.append(landing)


def landing_of(who: actor.Actor) -> str | None:
    """Where somebody is led instead of the home page."""
    return next((url for landing in _landings if (url := landing(who)) is not None), None)


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
    app.jinja_env.globals.update(home_boxes=home_boxes, home_stats=home_stats, today_text=today_text)


def today_text() -> str:
    """The present day in words a page greets with."""
    return calendar.format_date_long(clock.today(), formats.lang())


def home_boxes(limit: int = 5) -> list[Box]:
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


def home_stats(boxes: list[Box]) -> list[tuple[Any, int, str, str, str]]:
    """A counter for each box: label, count, icon, tone, address."""
    tones = ("ok", "info", "warn", "bad")
    return [(label, count, sign, tones[at % 4], url) for at, (label, sign, count, url, _rows) in enumerate(boxes)][:4]


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
