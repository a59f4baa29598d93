"""Long work in rows: who may see it, how it ends, and what happens when its worker dies."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select, text, update

from app.core import clock, job_runner, jobs
from app.core.actor import ANONYMOUS, Actor, ActorKind, acting_as, current
from app.core.db import db, writing
from app.core.errors import DomainError, NotAllowed, NotFound
from app.core.job_runner import JobRun, run_job, take_up_left_jobs
from app.core.jobs import Job, JobLost, JobState, enqueue, job
from tests.core.kernel_models import Effect, Person

pytestmark = [pytest.mark.usefixtures("kernel"), pytest.mark.databases]
SYSTEM = Actor.system("test")
ALI = Actor(ActorKind.USER, "Ali", user_id=1)
REZA = Actor(ActorKind.USER, "Reza", user_id=2)


class Refused(DomainError):
    code = "refused_by_test"
    default_message = _l("This cannot be done.")


@job("test.leave_effects", attempts=2)
def leave_effects(run: JobRun, *, count: int, then: str = "") -> dict[str, Any]:
    """As many effects as asked, then what the test wants."""
    for number in range(count):
        run.progress(number, count, f"effect {number}")
        actor = current()
        db.session.add(Effect(number=number, done_by=actor.name if actor else ""))
        db.session.flush()
    if then == "refuse":
        raise Refused
    if then == "crash":
        raise ZeroDivisionError
    if then == "cancelled":
        with acting_as(SYSTEM):
            _ask_to_cancel(run.id)
        run.beat()
        run.progress(count)
    if then == "lost":
        _claim_for_another(run.id)
    return {"left": count}


@job("test.each")
def each_item(run: JobRun, *, items: list[int]) -> dict[str, Any]:
    """One effect for each item; odd ones refuse, seven crashes."""
    return run.each(items, one_item, total=len(items)).as_json()


@job("test.read_only", writes=False)
def read_only(run: JobRun) -> int:
    """How many effects there are; what it writes must not last."""
    return db.session.scalar(select(func.count()).select_from(Effect)) or 0


def one_item(number: int) -> None:
    db.session.add(Effect(number=number))
    db.session.flush()
    if number == 7:
        raise ZeroDivisionError
    if number % 2:
        raise Refused


def _ask_to_cancel(job_id: int) -> None:
    """From the same connection, as SQLite lets only one write."""
    db.session.execute(text("UPDATE core_job SET cancel_requested = :yes WHERE id = :id"), {"id": job_id, "yes": True})
    db.session.commit()


def _claim_for_another(job_id: int) -> None:
    db.session.execute(update(Job).where(Job.id == job_id).values(claimed_by="elsewhere/0:1:x"))


@pytest.fixture(autouse=True)
def people(kernel: Flask) -> None:
    db.session.add_all([Person(id=1, name="Ali"), Person(id=2, name="Reza")])
    db.session.commit()
    jobs.install_actor_loader({1: ALI, 2: REZA}.get)


@pytest.fixture
def pushed(kernel: Flask) -> list[int]:
    found: list[int] = []
    jobs.install_carrier(found.append)
    return found


def queued(work: Any = leave_effects, *, actor: Actor = SYSTEM, **args: Any) -> int:
    made = enqueue(work, actor=actor, **args)
    db.session.commit()
    job_id = made.id
    db.session.remove()
    return job_id


def row(job_id: int) -> Job:
    db.session.remove()
    found = db.session.get_one(Job, job_id)
    db.session.remove()  # an open transaction would hold SQLite's write lock
    return found


def effects() -> list[Effect]:
    db.session.remove()
    found = list(db.session.scalars(select(Effect).order_by(Effect.id)))
    db.session.remove()
    return found


def set_row(job_id: int, **values: Any) -> None:
    db.session.execute(update(Job).where(Job.id == job_id).values(**values))
    db.session.commit()
    db.session.remove()


# --- queueing ---------------------------------------------------------------------------------


def test_job_is_pushed_after_the_commit_and_only_its_number(pushed: list[int]) -> None:
    made = enqueue(leave_effects, actor=SYSTEM, count=1)
    assert pushed == []
    db.session.commit()
    assert pushed == [made.id]


def test_rolled_back_job_is_never_pushed(pushed: list[int]) -> None:
    enqueue(leave_effects, actor=SYSTEM, count=1)
    db.session.rollback()
    db.session.commit()
    assert pushed == []


def test_queue_that_is_away_costs_nothing_but_a_moment(caplog: pytest.LogCaptureFixture) -> None:
    def fail(_job_id: int) -> None:
        raise ConnectionError

    jobs.install_carrier(fail)
    job_id = queued(count=1)
    assert row(job_id).state is JobState.QUEUED
    assert "could not be put into the queue" in caplog.text


def test_nobody_cannot_queue() -> None:
    with acting_as(ANONYMOUS), pytest.raises(NotAllowed):
        enqueue(leave_effects, count=1)


# --- running ----------------------------------------------------------------------------------


def test_job_runs_as_the_person_who_queued_it_and_keeps_its_result() -> None:
    job_id = queued(actor=ALI, count=2)
    assert run_job(job_id)
    found = row(job_id)
    assert (found.state, found.result, found.done, found.total, found.attempts) == (JobState.DONE, {"left": 2}, 1, 2, 1)
    assert found.finished_at is not None
    assert [effect.done_by for effect in effects()] == ["Ali", "Ali"]


def test_job_runs_once_however_often_its_number_comes() -> None:
    job_id = queued(count=1)
    assert [run_job(job_id), run_job(job_id), run_job(job_id)] == [True, False, False]
    assert len(effects()) == 1


def test_person_who_left_the_company_runs_nothing_any_more() -> None:
    job_id = queued(actor=ALI, count=1)
    jobs.install_actor_loader(lambda _user_id: None)
    run_job(job_id)
    assert (row(job_id).state, row(job_id).error_code, effects()) == (JobState.FAILED, "not_allowed", [])


def test_refusal_ends_the_job_with_its_reason_and_undoes_its_work() -> None:
    job_id = queued(count=2, then="refuse")
    run_job(job_id)
    found = row(job_id)
    assert (found.state, found.error_code, found.error_message) == (
        JobState.FAILED, "refused_by_test", "This cannot be done.",
    )  # fmt: skip
    assert effects() == []


def test_crash_ends_the_job_without_its_inner_words(caplog: pytest.LogCaptureFixture) -> None:
    job_id = queued(count=2, then="crash")
    run_job(job_id)
    found = row(job_id)
    assert (found.state, found.error_code) == (JobState.FAILED, "error")
    assert "ZeroDivision" not in str(found.error_message)
    assert "ZeroDivisionError" in caplog.text
    assert effects() == []


def test_job_that_nobody_declares_any_more_fails() -> None:
    job_id = queued(count=1)
    set_row(job_id, name="test.removed")
    run_job(job_id)
    assert (row(job_id).state, row(job_id).error_code) == (JobState.FAILED, "unknown_job")


def test_running_job_hears_that_it_is_cancelled() -> None:
    job_id = queued(count=1, then="cancelled")
    run_job(job_id)
    assert (row(job_id).state, row(job_id).error_code) == (JobState.CANCELLED, "cancelled")


def test_work_of_a_job_that_another_took_up_does_not_count() -> None:
    job_id = queued(count=3, then="lost")
    run_job(job_id)
    assert effects() == []
    assert row(job_id).state is JobState.RUNNING


def test_lost_job_cannot_complete() -> None:
    job_id = queued(count=1)
    set_row(job_id, state=JobState.RUNNING, claimed_by="elsewhere/0:1:x")
    with pytest.raises(JobLost):
        JobRun(job_id, "here/0:2:y", SYSTEM).complete()


def test_items_fail_one_by_one_and_the_others_go_on(caplog: pytest.LogCaptureFixture) -> None:
    job_id = queued(each_item, items=[2, 3, 4, 7, 8])
    run_job(job_id)
    result: Any = row(job_id).result
    assert result["done"] == 3
    assert [(f["ref"], f["code"]) for f in result["failures"]] == [("3", "refused_by_test"), ("7", "error")]
    assert [effect.number for effect in effects()] == [2, 4, 8]


def test_reading_job_leaves_the_write_lock_to_others() -> None:
    job_id = queued(read_only)
    run_job(job_id)
    assert (row(job_id).state, row(job_id).result) == (JobState.DONE, 0)


def test_beat_writes_progress_and_gives_up_at_once_where_it_would_wait() -> None:
    job_id = queued(count=1)
    set_row(job_id, state=JobState.RUNNING, claimed_by="me/0:1:x", heartbeat_at=clock.now() - timedelta(minutes=1))
    run = JobRun(job_id, "me/0:1:x", SYSTEM)
    run.progress(3, 10, "three")
    run.beat()
    found = row(job_id)
    assert (found.done, found.total, found.message) == (3, 10, "three")
    assert found.heartbeat_at is not None
    assert found.heartbeat_at > clock.now() - timedelta(seconds=20)


# --- what a dead worker leaves ------------------------------------------------------------------


def left_running(**values: Any) -> int:
    job_id = queued(count=1)
    dead = {
        "state": JobState.RUNNING,
        "attempts": 1,
        "heartbeat_at": clock.now(),
        "claimed_by": f"{job_runner.place()}:1:x",
    }
    set_row(job_id, **{**dead, **values})
    return job_id


def sweep() -> int:
    db.session.remove()
    with writing(intent=False):
        return take_up_left_jobs()


def test_job_of_a_killed_worker_is_taken_up_at_once_on_the_same_machine(pushed: list[int]) -> None:
    job_id = left_running()
    pushed.clear()
    assert sweep() == 1
    assert (row(job_id).state, pushed) == (JobState.QUEUED, [job_id])
    assert run_job(job_id)
    assert (row(job_id).attempts, len(effects())) == (2, 1)


def test_job_of_a_living_worker_is_left_alone_however_old_its_heartbeat() -> None:
    job_id = left_running(heartbeat_at=clock.now() - timedelta(hours=1))
    lock = job_runner._try_lock(job_id)
    assert lock is not None
    assert sweep() == 0
    lock.close()
    assert sweep() == 1


@pytest.mark.parametrize(("seconds", "taken"), [(29, 0), (31, 1)])
def test_job_of_another_machine_is_taken_up_when_its_heartbeat_is_old(seconds: int, taken: int) -> None:
    left_running(claimed_by="elsewhere/0:1:x", heartbeat_at=clock.now() - timedelta(seconds=seconds))
    assert sweep() == taken


def test_job_that_kills_every_worker_is_given_up() -> None:
    job_id = left_running(attempts=2)
    assert sweep() == 0
    assert (row(job_id).state, row(job_id).error_code) == (JobState.FAILED, "gave_up")


def test_job_whose_push_was_lost_is_pushed_again(pushed: list[int]) -> None:
    job_id = queued(count=1)
    pushed.clear()
    assert sweep() == 0
    set_row(job_id, pushed_at=clock.now() - timedelta(seconds=11))
    assert (sweep(), sweep(), pushed) == (1, 0, [job_id])


# --- who may see it -----------------------------------------------------------------------------


def test_owner_sees_and_cancels_a_waiting_job() -> None:
    job_id = queued(actor=ALI, count=1)
    with acting_as(ALI):
        assert jobs.job_view(job_id)["state"] == "queued"
        view = jobs.cancel(job_id)
        db.session.commit()
    assert (view["state"], view["ended"]) == ("cancelled", True)
    assert not run_job(job_id)


def test_running_job_is_asked_to_stop() -> None:
    job_id = left_running(actor_id=1, done=3, total=12)
    with acting_as(ALI):
        view = jobs.cancel(job_id)
    assert (view["state"], view["cancelling"], view["percent"]) == ("running", True, 25)


@pytest.mark.parametrize("actor", [REZA, ANONYMOUS], ids=["another user", "nobody"])
@pytest.mark.parametrize("act", [jobs.job_view, jobs.cancel], ids=["see", "cancel"])
def test_others_do_not_know_that_a_job_exists(actor: Actor, act: Any) -> None:
    job_id = queued(actor=ALI, count=1)
    with acting_as(actor), pytest.raises(NotFound):
        act(job_id)
    assert row(job_id).state is JobState.QUEUED


def test_queue_is_worked_off_in_this_process() -> None:
    first, second = queued(count=1), queued(count=1)
    assert jobs.work_off() == 2
    assert {row(first).state, row(second).state} == {JobState.DONE}


def test_two_jobs_of_one_name_are_a_mistake() -> None:
    with pytest.raises(ValueError, match=r"test\.each"):
        job("test.each")(lambda run: None)
