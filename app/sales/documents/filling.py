"""From computed totals to columns, and from stored rows back to an entry: the same for every document."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Protocol

from app.core import totals
from app.core.totals import DiscountOf


class LineOf(Protocol):
    """What a line is of."""

    @property
    def product_id(self) -> int | None: ...
    @property
    def product_code(self) -> str: ...
    @property
    def description(self) -> str: ...
    @property
    def unit_id(self) -> int | None: ...
    @property
    def is_free(self) -> bool: ...


def head_columns(document: totals.Document, figures: totals.Totals) -> dict[str, Any]:
    """The columns of `DocumentFigures`, but for `prices_include_tax`."""
    return {
        "policy": document.policy,
        "gross_rials": figures.gross,
        "discount_rials": figures.discount,
        "net_rials": figures.net,
        "tax_rials": figures.tax,
        "additions_rials": figures.additions,
        "payable_rials": figures.payable,
    }


def line_columns(place: int, line: LineOf, terms: totals.Line, figures: totals.LineTotals) -> dict[str, Any]:
    """The columns of `LineFigures`; `place` counts from 1."""
    return {
        "position": place,
        "product_id": line.product_id,
        "product_code": line.product_code,
        "description": line.description,
        "unit_id": line.unit_id,
        "quantity": terms.quantity,
        "unit_price": terms.unit_price,
        "discounts": [discount_json(d.percent, d.amount) for d in terms.discounts],
        "is_free": line.is_free,
        "gross_rials": figures.gross,
        "discount_rials": figures.discount,
        "document_discount_rials": figures.document_discount,
        "net_rials": figures.net,
        "tax_rials": figures.tax,
        "payable_rials": figures.payable,
    }


def tax_columns(terms: totals.Line, figures: totals.LineTotals) -> list[dict[str, Any]]:
    """The columns of `TaxFigures` for each tax of a line, in order."""
    return [
        {
            "position": place,
            "name": tax.name,
            "percent": tax.percent,
            "included": tax.included,
            "base": tax.base,
            "base_rials": amount.base,
            "amount_rials": amount.amount,
        }
        for place, (tax, amount) in enumerate(zip(terms.taxes, figures.taxes, strict=True))
    ]


def adjustment_columns(document: totals.Document) -> list[dict[str, Any]]:
    """The columns of `AdjustmentFigures`: discounts first, then additions, as entered."""
    blank = {"name": "", "percent": None, "amount_rials": None, "of": DiscountOf.NET, "sign": 1, "taxed": False}
    found = [
        {**blank, "is_discount": True, "percent": d.percent, "amount_rials": d.amount, "of": d.of}
        for d in document.discounts
    ]
    found += [
        {**blank, "is_discount": False, "name": a.name, "amount_rials": a.amount, "sign": a.sign, "taxed": a.taxed}
        for a in document.additions
    ]
    return [{**row, "position": place} for place, row in enumerate(found)]


def line_entry(line: Any) -> dict[str, Any]:
    """A stored line as it is entered."""
    return {
        "line_id": line.id,
        "product_id": line.product_id,
        "product_code": line.product_code,
        "description": line.description,
        "unit_id": line.unit_id,
        "quantity": plain(line.quantity),
        "unit_price": plain(line.unit_price),
        "discounts": [] if line.is_free else line.discounts,
        "is_free": line.is_free,
        "taxes": [
            {"name": t.name, "percent": plain(t.percent), "included": t.included, "base": t.base.value}
            for t in line.taxes
        ],
    }


def adjustment_entries(adjustments: Sequence[Any]) -> dict[str, Any]:
    """Stored adjustments as they are entered: `discounts` and `additions`."""
    return {
        "discounts": [
            {**discount_json(a.percent, a.amount_rials), "of": a.of.value} for a in adjustments if a.is_discount
        ],
        "additions": [
            {"name": a.name, "amount": str(a.amount_rials), "sign": a.sign, "taxed": a.taxed}
            for a in adjustments
            if not a.is_discount
        ],
    }


def discount_json(percent: Decimal | None, amount: int | None) -> dict[str, str]:
    """A discount as it is stored and sent."""
    return {"amount": str(amount)} if percent is None else {"percent": plain(percent)}


def plain(value: Decimal) -> str:
    """A decimal without trailing zeros or exponent."""
    return format(value.normalize(), "f")


def place_lines(record: Any, body: Any, line: type[Any], tax: type[Any], adjustment: type[Any]) -> dict[int, Any]:
    """Write the lines and adjustments of a document from an entry's body; a line keeps its row.

    Returns the lines that were there before and still are, by id. The document's figures are
    set too. Does not flush.
    """
    for name, value in head_columns(body.document, body.totals).items():
        setattr(record, name, value)
    stored = {one.id: one for one in record.lines}
    kept: dict[int, Any] = {}
    placed = []
    rows = zip(body.lines, body.document.lines, body.totals.lines, strict=True)
    for place, (entry, terms, figures) in enumerate(rows, start=1):
        row = stored.pop(entry.line_id, None)
        if row is None:
            row = line()
        else:
            kept[row.id] = row
        for name, value in line_columns(place, entry, terms, figures).items():
            setattr(row, name, value)
        row.taxes = [tax(**one) for one in tax_columns(terms, figures)]
        placed.append(row)
    record.lines = placed
    record.adjustments = [adjustment(**one) for one in adjustment_columns(body.document)]
    return kept
