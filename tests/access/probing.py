"""Sending one probe and judging its answer."""

from __future__ import annotations

import hashlib
import io
import subprocess
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, got_request_exception, url_for
from sqlalchemy import Connection, event, select
from werkzeug.test import TestResponse

from app.core.db import db
from app.core.feature import Role
from tests.access import oracle
from tests.access.routes import ROUTES, Door, Route
from tests.access.world import ADMIN, ANONYMOUS, NO_ROLE, PEOPLE, Place, Row, World
from tests.app_fixtures import Visitor

METHODS = ("GET", "POST", "PUT", "DELETE")
FEW = (ANONYMOUS, NO_ROLE, Role.SALES.value, Role.MANAGER.value, ADMIN)
"""Who probes what is open to nobody or to the administrator alone."""
REFUSALS = frozenset({401, 403, 404})
WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE")


@dataclass(frozen=True, slots=True)
class Probe:
    """Who asks for what, how, on which row."""

    person: str
    endpoint: str
    method: str
    row: Row | None

    @property
    def route(self) -> Route:
        return ROUTES[self.endpoint]

    def __str__(self) -> str:
        where = f" {self.row.kind} {self.row.place}" if self.row is not None else ""
        return f"{self.person}: {self.method} {self.endpoint}{where}"


@dataclass(slots=True)
class Prober:
    """Sends probes against a world, each undone, and collects what is wrong."""

    world: World
    connection: Connection
    written: list[str] = field(default_factory=list)
    before: str = ""
    failure: str = ""
    count: int = 0
    faults: list[str] = field(default_factory=list)

    def send(self, probe: Probe) -> TestResponse:
        """The answer to a probe; whatever it wrote is undone by `undone`."""
        route, row = probe.route, probe.row
        values = dict(route.values)
        if row is not None and route.key:
            values[route.key] = row.id
        url = path_of(self.world.app, endpoint_of(probe.endpoint), values) + route.query
        if route.listing and row is not None:
            url += f"?{'search' if route.program else 'q'}={row.key}"
        options: dict[str, Any] = {}
        if probe.method != "GET" and route.send is not None:
            options["json" if route.as_json else "data"] = route.send(self.world, probe.person, row)
        self.written.clear()
        return self.browser_of(probe).open(url, method=probe.method, **options)

    def browser_of(self, probe: Probe) -> Visitor:
        """The browser (or program) of who asks."""
        return (self.world.programs if probe.route.program else self.world.browsers)[probe.person]

    def check(self, probe: Probe) -> TestResponse:
        """Send a probe and note every fault of its answer."""
        self.count += 1
        browser = self.browser_of(probe)
        cookies = dict(browser._cookies)  # some routes sign out, choose a language, flash
        with self.undone():
            answer = self.send(probe)
            browser._cookies = cookies
            for fault in self._faults(probe, answer):
                self.faults.append(f"{probe}: {fault} ({answer.status_code})")
        return answer

    def _faults(self, probe: Probe, answer: TestResponse) -> Iterator[str]:
        route, row = probe.route, probe.row
        is_allowed = oracle.allows(probe.person, route, None if route.listing else row)
        adds_elsewhere = probe.method != "GET" and oracle.adds_elsewhere(probe.person, route)
        if answer.status_code >= 500:
            yield f"the server failed: {self.failure}"
        if is_refused(answer, raw=route.raw) is is_allowed and not (
            ((is_allowed or route.door is Door.NOBODY) and answer.status_code == route.not_allowed)
            or route.door is Door.PUBLIC
            or (route.raw and is_allowed)
            or adds_elsewhere  # refused by 403 or, at the field, 422
        ):
            yield "locked out" if is_allowed else "a hole"
        yield from (f"shows {r.kind} {r.place} {r.owner}" for r in self.leaks(probe.person, answer))
        may_write = is_allowed and not adds_elsewhere and (probe.method != "GET" or route.writes_down)
        if self.written and not may_write and self.fingerprint() != self.before:
            yield f"changed the database: {self.written[:2]}"
        has_failed = answer.status_code >= 400 or not self.written
        if route.proven and is_allowed and has_failed and probe.method != "GET" and probe.person == ADMIN:
            yield f"the valid request did nothing: {' '.join(answer.text[-1500:].split())[-600:]}"

    def leaks(self, person: str, answer: TestResponse) -> list[Row]:
        """Rows that show in an answer though the person may not see them."""
        text = text_of(answer) + str(answer.headers)
        return [row for row in self.world.rows if row.secret and row.secret in text and not oracle.sees(person, row)]

    @contextmanager
    def undone(self) -> Iterator[None]:
        """Undo what a block writes."""
        nested = self.connection.begin_nested()
        try:
            yield
        finally:
            db.session.remove()
            nested.rollback()

    def fingerprint(self) -> str:
        """A digest of every row of every table."""
        digest = hashlib.sha256()
        for table in sorted(db.metadata.tables.values(), key=lambda table: table.name):
            rows = self.connection.execute(select(table)).all()
            digest.update(repr((table.name, sorted(map(repr, rows)))).encode())
        return digest.hexdigest()


