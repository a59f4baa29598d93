"""An order as the value that the company's own form prints: for a party with prices, for the works without."""

from __future__ import annotations

from io import BytesIO

from app.core import levels
from app.core.money import words
from app.core.pictures import data_uri
from app.finance.invoices.workflow import buyer_block
from app.finance.print_settings.services import print_settings
from app.sales.orders.kinds import POLICIES, OrderKind, OrderState
from app.sales.orders.models import Order, OrderLine
from reports.documents.invoices import our_block, party_block, print_adjustments, print_line
from reports.documents.sheet_form import SheetForms
from reports.documents.signed import UNSIGNED, SignedPaper
from reports.documents.values import CopyMark, DocumentTitle, InvoicePrint, PartyBlock, PrintLine

TITLES = {
    OrderKind.SALES: DocumentTitle.SALES_ORDER,
    OrderKind.PURCHASE: DocumentTitle.PURCHASE_ORDER,
    OrderKind.PRODUCTION: DocumentTitle.PRODUCTION_ORDER,
}
MARKS = {OrderState.DRAFT: CopyMark.DRAFT, OrderState.CANCELLED: CopyMark.VOID}
NOBODY = PartyBlock()
"""Of an order for the company's own store."""


def order_print(order: Order, *, locale: str = "fa", signed: SignedPaper = UNSIGNED) -> InvoicePrint:
    """The paper of an order; a draft and a cancelled one are marked across the page.

    Of a production order it is a sheet for the works: no prices, and room for what was made.
    Raises LevelRefused.
    """
    levels.require(levels.PRINT, order)
    ours = our_block()
    theirs = party_block(buyer_block(order)) if order.customer is not None else NOBODY
    is_bought, is_priced = POLICIES[order.kind].is_bought, order.kind is not OrderKind.PRODUCTION
    settings = print_settings()
    return InvoicePrint(
        seller=theirs if is_bought else ours,
        buyer=ours if is_bought else theirs,
        is_bought=is_bought,
        is_priced=is_priced,
        title=TITLES[order.kind],
        number=str(order.number or ""),
        serial=order.number_text,
        issued_on=order.order_on,
        deliver_on=order.deliver_on,
        lines=tuple(print_line(line) if is_priced else _unpriced(line) for line in order.lines),
        adjustments=print_adjustments(order) if is_priced else (),
        payable_rials=order.payable_rials if is_priced else 0,
        amount_in_words=words(order.payable_rials, locale=locale) if is_priced else "",
        note=order.note,
        mark=MARKS.get(order.state, CopyMark.NONE),
        logo=data_uri(settings.logo),
        head_text=settings.head_text,
        bank_accounts=settings.bank_accounts,
        foot_text=settings.foot_text,
        signatures=signed.signatures,
        check_code=signed.code,
        qr=signed.address,
    )


def _unpriced(line: OrderLine) -> PrintLine:
    return PrintLine(
        code=line.product_code,
        description=line.description,
        quantity=line.quantity,
        unit=line.unit.name if line.unit else "",
        unit_price=line.unit_price * 0,
        gross_rials=0,
        discount_rials=0,
        net_rials=0,
        tax_rials=0,
        payable_rials=0,
    )


def order_workbook(order: Order, *, locale: str) -> bytes:
    """The same as a workbook."""
    out = BytesIO()
    with SheetForms(out, locale=locale) as book:
        book.add(order_print(order, locale=locale), name=str(order))
    return out.getvalue()
