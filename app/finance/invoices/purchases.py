"""What is asked before a supplier's invoice is booked: whether it is booked already."""

from __future__ import annotations

import re
from collections.abc import Sequence
from http import HTTPStatus

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.core.db import db
from app.core.errors import DomainError
from app.finance.invoices.models import Invoice, PurchaseInvoice
from app.finance.invoices.states import InvoiceState

MOST = 500
"""Of a supplier's invoices near the date of this one, so many are looked at."""


class LooksBooked(DomainError):
    """An invoice of this supplier looks the same; saving again with `is_confirmed` books it all the same."""

    code = "alike"
    status = HTTPStatus.CONFLICT


def refuse_alike(invoice: Invoice) -> None:
    """Raises LooksBooked where a purchase of the same supplier has its day and amount, or nearly its number."""
    found = alike(invoice)
    if found:
        names = ", ".join(_name(one) for one in found[:3])
        raise LooksBooked(
            _l("This looks like an invoice that is already booked: %(names)s. Save it all the same?", names=names)
        )


def alike(invoice: Invoice) -> Sequence[Invoice]:
    """Purchases of the supplier of the same day and payable, or of nearly the same number.

    Numbers are alike that differ in separators, letters or leading zeros only. A void one is none.
    """
    query = (
        select(PurchaseInvoice)
        .where(
            PurchaseInvoice.customer_id == invoice.customer_id,
            PurchaseInvoice.id != invoice.id,
            PurchaseInvoice.state != InvoiceState.VOID,
            PurchaseInvoice.voids_id.is_(None),
        )
        .order_by(PurchaseInvoice.invoice_on.desc(), PurchaseInvoice.id.desc())
        .limit(MOST)
    )
    return [one for one in db.session.scalars(query) if _is_alike(one, invoice)]


def _is_alike(one: Invoice, other: Invoice) -> bool:
    if (one.invoice_on, one.payable_rials) == (other.invoice_on, other.payable_rials):
        return True
    return _digits(one.supplier_number_key) != "" and _digits(one.supplier_number_key) == _digits(
        other.supplier_number_key
    )


def _digits(key: str | None) -> str:
    """Of a folded number the digits that count."""
    return re.sub(r"[^0-9]", "", key or "").lstrip("0")


def _name(invoice: Invoice) -> str:
    number = invoice.supplier_number or str(invoice)
    return f"{number} ({invoice.number_text})" if invoice.number_text and invoice.supplier_number else number
