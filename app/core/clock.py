"""The present moment, from one place so that tests can set it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

TEHRAN = ZoneInfo("Asia/Tehran")
_frozen: ContextVar[datetime | None] = ContextVar("kartabl_frozen_now", default=None)


def now() -> datetime:
    """The present instant, UTC."""
    return _frozen.get() or datetime.now(UTC)


def today() -> date:
    """The present day in Tehran, as a Gregorian date."""
    return now().astimezone(TEHRAN).date()


@contextmanager
def frozen(instant: datetime) -> Iterator[None]:
    """Hold the clock at `instant` (timezone-aware)."""
    token = _frozen.set(instant.astimezone(UTC))
    try:
        yield
    finally:
        _frozen.reset(token)
