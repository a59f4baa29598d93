"""Receipts and payments off a sheet: found by number or reference, compared whole, written as drafts.

A stored one is never written over. What it settles is named by documents of the same party; blank
means the oldest due first, when the draft is booked.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from app.core.actor import require_current
from app.core.db import db
from app.core.errors import DomainError, Invalid
from app.core.raw_cells import Problem
from app.finance.cheques.models import Cheque
from app.finance.cheques.states import ChequeState, Direction
from app.finance.settlement import payments
from app.finance.settlement.entry import read_payment
from app.finance.settlement.models import SUBJECT, Match, OpeningBalance, OpenItem, Payment, PaymentLine
from app.finance.settlement.states import Method, PaymentKind, PaymentState
from imports.lookup import chunks
from imports.mapping import MissingColumns
from imports.papers import Paper, papers_of
from imports.pipeline import Checked
from imports.plans import TWICE, Mode, Plan, Verdict
from imports.specs.settled import fold, names_of, parts_of

NOTHING_OPEN = Problem("reference", _l("Nothing of this name is open at this party."))
SEVERAL_OPEN = Problem("ambiguous", _l("Several documents of this party fit. Write their kind before the number."))
TOO_MUCH = Problem("exceeds", _l("Less is open of it than is to be settled."))
STORED = Problem("stored", _l("This is stored already and differs from the sheet. Change it on its page."))
PATH = re.compile(r"(lines|chosen)\[(\d+)\]\.?(.*)")
IDENTITIES = ("number", "reference", "id")
CHEQUE_FACTS = {
    "sayad_id": "sayad_id", "cheque_number": "number", "cheque_due_on": "due_on", "bank": "bank",
    "bank_branch": "bank_branch", "cheque_account": "account", "sheba": "sheba", "holder": "owner_name",
}  # fmt: skip
COLUMN_OF = {
    "customer_id": "customer", "amount": "line_amount", "item_id": "item", "cheque_id": "sayad_id",
    **{f"cheque.{fact}": name for name, fact in CHEQUE_FACTS.items()},
}  # fmt: skip


class _Paper(Paper):
    """One receipt or payment of the sheet."""

    @property
    def number(self) -> tuple[PaymentKind, int, int] | None:
        kind, year, number = (self.head.get(name) for name in ("kind", "fiscal_year", "number"))
        if kind is None or year is None or number is None or not str(number).isdecimal():
            return None
        return kind, int(year), int(number)

    @property
    def reference(self) -> str | None:
        """As the sheet says; else another program's number, told from ours by a letter."""
        number, year = self.head.get("number"), self.head.get("fiscal_year")
        if self.head.get("reference") or number is None or self.head.get("id") is not None:
            return self.head.get("reference")
        letter = str(self.head.get("kind") or "?")[0].upper()
        return f"{letter}{number}" if year is None else f"{letter}{year}-{number}"


@dataclass(slots=True)
class _Known:
    """What papers refer to, loaded once.

    Open items by party with all their names, items that stored drafts chose, cheques in hand.
    """

    items: dict[int, list[tuple[OpenItem, set[str]]]] = field(default_factory=dict)
    chosen: dict[int, OpenItem] = field(default_factory=dict)
    held: dict[str, Cheque] = field(default_factory=dict)


def plan_payments(
    checked: Checked, mode: Mode, *, department_id: int | None = None, clear: frozenset[str] = frozenset()
) -> Plan:
    """The verdict of every receipt and payment, and the entries to save.

    A payment belongs where the person who books it does, so `department_id` says nothing; nor can
    anything be cleared. Raises MissingColumns where nothing tells one document from another.
    """
    if not any(name in checked.frame for name in IDENTITIES):
        raise MissingColumns([checked.spec.column("reference").label])
    papers = papers_of(checked, _Paper)
    stored = _stored(papers)
    known = _known([paper for paper in papers if _found(paper, stored) is None])
    known.chosen = _chosen_items(stored.values())
    plan = Plan(checked, mode, [])
    met: set[int] = set()
    for paper in papers:
        one = _found(paper, stored)
        if one is not None and one.id in met:
            checked.add(_key_column(paper), paper.places[0], TWICE)
        met |= {one.id} if one is not None else set()
        plan.verdicts.append(_judge(plan, paper, one, known))
    _refuse_doubled_cheques(checked, papers)
    for group in checked.bad_groups():
        plan.verdicts[group] = Verdict.ERROR
    plan.drafts = [draft for draft in plan.drafts if plan.verdicts[draft["group"]] is Verdict.NEW]
    return plan


def apply_payments(plan: Plan) -> None:
    """Save the drafts of a plan in the running transaction."""
    require_current().require("add", SUBJECT)
    for draft in plan.drafts:
        payments.save_payment(draft["entry"], kind=draft["kind"])


# --- what is stored


def _found(paper: _Paper, stored: Mapping[Any, Payment]) -> Payment | None:
    return stored.get(paper.number) or stored.get(paper.reference) or stored.get(paper.head.get("id"))


