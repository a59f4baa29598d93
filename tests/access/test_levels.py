"""Edit levels on every surface of every kind of document, found in the table of routes.

Each route is asked twice by a person whose role gives the right: with a table that names the role, and
with one that gives the route's action to somebody else. The first must work, the second must not: no
document changes, none is shown. Then the guards are taken away one by one, and the same probes must find it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator

import pytest
from flask import current_app
from sqlalchemy import select

from app.core import level_guard, levels, scope
from app.core.actor import Actor, acting_as
from app.core.db import db
from app.core.feature import Role
from app.core.level_rules import ANY, EDIT, EXPORT, PRINT, VIEW, Cell
from app.core.workflow import Workflow
from app.office.edit_levels import services
from app.office.edit_levels.table import Row, Who
from tests.access import oracle
from tests.access.probing import Probe, Prober, is_refused, probes, text_of
from tests.access.routes import Door
from tests.access.world import ADMIN, ANONYMOUS, NO_ROLE, OUTSIDE, PEOPLE, Place, World
from tests.factories import PostFactory

FAB_WARNS = pytest.mark.filterwarnings("ignore:Yielding raw tuples", "ignore:The Query.get")
WORKERS = [person for person in (Role.MANAGER.value, *PEOPLE) if person not in (ADMIN, ANONYMOUS, NO_ROLE, *OUTSIDE)]
ACTIONS = {"add": EDIT, "delete": EDIT, "show": VIEW, "list": VIEW}
"""What a right of a route is in the table; a route of any other right is called by that right."""
SHARES, IN_EVERY_RUN = 4, 1
"""The surfaces lie in shares as cards are dealt; every run plays some, `make soak` all."""
LEAST = {"writes": 50, "reads": 50}
"""How many surfaces there are at least, of all shares."""


def kinds_by_subject() -> dict[str, list[levels.Document]]:
    found: dict[str, list[levels.Document]] = {}
    for document in levels.documents():
        found.setdefault(document.subject, []).append(document)
    return found


def asked(world: World, *, of_all_roles: bool = False) -> Iterator[Probe]:
    """The own rows (and the new ones) of each document's routes, by the first role that may, or by all."""
    met: set[tuple[str, str]] = set()
    for person in dict.fromkeys(WORKERS):
        for probe in probes(world):
            route, row = probe.route, probe.row
            if probe.person != person or route.subject not in kinds_by_subject() or route.door is not Door.RIGHT:
                continue
            if row is not None and (row.place is not Place.MINE or row.owner not in (person, "everybody")):
                continue
            if row is not None and oracle.SUBJECT_OF.get(row.kind) != route.subject:
                continue  # a customer to choose, a tax document: no document of this subject
            is_new = (probe.endpoint, probe.method) not in met
            if (is_new or of_all_roles) and oracle.allows(person, route, None if route.listing else row):
                met.add((probe.endpoint, probe.method))
                yield probe


def action_of(probe: Probe) -> str:
    """What the table calls it. The page that asks for a step's reason shows the document and takes no step."""
    action = probe.route.action
    if probe.method == "GET" and action not in (PRINT, EXPORT):
        return VIEW
    return ACTIONS.get(action, action)


def set_table(probe: Probe, *, is_shut: bool) -> None:
    """Name the role of who asks everywhere; where shut, the route's action goes to a post that nobody holds."""
    role = current_app.extensions["appbuilder"].sm.find_role(probe.person)
    action = action_of(probe)
    with acting_as(Actor.system("test")):
        nobody = Who(post_id=PostFactory().id)
        for document in kinds_by_subject()[probe.route.subject]:
            rows = [
                Row(Cell(document.kind, ANY, one), nobody if is_shut and one == action else Who(role_id=role.id))
                for one in services.actions_of(document)
            ]
            services.save_rows(document, rows, seen=services.mark_of(document.kind))
        db.session.commit()


