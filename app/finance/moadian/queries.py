"""What the tax system's screens and services ask: which memory holds, how late is too late, what is known of a sale."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from sqlalchemy import func, or_, select

from app.core.clock import today
from app.core.db import db
from app.core.scope import unscoped
from app.finance.invoices.models import Invoice
from app.finance.moadian.codes import DocumentState
from app.finance.moadian.models import SendWindow, TaxDocument, TaxMemory
from app.finance.moadian.preflight import Rules
from app.sales.catalog.models import TaxKind
from app.sales.catalog.queries import rates_on

WARN_DAYS, REFUSE_DAYS = 7, 30
"""Where the table of windows has no row for the day; see seed.py for the source."""


def memory_for(branch_id: int, on: date) -> TaxMemory | None:
    """The memory that a branch issues under on a day, its own before the company's; None: turned off."""
    query = (
        select(TaxMemory)
        .where(TaxMemory.from_on <= on, or_(TaxMemory.branch_id == branch_id, TaxMemory.branch_id.is_(None)))
        .order_by(TaxMemory.branch_id.is_(None), TaxMemory.from_on.desc(), TaxMemory.id.desc())
        .limit(1)
    )
    found = db.session.scalar(query)
    return found if found is not None and found.is_active else None


def is_turned_on() -> bool:
    """Whether any memory is in use."""
    return db.session.scalar(select(TaxMemory.id).where(TaxMemory.is_active).limit(1)) is not None


def rules_on(on: date) -> Rules:
    """What holds for an invoice of a day, looked at today."""
    window = db.session.scalar(
        select(SendWindow).where(SendWindow.from_on <= on).order_by(SendWindow.from_on.desc()).limit(1)
    )
    rate = rates_on(on).get(TaxKind.VAT.value)
    return Rules(
        today=today(),
        warn_days=window.warn_days if window else WARN_DAYS,
        refuse_days=window.refuse_days if window else REFUSE_DAYS,
        vat_percent=rate.percent if rate else Decimal(0),
    )


def last_told(sale_id: int) -> TaxDocument | None:
    """The newest document of a sale, refused or not."""
    with unscoped("the chain of a sale is one, whoever may see which return"):
        query = select(TaxDocument).where(TaxDocument.sale_id == sale_id).order_by(TaxDocument.id.desc()).limit(1)
        return db.session.scalar(query)


def standing_of(sale_id: int) -> TaxDocument | None:
    """What the tax system holds of a sale, or will when all is sent: the newest document that it did not refuse."""
    with unscoped("the chain of a sale is one, whoever may see which return"):
        query = (
            select(TaxDocument)
            .where(TaxDocument.sale_id == sale_id, TaxDocument.state != DocumentState.REJECTED)
            .order_by(TaxDocument.id.desc())
            .limit(1)
        )
        return db.session.scalar(query)


def chain_of(invoice: Invoice) -> Sequence[TaxDocument]:
    """The documents of the sale that an invoice belongs to, as far as the actor sees them, oldest first."""
    query = select(TaxDocument).where(TaxDocument.sale_id == sale_id_of(invoice)).order_by(TaxDocument.id)
    return db.session.scalars(query).all()


def sale_id_of(invoice: Invoice) -> int:
    """The sale whose standing an invoice changes: its own, its original's, or that of what it voids."""
    return invoice.original_id or invoice.voids_id or invoice.id


def refused_count(most: int = 1000) -> int:
    """How many documents the tax system refused, counted to `most` + 1 at the most."""
    some = select(TaxDocument.id).where(TaxDocument.state == DocumentState.REJECTED).limit(most + 1).subquery()
    return db.session.scalar(select(func.count()).select_from(some)) or 0


def refused(limit: int) -> Sequence[TaxDocument]:
    """The oldest refused documents, for the home page."""
    query = select(TaxDocument).where(TaxDocument.state == DocumentState.REJECTED)
    return db.session.scalars(query.order_by(TaxDocument.id).limit(limit)).all()
