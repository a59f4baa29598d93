"""Writers of one SQLite file in the order in which they came.

SQLite lets one write at a time; who waits asks again after a while, and the luckier one wins: with
eight writers one waited for ten seconds. Here writers stand in line, first in this process, then
between processes by a lock on a file beside the database. The kernel drops that lock with its
process, so a killed writer holds up nobody.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import threading
from collections import deque
from time import monotonic
from typing import Any

from sqlalchemy.exc import OperationalError

PATIENCE = 30.0
"""Seconds that a writer waits for its turn, as long as SQLite's own busy timeout."""


class WriteQueue:
    """The line before one database file, in this process."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._guard = threading.Lock()
        self._waiting: deque[threading.Event] = deque()
        self._is_taken = False

    def enter(self, patience: float) -> int:
        """Wait for the turn; returns the file descriptor that holds it. Raises OperationalError."""
        deadline = monotonic() + patience
        self._enter_here(patience)
        try:
            return self._enter_between_processes(deadline)
        except BaseException:
            self._leave_here()
            raise

    def leave(self, turn: int) -> None:
        """Let the next one in."""
        os.close(turn)
        self._leave_here()

    def _enter_here(self, patience: float) -> None:
        with self._guard:
            if not self._is_taken:
                self._is_taken = True
                return
            turn = threading.Event()
            self._waiting.append(turn)
        if turn.wait(patience):
            return
        with self._guard:
            if not turn.is_set():
                self._waiting.remove(turn)
                raise _locked()

    def _leave_here(self) -> None:
        with self._guard:
            if self._waiting:
                self._waiting.popleft().set()  # the place goes to the next one without being free between
            else:
                self._is_taken = False

    def _enter_between_processes(self, deadline: float) -> int:
        turn = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(turn, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return _wait_for_lock(turn, max(0.0, deadline - monotonic()))
        return turn


def _wait_for_lock(turn: int, patience: float) -> int:
    """Wait in a thread of its own, as the kernel's wait in line knows no end but the lock."""
    got, guard = threading.Event(), threading.Lock()
    given_up = False

    def wait() -> None:
        fcntl.flock(turn, fcntl.LOCK_EX)
        with guard:
            if given_up:
                os.close(turn)
            else:
                got.set()

    threading.Thread(target=wait, name="write-queue", daemon=True).start()
    if got.wait(patience):
        return turn
    with guard:
        if got.is_set():
            return turn
        given_up = True
    raise _locked()


def _locked() -> OperationalError:
    return OperationalError("BEGIN IMMEDIATE", {}, sqlite3.OperationalError("database is locked"))


_queues: dict[str, WriteQueue] = {}
_queues_guard = threading.Lock()


def _queue_of(database: str) -> WriteQueue | None:
    if not database or ":memory:" in database or database.startswith("file:"):
        return None
    path = os.path.realpath(database)
    with _queues_guard:
        return _queues.setdefault(path, WriteQueue(f"{path}-queue"))


def _forget_after_fork() -> None:
    """A child of a fork stands in no line that its parent stood in."""
    global _queues_guard  # noqa: PLW0603 - the lock may have been held by a thread that is not here
    _queues_guard = threading.Lock()
    _queues.clear()


os.register_at_fork(after_in_child=_forget_after_fork)


class QueuedConnection(sqlite3.Connection):
    """A connection that keeps its place in the line from `take_turn` to the end of its transaction."""

    def __init__(self, database: Any, *args: Any, **options: Any) -> None:
        super().__init__(database, *args, **options)
        self._queue = _queue_of(str(database))
        self._turn: int | None = None

    def take_turn(self, patience: float = PATIENCE) -> None:
        """Wait until this connection may write. Raises OperationalError when it takes too long."""
        if self._queue is not None and self._turn is None:
            self._turn = self._queue.enter(patience)

    def commit(self) -> None:
        try:
            super().commit()
        finally:
            self._let_next_in()

    def rollback(self) -> None:
        try:
            super().rollback()
        finally:
            self._let_next_in()

    def close(self) -> None:
        try:
            super().close()
        finally:
            self._let_next_in()

    def __del__(self) -> None:
        # Dropped without being closed: a turn that nobody gives back would stop every writer.
        if getattr(self, "_turn", None) is not None:
            self.close()

    def _let_next_in(self) -> None:
        # A commit that failed because the disk is full leaves the transaction open: keep the turn.
        turn, queue = self._turn, self._queue
        if turn is not None and queue is not None and not self._is_writing():
            self._turn = None
            queue.leave(turn)

    def _is_writing(self) -> bool:
        try:
            return self.in_transaction
        except sqlite3.ProgrammingError:  # closed
            return False
