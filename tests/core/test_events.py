"""Work that waits for the commit, and signals."""

from __future__ import annotations

from contextlib import suppress

import pytest
from flask import Flask
from sqlalchemy import select

from app.core import events
from app.core.db import db

pytestmark = pytest.mark.usefixtures("kernel")


@pytest.fixture
def ran() -> list[str]:
    return []


def test_callback_waits_for_the_commit(ran: list[str]) -> None:
    events.after_commit(lambda: ran.append("mail"))
    assert ran == []
    db.session.commit()
    db.session.commit()
    assert ran == ["mail"]


def test_callback_is_forgotten_on_rollback(ran: list[str]) -> None:
    events.after_commit(lambda: ran.append("mail"))
    db.session.rollback()
    db.session.commit()
    assert ran == []


def test_callback_of_a_kept_savepoint_waits_for_the_outer_commit(ran: list[str]) -> None:
    with db.session.begin_nested():
        events.after_commit(lambda: ran.append("inner"))
    assert ran == []
    db.session.commit()
    assert ran == ["inner"]


def test_callbacks_of_a_lost_savepoint_are_forgotten_with_all_below_it(ran: list[str]) -> None:
    events.after_commit(lambda: ran.append("outer"))
    with suppress(KeyError), db.session.begin_nested():
        events.after_commit(lambda: ran.append("lost"))
        with db.session.begin_nested():
            events.after_commit(lambda: ran.append("lost too"))
        raise KeyError
    db.session.commit()
    assert ran == ["outer"]


def test_kept_savepoint_in_a_rolled_back_transaction_is_forgotten(ran: list[str]) -> None:
    with db.session.begin_nested():
        events.after_commit(lambda: ran.append("inner"))
    db.session.rollback()
    db.session.commit()
    assert ran == []


def test_callback_may_use_the_session(ran: list[str]) -> None:
    events.after_commit(lambda: ran.append(str(db.session.scalar(select(7)))))
    db.session.commit()
    assert ran == ["7"]


def test_failing_callback_is_logged_and_the_others_run(ran: list[str], caplog: pytest.LogCaptureFixture) -> None:
    events.after_commit(lambda: 1 / 0)  # type: ignore[arg-type,return-value]
    events.after_commit(lambda: ran.append("second"))
    db.session.commit()
    assert ran == ["second"]
    assert "after the commit failed" in caplog.text


def test_callback_in_a_request_that_is_torn_down_without_commit_never_runs(kernel: Flask, ran: list[str]) -> None:
    with kernel.app_context():
        events.after_commit(lambda: ran.append("mail"))
    assert ran == []


def test_signal_is_declared_once_with_its_documentation() -> None:
    found = events.signal("test_thing_happened", "A thing happened. Sender: the test.")
    assert found.__doc__ == "A thing happened. Sender: the test."
    assert events.declared_signals()["test_thing_happened"] is found
    with pytest.raises(ValueError, match="declared twice"):
        events.signal("test_thing_happened", "again")
