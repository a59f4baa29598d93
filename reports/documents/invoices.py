"""An invoice as the value that the official form prints."""

from __future__ import annotations

from decimal import Decimal

from flask_babel import gettext as _

from app.core.money import words
from app.finance.invoices.kinds import Terms
from app.finance.invoices.models import Invoice, InvoiceAdjustment, InvoiceLine
from app.finance.invoices.states import InvoiceState
from app.finance.invoices.workflow import buyer_block
from app.org.company.services import company
from reports.documents.values import (
    CopyMark,
    DocumentTitle,
    InvoicePrint,
    PartyBlock,
    PaymentTerms,
    PrintAdjustment,
    PrintLine,
)

TERMS = {Terms.CASH: PaymentTerms.CASH, Terms.CREDIT: PaymentTerms.CREDIT, Terms.INSTALMENTS: PaymentTerms.CREDIT}


def invoice_print(invoice: Invoice, *, locale: str = "fa") -> InvoicePrint:
    """The paper of an invoice; a draft is marked as one across the page."""
    is_draft = invoice.state is InvoiceState.DRAFT
    return InvoicePrint(
        seller=_seller(),
        buyer=_buyer(invoice),
        title=DocumentTitle(invoice.kind.value),
        number=str(invoice.number or ""),
        serial=invoice.number_text,
        issued_on=invoice.invoice_on,
        due_on=invoice.due_on,
        lines=tuple(_line(line) for line in invoice.lines),
        adjustments=_adjustments(invoice),
        payable_rials=invoice.payable_rials,
        amount_in_words=words(invoice.payable_rials, locale=locale),
        terms=TERMS[invoice.terms],
        note=invoice.note or company().print_note,
        mark=CopyMark.DRAFT if is_draft else CopyMark.NONE,
    )


def _seller() -> PartyBlock:
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


def _buyer(invoice: Invoice) -> PartyBlock:
    kept = invoice.buyer or buyer_block(invoice)
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


def _line(line: InvoiceLine) -> PrintLine:
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


def _adjustments(invoice: Invoice) -> tuple[PrintAdjustment, ...]:
    """Additions and deductions by name; rounding and a discount of the payable as one row."""
    rows = [_addition(row) for row in invoice.adjustments if not row.is_discount]
    rest = invoice.additions_rials - sum(row.amount_rials for row in rows)
    if rest:
        rows.append(PrintAdjustment(label=_("Rounding and discount of the total"), amount_rials=rest))
    return tuple(rows)


def _addition(row: InvoiceAdjustment) -> PrintAdjustment:
    labels = {"freight": _("Freight"), "packing": _("Packing"), "deduction": _("Deduction")}
    return PrintAdjustment(label=labels.get(row.name, row.name), amount_rials=row.sign * (row.amount_rials or 0))
