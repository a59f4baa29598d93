"""Private PostgreSQL and Redis servers, Chromium and LibreOffice for the tests.

A server is started by whichever worker first asks for it, and shared by all through the folder of
the run. A guard process owns it and stops it when the run ends, however it ends: the guard waits
on the process of the run itself.
"""

from __future__ import annotations

import fcntl
import glob
import json
import os
import pwd
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

PATIENCE = 60
"""Seconds in which a server has to answer."""
RUN_FOLDER = "KARTABL_TEST_RUN"
_guards: list[subprocess.Popen[bytes]] = []  # kept: a collected one would warn that it still runs
CHROMIUM_OPTIONS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


class Missing(RuntimeError):
    """A program that the tests need is not on this machine; `make setup-dev` installs it."""


def find_program(*names: str) -> str:
    """The path of the first of these programs (glob patterns allowed). Raises Missing."""
    for name in names:
        found = shutil.which(name) or next(iter(sorted(glob.glob(name), reverse=True)), None)
        if found:
            return found
    raise Missing(f"{names[0]} is missing: run `make setup-dev` as root")


# The folder of a run -----------------------------------------------------------------------------


def begin_run() -> Path:
    """Make the folder that all workers of this run share, and tell them by the environment."""
    folder = Path(tempfile.mkdtemp(prefix="kartabl-tests-"))
    folder.chmod(0o711)  # the database's own user passes through
    (folder / "run.pid").write_text(str(os.getpid()))
    os.environ[RUN_FOLDER] = str(folder)
    return folder


def run_folder() -> Path:
    """The folder of this run."""
    return Path(os.environ[RUN_FOLDER])


def end_run(folder: Path) -> None:
    """Stop the servers of a run and remove its folder."""
    for ready in folder.glob("*.ready"):
        guard = json.loads(ready.read_text())["guard"]
        with suppress(ProcessLookupError):
            os.kill(guard, signal.SIGTERM)
            _wait_for_end(guard)
    shutil.rmtree(folder, ignore_errors=True)


def _wait_for_end(pid: int) -> None:
    with suppress(ProcessLookupError):
        handle = os.pidfd_open(pid)
        try:
            select.select([handle], [], [], PATIENCE)
        finally:
            os.close(handle)


