"""Records with a due date: a box on the home page now, and what alarms are armed by."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from flask import url_for
from sqlalchemy import ColumnElement, func, select

from app.core import clock
from app.core.db import db
from app.core.feature import Inbox


@dataclass(frozen=True, slots=True)
class Due:
    """Rows of `model` fall due on the day in `on` while their state is one of `states`.

    `on` must lead an index. `days_before` is how early they are shown. `view` is the screen.
    """

    model: type[Any]
    on: str
    states: tuple[StrEnum, ...]
    view: type[Any]
    days_before: int = 3

    def condition(self) -> ColumnElement[bool]:
        """Due, or nearly."""
        last = clock.today() + timedelta(days=self.days_before)
        return (getattr(self.model, self.on) <= last) & self.model.state.in_(self.states)

    def count(self, most: int = 1000) -> int:
        """How many there are, counted to `most` + 1 at the most."""
        some = select(self.model.id).where(self.condition()).limit(most + 1).subquery()
        return db.session.scalar(select(func.count()).select_from(some)) or 0

    def rows(self, limit: int) -> Sequence[Any]:
        """The longest overdue first."""
        found = select(self.model).where(self.condition())
        return db.session.scalars(found.order_by(getattr(self.model, self.on), self.model.id).limit(limit)).all()

    def inbox(self, label: Any, icon: str) -> Inbox:
        """The box of the home page."""
        subject: str = self.model.__subject__
        return Inbox(subject.replace(".", "_") + "_due", label, icon, subject, self.count, self.rows, self._url())

    def _url(self) -> Callable[[], str]:
        return lambda: url_for(f"{self.view.__name__}.list", sort=self.on)
