"""An installation at work: web and worker of their own, and how soon a page comes meanwhile."""

from __future__ import annotations

import http.client
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask import Flask, current_app, session
from sqlalchemy import select

from app.core.actor import Actor, acting_as
from app.core.db import db, writing
from app.core.jobs import Job, JobState
from app.org.employees.models import Employee
from app.org.sign_ins import sessions as sign_in
from bench.ground import quantile
from tests import services
from tests.app_fixtures import KEYS
from tests.test_processes import free_port

ROOT = Path(__file__).resolve().parent.parent
EVERY = 0.2
PATIENCE = 600.0


@dataclass(slots=True)
class Asked:
    """Milliseconds of every page that was asked for, and the answers that were no page."""

    times: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    @property
    def p95(self) -> float:
        return quantile(self.times, 0.95)


@dataclass(frozen=True, slots=True)
class Site:
    """A running installation, and a person who is signed in."""

    port: int
    cookie: str
    environment: dict[str, str]

    def ask(self, path: str, until: Callable[[], bool]) -> Asked:
        """Ask for a page every 200 ms until something is so; an overdue page is not asked for twice."""
        found = Asked()
        while not until():
            begun = time.perf_counter()
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
            try:
                connection.request("GET", path, headers={"Cookie": self.cookie})
                answer = connection.getresponse()
                answer.read()
                if answer.status != 200:
                    found.errors.append(str(answer.status))
            except OSError as failure:
                found.errors.append(repr(failure))
            finally:
                connection.close()
            spent = time.perf_counter() - begun
            found.times.append(spent * 1000)
            time.sleep(max(0.0, EVERY - spent))
        return found

    def work(self, job_id: int, path: str) -> tuple[float, Asked]:
        """Seconds that the worker needs for a queued job, and the page asked for meanwhile."""
        push = [sys.executable, "-c", f"from app.worker import push; push({job_id})"]
        pusher = subprocess.Popen(push, cwd=ROOT, env=self.environment)
        ended = threading.Event()
        seconds: list[float] = []
        app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
        watcher = threading.Thread(target=_watch, args=(app, job_id, ended, seconds))
        watcher.start()
        asked = self.ask(path, ended.is_set)
        watcher.join()
        pusher.wait()
        return seconds[0], asked


def _watch(app: Flask, job_id: int, ended: threading.Event, seconds: list[float]) -> None:
    limit = time.monotonic() + PATIENCE
    began = 0.0
    with app.app_context(), writing(intent=False), acting_as(Actor.system("bench")):
        while time.monotonic() < limit:
            state = db.session.scalars(select(Job.state).where(Job.id == job_id)).one()
            db.session.remove()
            if state is JobState.RUNNING and not began:
                began = time.monotonic()
            if state not in (JobState.QUEUED, JobState.RUNNING):
                break
            time.sleep(0.05)
    seconds.append(time.monotonic() - began if began else 0.0)
    ended.set()


@contextmanager
def running(app: Flask, kind: str, url: str, folder: Path) -> Iterator[Site]:
    """Web and worker on the application's database and folder, and the administrator's browser."""
    data = Path(app.config["DATA"])
    for name, setting in (("secret.key", "SECRET_KEY"), ("data.key", "DATA_KEY")):
        (data / "keys").mkdir(parents=True, exist_ok=True, mode=0o700)
        (data / "keys" / name).touch(0o600)
        (data / "keys" / name).write_text(KEYS[setting])
    redis = services.service("redis").rpartition("/")[0] + "/6" if kind == "postgresql" else ""
    port = free_port()
    own = {"KARTABL_DATA": str(data), "DATABASE_URL": url, "REDIS_URL": redis, "KARTABL_PORT": str(port)}
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **own}
    cookie = _cookie(app)
    with (folder / "site.log").open("w") as log:
        process = subprocess.Popen([sys.executable, "run.py"], cwd=ROOT, env=environment, stdout=log, stderr=log)
        try:
            _await(port)
            yield Site(port, cookie, environment)
        finally:
            process.terminate()
            process.wait(timeout=60)


def _await(port: int) -> None:
    limit = time.monotonic() + 120
    while time.monotonic() < limit:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/login/")
            connection.getresponse().read()
            return
        except OSError:
            time.sleep(0.2)
        finally:
            connection.close()
    raise RuntimeError("the installation did not start")


def _cookie(app: Flask) -> str:
    with app.test_request_context("/"), acting_as(Actor.system("bench")), writing():
        admin = db.session.scalars(select(Employee).where(Employee.username == "admin")).one()
        admin.must_change_password = False
        sign_in.begin(admin, is_complete=True)
        content = {**session, "_user_id": str(admin.id), "_fresh": True}
        db.session.commit()
    signer: Any = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    value = signer.dumps(content)
    return f"{app.config['SESSION_COOKIE_NAME']}={value}"
