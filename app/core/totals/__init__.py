"""Lines and totals: one engine for orders, proformas, invoices, previews, imports and print.

Pure functions on frozen values: `parse` reads the JSON of a preview, `compute` works out every
figure in whole rials, `to_json` writes them. Every rule is in docs/totals.md with an example.
"""

from app.core.totals.engine import compute
from app.core.totals.values import (
    MAX_PERCENT_DECIMALS,
    MAX_PRICE_DECIMALS,
    MAX_QUANTITY_DECIMALS,
    Addition,
    Discount,
    DiscountOf,
    Document,
    Line,
    LineTotals,
    Policy,
    Tax,
    TaxAmount,
    TaxBase,
    Totals,
)
from app.core.totals.wire import parse, to_json

__all__ = [
    "MAX_PERCENT_DECIMALS",
    "MAX_PRICE_DECIMALS",
    "MAX_QUANTITY_DECIMALS",
    "Addition",
    "Discount",
    "DiscountOf",
    "Document",
    "Line",
    "LineTotals",
    "Policy",
    "Tax",
    "TaxAmount",
    "TaxBase",
    "Totals",
    "compute",
    "parse",
    "to_json",
]
