"""The queue and what a worker process does: run jobs, go its rounds, give a sign of life.

Started as `huey_consumer app.worker.huey`. Importing this builds no application; each process
makes one when it first needs it.
"""

from __future__ import annotations

import logging
import os
import threading
from typing import TYPE_CHECKING

from huey import Huey, RedisHuey, SqliteHuey

from app.core import clock
from app.core.process import end_with_supervisor
from config import Config

if TYPE_CHECKING:
    from flask import Flask

    from app.core.schedule import Rounds

log = logging.getLogger(__name__)
MOST_WAITING = 1_000
"""Beyond so many messages no more are put in: every one of them wakes a worker that looks at the table."""


def _queue() -> Huey:
    """Redis where it is configured, else a file in the data folder."""
    if Config.REDIS_URL:
        return RedisHuey("kartabl", url=Config.REDIS_URL, results=False)
    Config.DATA.mkdir(parents=True, exist_ok=True, mode=0o700)
    return SqliteHuey("kartabl", filename=str(Config.DATA / "queue.db"), results=False, timeout=30)


huey = _queue()
_app: list[Flask] = []
_rounds: list[Rounds] = []
_lock = threading.Lock()
_started_at = clock.now()


def push(job_id: int) -> None:
    """Put a job's number into the queue."""
    if huey.pending_count() < MOST_WAITING:
        run_job(job_id)


def make_app() -> Flask:
    """This process's application, made once."""
    with _lock:
        if not _app:
            from app import create_app

            _app.append(create_app())
        return _app[0]


@huey.task()
def run_job(job_id: int) -> None:
    """Run one job in an app context of its own."""
    from app.core import job_runner

    with make_app().app_context():
        job_runner.run_job(job_id)


@huey.on_startup()
def start_rounds() -> None:
    """Go the rounds; Huey calls this once for each of its threads."""
    end_with_supervisor()
    from app.core import job_runner
    from app.core.schedule import Rounds, beat, every

    app = make_app()
    with _lock:
        if _rounds:
            return

        @every(seconds=5)
        def sign_of_life() -> None:
            beat(f"worker {job_runner.place()}", started_at=_started_at, pid=os.getpid())

        _rounds.append(Rounds(lambda: app))
        _rounds[0].start()


@huey.on_shutdown()
def stop_rounds() -> None:
    """Let the rounds end before the process does."""
    for rounds in _rounds:
        rounds.stop()
