"""Long work that outlives the request: a row says what is to be done and how far it is.

The queue carries only the row's number; losing or doubling a message changes nothing, because a
worker claims the row by compare-and-set and a sweep takes up what was left lying (core.job_runner).
A job gets ids and plain values, must be safe to run twice, and acts as the person who queued it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from flask_appbuilder import Model
from flask_babel import get_locale
from flask_babel import lazy_gettext as _l
from sqlalchemy import JSON, ForeignKey, Index, Integer, String, Text, select, text, update
from sqlalchemy.orm import Mapped, mapped_column

from app.core import clock
from app.core.actor import Actor, ActorKind, current, require_current
from app.core.db import Identified, UtcDateTime, db, enum_type, writing
from app.core.errors import DomainError, NotFound
from app.core.events import after_commit
from app.core.schedule import Sweep, every

__all__ = [
    "Job", "JobCancelled", "JobLost", "JobSpec", "JobState", "Sweep", "cancel", "enqueue", "every",
    "install_actor_loader", "install_carrier", "job", "job_view", "jobs_of", "spec_of",
]  # fmt: skip

log = logging.getLogger(__name__)
STALE_AFTER = timedelta(seconds=30)


class JobState(StrEnum):
    """در صف، در حال انجام، انجام‌شده، ناموفق، لغوشده."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


STATE_LABELS = {
    JobState.QUEUED: _l("Waiting"),
    JobState.RUNNING: _l("Running"),
    JobState.DONE: _l("Done"),
    JobState.FAILED: _l("Failed"),
    JobState.CANCELLED: _l("Cancelled"),
}
ENDED = frozenset({JobState.DONE, JobState.FAILED, JobState.CANCELLED})


class Job(Identified, Model):
    """One piece of long work (کار پس‌زمینه): queued, running with a heartbeat, then ended for good."""

    __tablename__ = "core_job"
    __table_args__ = (
        Index(
            "ix_core_job_open",
            "id",
            sqlite_where=text("state IN ('queued', 'running')"),
            postgresql_where=text("state IN ('queued', 'running')"),
        ),
        Index("ix_core_job_actor", "actor_id", "id"),
    )

    name: Mapped[str] = mapped_column(String(80))
    args: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    state: Mapped[JobState] = mapped_column(enum_type(JobState), default=JobState.QUEUED)
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int | None]
    message: Mapped[str | None] = mapped_column(String(500))
    result: Mapped[Any | None] = mapped_column(JSON)
    error_code: Mapped[str | None] = mapped_column(String(80))
    error_message: Mapped[str | None] = mapped_column(Text)
    actor_id: Mapped[int | None] = mapped_column(Integer, ForeignKey("ab_user.id"))
    actor_name: Mapped[str] = mapped_column(String(200))
    locale: Mapped[str] = mapped_column(String(10), default="fa")
    attempts: Mapped[int] = mapped_column(default=0)
    cancel_requested: Mapped[bool] = mapped_column(default=False)
    claimed_by: Mapped[str | None] = mapped_column(String(120))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    pushed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    heartbeat_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class JobCancelled(DomainError):
    """Somebody asked to stop this job."""

    code = "cancelled"
    default_message = _l("This job was cancelled.")


class JobLost(DomainError):
    """Another worker has taken this job up; whatever this one still does must not count."""

    code = "job_lost"
    default_message = _l("Another worker has taken this job up.")


@dataclass(frozen=True, slots=True)
class JobSpec:
    """A kind of job. `writes` False keeps its transactions reading only, so that it blocks nobody."""

    name: str
    work: Callable[..., Any]
    label: Any
    attempts: int
    writes: bool


_specs: dict[str, JobSpec] = {}
_carriers: list[Callable[[int], None]] = []
_loaders: list[Callable[[int], Actor | None]] = []


