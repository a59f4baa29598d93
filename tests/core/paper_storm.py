"""Storms over the kernel's test papers: numbered by core.numbering, and numbered naively."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from sqlalchemy import func, insert, select

from app.core import numbering
from app.core.actor import Actor, acting_as
from app.core.audit import seal_pending, verify_chain
from app.core.db import db, writing
from app.core.ledger import HistoryRow
from app.core.workflow import Step, Transition, TransitionLog, Workflow
from tests.core.kernel_models import Paper, PaperLine, PaperState, kernel_app

DAY = date(2024, 5, 4)
CLERK = Actor.system("storm")
SEAL_EVERY = 10
"""Each process seals the history after so many papers, all at once with the others."""


def take(step: Step) -> None:
    """The number from the kernel, or the one that the naive storm brought along."""
    step.document.number = step.data.get("number") or numbering.take_number(
        db.session(), kind="paper", branch_id=1, fiscal_year=1403, on=DAY
    )


FLOW = Workflow(
    name="storm.papers",
    subject="storm.papers",
    model=Paper,
    states=PaperState,
    initial=PaperState.DRAFT,
    transitions=(
        Transition("issue", (PaperState.DRAFT,), PaperState.ISSUED, "issue", "Issue", before=(take,), seals=True),
        Transition("void", (PaperState.ISSUED,), PaperState.VOID, "void", "Void"),
    ),
)


def make_drafts(count: int) -> None:
    """Drafts with a line each, made in bulk."""
    with db.engine.begin() as connection:
        connection.execute(insert(Paper.__table__), [{"name": f"paper {n}", "version": 1} for n in range(count)])
        ids = connection.scalars(select(Paper.__table__.c.id)).all()
        connection.execute(insert(PaperLine.__table__), [{"paper_id": key, "text": "bolt"} for key in ids])


def issue(url: str, folder: Path, lane: int, lanes: int) -> Iterator[int]:
    """Issue through the workflow; the number is taken in the step."""
    with kernel_app(folder, url).app_context(), acting_as(CLERK):
        for place, paper_id in enumerate(_drafts(lane, lanes)):
            paper = db.session.get_one(Paper, paper_id)
            FLOW.apply(paper, "issue", actor=CLERK)
            number = paper.number
            db.session.commit()
            yield number or 0
            if place % SEAL_EVERY == SEAL_EVERY - 1:
                db.session.remove()
                seal_pending()


def issue_naively(url: str, folder: Path, lane: int, lanes: int) -> Iterator[int]:
    """Issue with the highest number plus one, read when the form was opened."""
    with kernel_app(folder, url).app_context(), acting_as(CLERK):
        for paper_id in _drafts(lane, lanes):
            with writing(intent=False):
                number = (db.session.scalar(select(func.max(Paper.number))) or 0) + 1
                db.session.rollback()
            paper = db.session.get_one(Paper, paper_id)
            FLOW.apply(paper, "issue", actor=CLERK, number=number)
            db.session.commit()
            yield number


def _drafts(lane: int, lanes: int) -> list[int]:
    with writing(intent=False):
        query = select(Paper.id).where(Paper.state == PaperState.DRAFT, Paper.id % lanes == lane).order_by(Paper.id)
        ids = list(db.session.scalars(query))
        db.session.rollback()
    return ids


def faults(shown: list[int], count: int) -> list[str]:
    """Everything wrong with the stored papers after a storm over `count` drafts."""
    found = []
    numbers = list(db.session.scalars(select(Paper.number).where(Paper.number.is_not(None))))
    if sorted(numbers) != list(range(1, count + 1)):
        missing, doubled = set(range(1, count + 1)) - set(numbers), len(numbers) - len(set(numbers))
        found.append(f"{len(missing)} gaps, {doubled} duplicates")
    if lost := set(shown) - set(numbers):
        found.append(f"{len(lost)} shown numbers are not stored")
    if len(shown) != len(set(shown)):
        found.append(f"{len(shown) - len(set(shown))} numbers were shown twice")
    issued = Paper.state == PaperState.ISSUED
    logged = select(TransitionLog.record_id).where(TransitionLog.model == "test_paper")
    sealed = select(HistoryRow.record_id).where(HistoryRow.model == "test_paper", HistoryRow.action == "sealed")
    lined = select(PaperLine.paper_id)
    half = select(func.count()).where(
        (Paper.number.is_not(None) != issued)
        | (issued & (Paper.id.not_in(logged) | Paper.id.not_in(sealed) | Paper.id.not_in(lined)))
    )
    if halves := db.session.scalar(half):
        found.append(f"{halves} half documents")
    db.session.remove()
    seal_pending()
    verdict = verify_chain([Paper])
    db.session.remove()
    found += [f"{finding.code} {finding.model} {finding.record_id}" for finding in verdict.findings[:5]]
    if verdict.unsealed or not verdict.batches:
        found.append(f"{verdict.unsealed} of {verdict.batches} batches unsealed")
    return found
