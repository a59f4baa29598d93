"""Every route × person × place × method, expected from the manifests."""

from __future__ import annotations

import random
from collections.abc import Iterable

import pytest
from flask import Flask

from app.core import scope
from app.core.feature import Role
from tests.access.probing import Probe, Prober, endpoint_of, methods_of, probes
from tests.access.routes import ROUTES
from tests.access.world import Place, World

LEAST_PROBES = 1_500
SAMPLE = 400
LEAST_LEAKS, LEAST_HOLES, LEAST_CHANGES = 60, 30, 10
FAB_WARNS = pytest.mark.filterwarnings("ignore:Yielding raw tuples", "ignore:The Query.get")


def test_every_route_is_entered(probed_app: Flask) -> None:
    """A new route says in tests/access/routes.py who may use it; a dropped one is taken out."""
    assert set(methods_of(probed_app)) == {endpoint_of(key) for key in ROUTES}


SHARES = 4


def run(prober: Prober, chosen: Iterable[Probe], name: str) -> None:
    """Send probes, say how many, and fail with every fault."""
    for probe in chosen:
        prober.check(probe)
    print(f"\n{name}: {prober.count} probes, {len(prober.faults)} faults")
    assert not prober.faults, "\n".join(prober.faults)


@FAB_WARNS
@pytest.mark.timeout(300)
@pytest.mark.parametrize("share", range(SHARES))
def test_no_probe_finds_a_hole_or_a_leak(prober: Prober, world: World, share: int) -> None:
    run(prober, list(probes(world))[share::SHARES], f"share {share + 1} of {SHARES}")


def test_the_probes_are_many(world: World) -> None:
    assert len(list(probes(world))) >= LEAST_PROBES


@FAB_WARNS
@pytest.mark.pg
@pytest.mark.timeout(300)
@pytest.mark.parametrize("probed_app", ["postgresql"], indirect=True)
def test_a_sample_finds_nothing_on_postgresql(prober: Prober, world: World) -> None:
    run(prober, random.Random(5).sample(list(probes(world)), SAMPLE), "PostgreSQL")


def test_the_probes_find_every_leak_when_the_scope_is_off(
    prober: Prober, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reading and writing without the row scope, as if somebody had forgotten it."""
    monkeypatch.setattr(scope, "limiting_actor", lambda: None)
    monkeypatch.setattr("app.core.search.limiting_actor", lambda: None)
    hidden = [p for p in probes(world) if _is_hidden_from_a_seller(p)]
    for probe in hidden:
        prober.check(probe)
    shown = [fault for fault in prober.faults if "shows" in fault]
    holes = [fault for fault in prober.faults if "a hole" in fault]
    changes = [fault for fault in prober.faults if "changed the database" in fault]
    print(f"\nscope off: {prober.count} probes, {len(shown)} leaks, {len(holes)} holes, {len(changes)} changes")
    assert len(shown) >= LEAST_LEAKS
    assert len(holes) >= LEAST_HOLES
    assert len(changes) >= LEAST_CHANGES


def _is_hidden_from_a_seller(probe: Probe) -> bool:
    places = (Place.THEIRS, Place.ABOVE)
    return probe.person == Role.SALES.value and probe.row is not None and probe.row.place in places
