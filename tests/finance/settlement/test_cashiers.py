"""Two cashiers settle one invoice at the same moment: one gets it, the other is refused, never over.

A few invoices in the usual run; 200 with `KARTABL_SOAK=1`.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from flask import Flask

from app.core.db import db
from tests.finance.settlement import cashiers
from tests.storm import blow

SOAK = bool(os.environ.get("KARTABL_SOAK"))
INVOICES = 200 if SOAK else 12
LANES = 2


@pytest.mark.databases
@pytest.mark.timeout(1_200 if SOAK else 400)
def test_two_cashiers_never_settle_more_than_an_invoice_is_worth(committed_app: Flask, tmp_path: Path) -> None:
    cashiers.make_invoices(INVOICES, LANES)
    db.session.remove()
    url = str(committed_app.config["SQLALCHEMY_DATABASE_URI"])
    weather = blow("tests.finance.settlement.cashiers:settle", url, tmp_path, lanes=LANES, limit=1_000)
    assert weather.errors == []
    assert sorted(weather.shown) == [0] * INVOICES + [1] * INVOICES
    assert cashiers.faults(INVOICES) == []