@contextmanager
def watching(prober: Prober) -> Iterator[None]:
    """Note every statement that writes."""

    def note(_conn: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if statement.lstrip().upper().startswith(WRITES):
            prober.written.append(statement[:120])

    def fail(_app: Any, exception: Exception, **_more: Any) -> None:
        prober.failure = repr(exception)[:300]

    event.listen(prober.connection, "before_cursor_execute", note)
    got_request_exception.connect(fail, prober.world.app)
    try:
        prober.before = prober.fingerprint()
        yield
    finally:
        event.remove(prober.connection, "before_cursor_execute", note)


def is_refused(answer: TestResponse, *, raw: bool = False) -> bool:
    """Whether an answer says no: to the sign-in page, 401, 403 or 404."""
    if answer.status_code in (301, 302, 303):
        return raw or urlsplit(answer.headers["Location"]).path == "/login/"
    return answer.status_code in REFUSALS


def text_of(answer: TestResponse) -> str:
    """All that an answer shows, a workbook unpacked, a PDF read."""
    content = answer.get_data()
    if content.startswith(b"%PDF"):
        return subprocess.run(["pdftotext", "-", "-"], input=content, capture_output=True, check=True).stdout.decode()
    if not content.startswith(b"PK"):
        return answer.get_data(as_text=True)
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        return "".join(book.read(name).decode() for name in book.namelist())


def endpoint_of(key: str) -> str:
    """The endpoint of a key of the table."""
    return key.partition("#")[0]


def path_of(app: Flask, endpoint: str, values: dict[str, Any]) -> str:
    """The address of an endpoint."""
    with app.test_request_context():
        return url_for(endpoint, **values)


def methods_of(app: Flask) -> dict[str, list[str]]:
    """The methods of every endpoint."""
    found: dict[str, set[str]] = {}
    for rule in app.url_map.iter_rules():
        found.setdefault(rule.endpoint, set()).update(rule.methods or ())
    return {endpoint: [m for m in METHODS if m in methods] for endpoint, methods in sorted(found.items())}


def probes(world: World) -> Iterator[Probe]:
    """Every route × person × place × method."""
    methods = methods_of(world.app)
    for endpoint, route in sorted(ROUTES.items()):
        for method in methods.get(endpoint_of(endpoint), ()):
            for place in _places(world, route, method, probe_all=endpoint.endswith((".show", ".get"))):
                for person in FEW if route.raw or route.door is Door.NOBODY else PEOPLE:
                    kind = "customer" if route.listing == "*" else route.kind or route.listing
                    yield Probe(person, endpoint, method, world.row(kind, person, place) if place else None)


def _places(world: World, route: Route, method: str, *, probe_all: bool) -> tuple[Place | None, ...]:
    kind = route.kind or ("customer" if route.listing == "*" else route.listing)
    if not kind:
        return (None,)
    if not world.has_places(kind):
        return (Place.MINE,) if route.kind else (None,)
    if route.door is Door.NOBODY or route.listing:
        return (Place.MINE, Place.THEIRS, Place.DEALER)
    is_page = method == "GET" and probe_all
    return tuple(Place) if is_page else (Place.MINE, Place.OURS, Place.THEIRS, Place.DEALER)
