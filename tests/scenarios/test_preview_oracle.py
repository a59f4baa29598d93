"""`POST /api/v1/documents/preview` against a second computation of docs/totals.md, on generated documents.

The oracle (tests/core/totals_oracle.py) shares no code with app.core.totals: exact fractions and
plain searches on the JSON itself.
"""

from __future__ import annotations

import os
import random
from typing import Any

import pytest

from app.core.feature import Role
from tests.core import totals_oracle

POLICIES = ("line_floor", "line_half_up", "document_half_up")
SEED = int(os.environ.get("KARTABL_ORACLE_SEED", "1405"))


def _discount(chance: random.Random, most: int) -> dict[str, str]:
    if chance.random() < 0.5:
        return {"percent": chance.choice(["1", "2.5", "5", "7.5", "10", "33.3333"])}
    return {"amount": str(chance.randint(0, most))}


def _tax(chance: random.Random, name: str, *, held: bool) -> dict[str, Any]:
    base = chance.choice(["net", "net", "net", "gross", "net_plus_previous"])
    percent = {"VAT": ["9", "10"], "duty": ["1", "3", "4.5"], "charge": ["0", "0.5", "2"]}[name]
    return {"name": name, "percent": chance.choice(percent), "included": held, "base": base}


def _line(chance: random.Random) -> dict[str, Any]:
    names = chance.sample(["VAT", "duty", "charge"], chance.randint(0, 3))
    held = chance.random() < 0.35  # a price that holds its taxes
    fraction = f"{chance.randint(1, 99_999) / 1000:.3f}"
    return {
        "quantity": chance.choice([str(chance.randint(1, 99)), fraction]),
        "unit_price": chance.choice(
            [str(chance.randint(1, 10**8)), f"{chance.randint(1, 10**7)}.{chance.randint(0, 9999):04}"]
        ),
        "discounts": [_discount(chance, 50) for _ in range(chance.choice([0, 0, 1, 2]))],
        "taxes": [_tax(chance, name, held=held and chance.random() < 0.8) for name in names],
    }


def generated(chance: random.Random, policy: str) -> dict[str, Any]:
    """A document as offices write them, with all that a policy has to decide."""
    discounts = [
        {**_discount(chance, 500), "of": chance.choice(["net", "payable"])} for _ in range(chance.choice([0, 1, 2]))
    ]
    additions = [
        {
            "name": "x",
            "amount": str(chance.randint(0, 10**6)),
            "sign": chance.choice([1, 1, -1]),
            "taxed": chance.random() < 0.3,
        }
        for _ in range(chance.choice([0, 0, 1, 2]))
    ]
    lines = [_line(chance) for _ in range(chance.randint(1, 8))]
    return {"policy": policy, "lines": lines, "discounts": discounts, "additions": additions}


def compare(program: Any, count: int) -> tuple[int, int]:
    """How many documents had figures, and how many of all came out differently."""
    chance = random.Random(SEED)
    figured = different = 0
    for at in range(count):
        document = generated(chance, POLICIES[at % len(POLICIES)])
        answer = program.post("/api/v1/documents/preview", json=document)
        try:
            expected = totals_oracle.totals(document)
        except totals_oracle.Refused:
            different += answer.status_code != 422
            continue
        figured += 1
        found = dict(answer.json) if answer.status_code == 200 else {}
        found.pop("words", None)
        different += found != expected
    return figured, different


@pytest.fixture
def program(as_program: Any) -> Any:
    return as_program(Role.ACCOUNTANT)


def test_three_hundred_documents_come_out_the_same(program: Any) -> None:
    figured, different = compare(program, 300)
    assert different == 0
    assert figured > 250


@pytest.mark.soak
def test_ten_thousand_documents_come_out_the_same(program: Any) -> None:
    figured, different = compare(program, 10_000)
    print(f"{figured} of 10000 documents had figures, {different} differed")
    assert different == 0
    assert figured > 8_000
