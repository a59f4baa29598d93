"""What the history keeps of a change, on every road."""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, func, insert, select, update

from app.core import audit, clock
from app.core.actor import Actor, ActorKind, acting_as
from app.core.audit import Audited, UnrecordedChange, Via, history_of
from app.core.db import db
from app.core.ledger import HistoryBatch, HistoryRow
from tests.core.kernel_models import Effect, Paper, PaperLine, PaperState, Person

pytestmark = [pytest.mark.usefixtures("kernel"), pytest.mark.databases]
MOMENT = datetime(2024, 5, 4, 8, 30, tzinfo=UTC)
ALI = Actor(ActorKind.USER, "Ali Rezaei", user_id=7)


def stored(**values: Any) -> Paper:
    paper = Paper(**{"name": "first", "amount_rials": 5, **values})
    db.session.add(paper)
    db.session.commit()
    return paper


def changes(record: Any, place: int = 0) -> dict[str, tuple[Any, Any]]:
    return {diff.field: (diff.old, diff.new) for diff in history_of(record)[place].diffs}


def test_new_row_is_kept_with_its_values() -> None:
    paper = stored()
    (entry,) = history_of(paper)
    assert entry.action == "created"
    assert changes(paper) == {"name": (None, "first"), "amount_rials": (None, 5), "state": (None, PaperState.DRAFT)}


def test_change_is_kept_as_old_and_new_with_who_when_and_how() -> None:
    paper = stored()
    db.session.add(Person(id=7, name="Ali"))
    with clock.frozen(MOMENT), acting_as(ALI), audit.via(Via.SHEET, ref="sheet:3"):
        paper.amount_rials = 6
        db.session.commit()
    entry = history_of(paper)[0]
    assert (entry.at, entry.actor_id, entry.actor_name, entry.via, entry.ref) == (
        MOMENT, 7, "Ali Rezaei", "sheet", "sheet:3",
    )  # fmt: skip
    assert [(diff.label, diff.old, diff.new) for diff in entry.diffs] == [("Amount", 5, 6)]


def test_old_value_is_known_though_the_row_was_expired_when_it_was_set() -> None:
    paper = stored()
    db.session.expire_all()
    paper.name = "second"
    db.session.commit()
    assert changes(paper) == {"name": ("first", "second")}


def test_setting_the_same_value_leaves_no_trace() -> None:
    paper = stored()
    paper.name = "first"
    db.session.commit()
    assert len(history_of(paper)) == 1


def test_writing_the_same_text_in_arabic_letters_leaves_no_trace() -> None:
    paper = stored(name="علی")
    paper.name = "علي"
    db.session.commit()
    assert len(history_of(paper)) == 1


def test_deleted_row_leaves_its_values() -> None:
    paper = stored()
    paper_id = paper.id
    db.session.expire_all()
    db.session.delete(paper)
    db.session.commit()
    entry = history_of(Paper, paper_id)[0]
    assert entry.action == "deleted"
    assert ("name", "first", None) in [(d.field, d.old, d.new) for d in entry.diffs]


def test_secret_is_kept_as_changed_without_its_value() -> None:
    paper = stored(secret="old word")
    paper.secret = "new word"
    db.session.commit()
    assert changes(paper) == {"secret": ("•••", "•••")}
    assert "word" not in "".join(db.session.scalars(select(HistoryRow.changes)))


def test_child_rows_are_filed_with_their_parent() -> None:
    paper = stored(lines=[PaperLine(text="bolt"), PaperLine(text="nut")])
    gone = f"test_paper_line:{paper.lines[1].id}"
    paper.lines[0].text = "screw"
    paper.lines.pop()
    db.session.commit()
    found = {entry.part: entry for entry in history_of(paper)[:2]}
    assert found[gone].action == "deleted"
    assert {(d.field, d.old, d.new) for e in found.values() for d in e.diffs} >= {("text", "bolt", "screw")}


