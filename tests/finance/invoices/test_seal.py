"""A changed rial in an issued invoice is found and named."""

from __future__ import annotations

import pytest
from flask import Flask

from app.core import audit
from app.core.db import db
from tests.factories.finance import issued_invoice

TABLES = {
    "finance_invoice": (
        "payable_rials = payable_rials + 1, net_rials = net_rials + 1, gross_rials = gross_rials + 1",
        "id",
    ),
    "finance_invoice_line": ("unit_price = unit_price + 1", "invoice_id"),
    "finance_invoice_line_tax": ("amount_rials = amount_rials + 1", "line_id"),
}


@pytest.mark.databases
@pytest.mark.parametrize("table", TABLES)
def test_one_rial_changed_by_raw_sql_is_named(committed_app: Flask, table: str) -> None:
    invoice = issued_invoice()
    key = invoice.lines[0].id if table == "finance_invoice_line_tax" else invoice.id
    db.session.commit()
    audit.seal_pending()
    assert audit.verify_chain().ok
    change, column = TABLES[table]
    db.session.rollback()  # one writer at a time
    with db.engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE {table} SET {change} WHERE {column} = {key}")
    verdict = audit.verify_chain()
    assert [finding.record_id for finding in verdict.findings if finding.model == "finance_invoice"] == [invoice.id]