def _stored(papers: Sequence[_Paper]) -> dict[Any, Payment]:
    """Stored payments by kind, year and number, by reference, and by the system's own number."""
    numbers = {paper.number[2] for paper in papers if paper.number is not None}
    references = {paper.reference for paper in papers} - {None}
    ids = {paper.head.get("id") for paper in papers} - {None}
    found: dict[Any, Payment] = {(one.kind, one.fiscal_year, one.number): one for one in _load(Payment.number, numbers)}
    unbroken = (one for one in _load(Payment.reference, references) if one.state is not PaymentState.REVERSED)
    return found | {one.reference: one for one in unbroken} | {one.id: one for one in _load(Payment.id, ids)}


def _load(attribute: Any, values: Iterable[Any]) -> list[Payment]:
    matches = selectinload(Payment.matches)
    loads = [selectinload(Payment.lines).joinedload(PaymentLine.cheque)]
    for side in (Match.debit, Match.credit):
        item = matches.joinedload(side)
        loads += [item.joinedload(OpenItem.invoice), item.joinedload(OpenItem.payment)]
        loads += [item.joinedload(OpenItem.opening).joinedload(OpeningBalance.cheque)]
    found: list[Payment] = []
    for part in chunks(sorted(values), 500):
        found += db.session.scalars(select(Payment).where(attribute.in_(part)).options(*loads)).unique()
    return found


def _known(papers: Sequence[_Paper]) -> _Known:
    known = _Known()
    parties = {paper.head.get("customer") for paper in papers if paper.head.get("settles")} - {None}
    loads = (joinedload(OpenItem.invoice), joinedload(OpenItem.payment), joinedload(OpenItem.opening))
    for part in chunks(sorted(parties), 500):
        query = select(OpenItem).where(
            OpenItem.customer_id.in_(part), OpenItem.settled_rials + OpenItem.covered_rials < OpenItem.amount_rials
        )
        for item in db.session.scalars(query.options(*loads).order_by(OpenItem.due_on, OpenItem.id)).unique():
            known.items.setdefault(item.customer_id, []).append((item, names_of(item)))
    sayads = {line.get("sayad_id") for paper in papers for line in paper.lines} - {None}
    for part in chunks(sorted(sayads), 500):
        in_hand = (Cheque.direction == Direction.RECEIVED, Cheque.state == ChequeState.IN_HAND)
        for cheque in db.session.scalars(select(Cheque).where(Cheque.sayad_id.in_(part), *in_hand)):
            known.held[cheque.sayad_id or ""] = cheque
    return known


def _chosen_items(stored: Iterable[Payment]) -> dict[int, OpenItem]:
    """What stored drafts are to settle."""
    ids = {key for one in stored if one.state is PaymentState.DRAFT for key, _amount in one.chosen or ()}
    loads = (joinedload(OpenItem.invoice), joinedload(OpenItem.payment), joinedload(OpenItem.opening))
    found: dict[int, OpenItem] = {}
    for part in chunks(sorted(ids), 500):
        query = select(OpenItem).where(OpenItem.id.in_(part)).options(*loads)
        found |= {item.id: item for item in db.session.scalars(query).unique()}
    return found


# --- judging


def _judge(plan: Plan, paper: _Paper, stored: Payment | None, known: _Known) -> Verdict:
    checked = plan.checked
    if any(place in problems for problems in checked.problems.values() for place in paper.places):
        return Verdict.ERROR
    if stored is not None:
        if _is_same(paper, stored, known):
            return Verdict.SAME
        checked.add(_key_column(paper), paper.places[0], STORED)
        return Verdict.ERROR
    if plan.mode is Mode.UPDATE:
        return Verdict.SKIPPED
    entry = _entry(checked, paper, known)
    if entry is None or not _fits(checked, paper, entry):
        return Verdict.ERROR
    plan.drafts.append({"group": len(plan.verdicts), "kind": paper.head["kind"], "entry": entry})
    return Verdict.NEW


def _is_same(paper: _Paper, stored: Payment, known: _Known) -> bool:
    head = paper.head
    if (head["kind"], head["paid_on"], head["customer"]) != (stored.kind, stored.paid_on, stored.customer_id):
        return False
    if any(
        (head.get(name) or None) != (getattr(stored, name) or None) for name in ("note", "reference") if name in head
    ):
        return False
    if head.get("settles") and not _settles_same(head["settles"], stored, known):
        return False
    if len(paper.lines) != len(stored.lines):
        return False
    return all(_is_same_line(cells, line) for cells, line in zip(paper.lines, stored.lines, strict=True))


