"""A record that was changed by raw SQL is named, whichever road it had come by."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import delete

from app.core import audit, clock
from app.core.audit import Finding, recorded_by_caller
from app.core.chain_check import verify_chain
from app.core.db import db
from tests.core.kernel_models import Paper
from tests.core.test_chain import tamper

pytestmark = pytest.mark.databases


def paper(**values: object) -> int:
    record = Paper(**{"name": "first", "amount_rials": 100, **values})
    db.session.add(record)
    db.session.commit()
    found: int = record.id
    db.session.remove()
    return found


def findings() -> list[Finding]:
    db.session.remove()
    found = verify_chain([Paper]).findings
    db.session.remove()
    return found


def test_records_as_they_were_written_are_in_order(kernel: Flask) -> None:
    changed, removed = paper(), paper(remark="x")
    record = db.session.get_one(Paper, changed)
    record.remark, record.amount_rials = "later", 5
    db.session.delete(db.session.get_one(Paper, removed))
    db.session.commit()
    assert findings() == []
    assert verify_chain([Paper]).records == 1


def test_changed_field_is_named(kernel: Flask) -> None:
    paper()
    key = paper()
    tamper("UPDATE test_paper SET amount_rials = amount_rials + 1 WHERE id = :id", id=key)
    assert findings() == [Finding("record_changed", "test_paper", key, field="amount_rials")]


def test_value_where_there_was_none_is_named(kernel: Flask) -> None:
    key = paper()
    tamper("UPDATE test_paper SET remark = 'x' WHERE id = :id", id=key)
    assert findings() == [Finding("record_changed", "test_paper", key, field="remark")]


def test_removed_and_slipped_in_records_are_named(kernel: Flask) -> None:
    key = paper()
    tamper("DELETE FROM test_paper WHERE id = :id", id=key)
    tamper(
        "INSERT INTO test_paper (id, name, name_sort, state, amount_rials, version)"
        " VALUES (77, 'x', 'x', 'draft', 1, 1)"
    )
    assert findings() == [
        Finding("record_gone", "test_paper", key),
        Finding("record_unknown", "test_paper", 77),
    ]


def test_record_that_was_deleted_and_put_back_is_named(kernel: Flask) -> None:
    key = paper()
    db.session.delete(db.session.get_one(Paper, key))
    db.session.commit()
    tamper(
        "INSERT INTO test_paper (id, name, name_sort, state, amount_rials, version)"
        " VALUES (:id, 'first', 'first', 'draft', 100, 1)",
        id=key,
    )
    assert findings() == [Finding("record_unknown", "test_paper", key)]


def test_statement_without_history_is_named_as_the_mistake_it_is(kernel: Flask) -> None:
    key = paper()
    with recorded_by_caller("a caller that forgets to"):
        db.session.execute(delete(Paper).where(Paper.id == key))
    db.session.commit()
    assert [finding.code for finding in findings()] == ["record_gone"]


def insert_in_bulk() -> list[int]:
    keys = [101, 102, 103]
    columns = {
        "id": keys, "name": ["a", "ی", "c"], "name_sort": ["a", "b", "c"], "amount_rials": [1, 2, 3],
        "remark": [None, "r", None], "version": [1, 1, 1], "state": ["draft"] * 3,
    }  # fmt: skip
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    db.session.connection().execute(Paper.__table__.insert(), rows)
    audit.record_inserted(db.session, Paper, columns)
    db.session.commit()
    return keys


def test_bulk_rows_are_known_by_their_fingerprint(kernel: Flask) -> None:
    keys = insert_in_bulk()
    record = db.session.get_one(Paper, keys[0])
    record.amount_rials = 50
    db.session.commit()
    record.amount_rials = 60
    db.session.commit()
    assert findings() == []
    tamper("UPDATE test_paper SET amount_rials = amount_rials + 1 WHERE id = :id", id=keys[1])
    assert findings() == [Finding("record_changed", "test_paper", keys[1])]


def test_bulk_row_with_a_later_change_is_named_for_both_kinds_of_field(kernel: Flask) -> None:
    keys = insert_in_bulk()
    for key in keys[:2]:
        db.session.get_one(Paper, key).remark = "later"
    db.session.commit()
    tamper("UPDATE test_paper SET remark = 'changed' WHERE id = :id", id=keys[0])
    tamper("UPDATE test_paper SET amount_rials = 9 WHERE id = :id", id=keys[1])
    assert findings() == [
        Finding("record_changed", "test_paper", keys[0], field="remark"),
        Finding("record_changed", "test_paper", keys[1]),
    ]


def test_the_history_of_a_bulk_row_shows_no_fingerprint(kernel: Flask) -> None:
    keys = insert_in_bulk()
    (entry,) = audit.history_of(Paper, keys[0])
    assert (entry.action, entry.diffs) == ("created", ())
    assert clock.now() - entry.at < timedelta(minutes=1)
