"""Documents with lines: found by number or reference, compared whole, written as drafts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from app.core import totals
from app.core.actor import require_current
from app.core.db import db
from app.core.errors import Invalid
from app.core.raw_cells import Problem
from app.core.sheets import SheetSpec
from app.finance.invoices.bulk import BulkInvoice, insert_drafts
from app.finance.invoices.kinds import POLICIES, InvoiceKind, Terms
from app.finance.invoices.models import Invoice, InvoiceLine
from app.finance.invoices.states import InvoiceState
from imports.document_keys import booked_as, number_of, old_number, supplier_of
from imports.document_levels import is_within_level
from imports.document_lookups import Known, load_known, name_customers, refuse_taken
from imports.document_terms import EXACT, document_of, is_same_line, lines_of, point
from imports.lookup import chunks
from imports.papers import StoredPaper, papers_of
from imports.pipeline import Checked
from imports.plans import TWICE, Mode, Plan, Verdict, blanks
from imports.redrafts import invoice_entry, keep_what_is_blank, redraft_of, write_redrafts
from imports.specs import invoice_terms

HEAD = ("invoice_on", "due_on", "terms", "prices_include_tax", "note", "reference", "supplier_number")
NO_SUPPLIER = Problem("not_supplier", _l("This party is not marked as a supplier."))
ISSUED = Problem("issued", _l("This invoice is issued and differs from the sheet. It cannot be changed."))
DUE_EARLY = Problem("order", _l("The due date is before the invoice date."))


def plan_documents(
    checked: Checked, mode: Mode, *, department_id: int | None = None, clear: frozenset[str] = frozenset()
) -> Plan:
    """The verdict of every document, and the drafts to write.

    A blank cell of the head leaves what is stored, unless its column is in `clear`.
    """
    papers = papers_of(checked, StoredPaper)
    name_customers(checked, papers)
    _find(checked, papers)
    for paper in papers:
        if paper.stored is not None:
            keep_what_is_blank(paper.head, HEAD, paper.stored, clear & blanks(checked.spec).keys())
    known = load_known(checked, papers)
    plan = Plan(checked, mode, [])
    for paper in papers:
        plan.verdicts.append(_judge(plan, paper, known, department_id))
    bad = checked.bad_groups()
    for group in bad:
        plan.verdicts[group] = Verdict.ERROR
    return plan


def apply_documents(plan: Plan, *, batch_id: int) -> None:
    """Write a plan's drafts in the running transaction; what was written over is kept with the batch."""
    insert_drafts(plan.drafts)
    write_redrafts(plan.redrafts, batch_id=batch_id)


# --- what is stored


def _find(checked: Checked, papers: Sequence[StoredPaper]) -> None:
    """Put the stored invoice to each paper: by number, by reference, by the system's own number."""
    for paper in papers:
        paper.reference = paper.head.get("reference") or old_number(paper.head)
    keys = checked.spec.keys
    numbered = papers if ("fiscal_year", "number") in keys else []
    referring = papers if ("reference",) in keys else []
    model: type[Invoice] = checked.spec.model
    by_number = _stored(
        model, numbered, lambda p: number_of(p.head), Invoice.number, lambda i: (i.fiscal_year, i.number)
    )
    by_reference = _stored(model, referring, lambda p: p.reference, Invoice.reference, lambda i: i.reference)
    own = [p for p in papers if p.reference is None and number_of(p.head) is None and ("id",) in keys]
    by_id = _stored(model, own, lambda p: p.head.get("id"), Invoice.id, lambda i: i.id)
    bought = [p for p in papers if supplier_of(p.head)] if ("customer", "supplier_number") in keys else []
    by_supplier = _stored(model, bought, lambda p: supplier_of(p.head), Invoice.supplier_number_key, booked_as)
    met: set[int] = set()
    for paper in papers:
        paper.stored = by_number.get(number_of(paper.head)) or by_supplier.get(supplier_of(paper.head))
        paper.stored = paper.stored or by_reference.get(paper.reference)
        if paper.stored is None and paper.reference is None:
            paper.stored = by_id.get(paper.head.get("id"))
        if paper.stored is not None:
            if paper.stored.id in met:
                checked.add(_key_column(paper), paper.places[0], TWICE)
            met.add(paper.stored.id)
    _refuse_same_supplier_number([p for p in bought if p.stored is None], checked)
    refuse_taken(checked, papers, _key_column)


def _refuse_same_supplier_number(papers: Sequence[StoredPaper], checked: Checked) -> None:
    """Two new papers of one supplier whose numbers differ in digits' script, case or separators only."""
    first: dict[Any, StoredPaper] = {}
    for paper in papers:
        other = first.setdefault(supplier_of(paper.head), paper)
        if other is not paper:
            row = int(checked.rows[other.places[0]]) + 1
            words = _l("This is the supplier's number of row %(row)d, written differently.", row=row)
            checked.add("supplier_number", paper.places[0], Problem("duplicate_in_file", words))


