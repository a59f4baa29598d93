"""What the lines of a document say, the same of every kind: words, terms and totals, and which cell is wrong."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l

from app.core import totals
from app.core.raw_cells import Problem
from app.core.sheets import Column
from app.finance.invoices.bulk import BulkLine
from app.sales.catalog.queries import NoRate
from imports.document_lookups import RATES, Known
from imports.papers import StoredPaper
from imports.pipeline import Checked
from imports.specs import invoice_terms

EXACT = ("quantity", "unit_price", "discount_percent", "discount_amount", "more_discounts", "is_free", *RATES)
"""Columns of a line of which a blank cell says that there is none."""
NO_WORDS = Problem("required", _l("Choose a product or write a description."))
NO_RATE = Problem("no_rate", _l("There is no tax rate for this date. Add one to the table of rates."))
ON_LINE = {"discounts": ("discount_amount", "discount_percent", "more_discounts"), "taxes": RATES}
ON_DOCUMENT = {
    "discounts": ("document_discount_rials", "document_discount_percent", "adjustments"),
    "additions": ("freight_rials", "packing_rials", "deduction_rials", "adjustments"),
}
PATH = re.compile(r"lines\[(\d+)\](?:\.(\w+))?")


def is_same_line(exact: Sequence[Column], cells: dict[str, Any], line: Any) -> bool:
    """Whether the cells of a line say what is stored; `exact` are the columns compared as they are."""
    if "product" in cells and cells["product"] != line.product_id:
        return False
    if any((cells[column.name] or None) != (column.read(line) or None) for column in exact):
        return False
    words, unit = cells.get("description"), cells.get("unit")
    return (words is None or words == line.description) and (unit is None or unit == line.unit_id)


def lines_of(checked: Checked, paper: StoredPaper, known: Known) -> list[BulkLine] | None:
    """What each line is of; None with every line named that says nothing."""
    found = []
    for place, cells in zip(paper.places, paper.lines, strict=True):
        product = known.products.get(cells.get("product") or 0)
        words = cells.get("description") or (product.name if product else None)
        if words is None:
            checked.add("description", place, NO_WORDS)
            continue
        unit_id = cells.get("unit") or (product.unit_id if product else None)
        found.append(
            BulkLine(
                product.id if product else None,
                product.code if product else "",
                words,
                unit_id,
                bool(cells.get("is_free")),
            )
        )
    return found if len(found) == len(paper.lines) else None


def document_of(checked: Checked, paper: StoredPaper, known: Known, *, on: str) -> totals.Document | None:
    """The terms of a document dated by its column `on`; None where the day has no rate, which is named."""
    try:
        lines = tuple(_terms(paper.head, cells, known, on) for cells in paper.lines)
    except NoRate:
        checked.add(on, paper.places[0], NO_RATE)
        return None
    stored = paper.stored
    discounts, additions = invoice_terms.adjustments(paper.head, stored.adjustments if stored else ())
    policy = stored.policy if stored else totals.Policy.LINE_FLOOR
    return totals.Document(lines, policy, tuple(discounts), tuple(additions))


def _terms(head: dict[str, Any], cells: dict[str, Any], known: Known, on: str) -> totals.Line:
    discounts = [totals.Discount(percent=Decimal(100))] if cells.get("is_free") else invoice_terms.line_discounts(cells)
    included = bool(head.get("prices_include_tax"))
    taxes = tuple(totals.Tax(name, percent, included) for name, percent in known.taxes(head[on], cells))
    return totals.Line(Decimal(cells["quantity"]), Decimal(cells["unit_price"]), tuple(discounts), taxes)


def point(checked: Checked, paper: StoredPaper, error: Any) -> None:
    """Put an error of the totals to the cell it comes from."""
    match = PATH.match(error.path)
    place = paper.places[int(match[1])] if match else paper.places[0]
    part = match[2] if match else None
    names = ON_LINE if match else ON_DOCUMENT
    wanted = names.get(part or error.path.partition("[")[0], (part or "unit_price", "unit_price"))
    name = next((one for one in wanted if one in checked.frame), "unit_price")
    checked.add(name, place, Problem(error.code, error.message))
