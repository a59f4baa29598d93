"""Regular work: by seconds, by the clock of Tehran, once for each due moment."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.core import clock, schedule
from app.core.actor import current
from app.core.db import db
from app.core.schedule import Sweep, beat, every, last_beat, latest_due, run_sweep, take_due
from tests.core.kernel_models import Effect

pytestmark = pytest.mark.databases
NIGHT = datetime(2024, 5, 4, 23, 30, tzinfo=UTC)  # 03:00 in Tehran
done: list[str] = []


@pytest.fixture(autouse=True)
def declared() -> Iterator[None]:
    before = dict(schedule._sweeps)
    done.clear()
    yield
    schedule._sweeps.clear()
    schedule._sweeps.update(before)


def nightly() -> Sweep:
    every(cron="0 3 * * *")(note)
    return declared_sweep(note)


def declared_sweep(work: Callable[[], None]) -> Sweep:
    return next(sweep for sweep in schedule.sweeps() if sweep.work is work)


def note() -> None:
    actor = current()
    done.append(actor.name if actor else "")


def at(moment: datetime, app: Flask, sweep: Sweep) -> int:
    with clock.frozen(moment):
        run_sweep(app, sweep)
    return len(done)


def test_nightly_work_runs_once_at_its_hour_in_tehran(kernel: Flask) -> None:
    sweep = nightly()
    assert at(NIGHT - timedelta(hours=5), kernel, sweep) == 0
    assert at(NIGHT - timedelta(minutes=1), kernel, sweep) == 0
    assert at(NIGHT, kernel, sweep) == 1
    assert at(NIGHT + timedelta(seconds=30), kernel, sweep) == 1
    assert at(NIGHT + timedelta(days=1, minutes=2), kernel, sweep) == 2
    assert done[0] == sweep.name


def test_nights_that_passed_while_the_machine_was_off_are_made_up_for_once(kernel: Flask) -> None:
    sweep = nightly()
    at(NIGHT - timedelta(hours=1), kernel, sweep)
    assert at(NIGHT + timedelta(days=3, hours=5), kernel, sweep) == 1
    assert at(NIGHT + timedelta(days=3, hours=6), kernel, sweep) == 1


def test_due_moment_is_taken_by_one_of_two(kernel: Flask) -> None:
    sweep = nightly()
    with clock.frozen(NIGHT - timedelta(hours=1)):
        take_due(sweep)
    with clock.frozen(NIGHT):
        assert [take_due(sweep), take_due(sweep)] == [True, False]


def test_newest_due_moment_counts() -> None:
    sweep = nightly()
    found = latest_due(sweep, after=NIGHT - timedelta(days=40), until=NIGHT + timedelta(hours=30))
    assert found == NIGHT + timedelta(days=1)
    assert latest_due(sweep, after=NIGHT, until=NIGHT + timedelta(hours=20)) is None


def test_failing_sweep_is_logged_and_comes_again(kernel: Flask, caplog: pytest.LogCaptureFixture) -> None:
    def fail() -> None:
        raise ZeroDivisionError

    every(seconds=1)(fail)
    sweep = declared_sweep(fail)
    run_sweep(kernel, sweep)
    run_sweep(kernel, sweep)
    assert caplog.text.count("it will be tried again") == 2


def test_what_a_sweep_leaves_uncommitted_is_undone(kernel: Flask) -> None:
    def forgetful() -> None:
        db.session.add(Effect(number=1))
        db.session.flush()

    every(seconds=1)(forgetful)
    run_sweep(kernel, declared_sweep(forgetful))
    assert db.session.scalar(select(func.count()).select_from(Effect)) == 0


def test_rounds_start_once_and_stop(kernel: Flask) -> None:
    rounds = schedule.Rounds(lambda: kernel)
    every(seconds=3600)(note)
    rounds.start()
    rounds.start()
    assert len(rounds._threads) == len(schedule.sweeps())
    rounds.stop()
    assert not any(thread.is_alive() for thread in rounds._threads)


def test_round_goes_on_after_a_failure_outside_the_sweep(kernel: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs on a clock of its own: the second round tells the test, whatever became of the first."""
    rounds, came = schedule.Rounds(lambda: kernel), threading.Semaphore(0)
    every(seconds=0.001)(note)

    def fail(_app: Flask, _sweep: Sweep) -> None:
        came.release()
        raise ConnectionError

    monkeypatch.setattr(schedule, "run_sweep", fail)
    only = [declared_sweep(note)]
    monkeypatch.setattr(schedule, "sweeps", lambda: only)
    rounds.start()
    assert [came.acquire(timeout=20), came.acquire(timeout=20)] == [True, True]
    rounds.stop()


@pytest.mark.parametrize("given", [{}, {"seconds": 1, "cron": "0 3 * * *"}], ids=["neither", "both"])
def test_period_or_hours_must_be_said(given: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="either"):
        every(**given)  # type: ignore[arg-type]


def test_newest_sign_of_life_counts(kernel: Flask) -> None:
    assert last_beat() is None
    db.session.remove()
    for name, minutes in (("worker a", 0), ("worker b", 2), ("fax", 9)):
        with clock.frozen(NIGHT + timedelta(minutes=minutes)):
            beat(name, started_at=NIGHT, pid=1)
    with clock.frozen(NIGHT + timedelta(minutes=3)):
        beat("worker a", started_at=NIGHT, pid=1)
    assert last_beat() == NIGHT + timedelta(minutes=3)
