"""Many drafts at once, for imports and demo data: computed by the same engine, written in bulk."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from app.core import totals
from app.core.bulk import insert_rows, reserve_ids
from app.finance.invoices.kinds import POLICIES, InvoiceKind, Terms
from app.finance.invoices.models import Invoice, InvoiceAdjustment, InvoiceLine, InvoiceLineTax, supplier_key
from app.finance.invoices.states import InvoiceState

CHUNK = 2_000


@dataclass(frozen=True, slots=True)
class BulkLine:
    """What a line is of; ids were checked under the actor's scope before."""

    product_id: int | None
    product_code: str
    description: str
    unit_id: int | None
    is_free: bool = False


@dataclass(frozen=True, slots=True)
class BulkInvoice:
    """A draft to be written: the head by ids, the lines, and the document with its totals."""

    customer_id: int
    customer_name: str
    branch_id: int
    department_id: int
    owner_id: int | None
    invoice_on: date
    lines: Sequence[BulkLine]
    document: totals.Document
    totals: totals.Totals
    reference: str | None = None
    due_on: date | None = None
    terms: Terms = Terms.CASH
    prices_include_tax: bool = False
    note: str = ""
    supplier_number: str | None = None
    source: str = "import"
    kind: InvoiceKind = InvoiceKind.SALES
    extra: Mapping[str, Any] = field(default_factory=dict)


def insert_drafts(drafts: Sequence[BulkInvoice]) -> list[int]:
    """Write drafts with lines, taxes and adjustments; returns their ids in order. Does not commit.

    History gets one row per invoice. `extra` puts further columns on an invoice (demo data that
    is born issued); all drafts of one call must carry the same ones.
    """
    ids: list[int] = []
    for start in range(0, len(drafts), CHUNK):
        ids += _insert_chunk(drafts[start : start + CHUNK])
    return ids


def _insert_chunk(drafts: Sequence[BulkInvoice]) -> list[int]:
    ids = list(reserve_ids(Invoice, len(drafts)))
    insert_rows(Invoice, [_head(i, draft) for i, draft in zip(ids, drafts, strict=True)])
    line_ids = iter(reserve_ids(InvoiceLine, sum(len(draft.lines) for draft in drafts)))
    lines: list[dict[str, Any]] = []
    taxes: list[dict[str, Any]] = []
    for invoice_id, draft in zip(ids, drafts, strict=True):
        for line in _lines(invoice_id, draft):
            line["id"] = next(line_ids)
            taxes += _taxes(line["id"], line.pop("_taxes"))
            lines.append(line)
    insert_rows(InvoiceLine, lines)
    insert_rows(InvoiceLineTax, taxes)
    insert_rows(InvoiceAdjustment, [a for i, d in zip(ids, drafts, strict=True) for a in _adjustments(i, d.document)])
    return ids


def _head(invoice_id: int, draft: BulkInvoice) -> dict[str, Any]:
    figures = draft.totals
    return {
        "id": invoice_id,
        "kind": draft.kind,
        "sign": POLICIES[draft.kind].sign,
        "state": InvoiceState.DRAFT,
        "branch_id": draft.branch_id,
        "reference": draft.reference,
        "customer_id": draft.customer_id,
        "customer_name": draft.customer_name,
        "invoice_on": draft.invoice_on,
        "due_on": draft.due_on,
        "terms": draft.terms,
        "policy": draft.document.policy,
        "prices_include_tax": draft.prices_include_tax,
        "note": draft.note,
        "reason": "",
        "supplier_number": draft.supplier_number,
        "supplier_number_key": supplier_key(draft.supplier_number),
        "source": draft.source,
        "department_id": draft.department_id,
        "owner_id": draft.owner_id,
        "gross_rials": figures.gross,
        "discount_rials": figures.discount,
        "net_rials": figures.net,
        "tax_rials": figures.tax,
        "additions_rials": figures.additions,
        "payable_rials": figures.payable,
        **draft.extra,
    }


def _lines(invoice_id: int, draft: BulkInvoice) -> Iterator[dict[str, Any]]:
    rows = zip(draft.lines, draft.document.lines, draft.totals.lines, strict=True)
    for position, (line, terms, figures) in enumerate(rows, start=1):
        yield {
            "invoice_id": invoice_id,
            "position": position,
            "product_id": line.product_id,
            "product_code": line.product_code,
            "description": line.description,
            "unit_id": line.unit_id,
            "quantity": terms.quantity,
            "unit_price": terms.unit_price,
            "is_free": line.is_free,
            "discounts": [discount_json(d.percent, d.amount) for d in terms.discounts],
            "gross_rials": figures.gross,
            "discount_rials": figures.discount,
            "document_discount_rials": figures.document_discount,
            "net_rials": figures.net,
            "tax_rials": figures.tax,
            "payable_rials": figures.payable,
            "_taxes": list(zip(terms.taxes, figures.taxes, strict=True)),
        }


def _taxes(line_id: int, pairs: Sequence[tuple[totals.Tax, totals.TaxAmount]]) -> list[dict[str, Any]]:
    return [
        {
            "line_id": line_id,
            "position": position,
            "name": tax.name,
            "percent": tax.percent,
            "included": tax.included,
            "base": tax.base,
            "base_rials": amount.base,
            "amount_rials": amount.amount,
        }
        for position, (tax, amount) in enumerate(pairs)
    ]


def _adjustments(invoice_id: int, document: totals.Document) -> list[dict[str, Any]]:
    blank = {"invoice_id": invoice_id, "name": "", "percent": None, "amount_rials": None, "sign": 1, "taxed": False}
    found = [
        {**blank, "is_discount": True, "percent": d.percent, "amount_rials": d.amount, "of": d.of}
        for d in document.discounts
    ]
    found += [
        {
            **blank,
            "is_discount": False,
            "name": a.name,
            "amount_rials": a.amount,
            "of": totals.DiscountOf.NET,
            "sign": a.sign,
            "taxed": a.taxed,
        }
        for a in document.additions
    ]
    return [{**row, "position": position} for position, row in enumerate(found)]


def discount_json(percent: Decimal | None, amount: int | None) -> dict[str, str]:
    """A line discount as it is stored and sent."""
    return {"amount": str(amount)} if percent is None else {"percent": plain(percent)}


def plain(value: Decimal) -> str:
    """A decimal without trailing zeros or exponent."""
    return format(value.normalize(), "f")
