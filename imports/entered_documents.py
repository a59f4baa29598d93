"""Orders and proformas off a sheet: each becomes the entry that its editor would send, and is saved as one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from operator import attrgetter
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from app.core.actor import require_current
from app.core.db import db
from app.core.errors import FieldError, Invalid
from app.core.raw_cells import Problem
from app.core.sheets import SheetSpec
from app.sales.orders import services as orders
from app.sales.orders.entry import read_entry as read_order
from app.sales.orders.kinds import OrderSource
from app.sales.orders.models import Order, ProductionOrder
from app.sales.proformas import services as proformas
from app.sales.proformas.entry import read_entry as read_proforma
from app.sales.proformas.models import Proforma
from imports.document_keys import number_of, old_number
from imports.document_levels import is_within_level
from imports.document_lookups import Known, load_known, name_customers, refuse_taken
from imports.document_terms import EXACT, document_of, is_same_line, lines_of, point
from imports.lookup import chunks
from imports.papers import StoredPaper, papers_of
from imports.pipeline import Checked
from imports.plans import TWICE, Mode, Plan, Verdict, blanks
from imports.redrafts import keep_what_is_blank, redraft_of, terms_entry, write_redrafts

NO_DRAFT = Problem(
    "frozen", _l("This document is no draft any more and differs from the sheet. Change it on its page.")
)


@dataclass(frozen=True, slots=True)
class Desk:
    """What differs between the documents that go this way.

    `on` is the column of the document's date, `days` are all its dates, `read` checks an entry
    whole and `save` makes a draft of one.
    """

    on: str
    days: tuple[str, ...]
    read: Callable[..., Any]
    save: Callable[..., Any]
    is_reference_unique: bool

    @property
    def head(self) -> tuple[str, ...]:
        """The columns of the head that are stored under their own name."""
        return (*self.days, "reference", "note", "prices_include_tax")


DESKS: dict[type[Any], Desk] = {
    Order: Desk(
        on="order_on",
        days=("order_on", "deliver_on"),
        read=read_order,
        save=partial(orders.save_draft, source=OrderSource.EXCEL),
        is_reference_unique=True,
    ),
    Proforma: Desk(
        on="proforma_on",
        days=("proforma_on", "valid_until"),
        read=read_proforma,
        save=proformas.save_draft,
        is_reference_unique=False,
    ),
}


def desk_of(spec: SheetSpec) -> Desk | None:
    """How the documents of a sheet are entered; None for those that go another way."""
    return next((desk for model, desk in DESKS.items() if issubclass(spec.model, model)), None)


def plan_entered(
    checked: Checked, mode: Mode, *, department_id: int | None = None, clear: frozenset[str] = frozenset()
) -> Plan:
    """The verdict of every document, and the entries to save.

    A blank cell of the head leaves what is stored, unless its column is in `clear`.
    """
    desk = desk_of(checked.spec)
    assert desk is not None
    papers = papers_of(checked, StoredPaper)
    may_lack_party = checked.spec.model is ProductionOrder
    name_customers(checked, [one for one in papers if one.head.get("customer_name") or not may_lack_party])
    _find(checked, papers, desk)
    for paper in papers:
        if paper.stored is not None:
            keep_what_is_blank(paper.head, desk.head, paper.stored, clear & blanks(checked.spec).keys())
    known = load_known(checked, papers)
    plan = Plan(checked, mode, [])
    for paper in papers:
        plan.verdicts.append(_judge(plan, paper, known, desk, department_id))
    for group in checked.bad_groups():
        plan.verdicts[group] = Verdict.ERROR
    return plan


def apply_entered(plan: Plan, *, batch_id: int) -> None:
    """Save a plan's drafts in the running transaction; what was written over is kept with the batch."""
    desk, model = desk_of(plan.checked.spec), plan.checked.spec.model
    assert desk is not None
    require_current().require("add", model.__subject__)
    for entry, department_id in plan.drafts:
        made = desk.save(entry, kind=model.__kind__)
        if department_id is not None:
            made.department_id = department_id
    write_redrafts(plan.redrafts, batch_id=batch_id)
    db.session.flush()


# --- what is stored


