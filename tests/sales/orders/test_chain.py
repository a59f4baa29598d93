"""Every route of a sales order at random: what is taken and left is what the documents say, after every step.

A few seeds in every run; `make soak` plays three thousand sequences of twenty-five steps.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from app.core.actor import Actor, acting_as
from app.core.db import db
from tests.factories.production import set_up_stages
from tests.sales.orders.chain_model import Chain

STEPS = 25
PARTS = 10
IN_EACH_PART = 300


class Careful(Actor):
    """May do everything but make more of a document than is left of it."""

    def can(self, action: str, subject: str) -> bool:
        """Whether the actor has a right."""
        return action != "exceed" and Actor.can(self, action, subject)


def play(seed: int, *, exceeds: bool) -> Counter[str]:
    """One sequence; what was refused, by code."""
    who = (Actor if exceeds else Careful).system("test")
    with acting_as(who), db.session.begin_nested() as kept:
        set_up_stages("one")
        chain = Chain(seed, exceeds=exceeds)
        for _turn in range(STEPS):
            chain.step()
            chain.check()
        kept.rollback()
    db.session.expunge_all()
    return chain.refused


@pytest.mark.parametrize("exceeds", [False, True])
@pytest.mark.parametrize("seed", range(3))
def test_all_routes_together_keep_the_ledger(app: Any, seed: int, exceeds: bool) -> None:
    play(seed, exceeds=exceeds)


@pytest.mark.soak
@pytest.mark.timeout(900)
@pytest.mark.parametrize("part", range(PARTS))
def test_thousands_of_sequences_keep_the_ledger(app: Any, part: int) -> None:
    refused = Counter[str]()
    for seed in range(part * IN_EACH_PART, (part + 1) * IN_EACH_PART):
        refused += play(1000 + seed, exceeds=seed % 3 == 0)
    print(part, dict(refused))
    assert refused["cancel_with_children"] > IN_EACH_PART / 10
