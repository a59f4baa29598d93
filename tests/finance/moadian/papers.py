"""Invoices as values, worked out by the one engine of totals."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from app.core import totals
from app.finance.moadian.codes import BuyerKind, InvoiceType, Pattern, Settlement, column_of
from app.finance.moadian.values import Buyer, Charge, Item, Paper, Seller

AT = datetime(2026, 11, 22, 8, 15, 30, 250_000, tzinfo=UTC)
"""1405-09-01 in Tehran."""
SELLER = Seller("DEF5GH", "10380284790")
COMPANY = Buyer(BuyerKind.LEGAL, "14000405500", "14000405500", "1234567890")
PERSON = Buyer(BuyerKind.NATURAL, "0499370899", "12345678901234")


def items_of(document: totals.Document, figures: totals.Totals) -> tuple[Item, ...]:
    rows = zip(document.lines, figures.lines, strict=True)
    return tuple(
        Item(
            place=place,
            goods_code="2710000138624",
            description=f"goods {place}",
            unit_code="1627",
            quantity=line.quantity,
            unit_price=line.unit_price,
            gross=done.gross,
            net=done.net,
            charges=tuple(
                Charge(column_of(tax.name), tax.name, tax.percent, amount.amount, tax.base is totals.TaxBase.NET)
                for tax, amount in zip(line.taxes, done.taxes, strict=True)
            ),
        )
        for place, (line, done) in enumerate(rows, start=1)
    )


def paper_of(document: totals.Document, **values: Any) -> Paper:
    figures = totals.compute(document)
    given: dict[str, Any] = {
        "type": InvoiceType.FIRST,
        "pattern": Pattern.SALE,
        "at": AT,
        "seller": SELLER,
        "buyer": COMPANY,
        "items": items_of(document, figures),
        "settlement": Settlement.CREDIT,
        "payable": figures.payable,
        "policy": document.policy,
    }
    return Paper(**{**given, **values})


def line(quantity: str = "2", price: str = "10000", *, vat: str = "10", **terms: Any) -> totals.Line:
    taxes = (totals.Tax("VAT", Decimal(vat)),) if vat else ()
    return totals.Line(Decimal(quantity), Decimal(price), **{"taxes": taxes, **terms})


def document(lines: Sequence[totals.Line] | None = None, **terms: Any) -> totals.Document:
    return totals.Document(tuple(lines or [line()]), **terms)