def _settles_same(words: str, stored: Payment, known: _Known) -> bool:
    """Whether the names and rials of a cell are what is stored, in whatever language they are."""
    left: list[tuple[set[str], int]] = []
    for one, amount in stored.settles:
        item = known.chosen.get(one) if isinstance(one, int) else one
        left.append((names_of(item) if item is not None else {fold(f"#{one}")}, amount))
    for name, amount in parts_of(words):
        fitting = [one for one in left if fold(name) in one[0]]
        exact = [one for one in fitting if one[1] == amount]
        taken = exact[:1] or fitting
        if sum(part for _names, part in taken) != amount:
            return False
        left = [one for one in left if one not in taken]
    return not left


def _is_same_line(cells: Mapping[str, Any], line: PaymentLine) -> bool:
    paper = line.paper
    facts = {name: getattr(paper, fact) if paper is not None else None for name, fact in CHEQUE_FACTS.items()}
    facts |= {"account": line.account, "tracking": line.tracking, "item": line.item_id}
    if (cells["method"], cells["line_amount"]) != (line.method, line.amount_rials):
        return False
    return all((cells[name] or None) == (value or None) for name, value in facts.items() if name in cells)


def _key_column(paper: _Paper) -> str:
    return next((name for name in IDENTITIES if paper.head.get(name) is not None), "kind")


# --- the entry


def _entry(checked: Checked, paper: _Paper, known: _Known) -> dict[str, Any] | None:
    head = paper.head
    chosen = _chosen(checked, paper, known) if head.get("settles") else None
    if head.get("settles") and chosen is None:
        return None
    return {
        "customer_id": head["customer"],
        "paid_on": head["paid_on"].isoformat(),
        "note": head.get("note") or "",
        "reference": paper.reference or (f"#{head['id']}" if head.get("id") is not None else ""),
        "lines": [_line(head["kind"], cells, known) for cells in paper.lines],
        **({"chosen": chosen} if chosen is not None else {}),
    }


def _line(kind: PaymentKind, cells: Mapping[str, Any], known: _Known) -> dict[str, Any]:
    found = {
        "method": cells["method"].value,
        "amount": str(cells["line_amount"]),
        "account": cells.get("account") or "",
        "tracking": cells.get("tracking") or "",
        "item_id": cells.get("item"),
    }
    if cells["method"] is not Method.CHEQUE:
        return found
    held = known.held.get(cells.get("sayad_id") or "")
    if held is not None and kind is PaymentKind.PAYMENT and held.amount_rials == cells["line_amount"]:
        return found | {"cheque_id": held.id}
    typed = {fact: cells.get(name) or "" for name, fact in CHEQUE_FACTS.items()}
    due_on = cells.get("cheque_due_on")
    return found | {"cheque": typed | {"due_on": due_on.isoformat() if due_on else ""}}


def _chosen(checked: Checked, paper: _Paper, known: _Known) -> list[dict[str, str]] | None:
    """Items and rials of what the sheet says is settled; None with a problem at its cell."""
    side = paper.head["kind"].side.other
    candidates = [(item, names) for item, names in known.items.get(paper.head["customer"], ()) if item.side is side]
    found: Counter[int] = Counter()
    for name, amount in parts_of(paper.head["settles"]):
        fitting = [item for item, names in candidates if fold(name) in names]
        papers = {(item.invoice_id, item.payment_id, item.opening_id) for item in fitting}
        problem = NOTHING_OPEN if not fitting else SEVERAL_OPEN if len(papers) > 1 else None
        for item in fitting if problem is None else ():
            part = min(amount, item.open_rials - found[item.id])
            found[item.id] += part
            amount -= part
        if problem is not None or amount:
            checked.add("settles", paper.places[0], problem or TOO_MUCH)
            return None
    return [{"item_id": str(key), "amount": str(amount)} for key, amount in found.items() if amount]


def _fits(checked: Checked, paper: _Paper, entry: Mapping[str, Any]) -> bool:
    """Whether the service takes the entry; else every refusal stands at its cell."""
    try:
        read_payment(entry, kind=paper.head["kind"])
        payments.refuse_known(entry["reference"])
    except Invalid as refused:
        for error in refused.errors:
            match = PATH.fullmatch(error.path)
            place = paper.places[int(match[2])] if match and match[1] == "lines" else paper.places[0]
            name = "settles" if match and match[1] == "chosen" else match[3] if match else error.path
            name = COLUMN_OF.get(name, name)
            named = name if name in checked.frame else "line_amount"
            checked.add(named, place, Problem(error.code, error.message))
        return False
    except DomainError as refused:
        checked.add(_key_column(paper), paper.places[0], Problem(refused.code, refused.message))
        return False
    return True


def _refuse_doubled_cheques(checked: Checked, papers: Sequence[_Paper]) -> None:
    """A cheque comes with one document only."""
    met: set[tuple[PaymentKind, str]] = set()
    for paper in papers:
        for place, line in zip(paper.places, paper.lines, strict=True):
            sayad, kind = line.get("sayad_id"), paper.head.get("kind")
            if sayad is None or kind is None or paper.head.get("id") is not None:
                continue
            if (kind, sayad) in met:
                checked.add("sayad_id", place, TWICE)
            met.add((kind, sayad))
