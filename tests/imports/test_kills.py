"""Web and worker killed at random moments of an import: all rows or none, and in the end all of them once."""

from __future__ import annotations

import io
import time
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any

import psutil
import pytest
import xlsxwriter
from flask import Flask
from sqlalchemy import func, select

from app.core.actor import Actor, acting_as
from app.core.audit import verify_chain
from app.core.db import db, writing
from app.core.jobs import Job, JobState, enqueue
from app.core.ledger import HistoryBatch
from app.core.sheets import sheet_named
from app.crm.customers.models import Customer
from app.org.employees.models import Employee
from imports.batches import apply_batch, check_batch, new_batch, rows_of
from imports.models import ImportBatch, Stage
from imports.row_store import open_rows
from imports.undo import undo_batch
from tests.app_fixtures import KEYS
from tests.test_processes import Start, child_of, free_port, read_until, settings_of, start, until

__all__ = ["start"]
ROWS = 20_000
AFTER_KILLS = 240.0
"""Seconds; a child that keeps dying is started again after a pause that grows to 30 (run.py)."""
HEADER = ("code", "customer name", "city", "mobile", "credit limit")


def workbook(path: Path) -> bytes:
    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEADER)
        for row in range(1, ROWS + 1):
            sheet.write_row(row, 0, [f"K{row:06d}", f"مشتری {row}", "تهران", f"0912{row:07d}", row * 1000])
    return path.read_bytes()


class Rounds:
    """One installation, into which the same file is imported and taken back again and again."""

    def __init__(self, start: Start, settings: dict[str, str], content: bytes) -> None:
        self._start, self._settings, self._content = start, settings, content
        port = free_port()
        self._all = start("run.py", **settings, KARTABL_PORT=str(port))
        read_until(self._all, rf"http://127\.0\.0\.1:{port}/", seconds=AFTER_KILLS)

    def begin(self) -> tuple[int, int]:
        """A checked batch whose job runs: their ids."""
        from app.org.security import actor_of

        with acting_as(Actor.system("test")), writing(intent=False):
            admin = actor_of(db.session.scalars(select(Employee).where(Employee.username == "admin")).one())
            db.session.rollback()
        with acting_as(admin), writing():
            batch = new_batch(sheet_named("customers"), name="k.xlsx", content=io.BytesIO(self._content))
            batch.stage = Stage.CHECKED
            job = enqueue(apply_batch, batch_id=batch.id)
            batch_id, job_id = batch.id, job.id
            db.session.commit()
        db.session.remove()
        self._start("-c", f"from app.worker import push; push({job_id})", **self._settings).wait()
        until(lambda: self.state(job_id) is not JobState.QUEUED, "the job began", seconds=AFTER_KILLS)
        return batch_id, job_id

    def begin_check(self) -> tuple[int, int]:
        """A batch fresh from its upload, whose check runs."""
        from app.org.security import actor_of

        with acting_as(Actor.system("test")), writing(intent=False):
            admin = actor_of(db.session.scalars(select(Employee).where(Employee.username == "admin")).one())
            db.session.rollback()
        with acting_as(admin), writing():
            batch = new_batch(sheet_named("customers"), name="k.xlsx", content=io.BytesIO(self._content))
            job = enqueue(check_batch, batch_id=batch.id)
            batch.job_id = job.id
            batch_id, job_id = batch.id, job.id
            db.session.commit()
        db.session.remove()
        self._start("-c", f"from app.worker import push; push({job_id})", **self._settings).wait()
        until(lambda: self.state(job_id) is not JobState.QUEUED, "the check began", seconds=AFTER_KILLS)
        return batch_id, job_id

    def kill(self) -> None:
        """Web and worker die at once; the supervisor starts new ones."""
        for word in ("run.py web", "huey_consumer"):
            victim = child_of(self._all, word)
            if victim is not None:
                with suppress(psutil.NoSuchProcess):
                    victim.kill()

    def state(self, job_id: int) -> JobState:
        with writing(intent=False):
            found = db.session.scalars(select(Job.state).where(Job.id == job_id)).one()
            db.session.remove()
        return found

    def has_ended(self, job_id: int) -> bool:
        return self.state(job_id) not in (JobState.QUEUED, JobState.RUNNING)

    def stored(self) -> int:
        with writing(intent=False):
            found: int = db.session.scalar(select(func.count()).select_from(Customer)) or 0
            db.session.remove()
        return found

    def finish(self, batch_id: int, job_id: int) -> None:
        """The job ends by itself; every row is there once, and once in the history. Then all is taken back."""
        until(lambda: self.has_ended(job_id), "the job ended", seconds=AFTER_KILLS)
        assert self.state(job_id) is JobState.DONE
        assert self.stored() == ROWS
        with writing(intent=False):
            told = select(func.sum(HistoryBatch.row_count)).where(HistoryBatch.ref == f"import:{batch_id}")
            assert db.session.scalar(told) == ROWS
            assert (
                db.session.scalar(select(func.count()).select_from(ImportBatch).where(ImportBatch.stage == Stage.DONE))
                == 1
            )
            db.session.remove()
        with acting_as(Actor.system("test")), writing():
            assert undo_batch(db.session.get_one(ImportBatch, batch_id)) == {"deleted": ROWS, "restored": 0}
            db.session.commit()
        db.session.remove()
        assert self.stored() == 0


