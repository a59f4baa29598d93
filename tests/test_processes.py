"""The processes of an installation, killed and stopped: worker, queue and supervisor as they are run."""

from __future__ import annotations

import os
import re
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest
from flask import Flask
from sqlalchemy import text

from app.core.actor import Actor
from app.core.db import db
from tests import services

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 60.0
Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start a command of ours; whatever still runs at the end is killed with all below it."""
    running: list[subprocess.Popen[str]] = []
    log = (tmp_path / "stderr.log").open("a")

    def run(*command: str, **environment: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, *command],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", **environment},
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        running.append(process)
        return process

    yield run
    for process in running:
        with suppress(psutil.NoSuchProcess):
            for child in psutil.Process(process.pid).children(recursive=True):
                child.kill()
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()
    log.close()


def until(condition: Callable[[], Any], what: str, *, seconds: float = PATIENCE) -> Any:
    """What `condition` gives once it is true."""
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        found = condition()
        if found:
            return found
        select.select([], [], [], 0.05)
    raise AssertionError(f"waited in vain until {what}")


def wait_at_pipe(path: Path) -> None:
    """Listen at a pipe until somebody opens its other end."""
    pipe = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        ears = select.poll()
        ears.register(pipe, select.POLLIN | select.POLLHUP)
        assert ears.poll(PATIENCE * 1000), f"nobody came to {path.name}"
    finally:
        os.close(pipe)


# --- a worker that is killed ----------------------------------------------------------------------


def settings_of(app: Flask, database: str) -> dict[str, str]:
    """The environment of a worker of this installation: Redis beside PostgreSQL, else the embedded queue."""
    redis = services.service("redis").rpartition("/")[0] + "/7" if database == "postgresql" else ""
    return {
        "KARTABL_DATA": str(app.config["DATA"]),
        "DATABASE_URL": str(app.config["SQLALCHEMY_DATABASE_URI"]),
        "REDIS_URL": redis,
        "KARTABL_LONGEST_PAUSE": "1",
    }


def consumer(start: Start, settings: dict[str, str]) -> subprocess.Popen[str]:
    import run

    command = ["tests.slow_worker.huey" if part == "app.worker.huey" else part for part in run.worker_command()]
    return start(*command[1:], **settings)


@pytest.mark.databases
@pytest.mark.slow
def test_job_of_a_worker_killed_twice_counts_exactly_once(
    committed_app: Flask, database: str, start: Start, tmp_path: Path
) -> None:
    from app.core.jobs import Job, JobState, enqueue
    from tests import slow_worker

    settings = settings_of(committed_app, database)
    for name in ("arrived", "gate"):
        os.mkfifo(tmp_path / name)
    db.session.execute(text("CREATE TABLE test_effect (job_id INTEGER)"))
    job_id = enqueue(slow_worker.pass_gate, actor=Actor.system("test"), folder=str(tmp_path)).id
    db.session.commit()
    db.session.remove()
    start("-c", f"from app.worker import push; push({job_id})", **settings).wait()
    for _ in range(2):
        worker = consumer(start, settings)
        wait_at_pipe(tmp_path / "arrived")
        worker.kill()
        worker.wait()
    consumer(start, settings)
    wait_at_pipe(tmp_path / "arrived")
    (tmp_path / "gate").write_text("passed\n")

    def ended() -> Any:
        db.session.remove()
        found = db.session.get_one(Job, job_id)
        return found if found.state is not JobState.RUNNING else None

    job = until(ended, "the job ended")
    assert (job.state, job.result, job.attempts) == (JobState.DONE, "passed", 3)
    assert db.session.scalar(text("SELECT count(*) FROM test_effect")) == 1
    db.session.remove()


# --- the whole installation -----------------------------------------------------------------------


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def read_until(process: subprocess.Popen[str], pattern: str, *, seconds: float = PATIENCE) -> str:
    """What a process printed up to the line that matches."""
    assert process.stdout
    said = ""
    while not re.search(pattern, said):
        ready, _, _ = select.select([process.stdout], [], [], seconds)
        line = process.stdout.readline() if ready else ""
        assert line, f"it said only: {said}"
        said += line
    return said


def child_of(process: subprocess.Popen[str], word: str) -> psutil.Process | None:
    for child in psutil.Process(process.pid).children():
        with suppress(psutil.NoSuchProcess):
            if word in " ".join(child.cmdline()):
                return child
    return None


@pytest.mark.slow
def test_one_command_prepares_runs_and_stops_everything(start: Start, tmp_path: Path) -> None:
    port = free_port()
    settings = {"KARTABL_DATA": str(tmp_path / "data"), "KARTABL_PORT": str(port), "DATABASE_URL": "", "REDIS_URL": ""}
    first = start("run.py", **settings)
    said = read_until(first, rf"http://127\.0\.0\.1:{port}/")
    password = re.search(r"Password \(shown once\): (\S+)", said)
    assert password
    assert len(password[1]) >= 16
    worker = until(lambda: child_of(first, "huey_consumer"), "the worker runs")
    worker.kill()
    assert until(lambda: (again := child_of(first, "huey_consumer")) and again.pid != worker.pid, "a new worker runs")
    below = psutil.Process(first.pid).children(recursive=True)
    first.send_signal(signal.SIGTERM)
    assert first.wait(timeout=PATIENCE) == 0
    assert not [child for child in below if child.is_running() and child.status() != psutil.STATUS_ZOMBIE]

    second = start("run.py", **settings)
    said = read_until(second, rf"http://127\.0\.0\.1:{port}/")
    assert "Password" not in said
    below = psutil.Process(second.pid).children(recursive=True)
    second.kill()  # the kernel tells the children
    second.wait()
    gone, alive = psutil.wait_procs(below, timeout=PATIENCE)
    assert (len(gone), alive) == (2, [])


def test_taken_port_is_said_at_once(start: Start, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        process = start("run.py", KARTABL_DATA=str(tmp_path / "data"), KARTABL_PORT=str(port))
        assert process.wait(timeout=PATIENCE) != 0
    assert f"Cannot listen on 127.0.0.1:{port}" in (tmp_path / "stderr.log").read_text()
    assert not (tmp_path / "data").exists()


def test_worker_module_builds_no_application_when_imported() -> None:
    script = "import sys; import app.worker; print('flask_appbuilder.base' in sys.modules, bool(app.worker._app))"
    found = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert found.stdout.split()[1] == "False"
