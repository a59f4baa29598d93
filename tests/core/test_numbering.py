"""Numbers without gaps: rules of a series, and many processes at once."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.core.db import db
from app.core.numbering import Counter, DateBeforeLastNumber, take_number, take_numbers
from tests.core import paper_storm
from tests.storm import Weather, blow

pytestmark = [pytest.mark.usefixtures("kernel"), pytest.mark.databases]
DAY = date(2024, 5, 4)


def take(on: date = DAY, *, kind: str = "invoice.sales", branch_id: int = 1, fiscal_year: int = 1403) -> int:
    return take_number(db.session, kind=kind, branch_id=branch_id, fiscal_year=fiscal_year, on=on)


def test_numbers_count_from_one() -> None:
    assert [take(), take(), take()] == [1, 2, 3]


@pytest.mark.parametrize(
    "other", [{"kind": "invoice.purchase"}, {"branch_id": 2}, {"fiscal_year": 1404}], ids=["kind", "branch", "year"]
)
def test_each_series_counts_by_itself(other: dict[str, int]) -> None:
    take()
    assert take(**other) == 1  # type: ignore[arg-type]
    assert take() == 2


def test_rollback_gives_the_number_back() -> None:
    assert take() == 1
    db.session.commit()
    assert take() == 2
    db.session.rollback()
    assert take() == 2


def test_lost_savepoint_gives_the_number_back() -> None:
    take()
    savepoint = db.session.begin_nested()
    assert take() == 2
    savepoint.rollback()
    assert take() == 2


def test_document_dated_before_the_last_number_is_refused() -> None:
    take(date(2024, 5, 4))
    with pytest.raises(DateBeforeLastNumber) as refusal:
        take(date(2024, 5, 3))
    assert (refusal.value.on, refusal.value.last_on, refusal.value.last_value) == (date(2024, 5, 3), DAY, 1)
    assert take(date(2024, 5, 4)) == 2


def test_numbers_rise_over_the_years_end_and_a_clock_that_went_back_is_refused() -> None:
    assert take(date(2025, 3, 20), fiscal_year=1403) == 1
    assert take(date(2025, 3, 21), fiscal_year=1404) == 1
    with pytest.raises(DateBeforeLastNumber):
        take(date(2025, 3, 19), fiscal_year=1403)


def test_many_numbers_are_taken_in_one_step() -> None:
    series = {"kind": "invoice.sales", "branch_id": 1, "fiscal_year": 1403}
    found = take_numbers(db.session, **series, on=DAY, until=date(2024, 6, 1), count=1000)  # type: ignore[arg-type]
    assert found == range(1, 1001)
    with pytest.raises(DateBeforeLastNumber):
        take(date(2024, 5, 31))
    assert take(date(2024, 6, 1)) == 1001
    assert db.session.scalar(select(func.count()).select_from(Counter)) == 1


@pytest.mark.parametrize("count", [0, -1])
def test_taking_no_number_is_a_mistake(count: int) -> None:
    with pytest.raises(ValueError, match="at least one"):
        take_numbers(db.session, kind="x", branch_id=1, fiscal_year=1403, on=DAY, count=count)


def run_storm(
    kernel: Flask, folder: Path, name: str, *, drafts: int, lanes: int, **kills: float
) -> tuple[Weather, list[str]]:
    paper_storm.make_drafts(drafts)
    db.session.remove()
    url = str(kernel.config["SQLALCHEMY_DATABASE_URI"])
    weather = blow(f"tests.core.paper_storm:{name}", url, folder, lanes=lanes, **kills)  # type: ignore[arg-type]
    return weather, paper_storm.faults(weather.shown, drafts)


def test_processes_that_are_killed_leave_no_gap_and_no_half_document(kernel: Flask, tmp_path: Path) -> None:
    weather, faults = run_storm(kernel, tmp_path, "issue", drafts=60, lanes=3, kill_after=15)
    assert (weather.errors, faults) == ([], [])
    assert weather.kills >= 2


def test_naive_numbers_fail_the_same_storm(kernel: Flask, tmp_path: Path) -> None:
    weather, faults = run_storm(kernel, tmp_path, "issue_naively", drafts=300, lanes=3)
    assert weather.clashes, (weather.errors, faults)


@pytest.mark.soak
@pytest.mark.parametrize("kill_every", [None, 2.0], ids=["calm", "kills"])
def test_eight_processes_number_eight_thousand(
    kernel: Flask, tmp_path: Path, kill_every: float | None, capsys: pytest.CaptureFixture[str]
) -> None:
    weather, faults = run_storm(kernel, tmp_path, "issue", drafts=8000, lanes=8, kill_every=kill_every)  # type: ignore[arg-type]
    with capsys.disabled():
        print(
            f"{db.engine.dialect.name}: {weather.per_second:.0f}/s, p99 {weather.quantile(0.99) * 1000:.0f} ms,"
            f" longest {max(weather.waits):.2f} s, {weather.kills} kills, {len(weather.errors)} errors"
        )
    assert (weather.errors, faults) == ([], [])
