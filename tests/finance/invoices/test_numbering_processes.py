"""Several processes issue invoices at once, and one is killed now and then: no gap, no half invoice."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from app.core.db import db
from tests.finance.invoices import invoice_storm
from tests.storm import Weather, blow

pytestmark = pytest.mark.databases
LANES = 3


def run(app: Flask, folder: Path, name: str, drafts: int, **kills: int) -> tuple[Weather, list[str]]:
    invoice_storm.make_drafts(drafts)
    db.session.remove()
    url = str(app.config["SQLALCHEMY_DATABASE_URI"])
    storm = f"tests.finance.invoices.invoice_storm:{name}"
    weather = blow(storm, url, folder, lanes=LANES, limit=90, **kills)  # type: ignore[arg-type]
    return weather, invoice_storm.faults(weather.shown, drafts)


def test_killed_processes_leave_no_gap_and_no_half_invoice(committed_app: Flask, tmp_path: Path) -> None:
    weather, faults = run(committed_app, tmp_path, "issue", 90, kill_after=40)
    assert (weather.errors, faults) == ([], [])
    assert weather.kills


def test_naive_numbers_fail_the_same_check(committed_app: Flask, tmp_path: Path) -> None:
    weather, faults = run(committed_app, tmp_path, "issue_naively", 150)
    assert weather.clashes, (weather.errors, faults)
