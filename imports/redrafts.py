"""Stored drafts that a sheet writes over: what they were, and what they become."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from app.core import totals
from app.core.db import db
from app.finance.invoices import services
from app.finance.invoices.bulk import BulkInvoice, BulkLine
from app.finance.invoices.models import Invoice
from app.sales.documents.filling import discount_json, plain
from imports.models import ImportedBefore
from imports.plans import Redraft


def keep_what_is_blank(head: dict[str, Any], names: Iterable[str], stored: Invoice, clear: Collection[str]) -> None:
    """Fill blank cells of a head with what is stored, but for the columns in `clear`."""
    for name in names:
        is_key_elsewhere = name == "reference" and name not in head
        if head.get(name) is None and name not in clear and not is_key_elsewhere:
            head[name] = getattr(stored, name)


def redraft_of(stored: Invoice, draft: BulkInvoice) -> Redraft:
    """A stored draft with what the sheet says; what the sheet cannot hold stays as it is."""
    before = services.document_of(stored)
    return Redraft(stored.id, before, {**before, **_entry(stored, draft)})


def write_redrafts(redrafts: Iterable[Redraft], *, batch_id: int) -> None:
    """Save drafts in the running transaction; what they were is kept with the batch, for its undo."""
    for redraft in redrafts:
        db.session.add(ImportedBefore(batch_id=batch_id, record_id=redraft.invoice_id, entry=redraft.before))
        services.save_draft(redraft.entry, invoice_id=redraft.invoice_id)


def restore_drafts(before: dict[int, dict[str, Any]]) -> int:
    """Save drafts as they were (entries by id); answers how many."""
    for invoice_id, entry in before.items():
        version = services.open_invoice(invoice_id).version
        services.save_draft({**entry, "version": version}, invoice_id=invoice_id)
    return len(before)


def _entry(stored: Invoice, draft: BulkInvoice) -> dict[str, Any]:
    rows = zip(draft.lines, draft.document.lines, _rows_of(stored, draft.lines), strict=True)
    return {
        "version": stored.version,
        "customer_id": draft.customer_id,
        "invoice_on": draft.invoice_on.isoformat(),
        "due_on": draft.due_on.isoformat() if draft.due_on else "",
        "terms": draft.terms.value,
        "reference": stored.reference or draft.reference or "",
        "note": draft.note,
        "supplier_number": draft.supplier_number or "",
        "prices_include_tax": draft.prices_include_tax,
        "discounts": [{**discount_json(d.percent, d.amount), "of": d.of.value} for d in draft.document.discounts],
        "additions": [
            {"name": a.name, "amount": str(a.amount), "sign": a.sign, "taxed": a.taxed}
            for a in draft.document.additions
        ],
        "lines": [_entry_line(line, terms, line_id) for line, terms, line_id in rows],
    }


def _rows_of(stored: Invoice, lines: Iterable[BulkLine]) -> list[int | None]:
    """For each line of a sheet the stored line that is of the same thing, so that its origin stays known."""
    waiting: dict[tuple[int | None, str], list[int]] = {}
    for row in stored.lines:
        waiting.setdefault((row.product_id, row.description), []).append(row.id)
    found = [waiting.get((line.product_id, line.description)) for line in lines]
    return [ids.pop(0) if ids else None for ids in found]


def _entry_line(line: BulkLine, terms: totals.Line, line_id: int | None) -> dict[str, Any]:
    return {
        "line_id": line_id,
        "product_id": line.product_id,
        "unit_id": line.unit_id,
        "description": line.description,
        "is_free": line.is_free,
        "quantity": plain(terms.quantity),
        "unit_price": plain(terms.unit_price),
        "discounts": [discount_json(d.percent, d.amount) for d in terms.discounts],
        "taxes": [{"name": t.name, "percent": plain(t.percent), "included": t.included} for t in terms.taxes],
    }
