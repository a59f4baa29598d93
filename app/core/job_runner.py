"""Running jobs: the claim, the sign of life, the end, and taking up what a dead worker left.

Exactly one worker runs a job: it claims the row by compare-and-set and holds a lock on a file for
as long as it lives. The kernel drops the lock with the process, so that on the same machine a
killed worker is noticed at once; between machines a heartbeat older than 30 seconds says so. What
a job wrote is committed in one transaction with its end, which counts only for the claimant.
"""

from __future__ import annotations

import fcntl
import logging
import os
import secrets
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import blake2b
from pathlib import Path
from typing import IO, Any

from flask import Flask, current_app
from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import or_, select, update
from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError

from app.core import clock, jobs
from app.core.actor import Actor, acting_as
from app.core.audit import Via, via
from app.core.db import db, writing
from app.core.errors import DomainError, NotAllowed
from app.core.jobs import STALE_AFTER, Job, JobCancelled, JobLost, JobSpec, JobState
from app.core.schedule import every

log = logging.getLogger(__name__)
_BEAT_EVERY = 1.0
_BEAT_PATIENCE = 0.2
_REPUSH_AFTER = timedelta(seconds=10)
_J = Job.__table__


@dataclass(frozen=True, slots=True)
class Failure:
    """One item of a job that did not work out; the others went on."""

    ref: str
    code: str
    message: str

    def as_json(self) -> dict[str, str]:
        return {"ref": self.ref, "code": self.code, "message": self.message}


@dataclass(slots=True)
class Outcome:
    """How many items worked out, and what became of the others."""

    done: int = 0
    failures: list[Failure] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return {"done": self.done, "failures": [f.as_json() for f in self.failures]}


class JobRun:
    """A job at work: says how far it is, and hears that it shall stop."""

    def __init__(self, job_id: int, claim: str, actor: Actor) -> None:
        self.id = job_id
        self.claim = claim
        self.actor = actor
        self.is_completed = False
        self._stop: DomainError | None = None
        self._progress: dict[str, Any] = {}

    def progress(self, done: int | None = None, total: int | None = None, message: Any = None) -> None:
        """Say how far the job is; cheap, call it often. Raises JobCancelled, JobLost.

        The figures are written about once a second, and not while the job itself holds SQLite's
        write lock.
        """
        if self._stop is not None:
            raise self._stop
        said = {"done": done, "total": total, "message": None if message is None else str(message)[:500]}
        self._progress.update({name: value for name, value in said.items() if value is not None})

    def each(
        self,
        items: Iterable[Any],
        work: Callable[[Any], Any],
        *,
        total: int | None = None,
        ref: Callable[[Any], str] = str,
    ) -> Outcome:
        """Do `work` for every item in a transaction of its own; what fails is noted and the rest goes on.

        Items are ids, not rows: each commit expires what was loaded. Safe to run twice only if
        `work` sees what is done already.
        """
        outcome = Outcome()
        for place, item in enumerate(items):
            self.progress(place, total)
            try:
                work(item)
                db.session.commit()
                outcome.done += 1
            except (JobCancelled, JobLost):
                raise
            except DomainError as refusal:
                db.session.rollback()
                outcome.failures.append(Failure(ref(item), refusal.code, str(refusal)))
            except Exception:
                db.session.rollback()
                log.exception("job %s: item %s failed", self.id, ref(item))
                outcome.failures.append(Failure(ref(item), "error", _("An unexpected error; it was logged.")))
        return outcome

    def complete(self, result: Any = None) -> None:
        """Mark the job done within the running transaction, so that its effects count exactly once.

        Raises JobLost when another worker has taken it up; roll back then. The runner calls this
        itself for a job that does not.
        """
        values = {**self._progress, "state": JobState.DONE, "result": result, "finished_at": clock.now()}
        if not _update_mine(db.session.connection(), self, values):
            raise JobLost
        self.is_completed = True

    def beat(self) -> None:
        """Write sign of life and progress, read whether to stop; gives up at once where it would wait."""
        values = {**self._progress, "heartbeat_at": clock.now()}
        with writing(patience=_BEAT_PATIENCE), db.engine.begin() as connection:
            if not _update_mine(connection, self, values):
                self._stop = self._stop or JobLost()
            elif connection.scalar(select(_J.c.cancel_requested).where(_J.c.id == self.id)):
                self._stop = self._stop or JobCancelled()


def _update_mine(connection: Connection, run: JobRun, values: dict[str, Any]) -> bool:
    mine = (_J.c.id == run.id, _J.c.claimed_by == run.claim, _J.c.state == JobState.RUNNING)
    return connection.execute(update(_J).where(*mine).values(**values)).rowcount == 1


# --- the lock that dies with its process -----------------------------------------------------


def place() -> str:
    """This machine and data folder, as claims name it."""
    folder = str(Path(current_app.config["DATA"]).resolve()).encode()
    return f"{socket.gethostname()[:60]}/{blake2b(folder, digest_size=4).hexdigest()}"


def _lock_file(job_id: int) -> Path:
    folder = Path(current_app.config["DATA"]) / "jobs"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder / f"{job_id}.lock"


def _try_lock(job_id: int) -> IO[str] | None:
    file = _lock_file(job_id).open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file


# --- one job ---------------------------------------------------------------------------------


def run_job(job_id: int) -> bool:
    """Claim a job and run it to its end, in the present app context; False if it is not to be had."""
    lock = _try_lock(job_id)
    if lock is None:
        return False
    try:
        claim = _claim(job_id)
        if claim is None:
            return False
        _run_claimed(job_id, claim)
        return True
    finally:
        _lock_file(job_id).unlink(missing_ok=True)
        lock.close()


