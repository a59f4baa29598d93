"""How far an invoice is settled, kept beside it so that lists show and filter it without a question per row.

Worked out of its open items whenever one of them changes, and each night for what fell due.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from sqlalchemy import or_, select

from app.core.clock import today
from app.core.db import db
from app.finance.invoices.kinds import POLICIES
from app.finance.invoices.models import Invoice
from app.finance.invoices.states import InvoiceState, PaymentAxis
from app.finance.settlement.models import OpenItem


def refresh(items: Iterable[OpenItem]) -> None:
    """Write the payment state of the invoices of these items, and of those that they return. Flushes.

    The invoices are locked by the caller.
    """
    db.session.flush()
    ids = {item.invoice_id for item in items} - {None}
    if ids:
        refresh_invoices(ids)


def refresh_invoices(ids: Iterable[int | None]) -> None:
    """The same for invoices by id."""
    wanted = list(ids)
    originals = select(Invoice.original_id).where(Invoice.id.in_(wanted), Invoice.original_id.is_not(None))
    invoices = db.session.scalars(select(Invoice).where(or_(Invoice.id.in_(wanted), Invoice.id.in_(originals)))).all()
    items = _items_of(invoice.id for invoice in invoices)
    returned = _open_returns(invoice.id for invoice in invoices)
    for invoice in invoices:
        state, open_due_on = _worked_out(invoice, items.get(invoice.id, []), left=returned.get(invoice.id, 0))
        if (invoice.payment_state, invoice.open_due_on) != (state, open_due_on):
            invoice.payment_state, invoice.open_due_on = state, open_due_on
    db.session.flush()


def begin(invoice: Invoice, items: Sequence[OpenItem]) -> None:
    """The same for an invoice that is being issued, whose items nobody else knows yet."""
    invoice.payment_state, invoice.open_due_on = _worked_out(invoice, items, left=0)
    if invoice.original_id is not None:
        refresh_invoices([invoice.original_id])
    db.session.flush()


def _worked_out(invoice: Invoice, items: Sequence[OpenItem], *, left: int) -> tuple[PaymentAxis | None, date | None]:
    """The payment state, and the first due date of what is still open. `left`: open rials of its returns."""
    if invoice.state is not InvoiceState.ISSUED or invoice.voids_id is not None:
        return None, None
    settled = sum(item.settled_rials for item in items)
    covered = sum(item.covered_rials for item in items)
    open_due_on = min((item.due_on for item in items if item.open_rials), default=None)
    if settled == invoice.payable_rials:
        return PaymentAxis.OVERPAID if left else PaymentAxis.PAID, None
    if open_due_on is None:
        return PaymentAxis.COVERED, None
    if open_due_on < today():
        return PaymentAxis.OVERDUE, open_due_on
    return PaymentAxis.PARTLY if settled or covered else PaymentAxis.UNPAID, open_due_on


def _items_of(ids: Iterable[int]) -> dict[int, list[OpenItem]]:
    found: dict[int, list[OpenItem]] = {}
    for item in db.session.scalars(select(OpenItem).where(OpenItem.invoice_id.in_(list(ids)))):
        found.setdefault(item.invoice_id or 0, []).append(item)
    return found


def _open_returns(ids: Iterable[int]) -> dict[int, int]:
    """What is open of the issued returns of each invoice, in rials."""
    kinds = [kind for kind, policy in POLICIES.items() if policy.is_return]
    query = (
        select(Invoice.original_id, OpenItem)
        .join(OpenItem, OpenItem.invoice_id == Invoice.id)
        .where(
            Invoice.original_id.in_(list(ids)),
            Invoice.kind.in_(kinds),
            Invoice.state == InvoiceState.ISSUED,
            Invoice.voids_id.is_(None),
        )
    )
    found: dict[int, int] = {}
    for original_id, item in db.session.execute(query):
        found[original_id] = found.get(original_id, 0) + item.open_rials
    return found
