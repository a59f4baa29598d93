"""What is done with invoices: save a draft, issue it, issue many, discard a draft.

Services flush and never commit. The number is taken last, inside the issuing transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import selectinload
from sqlalchemy.orm.attributes import flag_modified

from app.core.actor import require_current
from app.core.db import db
from app.core.errors import DomainError, NotFound, StaleVersion
from app.core.field_rights import may_write, seen
from app.core.scope import unscoped
from app.finance.invoices.entry import InvoiceEntry, read_entry
from app.finance.invoices.kinds import POLICIES, InvoiceKind
from app.finance.invoices.models import (
    CLASS_OF,
    Invoice,
    InvoiceAdjustment,
    InvoiceInstalment,
    InvoiceLine,
    InvoiceLineTax,
    supplier_key,
)
from app.finance.invoices.states import InvoiceState
from app.finance.invoices.workflow import flow_of
from app.sales.documents import conversions
from app.sales.documents.filling import (
    adjustment_columns,
    adjustment_entries,
    head_columns,
    line_columns,
    line_entry,
    tax_columns,
)

LIMITABLE = ("reference", "note", "due_on")
"""What of an entry a role may have no right to change; then it stays as it is."""


class InvoiceFrozen(DomainError):
    """An issued invoice never changes; a correction is a new document."""

    code = "frozen"
    default_message = _l("An issued invoice cannot be changed. Make a counter document instead.")


class ReferenceTaken(DomainError):
    """Another invoice of the kind carries this reference."""

    code = "duplicate"
    default_message = _l("Another invoice already has this reference.")


class SupplierNumberTaken(DomainError):
    """The supplier's invoice of this number is booked already."""

    code = "duplicate"
    default_message = _l("An invoice of this supplier with this number is already booked.")


def open_invoice(invoice_id: int, *, for_change: bool = False) -> Invoice:
    """One visible invoice with its lines. Raises NotFound; locked on PostgreSQL for a change."""
    query = (
        select(Invoice)
        .where(Invoice.id == invoice_id)
        .options(selectinload(Invoice.lines).selectinload(InvoiceLine.taxes), selectinload(Invoice.adjustments))
    )
    if for_change:
        query = query.with_for_update(of=Invoice).execution_options(populate_existing=True)
    invoice = db.session.scalars(query).one_or_none()
    if invoice is None:
        raise NotFound(invoice_id=invoice_id)
    return invoice


def save_draft(
    data: Mapping[str, Any], *, kind: InvoiceKind = InvoiceKind.SALES, invoice_id: int | None = None
) -> Invoice:
    """A draft made or changed from an entry; `data["version"]` guards against a stale save.

    Raises Invalid with every bad field, StaleVersion, InvoiceFrozen, NotFound, NotAllowed.
    """
    invoice = draft_of(kind, invoice_id, version=data.get("version"))
    if POLICIES[invoice.kind].is_return:
        raise NotFound(invoice_id=invoice_id)  # a return is written by app.finance.invoices.returns alone
    entry = read_entry(data, kind=invoice.kind)
    reference = entry.reference if may_write(Invoice, "reference") else None
    _refuse_taken_reference(reference, kind=invoice.kind, but_id=invoice_id)
    _refuse_taken_supplier_number(invoice, entry)
    before = {line.id for line in invoice.lines}
    _fill(invoice, entry)
    db.session.add(invoice)
    db.session.flush()
    rows = zip(entry.body.lines, invoice.lines, strict=True)
    conversions.lines_saved(invoice, {one.line_id: line for one, line in rows if one.line_id in before})
    return invoice


def draft_of(kind: InvoiceKind, invoice_id: int | None, *, version: Any) -> Invoice:
    """A new draft, or the stored one for a change by who opened that `version`.

    Raises NotAllowed, NotFound, InvoiceFrozen, StaleVersion.
    """
    actor = require_current()
    if invoice_id is None:
        policy = POLICIES[kind]
        actor.require("add", policy.subject)
        return CLASS_OF[kind](sign=policy.sign, state=InvoiceState.DRAFT, owner_id=actor.user_id)
    invoice = open_invoice(invoice_id, for_change=True)
    actor.require("edit", POLICIES[invoice.kind].subject)
    if invoice.state is not InvoiceState.DRAFT:
        raise InvoiceFrozen(invoice=invoice)
    if str(version or "") != str(invoice.version):
        raise StaleVersion(invoice=invoice)
    return invoice