def job(
    name: str, *, label: Any = None, attempts: int = 3, writes: bool = True
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Declare a job; the function gets its JobRun and the queued keywords, and returns JSON or None.

    `attempts` is how often it may be taken up again after a worker died over it. What it wrote and
    has not committed is committed together with its end: once, or not at all.
    """

    def declare(work: Callable[..., Any]) -> Callable[..., Any]:
        if name in _specs and _specs[name].work.__qualname__ != work.__qualname__:
            raise ValueError(f"two jobs are called {name!r}")
        _specs[name] = JobSpec(name, work, label or name, attempts, writes)
        work.job_name = name  # type: ignore[attr-defined]
        return work

    return declare


def spec_of(name: str) -> JobSpec | None:
    """The declaration of a job; None for a name that no module declares any more."""
    return _specs.get(name)


def install_carrier(push: Callable[[int], None]) -> None:
    """Say how a job's number reaches the workers; the composition root calls this once."""
    _carriers[:] = [push]


def install_actor_loader(load: Callable[[int], Actor | None]) -> None:
    """Say how a user's actor is made anew, with the rights of now; None for one who may not act."""
    _loaders[:] = [load]


def enqueue(work: Callable[..., Any] | str, *, actor: Actor | None = None, **args: Any) -> Job:
    """Queue a job in the running transaction; it starts after the commit.

    `args` are JSON values. Acts as `actor`, else as the one who acts now. Raises NotAllowed when
    nobody acts, KeyError for an undeclared job.
    """
    spec = _specs[work if isinstance(work, str) else work.job_name]  # type: ignore[attr-defined]
    who = actor or require_current()
    now = clock.now()
    locale = get_locale()
    record = Job(
        name=spec.name,
        args=args,
        state=JobState.QUEUED,
        actor_id=who.user_id,
        actor_name=who.name[:200],
        locale=str(locale) if locale else "fa",
        created_at=now,
        pushed_at=now,
    )
    db.session.add(record)
    db.session.flush()
    job_id = record.id
    after_commit(lambda: push(job_id))
    return record


def push(job_id: int) -> None:
    """Tell the workers of a job. One that is not told is found by the sweep a little later."""
    for carry in _carriers:
        try:
            carry(job_id)
        except Exception:
            log.warning("job %s could not be put into the queue; the sweep will", job_id, exc_info=True)


def actor_of(record: Job) -> Actor | None:
    """Who the job acts as, with the rights of now; None when that person may not act any more."""
    if record.actor_id is None:
        return Actor.system(record.actor_name)
    return next((load(record.actor_id) for load in _loaders), None)


def job_view(job_id: int) -> dict[str, Any]:
    """A job as its page and its JSON show it. Raises NotFound for somebody else's."""
    return as_json(_own(job_id))


def jobs_of(actor: Actor, *, limit: int = 20) -> list[Job]:
    """The newest jobs that an actor queued."""
    query = select(Job).where(Job.actor_id == actor.user_id).order_by(Job.id.desc()).limit(limit)
    return list(db.session.scalars(query))


def cancel(job_id: int) -> dict[str, Any]:
    """Stop a job: at once while it waits, at its next step while it runs. Raises NotFound."""
    record = _own(job_id)
    table = Job.__table__
    waiting = (table.c.id == record.id, table.c.state == JobState.QUEUED)
    ended = {"state": JobState.CANCELLED, "finished_at": clock.now(), "error_code": JobCancelled.code}
    if not db.session.connection().execute(update(table).where(*waiting).values(**ended)).rowcount:
        running = (table.c.id == record.id, table.c.state == JobState.RUNNING)
        db.session.connection().execute(update(table).where(*running).values(cancel_requested=True))
    db.session.refresh(record)
    return as_json(record)


def as_json(record: Job) -> dict[str, Any]:
    """State, progress (percent None while unknown), result and error of a job."""
    spec = _specs.get(record.name)
    error = {"code": record.error_code, "message": record.error_message} if record.error_code else None
    return {
        "id": record.id,
        "name": record.name,
        "label": str(spec.label if spec else record.name),
        "state": record.state.value,
        "state_label": str(STATE_LABELS[record.state]),
        "ended": record.state in ENDED,
        "done": record.done,
        "total": record.total,
        "percent": min(100, record.done * 100 // record.total) if record.total else None,
        "message": record.message or "",
        "result": record.result,
        "error": error,
        "cancelling": record.cancel_requested and record.state not in ENDED,
        "created_at": record.created_at.isoformat(),
        "finished_at": record.finished_at.isoformat() if record.finished_at else None,
    }


def _own(job_id: int) -> Job:
    actor = current()
    record = db.session.get(Job, job_id)
    if record is None or actor is None or actor.kind is ActorKind.ANONYMOUS:
        raise NotFound(job=job_id)
    if not actor.is_unrestricted and record.actor_id != actor.user_id:
        raise NotFound(job=job_id)
    return record


def work_off(*, limit: int = 1000) -> int:
    """Run the queued jobs in this process until none is left; for tests and commands."""
    from app.core.job_runner import run_job

    count = 0
    with db.engine.connect() as connection, writing(intent=False):
        query = select(Job.id).where(Job.state == JobState.QUEUED).order_by(Job.id).limit(limit)
        waiting = list(connection.scalars(query))
    for job_id in waiting:
        count += run_job(job_id)
    return count
