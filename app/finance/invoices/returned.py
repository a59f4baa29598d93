"""What of an invoice has come back, and what may still: the arithmetic of returns.

A return takes of each figure of its original line the share of what is left: q of the r that
remain bring floor(left · q / r) of the rials left, the last one all of them. So no sequence of
returns and voided returns gives back more than was charged, and a full one gives back exactly that.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import ColumnElement, func, select

from app.core.db import db
from app.core.money import Rounding, percent_of
from app.core.scope import unscoped
from app.core.totals import LineTotals, TaxAmount
from app.finance.invoices.models import Invoice, InvoiceAdjustment, InvoiceLine, InvoiceLineTax
from app.finance.invoices.states import InvoiceState

OFFSET = "offset"
"""Name of the adjustment by which a return bears its share of what the original took off its payable."""


@dataclass(frozen=True, slots=True)
class Left:
    """What may still come back of one original line: quantity, and each figure in rials."""

    quantity: Decimal
    gross: int
    discount: int
    taxes: tuple[TaxAmount, ...]


def _counts() -> tuple[ColumnElement[bool], ...]:
    """A return counts from its issue until it is voided; what voids one does not count itself."""
    return (Invoice.state == InvoiceState.ISSUED, Invoice.voids_id.is_(None))


def live_returns(invoice_id: int) -> Sequence[Invoice]:
    """Issued returns that hang on an invoice and are not void, oldest first, whoever may see them."""
    with unscoped("what came back of an invoice counts wherever it was booked"):
        query = select(Invoice).where(Invoice.original_id == invoice_id, *_counts()).order_by(Invoice.id)
        return db.session.scalars(query).all()


def left_of(original: Invoice, *, but_id: int | None = None) -> dict[int, Left]:
    """What is left of every line of an invoice, by the line's id.

    `but_id` is a return that is not counted, because it is being worked out anew.
    """
    ids = [line.id for line in original.lines]
    with unscoped("what came back of an invoice counts wherever it was booked"):
        figures = _returned(ids, but_id)
        taxes = _returned_taxes(ids, but_id)
    found = {}
    for line in original.lines:
        quantity, gross, discount = figures.get(line.id, (Decimal(0), 0, 0))
        found[line.id] = Left(
            quantity=line.quantity - quantity,
            gross=line.gross_rials - gross,
            discount=line.discount_rials - discount,
            taxes=tuple(
                TaxAmount(
                    tax.name,
                    tax.base_rials - taxes.get((line.id, tax.position), (0, 0))[0],
                    tax.amount_rials - taxes.get((line.id, tax.position), (0, 0))[1],
                )
                for tax in line.taxes
            ),
        )
    return found


def _returned(ids: Iterable[int], but_id: int | None) -> dict[int, tuple[Decimal, int, int]]:
    of = InvoiceLine.original_line_id
    query = (
        select(
            of, func.sum(InvoiceLine.quantity), func.sum(InvoiceLine.gross_rials), func.sum(InvoiceLine.discount_rials)
        )
        .join(Invoice, Invoice.id == InvoiceLine.invoice_id)
        .where(of.in_(list(ids)), *_counts(), InvoiceLine.invoice_id != (but_id or 0))
        .group_by(of)
    )
    return {key: (Decimal(quantity), int(gross), int(discount)) for key, quantity, gross, discount in
            db.session.execute(query)}  # fmt: skip


def _returned_taxes(ids: Iterable[int], but_id: int | None) -> dict[tuple[int, int], tuple[int, int]]:
    of, position = InvoiceLine.original_line_id, InvoiceLineTax.position
    query = (
        select(of, position, func.sum(InvoiceLineTax.base_rials), func.sum(InvoiceLineTax.amount_rials))
        .join(InvoiceLine, InvoiceLine.id == InvoiceLineTax.line_id)
        .join(Invoice, Invoice.id == InvoiceLine.invoice_id)
        .where(of.in_(list(ids)), *_counts(), InvoiceLine.invoice_id != (but_id or 0))
        .group_by(of, position)
    )
    return {(key, place): (int(base), int(amount)) for key, place, base, amount in db.session.execute(query)}


def figures_of(line: InvoiceLine, left: Left, *, quantity: Decimal) -> LineTotals:
    """The figures of a return of `quantity` of an original line, of which `left` may come back.

    A tax is what its rate makes of its share of the base, and never more than is left of it.
    """
    is_last = quantity == left.quantity
    gross, discount = (
        figure if is_last else _share(figure, quantity, left.quantity) for figure in (left.gross, left.discount)
    )
    taxes = []
    for tax, rest in zip(line.taxes, left.taxes, strict=True):
        base = rest.base if is_last else _share(rest.base, quantity, left.quantity)
        amount = rest.amount
        if not is_last:
            amount = min(percent_of(base, percent=tax.percent, rounding=Rounding.FLOOR), rest.amount)
        taxes.append(TaxAmount(tax.name, base, amount))
    net, total_tax = gross - discount, sum(tax.amount for tax in taxes)
    return LineTotals(
        gross=gross,
        discount=discount,
        document_discount=0,
        net=net,
        tax=total_tax,
        payable=net + total_tax,
        taxes=tuple(taxes),
    )


def _share(figure: int, quantity: Decimal, of: Decimal) -> int:
    return int(figure * quantity // of)


@dataclass(frozen=True, slots=True)
class Extras:
    """Additions and deductions of a document, in rials: what was charged and what was taken off."""

    charged: dict[str, int]
    taken_off: int


def extras_left(original: Invoice, *, but_id: int | None = None) -> Extras:
    """What is left of an invoice's additions, by name, and of what was taken off its payable.

    Taken off are deductions and discounts of the payable; roundings are added to or taken from them.
    """
    charged = {a.name: a.amount_rials or 0 for a in original.adjustments if not a.is_discount and a.sign > 0}
    taken_off = sum(charged.values()) - original.additions_rials
    with unscoped("what came back of an invoice counts wherever it was booked"):
        query = (
            select(InvoiceAdjustment.name, InvoiceAdjustment.sign, func.sum(InvoiceAdjustment.amount_rials))
            .join(Invoice, Invoice.id == InvoiceAdjustment.invoice_id)
            .where(Invoice.original_id == original.id, *_counts(), Invoice.id != (but_id or 0))
            .group_by(InvoiceAdjustment.name, InvoiceAdjustment.sign)
        )
        for name, sign, amount in db.session.execute(query):
            if name == OFFSET:
                taken_off += sign * int(amount)
            else:
                charged[name] = charged.get(name, 0) - int(amount)
    return Extras(charged, taken_off)


def offset_of(payable: int, left_payable: int, taken_off: int, *, is_last: bool) -> int:
    """The share in `taken_off` of a return worth `payable` of the `left_payable` rials of lines left.

    Rounded against the receiver of the refund, so that shares never fall short of the whole.
    """
    if is_last or not left_payable:
        return taken_off
    return -(-taken_off * payable // left_payable)