def test_key_is_shown_as_the_name_of_its_row() -> None:
    db.session.add_all([Person(id=1, name="Ali"), Person(id=2, name="Reza")])
    db.session.flush()
    paper = stored(owner_id=1)
    paper.owner_id = 2
    db.session.commit()
    assert changes(paper) == {"owner_id": ("Ali", "Reza")}


def test_rolled_back_change_leaves_no_trace() -> None:
    paper = stored()
    paper.name = "second"
    db.session.flush()
    db.session.rollback()
    with suppress(KeyError), db.session.begin_nested():
        paper.name = "third"
        db.session.flush()
        raise KeyError
    db.session.commit()
    assert len(history_of(paper)) == 1


def test_row_without_history_keeps_none() -> None:
    db.session.add(Effect(number=1))
    db.session.commit()
    assert db.session.scalar(select(func.count()).select_from(HistoryBatch)) == 0


def test_request_names_its_road_and_address(kernel: Flask) -> None:
    with kernel.test_request_context("/api/v1/papers", environ_base={"REMOTE_ADDR": "192.0.2.7"}, method="POST"):
        paper = stored()
        entry = history_of(paper)[0]
    batch = db.session.scalars(select(HistoryBatch)).one()
    assert (entry.via, batch.remote_address) == ("api", "192.0.2.7")


@pytest.mark.parametrize(
    "statement",
    [update(Paper).values(name="x"), delete(Paper), insert(Paper).values(name="x")],
    ids=["update", "delete", "insert"],
)
def test_statement_over_audited_rows_is_refused(statement: Any) -> None:
    with pytest.raises(UnrecordedChange):
        db.session.execute(statement)


def test_statement_is_let_through_for_a_caller_who_writes_the_history() -> None:
    paper = stored()
    with audit.recorded_by_caller("test of the bulk road"):
        db.session.execute(update(Paper).values(name="x"))
        audit.record_bulk(db.session, Paper, [(paper.id, {"name": ["first", "x"]})], action="updated")
    db.session.commit()
    assert changes(paper) == {"name": ("first", "x")}


def test_bulk_rows_share_one_batch_named_by_its_reference() -> None:
    with audit.via(Via.IMPORT, ref="import:12"):
        audit.record_bulk(db.session, Paper, ((number, {}) for number in range(1, 201)))
    db.session.commit()
    batch = db.session.scalars(select(HistoryBatch).where(HistoryBatch.ref == "import:12")).one()
    assert (batch.row_count, batch.via) == (200, "import")
    assert history_of(Paper, 200)[0].action == "created"


def test_stamps_name_when_and_who() -> None:
    db.session.add_all([Person(id=7, name="Ali"), Person(id=8, name="Reza")])
    db.session.commit()
    with clock.frozen(MOMENT), acting_as(ALI):
        paper = stored()
    with acting_as(Actor(ActorKind.USER, "Reza", user_id=8)):
        paper.name = "second"
        db.session.commit()
    assert (paper.created_at, paper.created_by_id, paper.updated_by_id) == (MOMENT, 7, 8)
    assert paper.updated_at is not None
    assert paper.updated_at > MOMENT


def test_untouched_row_keeps_its_stamp() -> None:
    paper = stored()
    before = paper.updated_at
    paper.name = "first"
    db.session.commit()
    assert paper.updated_at == before


def test_every_audited_column_loads_its_old_value() -> None:
    assert issubclass(Paper, Audited)
    kept = set(audit.kept_fields(Paper))
    assert kept == {"name", "state", "number", "amount_rials", "secret", "remark", "owner_id", "weight"}
    assert all(getattr(Paper, name).impl.active_history for name in kept)


@pytest.mark.bench
def test_bulk_history_costs_little(capsys: pytest.CaptureFixture[str]) -> None:
    count = 100_000
    started = time.perf_counter()
    audit.record_bulk(db.session, Paper, ((number, {}) for number in range(count)))
    db.session.commit()
    speed = count / (time.perf_counter() - started)
    with capsys.disabled():
        print(f"history rows/s: {speed:,.0f}")
    assert speed > 30_000  # the figure is for a quiet machine: 60,000 and more
