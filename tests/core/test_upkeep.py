"""The database's own figures, by which it chooses its indexes."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import text

from app.core.actor import Actor, acting_as
from app.core.db import db, writing
from app.core.upkeep import refresh_statistics
from tests.factories.crm import CustomerFactory


def test_a_table_that_grew_is_measured(committed_app: Flask) -> None:
    with acting_as(Actor.system("test")), writing():
        for number in range(30):
            CustomerFactory(name=f"N{number}")
        db.session.commit()
    refresh_statistics()
    measured = db.session.scalars(text("SELECT idx FROM sqlite_stat1 WHERE tbl = 'crm_customer'")).all()
    db.session.rollback()
    assert "ix_crm_customer_name" in measured
