"""Issued invoices never change, by whatever road: form, sheet, API, import, bulk statement."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import event, inspect
from sqlalchemy.orm import ORMExecuteState, Session

from app.core.db import db
from app.finance.invoices.models import Invoice, InvoiceAdjustment, InvoiceInstalment, InvoiceLine, InvoiceLineTax
from app.finance.invoices.services import InvoiceFrozen
from app.finance.invoices.states import InvoiceState

PARTS = (InvoiceLine, InvoiceLineTax, InvoiceAdjustment, InvoiceInstalment)
FREE = frozenset({"search_text", "updated_at", "updated_by_id", "version", "payment_state", "open_due_on"})


def _stored_state(invoice: Invoice) -> Any:
    """The state in the database: what it was before this flush."""
    state: Any = inspect(invoice)
    history = state.attrs.state.load_history()
    old = history.deleted or history.unchanged
    return old[0] if old else None


def _invoices_of(part: Any) -> Iterator[Invoice]:
    """The invoices that a part belongs to, and belonged to before this flush."""
    if isinstance(part, InvoiceLineTax):
        for line in _owners(part, "line", InvoiceLine):
            yield from _owners(line, "invoice", Invoice)
    else:
        yield from _owners(part, "invoice", Invoice)


def _owners(part: Any, relation: str, model: type[Any]) -> Iterator[Any]:
    history = inspect(part).attrs[f"{relation}_id"].load_history()
    keys = {*(history.added or ()), *(history.unchanged or ()), *(history.deleted or ())} - {None}
    found = [db.session.get(model, key) for key in keys]
    yield from (one for one in (getattr(part, relation), *found) if one is not None)


def _refuse_changes(session: Session, _context: Any, _instances: Any) -> None:
    with session.no_autoflush:
        for record in [*session.new, *session.dirty, *session.deleted]:
            if isinstance(record, Invoice):
                _check_head(session, record)
            elif isinstance(record, PARTS) and (record not in session.dirty or session.is_modified(record)):
                for invoice in _invoices_of(record):
                    if _is_frozen(invoice):
                        raise InvoiceFrozen(invoice=invoice)


def _is_frozen(invoice: Invoice) -> bool:
    return inspect(invoice).persistent and _stored_state(invoice) is not InvoiceState.DRAFT


def _is_voided(invoice: Invoice) -> bool:
    """Whether this flush voids the invoice, which only the workflow can do."""
    return invoice.state is InvoiceState.VOID and _stored_state(invoice) is InvoiceState.ISSUED


def _check_head(session: Session, invoice: Invoice) -> None:
    if invoice in session.new or not _is_frozen(invoice):
        return
    if invoice in session.deleted:
        raise InvoiceFrozen(invoice=invoice)
    state: Any = inspect(invoice)
    free = FREE | {"state"} if _is_voided(invoice) else FREE
    for attribute in state.mapper.column_attrs:
        if attribute.key not in free and state.attrs[attribute.key].history.has_changes():
            raise InvoiceFrozen(invoice=invoice)


def _refuse_bulk(state: ORMExecuteState) -> None:
    """Bulk updates and deletes by the ORM never touch invoices; services change drafts one by one."""
    mapper = state.bind_mapper if state.is_update or state.is_delete else None
    if mapper is not None and issubclass(mapper.class_, (Invoice, *PARTS)):
        raise InvoiceFrozen


def install(_app: Any = None) -> None:
    """Put the guard on the session; the feature's setup calls this."""
    if not event.contains(db.session, "before_flush", _refuse_changes):
        event.listen(db.session, "before_flush", _refuse_changes)
        event.listen(db.session, "do_orm_execute", _refuse_bulk)
