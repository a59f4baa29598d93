"""Returns off a sheet: each hangs on its invoice, and its figures are worked out of what was charged."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from app.core.db import db
from app.core.errors import DomainError, Invalid
from app.core.raw_cells import Problem
from app.core.sheets import SheetSpec
from app.finance.invoices import returns
from app.finance.invoices.kinds import POLICIES, InvoiceKind
from app.finance.invoices.models import CLASS_OF, Invoice, InvoiceLine
from imports.lookup import chunks
from imports.papers import Paper, papers_of
from imports.pipeline import Checked
from imports.plans import AMBIGUOUS_ROW, TWICE, Mode, Plan, Verdict

NO_ORIGINAL = Problem("reference", _l("There is no issued invoice of this year and number."))
NO_LINE = Problem("reference", _l("This line is not one of the invoice."))
WHICH_LINE = Problem("ambiguous", _l("Several lines of the invoice fit. Give the row of the invoice."))
STORED = Problem("stored", _l("This return is stored already and differs from the sheet. Change it on its page."))
PATH = re.compile(r"lines\[(\d+)\]")
COLUMN_OF = {"additions": "freight_rials", "lines": "quantity"}


def is_return(spec: SheetSpec) -> bool:
    """Whether the rows of a sheet are returns."""
    kind = getattr(spec.model, "__kind__", None)
    return kind is not None and POLICIES[kind].is_return


def plan_returns(
    checked: Checked, mode: Mode, *, department_id: int | None = None, clear: frozenset[str] = frozenset()
) -> Plan:
    """The verdict of every return, and the entries to save; a stored one is never written over.

    A return belongs where its invoice does, so `department_id` says nothing; nor can anything be cleared.
    """
    papers = papers_of(checked, Paper)
    stored, originals = _stored(checked, papers), _originals(checked, papers)
    plan = Plan(checked, mode, [])
    met: set[int] = set()
    for paper in papers:
        known = stored.get(_key(paper)) or stored.get(paper.head.get("id"))
        if known is not None and known.id in met:
            checked.add("number", paper.places[0], TWICE)
        met |= {known.id} if known is not None else set()
        plan.verdicts.append(_judge(plan, paper, known, originals))
    for group in checked.bad_groups():
        plan.verdicts[group] = Verdict.ERROR
    return plan


def apply_returns(plan: Plan) -> None:
    """Save the drafts of a plan in the running transaction."""
    for entry in plan.drafts:
        returns.save_return(entry)


def _pair(year: Any, number: Any) -> tuple[int, int] | None:
    if year is None or number is None or not str(number).isdecimal():
        return None
    return int(year), int(number)


def _key(paper: Paper) -> tuple[int, int] | None:
    return _pair(paper.head.get("fiscal_year"), paper.head.get("number"))


def _original_key(paper: Paper) -> tuple[int, int] | None:
    return _pair(paper.head.get("original_year"), paper.head.get("original_number"))


def _load(model: type[Invoice], attribute: Any, values: set[Any]) -> list[Invoice]:
    found: list[Invoice] = []
    loads = (selectinload(Invoice.lines).selectinload(InvoiceLine.taxes), selectinload(Invoice.adjustments))
    for part in chunks(sorted(values), 500):
        found += db.session.scalars(select(model).where(attribute.in_(part)).options(*loads))
    return found


def _stored(checked: Checked, papers: Sequence[Paper]) -> dict[Any, Invoice]:
    """Stored returns by year and number, and by their system number."""
    model = checked.spec.model
    numbers = {key[1] for paper in papers if (key := _key(paper)) is not None}
    ids = {paper.head.get("id") for paper in papers if _key(paper) is None} - {None}
    found: dict[Any, Invoice] = {(one.fiscal_year, one.number): one for one in _load(model, model.number, numbers)}
    return found | {one.id: one for one in _load(model, model.id, ids)}


def _originals(checked: Checked, papers: Sequence[Paper]) -> dict[tuple[int, int], list[Invoice]]:
    """The issued invoices that the papers name, by year and number; of several branches several."""
    kind = checked.spec.model.__kind__
    sold: InvoiceKind = next(one.kind for one in POLICIES.values() if one.returned_as is kind)
    model = CLASS_OF[sold]
    keys = {key for paper in papers if (key := _original_key(paper)) is not None}
    found: dict[tuple[int, int], list[Invoice]] = {}
    for one in _load(model, model.number, {number for _year, number in keys}):
        if (one.fiscal_year, one.number) in keys and one.fiscal_year is not None and one.number is not None:
            found.setdefault((one.fiscal_year, one.number), []).append(one)
    return found


def _judge(
    plan: Plan, paper: Paper, stored: Invoice | None, originals: Mapping[tuple[int, int], list[Invoice]]
) -> Verdict:
    checked, first = plan.checked, paper.places[0]
    if any(place in problems for problems in checked.problems.values() for place in paper.places):
        return Verdict.ERROR
    key = _original_key(paper)
    fitting = originals.get(key, []) if key is not None else []
    if stored is not None:
        fitting = [one for one in fitting if one.id == stored.original_id]
    if len(fitting) != 1:
        checked.add("original_number", first, AMBIGUOUS_ROW if fitting else NO_ORIGINAL)
        return Verdict.ERROR
    entry = _entry(checked, paper, fitting[0])
    if entry is None:
        return Verdict.ERROR
    if stored is not None:
        if _is_same(entry, stored):
            return Verdict.SAME
        checked.add("original_number", first, STORED)
        return Verdict.ERROR
    if plan.mode is Mode.UPDATE:
        return Verdict.SKIPPED
    return _take(plan, paper, entry, fitting[0])


def _take(plan: Plan, paper: Paper, entry: dict[str, Any], original: Invoice) -> Verdict:
    """Keep a new return that fits what is left of its invoice; else say at which cell it does not."""
    try:
        returns.read_return(entry, original=returns.returnable(original.id))
    except Invalid as refused:
        for error in refused.errors:
            match = PATH.match(error.path)
            place = paper.places[int(match[1])] if match else paper.places[0]
            name = COLUMN_OF.get(re.split(r"[\[.]", error.path)[0], error.path)
            plan.checked.add(
                name if name in plan.checked.frame else "quantity", place, Problem(error.code, error.message)
            )
        return Verdict.ERROR
    except DomainError as refused:
        plan.checked.add("original_number", paper.places[0], Problem(refused.code, refused.message))
        return Verdict.ERROR
    plan.drafts.append(entry)
    return Verdict.NEW


def _entry(checked: Checked, paper: Paper, original: Invoice) -> dict[str, Any] | None:
    head = paper.head
    lines = []
    for place, cells in zip(paper.places, paper.lines, strict=True):
        line = _line_of(checked, place, cells, original)
        if line is None:
            return None
        condition = cells.get("condition")
        lines.append(
            {
                "original_line_id": line.id,
                "quantity": f"{Decimal(cells['quantity']).normalize():f}",
                "condition": condition.value if condition else "",
            }
        )
    freight = head.get("freight_rials")
    return {
        "original_id": original.id,
        "invoice_on": head["invoice_on"].isoformat(),
        "reason": head.get("reason") or "",
        "note": head.get("note") or "",
        "lines": lines,
        "additions": [{"name": "freight", "amount": str(freight)}] if freight else [],
    }


def _line_of(checked: Checked, place: int, cells: Mapping[str, Any], original: Invoice) -> InvoiceLine | None:
    """The line that a row means: by its place on the invoice, else by its product."""
    position, product = cells.get("original_line"), cells.get("product")
    if position is not None:
        fitting = [line for line in original.lines if line.position == position]
    else:
        fitting = [line for line in original.lines if product is not None and line.product_id == product]
    if len(fitting) == 1:
        return fitting[0]
    name = next((one for one in ("original_line", "product") if one in checked.frame), "quantity")
    checked.add(name, place, WHICH_LINE if fitting else NO_LINE)
    return None


def _is_same(entry: Mapping[str, Any], stored: Invoice) -> bool:
    now = returns.entry_of(stored)
    mine = [(line["original_line_id"], line["quantity"], line["condition"]) for line in entry["lines"]]
    theirs = [(line["original_line_id"], line["quantity"], line["condition"]) for line in now["lines"]]
    named = ("original_id", "invoice_on", "reason", "note")
    freight = [one for one in now["additions"] if one["name"] == "freight"]
    return all(entry[name] == now[name] for name in named) and mine == theirs and entry["additions"] == freight
