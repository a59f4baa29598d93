"""Many drafts at once, for imports and demo data: computed by the same engine, written in bulk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from app.core import totals
from app.core.bulk import insert_rows, reserve_ids
from app.finance.invoices.kinds import POLICIES, InvoiceKind, Terms
from app.finance.invoices.models import Invoice, InvoiceAdjustment, InvoiceLine, InvoiceLineTax, supplier_key
from app.finance.invoices.states import InvoiceState
from app.sales.documents.filling import adjustment_columns, head_columns, line_columns, tax_columns

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
    adjustments: list[dict[str, Any]] = []
    for invoice_id, draft in zip(ids, drafts, strict=True):
        rows = zip(draft.lines, draft.document.lines, draft.totals.lines, strict=True)
        for position, (line, terms, figures) in enumerate(rows, start=1):
            line_id = next(line_ids)
            lines.append({"id": line_id, "invoice_id": invoice_id, **line_columns(position, line, terms, figures)})
            taxes += [{"line_id": line_id, **tax} for tax in tax_columns(terms, figures)]
        adjustments += [{"invoice_id": invoice_id, **one} for one in adjustment_columns(draft.document)]
    insert_rows(InvoiceLine, lines)
    insert_rows(InvoiceLineTax, taxes)
    insert_rows(InvoiceAdjustment, adjustments)
    return ids


def _head(invoice_id: int, draft: BulkInvoice) -> dict[str, Any]:
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
        **head_columns(draft.document, draft.totals),
        "prices_include_tax": draft.prices_include_tax,
        "note": draft.note,
        "reason": "",
        "supplier_number": draft.supplier_number,
        "supplier_number_key": supplier_key(draft.supplier_number),
        "source": draft.source,
        "department_id": draft.department_id,
        "owner_id": draft.owner_id,
        **draft.extra,
    }
