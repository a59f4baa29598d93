"""Whatever is issued, paid, bounced and reversed in whatever order: the books hold.

A few seeds in the usual run; `KARTABL_SOAK=1` plays 10,000 sequences, another number as many as it says.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest

from app.core.actor import Actor, acting_as
from app.core.db import db
from tests.finance.settlement import sequences

ASKED = int(os.environ.get("KARTABL_SOAK") or 0)
SOAK = ASKED > 0
SEEDS = 10_000 if ASKED == 1 else ASKED or 3
STEPS = 14 if SOAK else 18


@pytest.fixture(autouse=True)
def _system(app: Any) -> Iterator[None]:
    with acting_as(Actor.system("test")):
        yield


@pytest.mark.timeout(36_000 if SOAK else 400)
def test_random_sequences_never_settle_more_than_is_charged() -> None:
    refused = 0
    for seed in range(SEEDS):
        outer = db.session.begin_nested()
        refused += sequences.run(seed, STEPS)
        outer.rollback()
        db.session.expunge_all()
    assert refused < SEEDS * STEPS * 0.8  # else it tried nothing
