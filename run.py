"""Kartabl in one command: `python run.py` prepares, then runs web and worker and looks after both.

Prints the address, and at the first start the administrator with a random password, once. SIGTERM
or Ctrl-C stops both cleanly. In production two service units run the same two commands.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from app.core.process import SUPERVISED, end_with_supervisor
from config import ROOT, Config

PATIENCE = 25.0
"""Seconds that a child has to stop cleanly; a job that a killed worker leaves is taken up again."""
STEADY = 60.0
"""A child that lived this long starts afresh without waiting."""
LONGEST_PAUSE = float(os.environ.get("KARTABL_LONGEST_PAUSE", "30"))
"""Seconds between two starts of a child that keeps dying."""


def web_command() -> list[str]:
    """The web server: waitress, which needs no other process."""
    return [sys.executable, str(ROOT / "run.py"), "web"]


def worker_command() -> list[str]:
    """The worker. `-g TERM`: on SIGTERM the running tasks end first (Huey's default kills them)."""
    consumer = str(Path(sys.executable).with_name("huey_consumer"))
    flags = ["-w", "2", "-k", "thread", "-n", "-g", "TERM", "-t", "20", "-d", "0.05", "-m", "0.5", "-q"]
    return [sys.executable, consumer, "app.worker.huey", *flags]


def proxy_options(address: str) -> dict[str, object]:
    """Waitress's options to believe one proxy: who asked, and by https or not. Nothing without one."""
    if not address:
        return {}
    return {
        "trusted_proxy": address,
        "trusted_proxy_count": 1,
        "trusted_proxy_headers": {"x-forwarded-for", "x-forwarded-proto", "x-forwarded-host"},
    }


def serve_web() -> None:
    """Be the web child."""
    import waitress

    from app import create_app

    end_with_supervisor()
    # Waitress ends its running requests on SystemExit; SIGTERM alone would cut them off.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    app = create_app()
    waitress.serve(
        app,
        host=Config.HOST,
        port=Config.PORT,
        threads=8,
        channel_timeout=120,
        ident="",
        clear_untrusted_proxy_headers=True,
        **proxy_options(Config.TRUSTED_PROXY),
    )


@dataclass(slots=True)
class Child:
    """A process that is started again when it dies, after a pause that grows while it keeps dying."""

    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    failures: int = 0
    not_before: float = field(default=0.0)

    def start(self) -> None:
        """Start it apart from the terminal, so that Ctrl-C reaches us alone and we stop it in order."""
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", SUPERVISED: "1"}
        self.process = subprocess.Popen(self.command, cwd=ROOT, env=environment, process_group=0)
        self.started = time.monotonic()

    def look_after(self) -> None:
        """Notice a death, and start again when the pause is over."""
        now = time.monotonic()
        if self.process is not None and self.process.poll() is not None:
            self.failures = 1 if now - self.started > STEADY else self.failures + 1
            pause = 0.0 if self.failures == 1 else min(LONGEST_PAUSE, 2.0 ** (self.failures - 2))
            self.not_before = now + pause
            say(f"{self.name} ended ({self.process.returncode}); starting it again in {pause:.0f} s")
            self.process = None
        if self.process is None and now >= self.not_before:
            self.start()

    def ask_to_stop(self) -> None:
        """Send SIGTERM to a living child."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def wait_for_end(self, deadline: float) -> None:
        """Wait until it has ended; kill it at `deadline` (of the monotonic clock)."""
        if self.process is None:
            return
        try:
            self.process.wait(timeout=max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            say(f"{self.name} did not stop in time and is killed")
            self.process.kill()
            self.process.wait()


def say(sentence: str) -> None:
    """A line for the person at the terminal or in the journal."""
    print(sentence, flush=True)


def prepare() -> None:
    """Schema, roles and, at the first start, the administrator; in a child, as it needs the application."""
    subprocess.run([sys.executable, "-m", "flask", "--app", "app", "kartabl", "init"], cwd=ROOT, check=True)


def refuse_taken_port() -> None:
    """Say so at once when something else listens on our address."""
    with socket.socket(socket.AF_INET6 if ":" in Config.HOST else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((Config.HOST, Config.PORT))
        except OSError as error:
            raise SystemExit(
                f"Cannot listen on {Config.HOST}:{Config.PORT}: {error.strerror}. Set KARTABL_PORT."
            ) from error


def announce(stop: threading.Event) -> None:
    """Print the address once the web answers there."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(Config.HOST, Config.HOST)  # noqa: S104 - reads it only
    while not stop.wait(0.2):
        try:
            socket.create_connection((host, Config.PORT), timeout=1).close()
        except OSError:
            continue
        say(f"Kartabl is at http://{Config.HOST}:{Config.PORT}/ and stops with Ctrl-C.")
        say("Sign in as the administrator whose password was shown at the first start;")
        say("a new one: .venv/bin/flask fab reset-password --username admin")
        return


def supervise(children: Sequence[Child], stop: threading.Event) -> None:
    """Keep the children alive until `stop`, then stop all of them cleanly."""
    try:
        while not stop.is_set():
            for child in children:
                child.look_after()
            stop.wait(0.5)
    finally:
        for child in children:
            child.ask_to_stop()
        deadline = time.monotonic() + PATIENCE
        for child in children:
            child.wait_for_end(deadline)


def main() -> None:
    """Prepare, then look after web and worker until SIGTERM or SIGINT."""
    if sys.argv[1:] == ["web"]:
        serve_web()
        return
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    refuse_taken_port()
    prepare()
    if stop.is_set():
        return
    threading.Thread(target=announce, args=(stop,), daemon=True).start()
    supervise([Child("web", web_command()), Child("worker", worker_command())], stop)
    say("Kartabl has stopped.")


if __name__ == "__main__":
    main()
