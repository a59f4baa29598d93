"""Work that comes round by itself: sweeps every few seconds, and work at hours of the day.

A sweep is a short function that runs in every worker process; one with a period in seconds may run
in two workers at once and claims its rows itself. One with hours runs once for each due moment,
whoever comes first, and a moment that passed while no worker lived is made up for (once).
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask
from flask_appbuilder import Model
from sqlalchemy import String, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from app.core import clock
from app.core.actor import Actor, acting_as
from app.core.db import UtcDateTime, db, writing

log = logging.getLogger(__name__)
_LOOK_EVERY = 15.0
_LOOK_BACK = timedelta(days=8)


class Schedule(Model):
    """The last due moment of a piece of regular work that was taken (زمان‌بند)."""

    __tablename__ = "core_schedule"

    name: Mapped[str] = mapped_column(String(120), primary_key=True)
    last_due_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Heartbeat(Model):
    """A sign of life (نشان حیات) of a part that must not fall silent."""

    __tablename__ = "core_heartbeat"

    name: Mapped[str] = mapped_column(String(120), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    pid: Mapped[int]


@dataclass(frozen=True, slots=True)
class Sweep:
    """One piece of regular work; exactly one of `seconds` and `is_due` (a minute in Tehran) is set."""

    name: str
    work: Callable[[], Any]
    seconds: float | None
    is_due: Callable[[datetime], bool] | None


_sweeps: dict[str, Sweep] = {}


def every(*, seconds: float | None = None, cron: str | None = None) -> Callable[[Callable[[], Any]], Callable[[], Any]]:
    """Declare regular work, by a period or by five cron fields in Tehran time.

    The function runs in an app context as a system actor of its name, in transactions that only
    read until it says `with writing()`; what it leaves uncommitted is rolled back.
    """
    if (seconds is None) == (cron is None):
        raise ValueError("say either seconds or cron")
    is_due = _crontab(cron) if cron is not None else None

    def declare(work: Callable[[], Any]) -> Callable[[], Any]:
        name = f"{work.__module__.removeprefix('app.')}.{work.__name__}"
        _sweeps[name] = Sweep(name, work, seconds, is_due)
        return work

    return declare


def _crontab(cron: str) -> Callable[[datetime], bool]:
    """Whether a minute is due; Huey comes with Redis and is loaded only where it is needed."""
    from huey import crontab

    minute, hour, day, month, weekday = cron.split()
    found: Callable[[datetime], bool] = crontab(minute, hour, day, month, weekday, strict=True)
    return found


def sweeps() -> list[Sweep]:
    """All regular work, by name."""
    return sorted(_sweeps.values(), key=lambda sweep: sweep.name)


def run_sweep(app: Flask, sweep: Sweep) -> None:
    """Run one round; a failure is logged and the next round comes all the same."""
    with app.app_context(), acting_as(Actor.system(sweep.name)), writing(intent=False):
        try:
            if sweep.is_due is None or take_due(sweep):
                sweep.work()
        except Exception:
            log.exception("%s failed; it will be tried again", sweep.name)
        finally:
            db.session.rollback()
            db.session.remove()


def take_due(sweep: Sweep) -> bool:
    """Whether a due moment has come that nobody has taken yet; taking it is compare-and-set."""
    table = Schedule.__table__
    now = clock.now()
    with db.engine.connect() as connection:
        last = connection.scalar(select(table.c.last_due_at).where(table.c.name == sweep.name))
    if last is None:  # newly installed: its first moment is the next one
        try:
            with writing(), db.engine.begin() as connection:
                connection.execute(insert(table).values(name=sweep.name, last_due_at=now))
        except IntegrityError:
            log.debug("%s was entered by another worker", sweep.name)
        return False
    due = latest_due(sweep, after=last, until=now)
    if due is None:
        return False
    with writing(), db.engine.begin() as connection:
        mine = (table.c.name == sweep.name, table.c.last_due_at == last)
        return connection.execute(update(table).where(*mine).values(last_due_at=due)).rowcount == 1


def latest_due(sweep: Sweep, *, after: datetime, until: datetime) -> datetime | None:
    """The newest due minute in (after, until]; looks back at most eight days."""
    if sweep.is_due is None:
        return None
    moment = until.replace(second=0, microsecond=0)
    limit = max(after, until - _LOOK_BACK)
    while moment > limit:
        if sweep.is_due(moment.astimezone(clock.TEHRAN).replace(tzinfo=None)):
            return moment.astimezone(UTC)
        moment -= timedelta(minutes=1)
    return None


def beat(name: str, *, started_at: datetime, pid: int) -> None:
    """Write a sign of life."""
    table = Heartbeat.__table__
    with writing(), db.engine.begin() as connection:
        found = connection.execute(
            update(table).where(table.c.name == name).values(at=clock.now(), started_at=started_at, pid=pid)
        )
        if not found.rowcount:
            connection.execute(insert(table).values(name=name, at=clock.now(), started_at=started_at, pid=pid))


def last_beat(prefix: str = "worker") -> datetime | None:
    """The newest sign of life of the parts whose name begins so; None if there never was one."""
    query = select(Heartbeat.at).where(Heartbeat.name.startswith(prefix, autoescape=True))
    return db.session.scalars(query.order_by(Heartbeat.at.desc()).limit(1)).first()


class Rounds:
    """The threads that go round in one worker process, one for each sweep."""

    def __init__(self, make_app: Callable[[], Flask]) -> None:
        self._make_app = make_app
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []
        self._lock = threading.Lock()

    def start(self) -> None:
        """Start going round; a second call does nothing."""
        with self._lock:
            if self._threads:
                return
            app = self._make_app()  # importing the features declares their sweeps
            for sweep in sweeps():
                thread = threading.Thread(target=self._go_round, args=(app, sweep), name=sweep.name, daemon=True)
                self._threads.append(thread)
                thread.start()

    def stop(self, timeout: float = 5.0) -> None:
        """Let the rounds that run end, and start no more."""
        self._stop.set()
        with self._lock:
            for thread in self._threads:
                thread.join(timeout)

    def _go_round(self, app: Flask, sweep: Sweep) -> None:
        pause = sweep.seconds if sweep.seconds is not None else _LOOK_EVERY
        while not self._stop.wait(pause):
            try:
                run_sweep(app, sweep)
            except Exception:  # the database is away, even for tidying up; a dead thread would stay dead
                log.exception("%s could not even be tidied up", sweep.name)
