"""Whatever is issued, returned, paid, bounced and reversed in whatever order: the books hold.

A few seeds in every run; `make soak` plays ten thousand sequences, a hundred in each of its parts.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from app.core.actor import Actor, acting_as
from app.core.db import db
from tests.finance.settlement import sequences

STEPS = 10
OFTEN, IN_A_PART, PARTS = 6, 100, 100


@pytest.fixture(autouse=True)
def _system(app: Any) -> Iterator[None]:
    with acting_as(Actor.system("test")):
        yield


def play(seeds: range) -> None:
    refused = settled = returned = 0
    for seed in seeds:
        outer = db.session.begin_nested()
        more, books = sequences.run(seed, STEPS)
        outer.rollback()
        db.session.expunge_all()
        refused += more
        settled += len(books.matches)
        returned += sum(one.original_id is not None for one in books.invoices)
    assert refused < len(seeds) * STEPS * 0.7, "it tried next to nothing"
    assert settled > len(seeds)
    assert returned


@pytest.mark.timeout(400)
def test_random_sequences_never_refund_or_settle_more_than_was_charged() -> None:
    play(range(OFTEN))


@pytest.mark.soak
@pytest.mark.timeout(3_600)
@pytest.mark.parametrize("part", range(PARTS))
def test_ten_thousand_sequences(part: int) -> None:
    play(range(part * IN_A_PART, (part + 1) * IN_A_PART))
