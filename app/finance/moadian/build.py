"""From a stored invoice to the values of the tax system.

What an issued invoice says of its buyer is what stands on the paper, kept at issue. The codes of
products and units come from the catalogue of now, so that a missing one can be put right.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, time
from typing import Any

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from app.core.clock import TEHRAN, now
from app.core.db import db
from app.core.totals import TaxBase
from app.crm.customers.models import CustomerKind
from app.finance.invoices.kinds import Terms
from app.finance.invoices.models import Invoice, InvoiceLine, InvoiceLineTax
from app.finance.invoices.returned import Left
from app.finance.invoices.workflow import buyer_block
from app.finance.moadian.codes import BuyerKind, Column, InvoiceType, Settlement, column_of
from app.finance.moadian.models import TaxMemory
from app.finance.moadian.values import Buyer, Charge, Item, Paper, Seller, remaining

PAPER_LANGUAGE = "fa"


def moment_of(invoice: Invoice) -> datetime:
    """The one instant of issue: when it was issued, or noon in Tehran of its date where that is another day."""
    at = invoice.issued_at or now()
    if at.astimezone(TEHRAN).date() == invoice.invoice_on:
        return at
    return datetime.combine(invoice.invoice_on, time(12), TEHRAN)


def paper_of(invoice: Invoice, memory: TaxMemory, items: Sequence[Item]) -> Paper:
    """An invoice with its lines as the tax system sees it."""
    buyer = buyer_of(invoice)
    return Paper(
        type=_type_for(buyer, memory),
        pattern=memory.pattern,
        at=moment_of(invoice),
        seller=Seller(memory.memory_id, memory.economic_code, memory.branch_code),
        buyer=buyer,
        items=tuple(items),
        settlement=Settlement.CASH if invoice.terms is Terms.CASH else Settlement.CREDIT,
        payable=invoice.payable_rials,
        policy=invoice.policy,
    )


def paper_left(sale: Invoice, memory: TaxMemory, *, left: Mapping[int, Left], at: datetime) -> Paper:
    """A sale as it stands after its returns, told at an instant; lines that came back wholly are gone.

    `left` is by the line's id. Additions of the whole document have no field and are not looked at.
    """
    ids = {line.position: line.id for line in sale.lines}
    rests = [(item, left[ids[item.place]]) for item in items_of([sale.id])[sale.id]]
    items = [
        remaining(item, quantity=rest.quantity, gross=rest.gross, net=rest.gross - rest.discount)
        for item, rest in rests
        if rest.quantity > 0
    ]
    return replace(paper_of(sale, memory, items), at=at, payable=sum(item.total for item in items))


def buyer_of(invoice: Invoice) -> Buyer:
    """The buyer as the paper names it; a company's economic code is its legal-entity ID."""
    told: dict[str, Any] = invoice.buyer or buyer_block(invoice)
    code = told.get("national_id") or ""
    is_legal = len(code) == 11 if code else invoice.customer.kind is CustomerKind.COMPANY
    economic = told.get("economic_code") or ""
    return Buyer(
        kind=BuyerKind.LEGAL if is_legal else BuyerKind.NATURAL,
        national_id=code,
        economic_code=economic or (code if is_legal else ""),
        postal_code=told.get("postal_code") or "",
    )


def items_of(invoice_ids: Iterable[int]) -> dict[int, list[Item]]:
    """The lines of invoices with their codes, by invoice, in one go."""
    found: dict[int, list[Item]] = {invoice_id: [] for invoice_id in invoice_ids}
    query = (
        select(InvoiceLine)
        .where(InvoiceLine.invoice_id.in_(found))
        .options(joinedload(InvoiceLine.product), joinedload(InvoiceLine.unit), selectinload(InvoiceLine.taxes))
        .order_by(InvoiceLine.invoice_id, InvoiceLine.position)
    )
    with force_locale(PAPER_LANGUAGE):
        for line in db.session.scalars(query):
            found[line.invoice_id].append(_item(line))
    return found


def _type_for(buyer: Buyer, memory: TaxMemory) -> InvoiceType:
    """The memory's usual type; type 2 for a person without an economic code, where that is wanted."""
    is_consumer = buyer.kind is BuyerKind.NATURAL and not buyer.economic_code
    return InvoiceType.SECOND if is_consumer and memory.has_consumers else memory.invoice_type


def _item(line: InvoiceLine) -> Item:
    return Item(
        place=line.position,
        goods_code=(line.product.tax_code if line.product else None) or "",
        description=line.description,
        unit_code=(line.unit.moadian_code if line.unit else None) or "",
        quantity=line.quantity,
        unit_price=line.unit_price,
        gross=line.gross_rials,
        net=line.net_rials,
        charges=tuple(_charge(tax) for tax in line.taxes),
    )


def _charge(tax: InvoiceLineTax) -> Charge:
    column = column_of(tax.name)
    names = {Column.VAT: _("VAT"), Column.DUTY: _("Other duty")}
    name = names.get(column) or (_("Other legal charge") if tax.name == "other" else tax.name)
    return Charge(column, name, tax.percent, tax.amount_rials, tax.base is TaxBase.NET)
