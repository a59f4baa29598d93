"""Documents with lines: found by number or reference, compared whole, written as drafts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from app.core import totals
from app.core.actor import require_current
from app.core.cells import Reference
from app.core.db import db
from app.core.errors import Invalid
from app.core.raw_cells import Problem
from app.core.scope import unscoped
from app.core.sheets import Column, SheetSpec
from app.crm.customers.models import Customer
from app.finance.invoices.bulk import BulkInvoice, BulkLine, insert_drafts
from app.finance.invoices.kinds import POLICIES, InvoiceKind, Terms
from app.finance.invoices.models import Invoice, InvoiceLine
from app.finance.invoices.states import InvoiceState
from app.org.branches.models import Branch
from app.sales.catalog.models import Product, TaxKind
from app.sales.catalog.queries import NoRate, rates_on, taxes_of
from app.sales.documents.choices import tax_name
from imports.document_keys import booked_as, number_of, old_number, supplier_of
from imports.lookup import chunks, find_references
from imports.pipeline import REQUIRED, UNKNOWN, Checked
from imports.plans import TAKEN, TWICE, Mode, Plan, Verdict, blanks
from imports.redrafts import keep_what_is_blank, redraft_of, write_redrafts
from imports.specs import invoice_terms

HEAD = ("invoice_on", "due_on", "terms", "prices_include_tax", "note", "reference", "supplier_number")
RATES = ("tax_percent", "duty_percent", "charge_percent")
EXACT = ("quantity", "unit_price", "discount_percent", "discount_amount", "more_discounts", "is_free", *RATES)
NO_SUPPLIER = Problem("not_supplier", _l("This party is not marked as a supplier."))
ISSUED = Problem("issued", _l("This invoice is issued and differs from the sheet. It cannot be changed."))
NO_WORDS = Problem("required", _l("Choose a product or write a description."))
NO_RATE = Problem("no_rate", _l("There is no tax rate for this date. Add one to the table of rates."))
DUE_EARLY = Problem("order", _l("The due date is before the invoice date."))
ON_LINE = {"discounts": ("discount_amount", "discount_percent", "more_discounts"), "taxes": RATES}
ON_DOCUMENT = {
    "discounts": ("document_discount_rials", "document_discount_percent", "adjustments"),
    "additions": ("freight_rials", "packing_rials", "deduction_rials", "adjustments"),
}
PATH = re.compile(r"lines\[(\d+)\](?:\.(\w+))?")


@dataclass(slots=True)
class Paper:
    """One document of the sheet: its head, its lines as cells, and where they stand."""

    head: dict[str, Any]
    lines: list[dict[str, Any]]
    places: list[int]
    stored: Invoice | None = None
    reference: str | None = None


@dataclass(slots=True)
class _Known:
    """Everything that papers refer to, loaded once."""

    customers: dict[int, Customer] = field(default_factory=dict)
    products: dict[int, Product] = field(default_factory=dict)
    rates: dict[date, Any] = field(default_factory=dict)
    branch_id: int = 0


def plan_documents(
    checked: Checked, mode: Mode, *, department_id: int | None = None, clear: frozenset[str] = frozenset()
) -> Plan:
    """The verdict of every document, and the drafts to write.

    A blank cell of the head leaves what is stored, unless its column is in `clear`.
    """
    papers = _papers(checked)
    _name_customers(checked, papers)
    _find(checked, papers)
    for paper in papers:
        if paper.stored is not None:
            keep_what_is_blank(paper.head, HEAD, paper.stored, clear & blanks(checked.spec).keys())
    known = _load_known(checked, papers)
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


# --- reading papers off the sheet


def _papers(checked: Checked) -> list[Paper]:
    spec, group = checked.spec, checked.group
    assert group is not None
    assert spec.lines is not None
    if not len(group):
        return []
    heads = [c.name for c in spec.columns if c.name in checked.frame]
    below = [c.name for c in spec.lines.columns if c.name in checked.frame]
    columns = {name: checked.frame[name].tolist() for name in (*heads, *below)}
    places: list[list[int]] = [[] for _ in range(int(group.max()) + 1)]
    for place, number in enumerate(group.tolist()):
        places[number].append(place)
    return [
        Paper(
            {name: columns[name][rows[0]] for name in heads},
            [{name: columns[name][row] for name in below} for row in rows],
            rows,
        )
        for rows in places
    ]


def _name_customers(checked: Checked, papers: Sequence[Paper]) -> None:
    """Where no code is given, the customer's name finds them."""
    bad = checked.problems.get("customer", {})
    nameless = [p for p in papers if p.head.get("customer") is None and p.places[0] not in bad]
    names = {p.head["customer_name"] for p in nameless if p.head.get("customer_name")}
    column = checked.spec.column("customer")
    found = find_references(column, Reference(Customer, ("name_key",)), names)
    for paper in nameless:
        name = paper.head.get("customer_name")
        answer = found.get(name, UNKNOWN) if name else REQUIRED
        if isinstance(answer, Problem):
            checked.add("customer_name" if name else "customer", paper.places[0], answer)
        else:
            paper.head["customer"] = answer


