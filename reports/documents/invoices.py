"""An invoice as the value that the official form prints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from app.core import levels
from app.core.calendar import format_date
from app.core.db import db
from app.core.money import Unit, words
from app.core.pictures import data_uri
from app.finance.invoices.kinds import POLICIES, Terms
from app.finance.invoices.models import Invoice, InvoiceLine
from app.finance.invoices.states import InvoiceState
from app.finance.invoices.workflow import buyer_block
from app.finance.print_settings.choices import Copies
from app.finance.print_settings.services import print_settings
from app.org.company.services import company
from app.sales.documents.models import LineFigures
from reports.documents.labels import Labels
from reports.documents.signed import UNSIGNED, SignedPaper
from reports.documents.values import (
    CopyMark,
    DocumentTitle,
    InvoicePrint,
    PartyBlock,
    PaymentTerms,
    PrintAdjustment,
    PrintLine,
    Relation,
)

TERMS = {Terms.CASH: PaymentTerms.CASH, Terms.CREDIT: PaymentTerms.CREDIT, Terms.INSTALMENTS: PaymentTerms.CREDIT}


STATE_MARKS = {InvoiceState.DRAFT: CopyMark.DRAFT, InvoiceState.VOID: CopyMark.VOID}
COPY_MARKS = {
    Copies.PLAIN: (CopyMark.NONE,),
    Copies.BUYER: (CopyMark.BUYER,),
    Copies.SELLER: (CopyMark.SELLER,),
    Copies.BOTH: (CopyMark.BUYER, CopyMark.SELLER),
}


def invoice_papers(
    invoice: Invoice, copies: Copies, *, locale: str = "fa", signed: SignedPaper = UNSIGNED
) -> list[InvoicePrint]:
    """The papers of an invoice, one for each copy that was chosen."""
    return [invoice_print(invoice, locale=locale, copy=mark, signed=signed) for mark in COPY_MARKS[copies]]


def invoice_print(
    invoice: Invoice, *, locale: str = "fa", copy: CopyMark = CopyMark.NONE, signed: SignedPaper = UNSIGNED
) -> InvoicePrint:
    """The paper of an invoice; a draft or a void one is marked as such across the page.

    Of a purchase the other party is the seller and we are the buyer. Raises LevelRefused.
    """
    levels.require(levels.PRINT, invoice)
    ours, theirs = our_block(), party_block(invoice.buyer or buyer_block(invoice))
    is_bought = POLICIES[invoice.kind].is_bought
    settings = print_settings()
    return InvoicePrint(
        seller=theirs if is_bought else ours,
        buyer=ours if is_bought else theirs,
        is_bought=is_bought,
        supplier_number=invoice.supplier_number or "",
        relations=_relations(invoice),
        title=DocumentTitle(invoice.kind.value),
        number=str(invoice.number or ""),
        serial=invoice.number_text,
        issued_on=invoice.invoice_on,
        due_on=invoice.due_on,
        lines=tuple(print_line(line) for line in invoice.lines),
        adjustments=print_adjustments(invoice),
        payable_rials=invoice.payable_rials,
        amount_in_words=words(invoice.payable_rials, locale=locale),
        terms=TERMS[invoice.terms],
        note=invoice.note or invoice.reason or company().print_note,
        mark=STATE_MARKS.get(invoice.state, CopyMark.NONE),
        copy=copy,
        logo=data_uri(settings.logo),
        head_text=settings.head_text,
        bank_accounts=settings.bank_accounts,
        foot_text=settings.foot_text,
        signatures=signed.signatures,
        check_code=signed.code,
        qr=signed.address or (_in_short(invoice, ours, theirs, locale) if settings.has_qr else ""),
    )


def load_for_print(invoice_ids: Sequence[int]) -> list[Invoice]:
    """The invoices that the actor sees, in the order of the ids, with all that their papers say."""
    statement = (
        select(Invoice)
        .where(Invoice.id.in_(invoice_ids))
        .options(
            selectinload(Invoice.lines).joinedload(InvoiceLine.unit),
            selectinload(Invoice.adjustments),
            joinedload(Invoice.customer),
            joinedload(Invoice.original),
            joinedload(Invoice.voids),
        )
    )
    found = {invoice.id: invoice for invoice in db.session.scalars(statement).unique()}
    return [found[one] for one in invoice_ids if one in found]


def _relations(invoice: Invoice) -> tuple[tuple[Relation, str], ...]:
    """What the paper says of other documents: what it returns, what it voids, what voids it."""
    rows = []
    if invoice.voids is not None:
        rows.append((Relation.VOIDS, str(invoice.voids)))
    elif invoice.original is not None:
        rows.append((Relation.RETURN_OF, str(invoice.original)))
    if invoice.state is InvoiceState.VOID:
        counter = db.session.scalar(select(Invoice).where(Invoice.voids_id == invoice.id))
        if counter is not None:
            rows.append((Relation.VOIDED_BY, str(counter)))
    return tuple(rows)


def _in_short(invoice: Invoice, ours: PartyBlock, theirs: PartyBlock, locale: str) -> str:
    """What the square says to whoever reads it: title, number, date, amount, both parties."""
    words_of = Labels(locale=locale, unit=Unit.RIAL)
    rows = (
        words_of.title(DocumentTitle(invoice.kind.value)),
        " · ".join(filter(None, (invoice.number_text, format_date(invoice.invoice_on, "en")))),
        f"{invoice.payable_rials:,} {words_of.unit}",
        *(" · ".join(filter(None, (party.name, party.national_id))) for party in (ours, theirs)),
    )
    return "\n".join(rows)


def our_block() -> PartyBlock:
    """The company as a party of a paper."""
    us = company()
    return PartyBlock(
        name=us.name,
        economic_code=us.economic_code or "",
        national_id=us.national_id or "",
        registration_number=us.registration_no or "",
        province=us.province or "",
        city=us.city or "",
        postal_code=us.postal_code or "",
        address=us.address or "",
        phone=us.phone or "",
    )


def party_block(kept: Mapping[str, Any]) -> PartyBlock:
    """The other party, as `buyer_block` has it."""
    return PartyBlock(
        name=kept["name"],
        economic_code=kept["economic_code"],
        national_id=kept["national_id"],
        registration_number=kept["registration_no"],
        province=kept["province"],
        city=kept["city"],
        postal_code=kept["postal_code"],
        address=kept["address"],
        phone=kept["phone"],
    )


def print_line(line: LineFigures) -> PrintLine:
    """A line of any document."""
    return PrintLine(
        code=line.product_code,
        description=line.description,
        quantity=line.quantity,
        unit=line.unit.name if line.unit else "",
        unit_price=Decimal(line.unit_price),
        gross_rials=line.gross_rials,
        discount_rials=line.discount_rials,
        net_rials=line.net_rials,
        tax_rials=line.tax_rials,
        payable_rials=line.payable_rials,
    )


def print_adjustments(record: Any) -> tuple[PrintAdjustment, ...]:
    """Additions and deductions by name; rounding and a discount of the payable as one row."""
    rows = [_addition(row) for row in record.adjustments if not row.is_discount]
    rest = record.additions_rials - sum(row.amount_rials for row in rows)
    if rest:
        rows.append(PrintAdjustment(label=_("Rounding and discount of the total"), amount_rials=rest))
    return tuple(rows)


def _addition(row: Any) -> PrintAdjustment:
    labels = {"freight": _("Freight"), "packing": _("Packing"), "deduction": _("Deduction")}
    return PrintAdjustment(label=labels.get(row.name, row.name), amount_rials=row.sign * (row.amount_rials or 0))
