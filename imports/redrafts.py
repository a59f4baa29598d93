"""Stored drafts that a sheet writes over: what they were, and what they become."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.core import totals
from app.core.db import db
from app.finance.invoices import services as invoices
from app.finance.invoices.bulk import BulkInvoice, BulkLine
from app.finance.invoices.models import Invoice
from app.sales.documents.filling import discount_json, plain
from app.sales.orders import services as orders
from app.sales.proformas import services as proformas
from imports.models import ImportedBefore
from imports.plans import Redraft


def keep_what_is_blank(head: dict[str, Any], names: Iterable[str], stored: Any, clear: Collection[str]) -> None:
    """Fill blank cells of a head with what is stored, but for the columns in `clear`."""
    for name in names:
        is_key_elsewhere = name == "reference" and name not in head
        if head.get(name) is None and name not in clear and not is_key_elsewhere:
            head[name] = getattr(stored, name)


@dataclass(frozen=True, slots=True)
class Book:
    """How the documents of one table are opened, told as an entry, and saved from one (`save(entry, id)`)."""

    open: Callable[[int], Any]
    entry_of: Callable[[Any], dict[str, Any]]
    save: Callable[[dict[str, Any], int], Any]


BOOKS = {
    "finance_invoice": Book(
        invoices.open_invoice,
        invoices.document_of,
        lambda entry, key: invoices.save_draft(entry, invoice_id=key),
    ),
    "sales_order": Book(
        orders.open_order,
        orders.document_of,
        lambda entry, key: orders.save_draft(entry, kind=orders.open_order(key).kind, order_id=key),
    ),
    "sales_proforma": Book(
        proformas.open_proforma,
        proformas.document_of,
        lambda entry, key: proformas.save_draft(entry, kind=proformas.open_proforma(key).kind, proforma_id=key),
    ),
}
"""By table: the documents whose drafts a sheet writes over, and whose undo needs them whole."""


def redraft_of(stored: Any, said: Mapping[str, Any]) -> Redraft:
    """A stored draft with what the sheet says (as an entry); what the sheet cannot hold stays as it is."""
    before = BOOKS[stored.__tablename__].entry_of(stored)
    return Redraft(stored.__tablename__, stored.id, before, {**before, **said, "version": str(stored.version)})


def write_redrafts(redrafts: Iterable[Redraft], *, batch_id: int) -> None:
    """Save drafts in the running transaction; what they were is kept with the batch, for its undo."""
    for redraft in redrafts:
        db.session.add(ImportedBefore(batch_id=batch_id, record_id=redraft.record_id, entry=redraft.before))
        BOOKS[redraft.table].save(redraft.entry, redraft.record_id)


def restore_drafts(book: Book, before: dict[int, dict[str, Any]]) -> int:
    """Save drafts as they were (entries by id); answers how many."""
    for record_id, entry in before.items():
        book.save({**entry, "version": str(book.open(record_id).version)}, record_id)
    return len(before)


def terms_entry(stored: Any, lines: Sequence[BulkLine], document: totals.Document) -> dict[str, Any]:
    """Lines, discounts and additions as an entry has them; lines that are stored keep their ids."""
    rows = zip(lines, document.lines, _rows_of(stored, lines), strict=True)
    return {
        "discounts": [{**discount_json(d.percent, d.amount), "of": d.of.value} for d in document.discounts],
        "additions": [
            {"name": a.name, "amount": str(a.amount), "sign": a.sign, "taxed": a.taxed} for a in document.additions
        ],
        "lines": [_entry_line(line, terms, line_id) for line, terms, line_id in rows],
    }


def invoice_entry(stored: Invoice, draft: BulkInvoice) -> dict[str, Any]:
    """What a sheet says of a stored invoice, as an entry."""
    return {
        "customer_id": draft.customer_id,
        "invoice_on": draft.invoice_on.isoformat(),
        "due_on": draft.due_on.isoformat() if draft.due_on else "",
        "terms": draft.terms.value,
        "reference": stored.reference or draft.reference or "",
        "note": draft.note,
        "supplier_number": draft.supplier_number or "",
        "prices_include_tax": draft.prices_include_tax,
        **terms_entry(stored, draft.lines, draft.document),
    }


def _rows_of(stored: Any, lines: Iterable[BulkLine]) -> list[int | None]:
    """For each line of a sheet the stored line that is of the same thing, so that its origin stays known."""
    waiting: dict[tuple[int | None, str], list[int]] = {}
    for row in stored.lines if stored is not None else ():
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
