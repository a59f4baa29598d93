"""What settles an invoice, changed or removed by raw SQL, is named by the check of the history."""

from __future__ import annotations

from typing import Any

from flask import Flask
from sqlalchemy import inspect
from sqlalchemy.exc import IntegrityError, ProgrammingError

from app.core import audit
from app.core.actor import Actor, acting_as
from app.core.db import db
from app.finance.settlement.models import Match, OpenItem
from tests.factories import CustomerFactory
from tests.factories.finance import issued_invoice, line
from tests.factories.settlement import cash, posted_payment

VALUES = {"amount_rials": 7, "kind": "'covered'", "reason": "'x'"}
"""Another value of a column; of all others the key of another row, or a moment."""


def made(count: int) -> list[int]:
    """The keys of as many matches, each of a party, an invoice and a receipt of its own."""
    with acting_as(Actor.system("test")):
        for _turn in range(count):
            customer = CustomerFactory()
            issued_invoice(customer, [line("1", "1000", taxes=[])])
            posted_payment(customer, [cash(1000)])
        db.session.commit()
        audit.seal_pending()
        keys = [int(key) for (key,) in db.session.query(Match.id).order_by(Match.id)]
        db.session.rollback()
    assert len(keys) == count
    return keys


def named() -> set[int]:
    found = audit.verify_chain().findings
    db.session.rollback()
    return {one.record_id for one in found if one.model == "finance_match" and one.record_id is not None}


def change(column: Any, key: int) -> bool:
    """Whether the database takes another value in one column of a match."""
    is_moment = column.name.endswith("_at")
    value = VALUES.get(column.name, "'2026-01-01 00:00:00'" if is_moment else 1 if key > 1 else 2)
    try:
        with db.engine.begin() as connection:
            connection.exec_driver_sql(f"UPDATE finance_match SET {column.name} = {value} WHERE id = {key}")
    except (IntegrityError, ProgrammingError):
        return False
    return True


def test_every_column_of_a_match_is_watched(committed_app: Flask) -> None:
    columns = [one.columns[0] for one in inspect(Match).column_attrs if one.key != "id"]
    keys = made(len(columns) + 1)
    assert named() == set()
    # The first row lends its key to the others and stays as it is.
    changed = {key for column, key in zip(columns, keys[1:], strict=True) if change(column, key)}
    assert len(changed) > 6
    assert named() == changed


def test_a_match_removed_or_added_is_named(committed_app: Flask) -> None:
    first, second = made(2)
    names = ", ".join(c.name for c in inspect(Match).local_table.columns if c.name != "id")
    with db.engine.begin() as connection:
        connection.exec_driver_sql(
            f"INSERT INTO finance_match ({names}) SELECT {names} FROM finance_match WHERE id = {first}"
        )
        connection.exec_driver_sql(f"DELETE FROM finance_match WHERE id = {first}")
    assert named() == {first, second + 1}


def test_a_sum_of_an_open_item_is_watched(committed_app: Flask) -> None:
    made(2)
    (first, *_others, last) = [key for (key,) in db.session.query(OpenItem.id).order_by(OpenItem.id)]
    db.session.rollback()
    with db.engine.begin() as connection:
        for key, name in ((first, "amount_rials = 2000"), (last, "settled_rials = 999, covered_rials = 1")):
            connection.exec_driver_sql(f"UPDATE finance_open_item SET {name} WHERE id = {key}")
    found = {(one.code, one.record_id, one.field) for one in audit.verify_chain().findings}
    assert found == {
        ("record_changed", first, "amount_rials"),
        ("figure_differs", last, "settled_rials"),
        ("figure_differs", last, "covered_rials"),
    }
