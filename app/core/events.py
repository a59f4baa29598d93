"""Signals between layers, and work that waits for the commit.

A lower layer says what happened by a signal; an upper one listens. Signals are sent after the
flush, inside the transaction: a receiver may refuse by raising. What must not happen when the
transaction is rolled back (a job, a mail) goes through `after_commit`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from blinker import NamedSignal, Namespace
from sqlalchemy import event
from sqlalchemy.orm import Session, SessionTransaction, scoped_session

from app.core.db import db

log = logging.getLogger(__name__)
_namespace = Namespace()
_QUEUES = "kartabl_after_commit"
_COMMITTED = "kartabl_committed"

Callback = Callable[[], None]


def signal(name: str, doc: str) -> NamedSignal:
    """A documented signal; `doc` says when it is sent, its sender and its keywords.

    Raises ValueError for a name that is declared twice.
    """
    if name in _namespace:
        raise ValueError(f"signal {name!r} is declared twice")
    return _namespace.signal(name, doc)


def declared_signals() -> dict[str, NamedSignal]:
    """Every declared signal by name, for the contract tests."""
    return dict(_namespace)


def after_commit(callback: Callback, session: Session | scoped_session[Any] | None = None) -> None:
    """Run `callback` once after the outer transaction has committed.

    Forgotten when that transaction, or the savepoint in which this was called, is rolled back.
    A failing callback is logged: what was committed stays, and the other callbacks run.
    """
    found = db.session if session is None else session
    active: Session = found() if isinstance(found, scoped_session) else found
    transaction = active.get_nested_transaction() or active.get_transaction() or active.begin()
    active.info.setdefault(_QUEUES, {}).setdefault(transaction, []).append(callback)


@event.listens_for(Session, "after_commit")
def _remember_commit(session: Session) -> None:
    if session.info.get(_QUEUES):
        transaction = session.get_nested_transaction() or session.get_transaction()
        session.info.setdefault(_COMMITTED, set()).add(transaction)


@event.listens_for(Session, "after_transaction_end")
def _settle(session: Session, transaction: SessionTransaction) -> None:
    queues: dict[SessionTransaction, list[Callback]] = session.info.get(_QUEUES, {})
    committed: set[SessionTransaction] = session.info.get(_COMMITTED, set())
    waiting = queues.pop(transaction, [])
    if transaction not in committed:
        return
    committed.discard(transaction)
    if not waiting:
        return
    if transaction.nested:
        outer = session.get_nested_transaction() or session.get_transaction()
        if outer is not None:
            queues.setdefault(outer, []).extend(waiting)
        return
    for callback in waiting:
        _run(callback)


def _run(callback: Callback) -> None:
    try:
        callback()
    except Exception:
        log.exception("a callback after the commit failed: %r", callback)
