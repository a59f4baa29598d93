"""What the check names after somebody changed the database behind our back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from app.core import audit, chain, chain_check, ledger
from app.core.audit import Verdict, seal_pending
from app.core.db import db
from tests.core.kernel_models import Paper, PaperLine, PaperState

pytestmark = pytest.mark.databases


@pytest.fixture
def papers(kernel: Flask) -> list[int]:
    """Three sealed papers of 100 rials, each changed once more in its remark, all chained."""
    ids = []
    for name in ("first", "second", "third"):
        paper = Paper(name=name, amount_rials=100, lines=[PaperLine(text="bolt", amount_rials=100)])
        db.session.add(paper)
        db.session.flush()
        audit.seal(db.session, paper)
        db.session.commit()
        paper.remark = "printed"
        db.session.commit()
        ids.append(paper.id)
    db.session.remove()
    seal_pending()
    return ids


def check() -> Verdict:
    db.session.remove()
    verdict = chain_check.verify_chain([Paper])
    db.session.remove()
    return verdict


def tamper(statement: str, **values: Any) -> None:
    changed = db.session.execute(text(statement), values)
    assert changed.rowcount > 0  # type: ignore[attr-defined]
    db.session.commit()


def codes(verdict: Verdict) -> set[str]:
    return {finding.code for finding in verdict.findings}


def test_untouched_history_is_in_order(papers: list[int]) -> None:
    verdict = check()
    assert verdict.ok, verdict.findings
    assert (verdict.batches, verdict.rows, verdict.documents, verdict.unsealed) == (9, 12, 3, 0)


def test_one_rial_in_an_issued_document_is_named(papers: list[int]) -> None:
    tamper("UPDATE test_paper SET amount_rials = amount_rials + 1 WHERE id = :id", id=papers[1])
    (finding,) = check().findings
    assert (finding.code, finding.model, finding.record_id) == ("document_changed", "test_paper", papers[1])


def test_one_rial_in_a_line_names_its_document(papers: list[int]) -> None:
    tamper("UPDATE test_paper_line SET amount_rials = amount_rials - 1 WHERE paper_id = :id", id=papers[0])
    (finding,) = check().findings
    assert (finding.code, finding.record_id) == ("document_changed", papers[0])


def test_line_removed_or_added_names_its_document(papers: list[int]) -> None:
    tamper("DELETE FROM test_paper_line WHERE paper_id = :id", id=papers[0])
    tamper("INSERT INTO test_paper_line (paper_id, text, amount_rials) VALUES (:id, 'x', 0)", id=papers[2])
    assert {f.record_id for f in check().findings} == {papers[0], papers[2]}


def test_values_that_are_cleaned_on_their_way_in_do_not_break_the_seal(papers: list[int]) -> None:
    paper = Paper(name=" علي\u200f  رضا ", weight=2)
    db.session.add(paper)
    db.session.flush()
    audit.seal(db.session, paper)
    db.session.commit()
    assert check().ok


def test_removed_document_is_named(papers: list[int]) -> None:
    tamper("DELETE FROM test_paper_line WHERE paper_id = :id", id=papers[1])
    tamper("DELETE FROM test_paper WHERE id = :id", id=papers[1])
    (finding,) = check().findings
    assert (finding.code, finding.record_id) == ("document_gone", papers[1])


def test_document_slipped_in_as_issued_is_named(papers: list[int]) -> None:
    tamper(
        "INSERT INTO test_paper (name, name_sort, state, amount_rials, version) VALUES ('x', 'x', :state, 1, 1)",
        state=PaperState.ISSUED.value,
    )
    assert codes(check()) == {"document_unsealed"}


def test_field_that_may_change_after_issue_breaks_nothing(papers: list[int]) -> None:
    paper = db.session.get_one(Paper, papers[0])
    paper.remark = "sent"
    db.session.commit()
    assert check().ok


def test_changed_history_row_is_named_with_its_record(papers: list[int]) -> None:
    tamper("UPDATE core_history SET changes = '{}' WHERE record_id = :id AND action = 'updated'", id=papers[2])
    (finding,) = check().findings
    assert (finding.code, finding.model, finding.record_id) == ("row_changed", "test_paper", papers[2])


def test_moved_seal_is_found(papers: list[int]) -> None:
    tamper(
        "UPDATE core_history SET content = (SELECT h.content FROM core_history h WHERE h.record_id = :other"
        " AND h.action = 'sealed') WHERE record_id = :id AND action = 'sealed'",
        id=papers[0],
        other=papers[1],
    )
    assert codes(check()) == {"row_changed", "document_changed"}


def test_removed_history_row_is_found(papers: list[int]) -> None:
    tamper("DELETE FROM core_history WHERE record_id = :id AND action = 'updated'", id=papers[1])
    assert codes(check()) == {"row_missing", "record_changed"}  # the record knows more than its history


def test_altered_author_is_found(papers: list[int]) -> None:
    tamper("UPDATE core_history_batch SET actor_name = 'somebody else' WHERE seq = 2")
    (finding,) = check().findings
    assert (finding.code, finding.seq) == ("batch_changed", 2)


def test_batch_cut_out_of_the_middle_is_found(papers: list[int]) -> None:
    tamper("DELETE FROM core_history WHERE batch_id = (SELECT id FROM core_history_batch WHERE seq = 3)")
    tamper("DELETE FROM core_history_batch WHERE seq = 3")
    assert "batch_missing" in codes(check())


def test_gap_closed_by_renumbering_is_found(papers: list[int]) -> None:
    tamper("DELETE FROM core_history WHERE batch_id = (SELECT id FROM core_history_batch WHERE seq = 3)")
    tamper("DELETE FROM core_history_batch WHERE seq = 3")
    for seq in range(4, 10):
        tamper("UPDATE core_history_batch SET seq = :new WHERE seq = :old", new=seq - 1, old=seq)
    assert {"chain_broken", "tail_cut"} <= codes(check())


def test_cut_tail_is_found_by_the_head_outside_the_database(papers: list[int]) -> None:
    for seq in (9, 8):
        tamper(
            "DELETE FROM core_history WHERE batch_id = (SELECT id FROM core_history_batch WHERE seq = :seq)", seq=seq
        )
        tamper("DELETE FROM core_history_batch WHERE seq = :seq", seq=seq)
    found = check()
    assert "tail_cut" in codes(found)


def test_tail_that_was_cut_and_grew_again_is_found(papers: list[int]) -> None:
    tamper("DELETE FROM core_history WHERE batch_id = (SELECT id FROM core_history_batch WHERE seq = 9)")
    tamper("DELETE FROM core_history_batch WHERE seq = 9")
    # The day's file follows the chain; yesterday's head stays where it was.
    today = next(chain.anchor_folder().glob("*.json"))
    today.rename(today.with_name("2001-01-01.json"))
    paper = db.session.get_one(Paper, papers[0])
    paper.remark = "later"
    db.session.commit()
    db.session.remove()
    seal_pending()
    assert "head_differs" in codes(check())


def test_chain_rebuilt_without_the_key_is_found(papers: list[int], kernel: Flask) -> None:
    """Somebody who knows the code but not the key changes a row and computes everything anew."""
    real = ledger.chain_key()
    kernel.extensions["kartabl_chain_key"] = b"a guess of the key, 32 bytes..."
    tamper("UPDATE core_history SET changes = '{}' WHERE record_id = :id AND action = 'updated'", id=papers[0])
    rebuild_all()
    kernel.extensions["kartabl_chain_key"] = real
    assert {"row_changed", "batch_changed", "chain_broken", "head_differs"} <= codes(check())


def rebuild_all() -> None:
    key, prev = ledger.chain_key(), chain.GENESIS
    for batch in db.session.query(ledger.HistoryBatch).order_by(ledger.HistoryBatch.seq):
        rows = db.session.query(ledger.HistoryRow).filter_by(batch_id=batch.id).order_by("position").all()
        for row in rows:
            row.digest = ledger.entry_digest(key, batch.nonce, row.position, row)
        batch.rows_digest = ledger.rows_digest(row.digest for row in rows)
        batch.digest = ledger.batch_digest(key, batch, nonce=batch.nonce, count=batch.row_count, rows=batch.rows_digest)
        batch.prev_hash, batch.hash = prev, chain.link(key, prev, batch.seq or 0, batch.id, batch.digest)
        prev = batch.hash
    db.session.commit()


def test_forged_head_outside_the_database_is_found(papers: list[int]) -> None:
    path: Path = next(chain.anchor_folder().glob("*.json"))
    body = json.loads(path.read_text())
    path.write_text(json.dumps({**body, "seq": 2}))
    assert codes(check()) == {"anchor_forged"}


def test_change_before_sealing_is_found_too(papers: list[int]) -> None:
    paper = db.session.get_one(Paper, papers[0])
    paper.remark = "unsealed"
    db.session.commit()
    tamper("UPDATE core_history SET note = 'x' WHERE batch_id = (SELECT max(id) FROM core_history_batch)")
    verdict = check()
    assert (codes(verdict), verdict.unsealed) == ({"row_changed"}, 1)


def test_row_slipped_into_the_history_is_found(papers: list[int]) -> None:
    tamper(
        "INSERT INTO core_history (batch_id, position, model, record_id, action, changes, digest)"
        " SELECT batch_id, 9, model, record_id, action, changes, digest FROM core_history WHERE record_id = :id"
        " AND action = 'updated'",
        id=papers[0],
    )
    assert "row_added" in codes(check())


def test_sealing_twice_chains_nothing_twice(papers: list[int]) -> None:
    assert seal_pending() == 0
    assert check().ok