def _find(checked: Checked, papers: Sequence[StoredPaper], desk: Desk) -> None:
    """Put what is stored to each paper: by number, by reference, by the system's own number."""
    for paper in papers:
        paper.reference = paper.head.get("reference") or old_number(paper.head)
    model = checked.spec.model
    own = [p.head.get("id") for p in papers if p.reference is None and number_of(p.head) is None]
    numbers = {key[1] for p in papers if (key := number_of(p.head))}
    by_number = {
        _number(one.fiscal_year, one.number, getattr(one, "revision", None)): one
        for one in _load(model, model.number, numbers)
    }
    by_id = {one.id: one for one in _load(model, model.id, set(own) - {None})}
    wanted = {p.reference for p in papers} - {None}
    # Revisions share their reference: the newest one is meant.
    by_reference = {one.reference: one for one in sorted(_load(model, model.reference, wanted), key=attrgetter("id"))}
    met: set[int] = set()
    for paper in papers:
        year, number = number_of(paper.head) or (None, None)
        paper.stored = by_number.get(_number(year, number, paper.head.get("revision")))
        paper.stored = paper.stored or by_reference.get(paper.reference or "")
        if paper.stored is None and paper.reference is None:
            paper.stored = by_id.get(paper.head.get("id"))
        if paper.stored is not None:
            if paper.stored.id in met:
                checked.add(_key_column(paper, desk), paper.places[0], TWICE)
            met.add(paper.stored.id)
    if desk.is_reference_unique:
        refuse_taken(checked, papers, partial(_key_column, desk=desk))


def _number(year: Any, number: Any, revision: Any) -> tuple[int, int, int] | None:
    return None if number is None else (int(year), int(number), int(revision or 1))


def _load(model: type[Any], attribute: Any, values: set[Any]) -> list[Any]:
    found: list[Any] = []
    line = model.lines.property.mapper.class_
    loads = (selectinload(model.lines).selectinload(line.taxes), selectinload(model.adjustments))
    for part in chunks(sorted(values), 500):
        found += db.session.scalars(select(model).where(attribute.in_(part)).options(*loads))
    return found


def _key_column(paper: StoredPaper, desk: Desk) -> str:
    return next((name for name in ("reference", "number", "id") if paper.head.get(name) is not None), desk.on)


# --- judging


def _judge(plan: Plan, paper: StoredPaper, known: Known, desk: Desk, department_id: int | None) -> Verdict:
    checked, stored = plan.checked, paper.stored
    if any(place in problems for problems in checked.problems.values() for place in paper.places):
        return Verdict.ERROR
    if stored is not None and _is_same(checked.spec, paper):
        return Verdict.SAME
    if plan.mode is (Mode.UPDATE if stored is None else Mode.ADD):
        return Verdict.SKIPPED
    if stored is not None and stored.state != "draft":
        checked.add(_key_column(paper, desk), paper.places[0], NO_DRAFT)
        return Verdict.ERROR
    entry = _entry(checked, paper, known, desk)
    if entry is None or not _fits(checked, paper, entry, desk):
        return Verdict.ERROR
    if stored is None:
        plan.drafts.append((entry, department_id))
        return Verdict.NEW
    plan.redrafts.append(redraft_of(stored, entry))
    return Verdict.UPDATED


def _is_same(spec: SheetSpec, paper: StoredPaper) -> bool:
    head, stored = paper.head, paper.stored
    assert spec.lines is not None
    if head.get("customer") != stored.customer_id or len(paper.lines) != len(stored.lines):
        return False
    for column in spec.columns:
        said = head.get(column.name)
        is_kept = column.name == "customer" or not column.writable or (said is None and column.pick is not None)
        if column.name not in head or is_kept:
            continue
        if (said or None) != (column.read(stored) or None):
            return False
    exact = [column for column in spec.lines.columns if column.name in EXACT and column.name in paper.lines[0]]
    return all(is_same_line(exact, cells, line) for cells, line in zip(paper.lines, stored.lines, strict=True))


def _entry(checked: Checked, paper: StoredPaper, known: Known, desk: Desk) -> dict[str, Any] | None:
    lines = lines_of(checked, paper, known)
    document = document_of(checked, paper, known, on=desk.on)
    if lines is None or document is None:
        return None
    head = paper.head
    return {
        "customer_id": head.get("customer"),
        **{name: _iso(head.get(name)) for name in desk.days},
        "reference": paper.reference or (f"#{head['id']}" if head.get("id") is not None else ""),
        "note": head.get("note") or "",
        "prices_include_tax": bool(head.get("prices_include_tax")),
        "policy": document.policy.value,
        **terms_entry(paper.stored, lines, document),
    }


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""


def _fits(checked: Checked, paper: StoredPaper, entry: Mapping[str, Any], desk: Desk) -> bool:
    """Whether the entry would be taken, from this person; each error goes to its cell."""
    try:
        read = desk.read(entry, kind=checked.spec.model.__kind__)
    except Invalid as refused:
        for error in refused.errors:
            _point(checked, paper, error)
        return False
    key, day = _key_column(paper, desk), getattr(read, desk.on)
    return is_within_level(checked, paper, read.body.totals, on=day, cell=key)


def _point(checked: Checked, paper: StoredPaper, error: FieldError) -> None:
    name = "customer" if error.path == "customer_id" else error.path
    if name in checked.frame:
        checked.add(name, paper.places[0], Problem(error.code, error.message))
    else:
        point(checked, paper, error)
