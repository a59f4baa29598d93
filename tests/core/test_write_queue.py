"""Writers of SQLite stand in line: order, patience, and a place that its holder dies on."""

from __future__ import annotations

import gc
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from app.core.db import db, writing
from app.core.write_queue import QueuedConnection, WriteQueue

ROOT = Path(__file__).resolve().parent.parent.parent
HOLDER = """
import sys
from app.core.write_queue import WriteQueue
turn = WriteQueue(sys.argv[1]).enter(5)
print("mine", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "line")


@pytest.fixture
def holder(path: str) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the turn until its input is closed."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    assert process.stdout
    assert process.stdin
    assert process.stdout.readline() == "mine\n"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()
    process.stdin.close()


def test_threads_are_let_in_as_they_came(path: str) -> None:
    queue, order = WriteQueue(path), []
    first = queue.enter(5)

    def stand(place: int) -> None:
        turn = queue.enter(5)
        order.append(place)
        queue.leave(turn)

    threads = []
    for place in range(5):
        thread = threading.Thread(target=stand, args=(place,))
        thread.start()
        threads.append(thread)
        while len(queue._waiting) <= place:
            pass
    queue.leave(first)
    for thread in threads:
        thread.join()
    assert order == [0, 1, 2, 3, 4]


def test_thread_that_runs_out_of_patience_leaves_the_line(path: str) -> None:
    queue = WriteQueue(path)
    turn = queue.enter(5)
    with pytest.raises(OperationalError, match="locked"):
        queue.enter(0.01)
    queue.leave(turn)
    queue.leave(queue.enter(0.01))


def test_other_process_is_waited_for_only_so_long(path: str, holder: subprocess.Popen[str]) -> None:
    queue = WriteQueue(path)
    with pytest.raises(OperationalError, match="locked"):
        queue.enter(0.05)
    assert holder.stdin
    holder.stdin.close()
    queue.leave(queue.enter(10))


def test_place_of_a_killed_process_is_free_at_once(path: str, holder: subprocess.Popen[str]) -> None:
    holder.kill()
    queue = WriteQueue(path)
    queue.leave(queue.enter(10))


def test_turn_ends_with_the_transaction(kernel: Flask) -> None:
    db.session.execute(text("SELECT 1"))
    with pytest.raises(OperationalError, match="locked"), writing(patience=0.01), db.engine.begin():
        pass
    db.session.rollback()
    with writing(patience=0.01), db.engine.begin() as connection:
        assert connection.scalar(text("SELECT 1")) == 1


def test_readers_stand_in_no_line(kernel: Flask) -> None:
    db.session.execute(text("SELECT 1"))
    with writing(intent=False, patience=0.0), db.engine.begin() as connection:
        assert connection.scalar(text("SELECT 1")) == 1
    db.session.rollback()


def test_turn_of_a_lost_connection_is_given_back(tmp_path: Path) -> None:
    target = str(tmp_path / "lost.db")
    lost = sqlite3.connect(target, factory=QueuedConnection, isolation_level=None)
    lost.take_turn(1)
    del lost
    gc.collect()
    following = sqlite3.connect(target, factory=QueuedConnection, isolation_level=None)
    following.take_turn(1)
    following.execute("BEGIN IMMEDIATE")
    following.rollback()
    following.close()


def test_memory_database_has_no_line() -> None:
    connection = sqlite3.connect(":memory:", factory=QueuedConnection, isolation_level=None)
    connection.take_turn(0)
    connection.close()