def _refuse_taken_supplier_number(invoice: Invoice, entry: InvoiceEntry) -> None:
    """The supplier's own number stands once; the database's unique index is behind this."""
    if entry.supplier_number is None:
        return
    query = select(Invoice.id).where(
        Invoice.customer_id == entry.customer.id,
        Invoice.supplier_number_key == supplier_key(entry.supplier_number),
        Invoice.state != InvoiceState.VOID,
    )
    with unscoped("a supplier's number is unique in the whole company"):
        taken = db.session.scalar(query)
    if taken is not None and taken != invoice.id:
        raise SupplierNumberTaken(path="supplier_number")


def _refuse_taken_reference(reference: str | None, *, kind: InvoiceKind, but_id: int | None) -> None:
    if reference is None:
        return
    query = select(Invoice.id).where(Invoice.kind == kind, Invoice.reference == reference)
    taken = db.session.scalar(query)
    if taken is not None and taken != but_id:
        raise ReferenceTaken(path="reference")


def _fill(invoice: Invoice, entry: InvoiceEntry) -> None:
    invoice.customer, invoice.customer_name = entry.customer, entry.customer.name
    invoice.branch, invoice.invoice_on, invoice.terms = entry.branch, entry.invoice_on, entry.terms
    for name in LIMITABLE:
        if may_write(Invoice, name):
            setattr(invoice, name, getattr(entry, name))
    invoice.prices_include_tax = entry.prices_include_tax
    if invoice.department_id is None:
        invoice.department_id = require_current().home_department_id or entry.customer.department_id
    invoice.supplier_number = entry.supplier_number
    invoice.supplier_number_key = supplier_key(entry.supplier_number)
    for name, value in head_columns(entry.body.document, entry.body.totals).items():
        setattr(invoice, name, value)
    if invoice.id is not None:
        flag_modified(invoice, "customer_name")  # a change of lines alone is a new version too
        invoice.lines.clear()
        invoice.instalments.clear()
        db.session.flush()  # positions are unique: the old lines leave before the new ones come
    rows = zip(entry.body.lines, entry.body.document.lines, entry.body.totals.lines, strict=True)
    invoice.lines = [
        InvoiceLine(
            **line_columns(place, line, terms, figures),
            taxes=[InvoiceLineTax(**tax) for tax in tax_columns(terms, figures)],
        )
        for place, (line, terms, figures) in enumerate(rows, start=1)
    ]
    invoice.adjustments = [InvoiceAdjustment(**one) for one in adjustment_columns(entry.body.document)]
    invoice.instalments = [
        InvoiceInstalment(position=place, due_on=due_on, amount_rials=amount)
        for place, (due_on, amount) in enumerate(entry.instalments, start=1)
    ]


def issue_invoice(invoice_id: int) -> Invoice:
    """The invoice issued: numbered without a gap, sealed, frozen.

    Raises IllegalTransition when it is not a draft, GuardRefused, NotAllowed, NotFound, and the
    refusal of core.numbering when a later date already has a number.
    """
    invoice = open_invoice(invoice_id, for_change=True)
    flow_of(invoice).apply(invoice, "issue", actor=require_current())
    return invoice


def issue_order(ids: Iterable[int]) -> list[int]:
    """Visible drafts of `ids` in the order in which numbers rise with the date."""
    query = (
        select(Invoice.id)
        .where(Invoice.id.in_(list(ids)), Invoice.state == InvoiceState.DRAFT)
        .order_by(Invoice.invoice_on, Invoice.id)
    )
    return list(db.session.scalars(query))


def discard_draft(invoice_id: int) -> None:
    """A draft removed. Raises InvoiceFrozen for anything that has a number."""
    invoice = open_invoice(invoice_id, for_change=True)
    require_current().require("delete", POLICIES[invoice.kind].subject)
    if invoice.state is not InvoiceState.DRAFT:
        raise InvoiceFrozen(invoice=invoice)
    conversions.release(invoice)
    db.session.delete(invoice)
    db.session.flush()


def document_of(invoice: Invoice) -> dict[str, Any]:
    """The invoice as an entry again: what the editor opens and what a copy starts from."""
    shown = seen(invoice)
    return {
        "version": str(invoice.version),
        "policy": invoice.policy.value,
        "customer_id": invoice.customer_id,
        "invoice_on": _iso(invoice.invoice_on),
        "due_on": _iso(shown.due_on),
        "terms": invoice.terms.value,
        "reference": shown.reference or "",
        "note": shown.note or "",
        "prices_include_tax": invoice.prices_include_tax,
        "branch_id": invoice.branch_id,
        "supplier_number": invoice.supplier_number or "",
        "instalments": [{"due_on": _iso(one.due_on), "amount": str(one.amount_rials)} for one in invoice.instalments],
        "lines": [line_entry(line) for line in invoice.lines],
        **adjustment_entries(invoice.adjustments),
    }


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""
