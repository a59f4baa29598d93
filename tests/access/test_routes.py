"""Every route × person × place × method, expected from the manifests."""

from __future__ import annotations

import random
from collections.abc import Iterable

import pytest
from flask import Flask

from tests.access.probing import Probe, Prober, endpoint_of, methods_of, probes
from tests.access.routes import ROUTES
from tests.access.world import World

LEAST_PROBES = 15_000
SAMPLE = 400
FAB_WARNS = pytest.mark.filterwarnings("ignore:Yielding raw tuples", "ignore:The Query.get")


def test_every_route_is_entered(probed_app: Flask) -> None:
    """A new route says in tests/access/routes.py who may use it; a dropped one is taken out."""
    assert set(methods_of(probed_app)) == {endpoint_of(key) for key in ROUTES}


SHARES, IN_EVERY_RUN = 16, 1
"""The probes lie in shares as cards are dealt; every run plays some, `make soak` all."""


def run(prober: Prober, chosen: Iterable[Probe], name: str) -> None:
    """Send probes, say how many, and fail with every fault."""
    for probe in chosen:
        prober.check(probe)
    print(f"\n{name}: {prober.count} probes, {len(prober.faults)} faults")
    assert not prober.faults, "\n".join(prober.faults)


@FAB_WARNS
@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    "share", [pytest.param(n, marks=[] if n < IN_EVERY_RUN else [pytest.mark.soak]) for n in range(SHARES)]
)
def test_no_probe_finds_a_hole_or_a_leak(prober: Prober, world: World, share: int) -> None:
    run(prober, list(probes(world))[share::SHARES], f"share {share + 1} of {SHARES}")


def test_the_probes_are_many(world: World) -> None:
    assert len(list(probes(world))) >= LEAST_PROBES


@FAB_WARNS
@pytest.mark.pg
@pytest.mark.timeout(300)
@pytest.mark.parametrize("probed_app", ["postgresql"], indirect=True)
def test_a_sample_finds_nothing_on_postgresql(prober: Prober, world: World) -> None:
    run(prober, random.Random(5).sample(list(probes(world)), SAMPLE), "PostgreSQL, a sample")


@FAB_WARNS
@pytest.mark.pg
@pytest.mark.soak
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("probed_app", ["postgresql"], indirect=True)
def test_no_probe_finds_a_hole_or_a_leak_on_postgresql(prober: Prober, world: World) -> None:
    run(prober, probes(world), "PostgreSQL, all")