def _claim(job_id: int) -> str | None:
    claim = f"{place()}:{os.getpid()}:{secrets.token_hex(4)}"
    now = clock.now()
    values = {"state": JobState.RUNNING, "claimed_by": claim, "heartbeat_at": now, "attempts": _J.c.attempts + 1}
    with writing(), db.engine.begin() as connection:
        waiting = (_J.c.id == job_id, _J.c.state == JobState.QUEUED)
        mine = connection.execute(update(_J).where(*waiting).values(**values, started_at=now)).rowcount
    return claim if mine else None


def _run_claimed(job_id: int, claim: str) -> None:
    db.session.remove()
    with writing(intent=False), acting_as(Actor.system("jobs")):
        record = db.session.get_one(Job, job_id)
        spec, who = jobs.spec_of(record.name), jobs.actor_of(record)
        name, args, locale = record.name, dict(record.args), record.locale
        db.session.rollback()
        db.session.remove()
    run = JobRun(job_id, claim, who or Actor.system("jobs"))
    if spec is None:
        _end(run, JobState.FAILED, code="unknown_job", message=f"no module declares the job {name}")
        return
    with force_locale(locale), acting_as(run.actor), via(Via.SYSTEM, ref=f"job:{job_id}"), _beating(run):
        try:
            if who is None:
                raise NotAllowed
            _work(run, spec, args)
        except JobLost:
            db.session.rollback()
            log.warning("job %s (%s) was taken up by another worker", job_id, name)
        except DomainError as refusal:
            db.session.rollback()
            state = JobState.CANCELLED if isinstance(refusal, JobCancelled) else JobState.FAILED
            _end(run, state, code=refusal.code, message=str(refusal))
        except Exception:
            db.session.rollback()
            log.exception("job %s (%s) failed", job_id, name)
            message = _("The job failed unexpectedly. The log names it as job %(number)d.", number=job_id)
            _end(run, JobState.FAILED, code="error", message=message)
        finally:
            db.session.remove()


def _work(run: JobRun, spec: JobSpec, args: dict[str, Any]) -> None:
    with writing(intent=spec.writes):
        result = spec.work(run, **args)
        if not spec.writes:
            db.session.rollback()
    with writing():
        if not run.is_completed:
            run.complete(result)
        db.session.commit()


def _end(run: JobRun, state: JobState, *, code: str, message: str) -> None:
    values = {"state": state, "error_code": code, "error_message": message, "finished_at": clock.now()}
    with writing(), db.engine.begin() as connection:
        _update_mine(connection, run, values)


@contextmanager
def _beating(run: JobRun) -> Iterator[None]:
    """A thread that writes the sign of life while the block runs."""
    stop = threading.Event()
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]

    def keep_beating() -> None:
        with app.app_context():
            while not stop.wait(_BEAT_EVERY):
                try:
                    run.beat()
                except SQLAlchemyError:  # the write lock is busy, or the database is away for a moment
                    log.debug("job %s: no beat", run.id)

    thread = threading.Thread(target=keep_beating, name=f"job-{run.id}-beat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


# --- what was left lying ---------------------------------------------------------------------


@every(seconds=2)
def take_up_left_jobs() -> int:
    """Put jobs of dead workers back into the queue and push those that no worker heard of."""
    now = clock.now()
    open_jobs = select(
        _J.c.id, _J.c.name, _J.c.state, _J.c.claimed_by, _J.c.heartbeat_at, _J.c.attempts, _J.c.pushed_at
    )
    query = open_jobs.where(
        or_(_J.c.state == JobState.RUNNING, (_J.c.state == JobState.QUEUED) & (_J.c.pushed_at < now - _REPUSH_AFTER))
    )
    with db.engine.connect() as connection, writing(intent=False):
        rows = connection.execute(query.order_by(_J.c.id).limit(500)).all()
    left = [row for row in rows if row.state == JobState.QUEUED or _is_dead(row)]
    taken = [row.id for row in left if _take_back(row)]
    for job_id in taken:
        jobs.push(job_id)
    return len(taken)


def _is_dead(row: Any) -> bool:
    """Whether the worker of a running job is gone: by its file lock here, by its heartbeat elsewhere."""
    if str(row.claimed_by).rsplit(":", 2)[0] != place():
        return bool(row.heartbeat_at < clock.now() - STALE_AFTER)
    lock = _try_lock(row.id)
    if lock is None:
        return False
    lock.close()
    return True


def _take_back(row: Any) -> bool:
    """Compare-and-set the row back to waiting, or to failed when it has been tried often enough."""
    spec = jobs.spec_of(row.name)
    values: dict[str, Any] = {"pushed_at": clock.now()}
    gave_up = row.state == JobState.RUNNING and spec is not None and row.attempts >= spec.attempts
    if gave_up:
        message = _("The job was tried %(count)d times, and each time its worker died.", count=row.attempts)
        values |= {"state": JobState.FAILED, "error_code": "gave_up", "error_message": message}
        values["finished_at"] = clock.now()
    elif row.state == JobState.RUNNING:
        values |= {"state": JobState.QUEUED, "claimed_by": None}
    same = (_J.c.id == row.id, _J.c.state == row.state, _J.c.claimed_by.is_not_distinct_from(row.claimed_by))
    with writing(), db.engine.begin() as connection:
        return connection.execute(update(_J).where(*same).values(**values)).rowcount == 1 and not gave_up
