"""What the invoice screens ask: what was paid to a supplier, open drafts, documents that belong together."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import func, select

from app.core.actor import require_current
from app.core.db import db
from app.finance.invoices.kinds import POLICIES, InvoiceKind
from app.finance.invoices.models import CLASS_OF, Invoice, InvoiceLine
from app.finance.invoices.states import InvoiceState
from app.sales.catalog.models import Product
from app.sales.documents.choices import Prices


def bought_at(products: Sequence[Product], supplier_id: int | None, _day: date) -> Prices:
    """What each product cost by its last line of a supplier's issued invoices; sales prices say nothing."""
    if supplier_id is None:
        return {}
    last = (
        select(func.max(InvoiceLine.id))
        .join(Invoice, Invoice.id == InvoiceLine.invoice_id)
        .where(
            InvoiceLine.product_id.in_([one.id for one in products]),
            Invoice.kind == InvoiceKind.PURCHASE,
            Invoice.customer_id == supplier_id,
            Invoice.state == InvoiceState.ISSUED,
            Invoice.voids_id.is_(None),
        )
        .group_by(InvoiceLine.product_id)
    )
    query = select(InvoiceLine.product_id, InvoiceLine.unit_price).where(InvoiceLine.id.in_(last))
    return {key: price for key, price in db.session.execute(query) if key is not None}


def _kinds_seen() -> list[type[Invoice]]:
    """The kinds whose lists the actor may open, in the order of the menu."""
    actor = require_current()
    return [model for kind, model in CLASS_OF.items() if actor.can("list", POLICIES[kind].subject)]


def waiting_drafts(limit: int) -> Sequence[Invoice]:
    """The oldest drafts of every kind that wait to be issued, for the home page; each kind by its own index."""
    found: list[Invoice] = []
    for model in _kinds_seen():
        query = select(model).where(model.state == InvoiceState.DRAFT).order_by(model.invoice_on, model.id)
        found += db.session.scalars(query.limit(limit))
    return sorted(found, key=lambda one: (one.invoice_on, one.id))[:limit]


def waiting_draft_count(most: int = 1000) -> int:
    """How many drafts wait, of each kind counted to `most` + 1 at the most."""
    count = 0
    for model in _kinds_seen():
        some = select(model.id).where(model.state == InvoiceState.DRAFT).limit(most + 1).subquery()
        count += db.session.scalar(select(func.count()).select_from(some)) or 0
    return count


def waiting_kind() -> InvoiceKind:
    """The kind of the draft that waits longest; sales where none does."""
    return next((one.kind for one in waiting_drafts(1)), InvoiceKind.SALES)


def returns_of(invoice: Invoice) -> Sequence[Invoice]:
    """The visible returns of an invoice, drafts and void ones too, oldest first."""
    query = select(Invoice).where(Invoice.original_id == invoice.id, Invoice.voids_id.is_(None))
    return db.session.scalars(query.order_by(Invoice.id)).all()


def counter_documents(invoice: Invoice) -> Sequence[Invoice]:
    """The visible document that voids an invoice, if there is one."""
    return db.session.scalars(select(Invoice).where(Invoice.voids_id == invoice.id)).all()