def _find(checked: Checked, papers: Sequence[Paper]) -> None:
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
    _refuse_taken(checked, papers)


def _refuse_same_supplier_number(papers: Sequence[Paper], checked: Checked) -> None:
    """Two new papers of one supplier whose numbers differ in digits' script, case or separators only."""
    first: dict[Any, Paper] = {}
    for paper in papers:
        other = first.setdefault(supplier_of(paper.head), paper)
        if other is not paper:
            row = int(checked.rows[other.places[0]]) + 1
            words = _l("This is the supplier's number of row %(row)d, written differently.", row=row)
            checked.add("supplier_number", paper.places[0], Problem("duplicate_in_file", words))


def _stored(
    model: type[Invoice], papers: Sequence[Paper], key_of: Any, attribute: Any, stored_key: Any
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


def _refuse_taken(checked: Checked, papers: Sequence[Paper]) -> None:
    wanted = {p.reference: p for p in papers if p.stored is None and p.reference is not None}
    model: type[Invoice] = checked.spec.model
    with unscoped("a reference is unique in the whole company"):
        for part in chunks(wanted):
            statement = select(model.reference).where(model.reference.in_(part))
            for reference in db.session.scalars(statement):
                checked.add(_key_column(wanted[reference]), wanted[reference].places[0], TAKEN)


def _key_column(paper: Paper) -> str:
    return next(
        (name for name in ("supplier_number", "reference", "number", "id") if paper.head.get(name) is not None),
        "invoice_on",
    )


def _load_known(checked: Checked, papers: Sequence[Paper]) -> _Known:
    known = _Known(branch_id=db.session.scalars(select(Branch.id).order_by(Branch.id).limit(1)).one())
    customers = {p.head.get("customer") for p in papers} - {None}
    products = {line.get("product") for p in papers for line in p.lines} - {None}
    for part in chunks(customers):
        known.customers |= {c.id: c for c in db.session.scalars(select(Customer).where(Customer.id.in_(part)))}
    for stand_in in (one for one in customers if one in checked.stand_ins):
        known.customers[stand_in] = Customer(id=stand_in, name=checked.stand_ins[stand_in].name)
    for part in chunks(products):
        statement = select(Product).where(Product.id.in_(part)).options(joinedload(Product.unit))
        known.products |= {p.id: p for p in db.session.scalars(statement)}
    return known


# --- judging


def _judge(plan: Plan, paper: Paper, known: _Known, department_id: int | None) -> Verdict:
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
    plan.redrafts.append(redraft_of(paper.stored, draft))
    return Verdict.UPDATED


def _is_same(spec: SheetSpec, paper: Paper, stored: Invoice) -> bool:
    head = paper.head
    if head["customer"] != stored.customer_id or len(paper.lines) != len(stored.lines):
        return False
    if any((head.get(name) or None) != (getattr(stored, name) or None) for name in HEAD if name in head):
        return False
    if invoice_terms.adjustments(head, stored.adjustments) != invoice_terms.stored_adjustments(stored.adjustments):
        return False
    assert spec.lines is not None
    exact = [column for column in spec.lines.columns if column.name in EXACT and column.name in paper.lines[0]]
    return all(_is_same_line(exact, cells, line) for cells, line in zip(paper.lines, stored.lines, strict=True))


def _is_same_line(exact: Sequence[Column], cells: dict[str, Any], line: InvoiceLine) -> bool:
    if "product" in cells and cells["product"] != line.product_id:
        return False
    if any((cells[column.name] or None) != (column.read(line) or None) for column in exact):
        return False
    words, unit = cells.get("description"), cells.get("unit")
    return (words is None or words == line.description) and (unit is None or unit == line.unit_id)


def _draft(checked: Checked, paper: Paper, known: _Known, department_id: int | None) -> BulkInvoice | None:
    head, customer = paper.head, known.customers[paper.head["customer"]]
    if head.get("due_on") is not None and head["due_on"] < head["invoice_on"]:
        checked.add("due_on", paper.places[0], DUE_EARLY)
        return None
    kind = _kind(checked)
    if POLICIES[kind].is_bought and not customer.is_supplier:
        checked.add("customer", paper.places[0], NO_SUPPLIER)
        return None
    lines = _lines(checked, paper, known)
    document = _document(checked, paper, known)
    if lines is None or document is None:
        return None
    try:
        figures = totals.compute(document)
    except Invalid as refused:
        for error in refused.errors:
            _point(checked, paper, error)
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


def _lines(checked: Checked, paper: Paper, known: _Known) -> list[BulkLine] | None:
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


def _document(checked: Checked, paper: Paper, known: _Known) -> totals.Document | None:
    try:
        lines = tuple(_terms(paper.head, cells, known) for cells in paper.lines)
    except NoRate:
        checked.add("invoice_on", paper.places[0], NO_RATE)
        return None
    stored = paper.stored
    discounts, additions = invoice_terms.adjustments(paper.head, stored.adjustments if stored else ())
    policy = stored.policy if stored else totals.Policy.LINE_FLOOR
    return totals.Document(lines, policy, tuple(discounts), tuple(additions))


def _terms(head: dict[str, Any], cells: dict[str, Any], known: _Known) -> totals.Line:
    discounts = [totals.Discount(percent=Decimal(100))] if cells.get("is_free") else invoice_terms.line_discounts(cells)
    included = bool(head.get("prices_include_tax"))
    taxes = tuple(totals.Tax(name, percent, included) for name, percent in _taxes(head, cells, known))
    return totals.Line(Decimal(cells["quantity"]), Decimal(cells["unit_price"]), tuple(discounts), taxes)


def _taxes(head: dict[str, Any], cells: dict[str, Any], known: _Known) -> list[tuple[str, Decimal]]:
    """As the sheet says; where it names no rate, as the catalogue says for that day."""
    if any(name in cells for name in RATES):
        pairs = zip((tax_name(kind) for kind in TaxKind), (cells.get(name) for name in RATES), strict=True)
        return [(name, Decimal(percent)) for name, percent in pairs if percent is not None]
    if "tax_rials" in cells and not cells["tax_rials"]:
        return []
    on = head["invoice_on"]
    if on not in known.rates:
        known.rates[on] = rates_on(on)
    product = known.products.get(cells.get("product") or 0)
    if product is not None:
        return [(tax_name(tax.kind), tax.percent) for tax in taxes_of(product, on=on, rates=known.rates[on])]
    general = known.rates[on].get(TaxKind.VAT.value)
    if general is None:
        raise NoRate(on=on)
    return [("VAT", general.percent)]


def _point(checked: Checked, paper: Paper, error: Any) -> None:
    """Put an error of the totals to the cell it comes from."""
    match = PATH.match(error.path)
    place = paper.places[int(match[1])] if match else paper.places[0]
    part = match[2] if match else None
    names = ON_LINE if match else ON_DOCUMENT
    wanted = names.get(part or error.path.partition("[")[0], (part or "unit_price", "unit_price"))
    name = next((one for one in wanted if one in checked.frame), "unit_price")
    checked.add(name, place, Problem(error.code, error.message))
