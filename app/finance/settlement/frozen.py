"""Posted payments never change, by whatever road; nor is a match or an open item ever deleted."""

from __future__ import annotations

from typing import Any

from sqlalchemy import event, inspect
from sqlalchemy.orm import ORMExecuteState, Session

from app.core.db import db
from app.finance.settlement.models import Match, OpenItem, Payment, PaymentLine
from app.finance.settlement.payments import PaymentFrozen
from app.finance.settlement.states import PaymentState

FREE = frozenset({"search_text", "updated_at", "updated_by_id", "version", "state"})
BOOKS = (Payment, PaymentLine, OpenItem, Match)


def _is_frozen(payment: Payment) -> bool:
    """Whether the payment was posted before this flush."""
    state: Any = inspect(payment)
    if not state.persistent:
        return False
    history = state.attrs.state.load_history()
    old = history.deleted or history.unchanged
    return bool(old) and old[0] is not PaymentState.DRAFT


def _refuse_changes(session: Session, _context: Any, _instances: Any) -> None:
    with session.no_autoflush:
        for record in [*session.new, *session.dirty, *session.deleted]:
            if isinstance(record, PaymentLine) and (record not in session.dirty or session.is_modified(record)):
                _check_line(session, record)
            elif isinstance(record, Payment) and record not in session.new and _is_frozen(record):
                _check_head(session, record)
            elif isinstance(record, (OpenItem, Match)) and record in session.deleted:
                raise PaymentFrozen(record=record)


def _check_line(session: Session, line: PaymentLine) -> None:
    payment = line.payment or (session.get(Payment, line.payment_id) if line.payment_id else None)
    if payment is not None and _is_frozen(payment):
        raise PaymentFrozen(payment=payment)


def _check_head(session: Session, payment: Payment) -> None:
    state: Any = inspect(payment)
    changed = {a.key for a in state.mapper.column_attrs if state.attrs[a.key].history.has_changes()}
    if payment in session.deleted or changed - FREE:
        raise PaymentFrozen(payment=payment)


def _refuse_bulk(state: ORMExecuteState) -> None:
    mapper = state.bind_mapper if state.is_update or state.is_delete else None
    if mapper is not None and issubclass(mapper.class_, BOOKS):
        raise PaymentFrozen


def install() -> None:
    """Put the guard on the session; safe to repeat."""
    if not event.contains(db.session, "before_flush", _refuse_changes):
        event.listen(db.session, "before_flush", _refuse_changes)
        event.listen(db.session, "do_orm_execute", _refuse_bulk)
