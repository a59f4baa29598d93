"""Valid requests in which one key is changed to a row that the sender may not see."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.access import oracle
from tests.access.probing import Prober, endpoint_of, methods_of, path_of
from tests.access.routes import ROUTES, Door
from tests.access.world import ADMIN, ANONYMOUS, NO_ROLE, OF_DEALER, PEOPLE, Place, Row, World

KEYS = ("customer", "customer_id", "department")
"""The fields of the bodies whose rows have a scope."""
CHANGES = ("POST", "PUT")
REFUSED = frozenset({400, 403, 404, 422})


@dataclass(frozen=True, slots=True)
class Forgery:
    """Who sends what where; `field` points to a hidden row."""

    person: str
    endpoint: str
    method: str
    row: Row | None
    field: str
    place: Place
    sent: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.person}: {self.method} {self.endpoint}, {self.field} {self.place}"


def forgeries(world: World) -> Iterator[Forgery]:
    """Every route that takes a key of a row with a scope × everybody who may use it × hidden rows."""
    methods = methods_of(world.app)
    for endpoint, route in sorted(ROUTES.items()):
        if route.door is not Door.RIGHT or route.send is None:
            continue
        for person in PEOPLE:
            if person in (ANONYMOUS, NO_ROLE, ADMIN) or not oracle.holds(person, route.action, route.subject):
                continue
            row = world.row(route.kind, person, Place.MINE) if route.kind else None
            sent = route.send(world, person, row)
            for method in (m for m in methods[endpoint_of(endpoint)] if m in CHANGES):
                for field in (name for name in KEYS if name in sent):
                    for place, value in _hidden(world, person, route.subject, field):
                        yield Forgery(person, endpoint, method, row, field, place, {**sent, field: value})


def _hidden(world: World, person: str, subject: str, field: str) -> Iterator[tuple[Place, int]]:
    if field == "department":
        if person != OF_DEALER and not oracle.holds(person, "see_all", subject):
            yield from ((place, world.ids[f"department:{place}"]) for place in (Place.THEIRS, Place.ABOVE))
        return
    for place in tuple(Place)[1:]:
        row = world.row("customer", person, place)
        if not oracle.sees(person, row):
            yield place, row.id


def faults_of(prober: Prober, forgery: Forgery) -> list[str]:
    """What is wrong with the answer: taken, or telling of the hidden row, or the database changed."""
    route = ROUTES[forgery.endpoint]
    values = dict(route.values) | ({route.key: forgery.row.id} if forgery.row and route.key else {})
    url = path_of(prober.world.app, endpoint_of(forgery.endpoint), values) + route.query
    browser = (prober.world.programs if route.program else prober.world.browsers)[forgery.person]
    prober.count += 1
    with prober.undone():
        prober.written.clear()
        answer = browser.open(url, method=forgery.method, **{"json" if route.as_json else "data": forgery.sent})
        found = [] if answer.status_code in REFUSED else [f"taken ({answer.status_code})"]
        found += [f"shows {row.kind} {row.place}" for row in prober.leaks(forgery.person, answer)]
        if prober.written and prober.fingerprint() != prober.before:
            found.append(f"changed the database: {prober.written[:2]}")
    return [f"{forgery}: {fault}" for fault in found]