def lend_key(app: Flask) -> None:
    """The processes that are started read what this one wrote."""
    key = Path(app.config["DATA"]) / "keys" / "data.key"
    key.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    key.touch(0o600)
    key.write_text(KEYS["DATA_KEY"])


def storm(kills: int, app: Flask, database: str, start: Start, folder: Path) -> list[tuple[float, int, bool]]:
    """(seconds after the job began, rows found after the kill, whether the kill met it at work) of every kill."""
    rng, content = Random(f"kills {database}"), workbook(folder / "k.xlsx")
    lend_key(app)
    rounds = Rounds(start, settings_of(app, database), content)
    begun = time.monotonic()
    ids = rounds.begin()
    began = time.monotonic()
    until(lambda: rounds.has_ended(ids[1]), "the job ended", seconds=AFTER_KILLS)
    length = time.monotonic() - began
    rounds.finish(*ids)
    print(f"{database}: one import of {ROWS} rows takes {length:.1f} s, its start {began - begun:.1f} s")
    met: list[tuple[float, int, bool]] = []
    for _ in range(kills):
        ids = rounds.begin()
        moment = rng.uniform(0, length)
        time.sleep(moment)
        was_at_work = rounds.state(ids[1]) is JobState.RUNNING
        rounds.kill()
        found = rounds.stored()
        assert found in (0, ROWS), f"{found} rows after a kill at {moment:.2f} s"
        print(f"{database}: kill {len(met) + 1} at {moment:.2f} s, at work {was_at_work}, {found} rows", flush=True)
        met.append((moment, found, was_at_work))
        rounds.finish(*ids)
    with acting_as(Actor.system("test")):
        assert verify_chain().ok
    return met


@pytest.mark.slow
@pytest.mark.timeout(420)
def test_a_kill_leaves_all_rows_or_none(committed_app: Flask, start: Start, tmp_path: Path) -> None:
    met = storm(1, committed_app, "sqlite", start, tmp_path)
    assert len(met) == 1


@pytest.mark.slow
@pytest.mark.timeout(420)
def test_a_check_that_was_killed_is_done_by_the_next_worker(committed_app: Flask, start: Start, tmp_path: Path) -> None:
    lend_key(committed_app)
    rounds = Rounds(start, settings_of(committed_app, "sqlite"), workbook(tmp_path / "k.xlsx"))
    batch_id, job_id = rounds.begin_check()
    assert rounds.state(job_id) is JobState.RUNNING
    rounds.kill()
    until(lambda: rounds.has_ended(job_id), "the check ended", seconds=AFTER_KILLS)
    assert rounds.state(job_id) is JobState.DONE
    with writing(intent=False):
        batch = db.session.get_one(ImportBatch, batch_id)
        assert (batch.stage, batch.counts["rows"], batch.counts["error_count"]) == (Stage.CHECKED, ROWS, 0)
        with open_rows(rows_of(batch)) as store:
            assert store.counts()["new"] == ROWS
        db.session.remove()
    assert rounds.stored() == 0


@pytest.mark.databases
@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_fifty_kills_leave_all_rows_or_none(
    committed_app: Flask, database: str, start: Start, tmp_path: Path, capsys: Any
) -> None:
    met = storm(50, committed_app, database, start, tmp_path)
    with capsys.disabled():
        at_work = sum(1 for _moment, _found, busy in met if busy)
        none = sum(1 for _moment, found, _busy in met if found == 0)
        print(f"\n{database}: 50 kills, {at_work} of them at work; {none} times 0 rows, {50 - none} times {ROWS}")
    assert sum(1 for _moment, _found, at_work in met if at_work) >= 25, met
