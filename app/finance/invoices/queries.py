"""What the invoice screens ask: what was paid to a supplier, open drafts, documents that belong together."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import func, select

from app.core.db import db
from app.finance.invoices.kinds import InvoiceKind
from app.finance.invoices.models import Invoice, InvoiceLine, SalesInvoice
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


def waiting_drafts(limit: int) -> Sequence[SalesInvoice]:
    """The oldest drafts that wait to be issued, for the home page."""
    return db.session.scalars(
        select(SalesInvoice)
        .where(SalesInvoice.state == InvoiceState.DRAFT)
        .order_by(SalesInvoice.invoice_on, SalesInvoice.id)
        .limit(limit)
    ).all()


def waiting_draft_count(most: int = 1000) -> int:
    """How many drafts wait, counted to `most` + 1 at the most."""
    some = select(SalesInvoice.id).where(SalesInvoice.state == InvoiceState.DRAFT).limit(most + 1).subquery()
    return db.session.scalar(select(func.count()).select_from(some)) or 0


def returns_of(invoice: Invoice) -> Sequence[Invoice]:
    """The visible returns of an invoice, drafts and void ones too, oldest first."""
    query = select(Invoice).where(Invoice.original_id == invoice.id, Invoice.voids_id.is_(None))
    return db.session.scalars(query.order_by(Invoice.id)).all()


def counter_documents(invoice: Invoice) -> Sequence[Invoice]:
    """The visible document that voids an invoice, if there is one."""
    return db.session.scalars(select(Invoice).where(Invoice.voids_id == invoice.id)).all()