@contextmanager
def locked(name: str) -> Iterator[None]:
    """Let one worker at a time into a block."""
    with (run_folder() / f"{name}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def once(name: str, make: Callable[[], None]) -> None:
    """Do something once in a run, whichever worker comes first."""
    done = run_folder() / f"{name}.done"
    with locked(name):
        if not done.exists():
            make()
            done.touch()


# Servers -----------------------------------------------------------------------------------------


def service(name: str) -> str:
    """The address of a server ("postgresql" or "redis"), started if need be."""
    ready = run_folder() / f"{name}.ready"
    with locked(name):
        if not ready.exists():
            _start_guard(name, ready)
    return str(json.loads(ready.read_text())["url"])


def _start_guard(name: str, ready: Path) -> None:
    log = run_folder() / f"{name}.guard.log"
    with log.open("w") as output:
        guard = subprocess.Popen(
            [sys.executable, __file__, name, str(run_folder())],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    _guards.append(guard)
    limit = time.monotonic() + PATIENCE
    while not ready.exists():
        if guard.poll() is not None or time.monotonic() > limit:
            raise Missing(f"{name} did not start:\n{log.read_text()[-2000:]}")
        time.sleep(0.02)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _await_port(port: int, process: subprocess.Popen[bytes]) -> None:
    limit = time.monotonic() + PATIENCE
    while True:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        if process.poll() is not None or time.monotonic() > limit:
            raise Missing("the server ended or does not answer")
        time.sleep(0.05)


def _await_answer(url: str) -> None:
    """Wait out the moment in which the port is open and the database still starts."""
    import psycopg

    limit = time.monotonic() + PATIENCE
    while True:
        try:
            psycopg.connect(plain_url(url)).close()
        except psycopg.OperationalError:
            if time.monotonic() > limit:
                raise
            time.sleep(0.05)
        else:
            return


def _as_database_user() -> tuple[list[str], int | None, int | None]:
    """How a command is run as somebody whom PostgreSQL accepts: it refuses root."""
    if os.geteuid() != 0:
        return [], None, None
    user = pwd.getpwnam("postgres")
    become = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
    return become, user.pw_uid, user.pw_gid


def start_postgresql(folder: Path) -> tuple[str, subprocess.Popen[bytes]]:
    """A fresh cluster in a folder: address of its maintenance database, and its process.

    Nothing is synced to disk; a crash of the machine may lose it, and nobody would miss it. The
    environment may set other settings: `KARTABL_TEST_POSTGRESQL` is a JSON object of them.
    """
    initdb = find_program("/usr/lib/postgresql/*/bin/initdb", "initdb")
    become, uid, gid = _as_database_user()
    data = folder / "postgresql"
    data.mkdir(mode=0o700)
    if uid is not None and gid is not None:
        os.chown(data, uid, gid)
    subprocess.run(
        [*become, initdb, "--pgdata", data, "--username=kartabl", "--auth=trust", "--encoding=UTF8"]
        + ["--locale=C.UTF-8", "--no-sync", "--no-instructions"],
        check=True,
        cwd="/",
    )
    port = _free_port()
    settings = {
        "listen_addresses": "127.0.0.1",
        "port": port,
        "unix_socket_directories": data,
        "fsync": "off",
        "synchronous_commit": "off",
        "full_page_writes": "off",
        "max_connections": 200,
        "shared_buffers": "128MB",
        "timezone": "UTC",
        **json.loads(os.environ.get("KARTABL_TEST_POSTGRESQL") or "{}"),
    }
    options = [f"-c{name}={value}" for name, value in settings.items()]
    postgres = str(Path(initdb).with_name("postgres"))
    process = subprocess.Popen([*become, postgres, "-D", str(data), *options], cwd="/")
    _await_port(port, process)
    url = f"postgresql+psycopg://kartabl@127.0.0.1:{port}/postgres"
    _await_answer(url)
    return url, process


def start_redis(folder: Path) -> tuple[str, subprocess.Popen[bytes]]:
    """A Redis that keeps nothing: its address and process."""
    port = _free_port()
    command = [find_program("redis-server"), "--bind", "127.0.0.1", "--port", str(port)]
    command += ["--save", "", "--appendonly", "no", "--dir", str(folder)]
    process = subprocess.Popen(command, cwd=folder)
    _await_port(port, process)
    return f"redis://127.0.0.1:{port}/0", process


STARTERS = {"postgresql": (start_postgresql, signal.SIGINT), "redis": (start_redis, signal.SIGTERM)}


def guard(name: str, folder: Path) -> None:
    """Own a server: start it, say so, and stop it when the run is over."""
    run = os.pidfd_open(int((folder / "run.pid").read_text()))
    stop, ring = os.pipe()
    signal.signal(signal.SIGTERM, lambda *_: os.write(ring, b"."))
    start, farewell = STARTERS[name]
    url, process = start(folder)
    draft = folder / f"{name}.draft"
    draft.write_text(json.dumps({"url": url, "guard": os.getpid()}))
    draft.rename(folder / f"{name}.ready")
    ended, _, _ = select.select([run, stop], [], [])
    process.send_signal(farewell)
    try:
        process.wait(timeout=20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if run in ended:  # the run was killed and cleans nothing up
        shutil.rmtree(folder, ignore_errors=True)


# Databases ---------------------------------------------------------------------------------------


def sqlite_copy(template: str, build: Callable[[str], None], target: Path) -> str:
    """The address of a fresh SQLite file, copied from one that `build(address)` made once in the run."""
    source = run_folder() / f"{template}.db"
    once(f"sqlite-{template}", lambda: build(f"sqlite:///{source}"))
    for suffix in ("", "-wal", "-shm"):
        Path(f"{target}{suffix}").unlink(missing_ok=True)
    shutil.copyfile(source, target)
    return f"sqlite:///{target}"


def postgresql_copy(template: str, build: Callable[[str], None], name: str) -> str:
    """The address of a fresh database, copied from one that `build(address)` made once in the run."""

    def make() -> None:
        build(postgresql_database(f"template_{template}"))

    once(f"postgresql-{template}", make)
    return postgresql_database(name, template=f"template_{template}")


def postgresql_database(name: str, *, template: str = "template0") -> str:
    """The address of a new database of this name; an old one goes first."""
    import psycopg

    server = service("postgresql")
    with locked("postgresql-create"), psycopg.connect(plain_url(server), autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
    return server.rpartition("/")[0] + f"/{name}"


def drop_database(url: str) -> None:
    """Remove a database of the tests' server."""
    import psycopg

    with psycopg.connect(plain_url(service("postgresql")), autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{url.rpartition("/")[2]}" WITH (FORCE)')


def plain_url(url: str) -> str:
    """The address as PostgreSQL's own clients read it."""
    return url.replace("postgresql+psycopg://", "postgresql://")


# Programs ----------------------------------------------------------------------------------------


def chromium_path() -> str:
    """The Chromium that browser tests drive."""
    return find_program("chromium", "chromium-browser", "google-chrome")


def office_convert(source: Path, *, to: str, folder: Path) -> Path:
    """What LibreOffice makes of a file: `to` is a suffix or "suffix:filter". Each call has its own profile."""
    return office_convert_all([source], to=to, folder=folder)[0]


def office_convert_all(sources: Sequence[Path], *, to: str, folder: Path) -> list[Path]:
    """`office_convert` for several files by one start of the program."""
    soffice = find_program("soffice", "libreoffice")
    with tempfile.TemporaryDirectory(prefix="kartabl-office-") as profile:
        done = subprocess.run(
            [soffice, f"-env:UserInstallation=file://{profile}", "--headless", "--norestore", "--nologo"]
            + ["--convert-to", to, "--outdir", str(folder), *map(str, sources)],
            capture_output=True,
            text=True,
            timeout=110,
            check=False,
        )
    made = [folder / f"{source.stem}.{to.partition(':')[0]}" for source in sources]
    missing = [path.name for path in made if not path.exists()]
    if done.returncode or missing:
        raise RuntimeError(f"LibreOffice did not make {missing}: {done.stdout}{done.stderr}")
    return made


if __name__ == "__main__":
    guard(sys.argv[1], Path(sys.argv[2]))
