"""Boards: records as cards in columns, which move by the steps of their workflow.

A list says by a `BoardSpec` which states are its columns; a board of another kind (production by
stage) makes its `Column`s itself and shares the page.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from flask import url_for

from app.core import calendar
from app.core.actor import Actor
from app.core.clock import today
from app.core.field_rights import seen
from app.core.listing import Count
from app.core.workflow import Transition, Workflow

MOST_CARDS = 30
"""Cards of one column; the rest is in the list that the column leads to."""


@dataclass(frozen=True, slots=True)
class BoardSpec:
    """How a list stands on a board.

    `states` are its columns and `ends` the narrow ones, whose records are not shown. The others are
    attributes of a record: the cards of a column come in the order of `day`, which an index serves;
    `since` is the moment from which it waits.
    """

    states: tuple[StrEnum, ...]
    ends: tuple[StrEnum, ...] = ()
    title: str = ""
    day: str = ""
    amount: str = ""
    since: str = ""


@dataclass(frozen=True, slots=True)
class Move:
    """A step that a card may take, and the column where it lands; `asks` is what it asks for first.

    The guards of a step are asked when it is taken, not for every card.
    """

    to: str
    label: str
    url: str
    asks: str = ""
    confirm: str = ""
    is_grave: bool = False

    def as_json(self) -> dict[str, str]:
        """What the page's script knows of it."""
        css = "text-danger" if self.is_grave else ""
        return {
            "to": self.to,
            "label": self.label,
            "url": self.url,
            "asks": self.asks,
            "confirm": self.confirm,
            "css": css,
        }


@dataclass(frozen=True, slots=True)
class Card:
    """A record on a board: what it says, and where it can go."""

    record_id: int
    name: str
    title: str
    url: str
    day: date | None = None
    is_late: bool = False
    amount: int | None = None
    waiting_days: int | None = None
    moves: Sequence[Move] = ()

    @property
    def moves_json(self) -> str:
        """The moves as the page's script reads them."""
        return json.dumps([move.as_json() for move in self.moves])


@dataclass(frozen=True, slots=True)
class Column:
    """A column: the state or stage that it is `of` (None: no stage yet), its first cards, and the way to all."""

    of: Any
    key: str
    title: Any
    cards: Sequence[Any]
    count: Count
    hint: Any = ""
    tone: str = ""
    more_url: str = ""
    is_end: bool = False

    @property
    def has_more(self) -> bool:
        return self.count.is_capped or self.count.number > len(self.cards)


@dataclass(slots=True)
class CardMaker:
    """Makes the cards of one view's records for one actor; addresses and words are worked out once for all."""

    view: Any
    spec: BoardSpec
    actor: Actor
    flow: Workflow | None = field(init=False)
    _page: str = field(init=False)
    _step: str = field(init=False)
    _words: dict[str, Move] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.flow = Workflow.of(self.view.model)
        endpoint = self.view.endpoint
        self._page = url_for(f"{endpoint}.show", pk=0).removesuffix("0") if self.view.may("show") else ""
        self._step = url_for(f"{endpoint}.step", name="-", pk=0).removesuffix("-/0")

    def card(self, record: Any) -> Card:
        """A record as a card, without what the actor may not read."""
        shown, spec = seen(record), self.spec
        day = getattr(shown, spec.day) if spec.day else None
        return Card(
            record_id=record.id,
            name=str(shown),
            title=str((getattr(shown, spec.title) if spec.title else "") or shown),
            url=f"{self._page}{record.id}" if self._page else "",
            day=day,
            is_late=day is not None and day < today() and record.state in spec.states,
            amount=getattr(shown, spec.amount) if spec.amount else None,
            waiting_days=days_since(getattr(shown, spec.since)) if spec.since else None,
            moves=self._moves(record),
        )

    def _moves(self, record: Any) -> list[Move]:
        if self.flow is None:
            return []
        return [self._move(record, step) for step in self.flow.legal_steps(record, self.actor)]

    def _move(self, record: Any, step: Transition) -> Move:
        if step.name not in self._words:
            self._words[step.name] = Move(
                to=step.target.value,
                label=str(step.label),
                url="",
                asks="day" if step.asks_day else "reason" if step.needs_reason else "",
                confirm=str(step.confirm or ""),
                is_grave=step.style == "danger",
            )
        return replace(self._words[step.name], url=f"{self._step}{step.name}/{record.id}")


def days_since(moment: datetime | None) -> int | None:
    """Days of Tehran's calendar since a moment."""
    return (today() - calendar.to_tehran(moment).date()).days if moment is not None else None
