"""Many processes number documents at once, and some of them are killed: what is left afterwards?

A storm is a function `storm(url, folder, lane, lanes)` that yields the number of each document it
has issued, after the commit, until its lane (ids modulo `lanes`) has no draft left. `blow` runs it
in processes of its own; a killed one is replaced. Numbers that were shown but are not stored, gaps
and duplicates are for the caller to look up in the database.
"""

from __future__ import annotations

import importlib
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from app.core.process import SUPERVISED, end_with_supervisor

ROOT = Path(__file__).resolve().parent.parent
Storm = Callable[[str, Path, int, int], Iterator[int]]


@dataclass(slots=True)
class Weather:
    """What was seen from outside: numbers shown, errors, kills, seconds and waits."""

    shown: list[int] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    kills: int = 0
    seconds: float = 0.0
    waits: list[float] = field(default_factory=list)
    """Seconds between two numbers of one process."""

    def quantile(self, part: float) -> float:
        """The wait that `part` of all waits do not exceed, in seconds."""
        ordered = sorted(self.waits) or [0.0]
        return ordered[min(len(ordered) - 1, int(len(ordered) * part))]

    @property
    def clashes(self) -> list[str]:
        """The errors that are a number given twice, and not, say, a process that somebody ended."""
        return [error for error in self.errors if "IntegrityError" in error]

    @property
    def per_second(self) -> float:
        return len(self.shown) / self.seconds if self.seconds else 0.0


@dataclass(slots=True)
class _Lane:
    place: int
    process: subprocess.Popen[str]
    log: IO[str]
    last: float | None = None


def blow(
    storm: str,
    url: str,
    folder: Path,
    *,
    lanes: int = 8,
    kill_every: float | None = None,
    kill_after: int | None = None,
    limit: float = 600.0,
) -> Weather:
    """Run `storm` ("package.module:function") in `lanes` processes until all drafts are issued.

    One process is killed with SIGKILL every `kill_every` seconds, or after every `kill_after`
    numbers; its lane goes on in a new one.
    """
    weather = Weather()
    running: dict[int, _Lane] = {}
    started, killed_at, killed_count = 0.0, 0.0, 0
    with selectors.DefaultSelector() as ears:

        def start(place: int) -> None:
            lane = _start(storm, url, folder, place, lanes)
            running[place] = lane
            ears.register(lane.process.stdout or 0, selectors.EVENT_READ, lane)

        for place in range(lanes):
            start(place)
        give_up = time.monotonic() + limit
        while running and time.monotonic() < give_up:
            for key, _ in ears.select(timeout=0.2):
                lane: _Lane = key.data
                line = lane.process.stdout.readline() if lane.process.stdout else ""
                if line:
                    started = started or time.monotonic()
                    _note(weather, lane, int(line))
                    continue
                ears.unregister(key.fileobj)
                _finish(weather, running, lane)
                if lane.process.returncode == -signal.SIGKILL:
                    start(lane.place)
            # Only one that has shown a number, and by time only when all have: on a slow machine the
            # others would never get to one.
            at_work = [running[place] for place in sorted(running) if running[place].last is not None]
            elapsed = time.monotonic() - max(killed_at, started)
            due_by_time = kill_every is not None and len(at_work) == len(running) and elapsed > kill_every
            due_by_count = kill_after is not None and len(weather.shown) - killed_count >= kill_after
            if at_work and (due_by_time or due_by_count):
                victim = at_work[weather.kills % len(at_work)]
                victim.process.kill()
                weather.kills += 1
                killed_at, killed_count = time.monotonic(), len(weather.shown)
        weather.seconds = time.monotonic() - started if started else 0.0
        for lane in list(running.values()):
            weather.errors.append(f"lane {lane.place} did not end in {limit} s")
            lane.process.kill()
            _finish(weather, running, lane)
    return weather


def _start(storm: str, url: str, folder: Path, place: int, lanes: int) -> _Lane:
    log = (folder / f"lane-{place}.log").open("a")
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.storm", storm, url, str(folder), str(place), str(lanes)],
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
        bufsize=1,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), SUPERVISED: "1"},
    )
    return _Lane(place, process, log)


def _note(weather: Weather, lane: _Lane, number: int) -> None:
    now = time.monotonic()
    if lane.last is not None:
        weather.waits.append(now - lane.last)
    lane.last = now
    weather.shown.append(number)


def _finish(weather: Weather, running: dict[int, _Lane], lane: _Lane) -> None:
    lane.process.wait()
    if lane.process.stdout:
        lane.process.stdout.close()
    lane.log.close()
    if lane.process.returncode not in (0, -signal.SIGKILL):
        words = Path(lane.log.name).read_text().strip().splitlines() or [f"ended with {lane.process.returncode}"]
        named = [line for line in words if "Error: " in line] or words
        weather.errors.append(f"lane {lane.place}: {named[-1]}")
    running.pop(lane.place, None)


def _main(storm: str, url: str, folder: str, place: str, lanes: str) -> None:
    end_with_supervisor()  # a lane whose run was ended must not go on alone
    module, _, name = storm.partition(":")
    work: Storm = getattr(importlib.import_module(module), name)
    for number in work(url, Path(folder), int(place), int(lanes)):
        print(number, flush=True)


if __name__ == "__main__":
    _main(*sys.argv[1:])