def content() -> str:
    """A digest of all documents and of what is part of them."""
    models = {one.model for one in levels.documents()}
    parts = level_guard._parts(tuple(one.model for one in levels.documents()))
    digest = hashlib.sha256()
    for table in sorted({model.__table__ for model in models | parts}, key=lambda one: str(one.name)):
        digest.update(repr(sorted(map(repr, db.session.connection().execute(select(table))))).encode())
    return digest.hexdigest()


def outcome(prober: Prober, probe: Probe, *, is_shut: bool) -> bool:
    """Whether the probe did or showed anything."""
    browser = prober.browser_of(probe)
    cookies = dict(browser._cookies)
    with prober.undone():
        set_table(probe, is_shut=is_shut)
        before = content() if probe.method != "GET" else ""
        answer = prober.send(probe)
        browser._cookies = cookies
        assert answer.status_code < 500, f"{probe}: {prober.failure}"
        if probe.method != "GET":
            return content() != before
        row = probe.row
        return row is not None and bool(row.secret) and not is_refused(answer) and row.secret in text_of(answer)


def holes(prober: Prober, chosen: Iterable[Probe]) -> tuple[dict[str, list[str]], list[str]]:
    """The surfaces that work for who is named, and of those what also works for who is not."""
    works: dict[str, list[str]] = {"writes": [], "reads": []}
    open_to_all = []
    for probe in chosen:
        if outcome(prober, probe, is_shut=False):
            works["reads" if probe.method == "GET" else "writes"].append(str(probe))
            if outcome(prober, probe, is_shut=True):
                open_to_all.append(str(probe))
    return works, open_to_all


@FAB_WARNS
@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    "share", [pytest.param(n, marks=[] if n < IN_EVERY_RUN else [pytest.mark.soak]) for n in range(SHARES)]
)
def test_every_surface_of_documents_goes_by_the_table(prober: Prober, world: World, share: int) -> None:
    works, found = holes(prober, list(asked(world))[share::SHARES])
    counts = {name: len(surfaces) for name, surfaces in works.items()}
    print(f"\nedit levels, share {share + 1} of {SHARES}: {counts}, {len(found)} holes")
    assert found == [], "\n".join(found)
    for name, least in LEAST.items():
        assert counts[name] >= least // SHARES // 2, name  # the shares are not alike


@FAB_WARNS
@pytest.mark.soak
@pytest.mark.timeout(3000)
def test_every_surface_by_every_role(prober: Prober, world: World) -> None:
    works, found = holes(prober, asked(world, of_all_roles=True))
    print(f"\nedit levels, all roles: {len(works['writes'])} writes, {len(works['reads'])} reads, {len(found)} holes")
    assert found == [], "\n".join(found)
    assert all(len(works[name]) >= least for name, least in LEAST.items())


def _off(monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    if fault == "steps":
        monkeypatch.setattr(Workflow, "everywhere", [])
    elif fault == "writes":
        monkeypatch.setattr(level_guard, "check_pending", lambda _session: None)
    elif fault == "sight":
        monkeypatch.setattr(levels, "allowed_rows", lambda *_asked: None)
        scope._criteria.cache_clear()
    else:
        monkeypatch.setattr(levels, "require", lambda *_asked: None)


FAULTS = {
    "steps": "InvoiceView.step",
    "writes": "InvoiceEditor.save",
    "sight": "InvoiceEditor.show",
    "prints": "PrintView.invoice",
}
"""What is taken away, and a route that must tell."""


@FAB_WARNS
@pytest.mark.parametrize("fault", FAULTS)
def test_a_guard_that_is_missing_is_found(
    prober: Prober, world: World, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    chosen = [probe for probe in asked(world) if probe.endpoint.partition("#")[0] == FAULTS[fault]]
    assert holes(prober, chosen)[1] == []
    _off(monkeypatch, fault)
    try:
        assert holes(prober, chosen)[1] != []
    finally:
        scope._criteria.cache_clear()