def _stored(
    model: type[Invoice], papers: Sequence[StoredPaper], key_of: Any, attribute: Any, stored_key: Any
) -> dict[Any, Invoice]:
    keys = {key_of(paper) for paper in papers} - {None}
    values = {key[1] if isinstance(key, tuple) else key for key in keys}
    found = {}
    for part in chunks(sorted(values), 500):
        statement = (
            select(model)
            .where(attribute.in_(part))
            .options(selectinload(Invoice.lines).selectinload(InvoiceLine.taxes), selectinload(Invoice.adjustments))
        )
        for invoice in db.session.scalars(statement):
            if stored_key(invoice) in keys:
                found[stored_key(invoice)] = invoice
    return found


def _key_column(paper: StoredPaper) -> str:
    return next(
        (name for name in ("supplier_number", "reference", "number", "id") if paper.head.get(name) is not None),
        "invoice_on",
    )


# --- judging


def _judge(plan: Plan, paper: StoredPaper, known: Known, department_id: int | None) -> Verdict:
    checked = plan.checked
    if any(place in problems for problems in checked.problems.values() for place in paper.places):
        return Verdict.ERROR
    if paper.stored is not None and _is_same(checked.spec, paper, paper.stored):
        return Verdict.SAME
    if (paper.stored is not None and plan.mode is Mode.ADD) or (paper.stored is None and plan.mode is Mode.UPDATE):
        return Verdict.SKIPPED
    if paper.stored is not None and paper.stored.state is not InvoiceState.DRAFT:
        checked.add(_key_column(paper), paper.places[0], ISSUED)
        return Verdict.ERROR
    draft = _draft(checked, paper, known, department_id)
    if draft is None:
        return Verdict.ERROR
    if paper.stored is None:
        plan.drafts.append(draft)
        return Verdict.NEW
    plan.redrafts.append(redraft_of(paper.stored, invoice_entry(paper.stored, draft)))
    return Verdict.UPDATED


def _is_same(spec: SheetSpec, paper: StoredPaper, stored: Invoice) -> bool:
    head = paper.head
    if head["customer"] != stored.customer_id or len(paper.lines) != len(stored.lines):
        return False
    if any((head.get(name) or None) != (getattr(stored, name) or None) for name in HEAD if name in head):
        return False
    if invoice_terms.adjustments(head, stored.adjustments) != invoice_terms.stored_adjustments(stored.adjustments):
        return False
    assert spec.lines is not None
    exact = [column for column in spec.lines.columns if column.name in EXACT and column.name in paper.lines[0]]
    return all(is_same_line(exact, cells, line) for cells, line in zip(paper.lines, stored.lines, strict=True))


def _draft(checked: Checked, paper: StoredPaper, known: Known, department_id: int | None) -> BulkInvoice | None:
    head, customer = paper.head, known.customers[paper.head["customer"]]
    if head.get("due_on") is not None and head["due_on"] < head["invoice_on"]:
        checked.add("due_on", paper.places[0], DUE_EARLY)
        return None
    kind = _kind(checked)
    if POLICIES[kind].is_bought and not customer.is_supplier:
        checked.add("customer", paper.places[0], NO_SUPPLIER)
        return None
    lines = lines_of(checked, paper, known)
    document = document_of(checked, paper, known, on="invoice_on")
    if lines is None or document is None:
        return None
    try:
        figures = totals.compute(document)
    except Invalid as refused:
        for error in refused.errors:
            point(checked, paper, error)
        return None
    if not is_within_level(checked, paper, figures, on=head["invoice_on"], cell=_key_column(paper)):
        return None
    actor = require_current()
    return BulkInvoice(
        customer_id=customer.id,
        customer_name=customer.name,
        branch_id=known.branch_id,
        department_id=department_id or actor.home_department_id or customer.department_id,
        owner_id=actor.user_id,
        invoice_on=head["invoice_on"],
        due_on=head.get("due_on"),
        lines=lines,
        document=document,
        totals=figures,
        reference=paper.reference or (f"#{head['id']}" if head.get("id") is not None else None),
        terms=head.get("terms") or Terms.CASH,
        prices_include_tax=bool(head.get("prices_include_tax")),
        note=head.get("note") or "",
        supplier_number=head.get("supplier_number"),
        kind=kind,
    )


def _kind(checked: Checked) -> InvoiceKind:
    model: type[Invoice] = checked.spec.model
    assert model.__kind__ is not None
    return model.__kind__
