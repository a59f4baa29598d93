"""The programming interface, attacked from its own description by schemathesis: it may refuse, it may not fail."""

from __future__ import annotations

import json
import math
import random
import warnings
from collections import Counter
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from schemathesis import GenerationMode

from app.core.openapi import description
from tests.access.probing import Prober
from tests.access.world import ADMIN, World
from tests.fuzz import hostile

MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
LEAST_OPERATIONS = 20
WRONG_METHODS = ("PATCH", "TRACE")


@pytest.fixture(scope="module")
def operations(probed_app: Any) -> list[Any]:
    """Every operation that the description names."""
    with probed_app.test_request_context():
        raw = json.loads(json.dumps(description()))
    schema = schemathesis.openapi.from_dict(raw)
    return [found.ok() for found in schema.get_all_operations()]


class Thrower:
    """Sends cases as the administrator's program, each undone, and keeps what failed."""

    def __init__(self, prober: Prober, world: World) -> None:
        self.prober, self.world = prober, world
        self.browser = world.programs[ADMIN]
        self.faults: list[str] = []
        self.statuses: Counter[int] = Counter()

    def send(self, method: str, path: str, query: Any, body: Any, raw: bytes | None = None) -> None:
        sent: dict[str, Any] = {"query_string": query or None}
        if raw is not None:
            sent |= {"data": raw, "content_type": "application/json"}
        elif method not in ("GET", "HEAD"):
            sent["json"] = body
        with self.prober.undone():
            self.prober.failure = ""
            try:
                answer = self.browser.open(path, method=method, **sent)
            except (UnicodeError, ValueError):  # no client can write that
                return
            self.statuses[answer.status_code] += 1
            shown = f"{method} {path} ?{str(query)[:200]} {str(raw if raw is not None else body)[:400]}"
            if answer.status_code >= 500:
                self.faults.append(f"{shown}: {self.prober.failure}")
            elif answer.status_code >= 400 and "json" not in (answer.mimetype or "") and path.startswith("/api/v1/"):
                self.faults.append(f"{shown}: refused with {answer.mimetype}")

    @property
    def count(self) -> int:
        return sum(self.statuses.values())


def throw_at(thrower: Thrower, operation: Any, mode: Any, count: int, number: int) -> None:
    """So many cases of one operation, valid or broken as the description says."""

    @seeded(number)
    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        phases=(Phase.generate,),
        derandomize=False,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def attack(case: Any) -> None:
        body = None if type(case.body).__name__ == "NotSet" else case.body
        if isinstance(body, bytes):
            return
        thrower.send(case.method.upper(), case.formatted_path, _plain(case.query), _plain(body))

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the generator, not ours
        attack()


def _plain(value: Any) -> Any:
    """JSON as a client writes it: no NaN, strings that UTF-8 knows."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {str(key): _plain(one) for key, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, (list, tuple)) else value


def throw_hostile(thrower: Thrower, operation: Any, dice: random.Random, count: int) -> None:
    """Hostile values at the same addresses: what no description foresees."""
    for _turn in range(count):
        path = operation.full_path.replace("{pk}", dice.choice(("1", "0", "-1", "9" * 40, "x", "%00", "١")))
        query = {dice.choice(("q", "sort", "size", "after", "search", "f_name", "f_city")): hostile.text(dice)}
        raw = dice.choice((None, None, b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"a":' * 300, b'"x"'))
        method = operation.method.upper() if dice.random() < 0.9 else dice.choice(WRONG_METHODS)
        thrower.send(method, path, query, hostile.json_value(dice), raw)


@pytest.mark.slow
@pytest.mark.timeout(7200)
@pytest.mark.parametrize(
    ("probed_app", "total"),
    [
        ("sqlite", 120),
        pytest.param("sqlite", 16_500, marks=pytest.mark.soak),
        pytest.param("postgresql", 2000, marks=[pytest.mark.soak, pytest.mark.pg]),
    ],
    indirect=["probed_app"],
)
def test_nothing_brings_the_interface_down(prober: Prober, world: World, operations: list[Any], total: int) -> None:
    assert len(operations) >= LEAST_OPERATIONS
    thrower, dice = Thrower(prober, world), random.Random(3)
    each = max(1, total // (len(operations) * 3))
    for number, operation in enumerate(operations):
        for mode in MODES:
            throw_at(thrower, operation, mode, each, number)
        throw_hostile(thrower, operation, dice, each)
    shown = ", ".join(f"{status}: {count}" for status, count in sorted(thrower.statuses.items()))
    print(f"\n{len(operations)} operations, {thrower.count} requests ({shown}), {len(thrower.faults)} failures")
    assert thrower.faults == [], "\n".join(thrower.faults[:30])
