"""Faults planted one by one: the probes that find nothing in the product must find each of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from sqlalchemy import select

from app.core import scope
from app.core.actor import FieldLevel, require_current
from app.core.db import db
from app.core.feature import Role
from app.core.fields import RemoteSelectField
from app.core.jobs import Job
from app.core.row_actions import RowActions
from app.core.scope import unscoped
from reports.tabular.jobs import folder
from tests.access.closed import close_fields
from tests.access.forging import faults_of, forgeries
from tests.access.probing import Probe, Prober, probes
from tests.access.test_fields import own_probes, shown
from tests.access.world import Place, World

SELLER = Role.SALES.value
HIDDEN_PLACES = frozenset({Place.THEIRS, Place.ABOVE})
LEAST_FORGERIES = 60
FAB_WARNS = pytest.mark.filterwarnings("ignore:Yielding raw tuples", "ignore:The Query.get")
BOTH_DATABASES = pytest.mark.parametrize(
    "probed_app", ["sqlite", pytest.param("postgresql", marks=[pytest.mark.pg, pytest.mark.soak])], indirect=True
)


def found_by(prober: Prober, chosen: Iterable[Probe], kind: str) -> set[str]:
    """The endpoints at which the probes find a fault of a kind; sends them all."""
    prober.faults.clear()
    asked = list(chosen)
    for probe in asked:
        prober.check(probe)
    return {probe.endpoint for probe in asked for fault in prober.faults if str(probe) in fault and kind in fault}


@FAB_WARNS
@BOTH_DATABASES
@pytest.mark.timeout(300)
def test_rows_without_their_scope(prober: Prober, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading and writing without the row scope, as if somebody had forgotten it."""
    monkeypatch.setattr(scope, "limiting_actor", lambda: None)
    monkeypatch.setattr("app.core.search.limiting_actor", lambda: None)
    hidden = [p for p in probes(world) if p.person == SELLER and p.row is not None and p.row.place in HIDDEN_PLACES]
    leaks = found_by(prober, hidden, "shows")
    holes = {fault for fault in prober.faults if "a hole" in fault}
    changes = {fault for fault in prober.faults if "changed the database" in fault}
    print(
        f"\nscope off: {prober.count} probes, {len(leaks)} leaking routes, {len(holes)} holes, {len(changes)} changes"
    )
    assert len(leaks) >= 15
    assert len(holes) >= 30
    assert len(changes) >= 10


def _unfiltered(view: Any, name: str, pks: Iterable[str]) -> Any:
    """What FAB does: any row of any department is handed to the action."""
    require_current().require(view.get_action_permission_name(name), view.class_permission_name)
    with unscoped("the planted fault"):
        rows = db.session.scalars(select(view.model).where(view.model.id.in_([int(pk) for pk in pks]))).all()
        view.actions[name].func(rows)
    return "done"


@FAB_WARNS
@BOTH_DATABASES
def test_an_action_whose_query_is_unfiltered(prober: Prober, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    hidden = [
        p
        for p in probes(world)
        if p.endpoint
        in ("CustomerView.action", "CustomerView.action_post", "InvoiceView.action", "InvoiceView.action_post")
        and p.row is not None
        and p.row.place in HIDDEN_PLACES
    ]
    assert found_by(prober, hidden, "") == set()
    monkeypatch.setattr(RowActions, "_run_action", _unfiltered)
    assert found_by(prober, hidden, "a hole") >= {"CustomerView.action", "CustomerView.action_post"}


@FAB_WARNS
@BOTH_DATABASES
@pytest.mark.timeout(300)
def test_keys_that_are_taken_as_they_are_sent(prober: Prober, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    every = list(forgeries(world))
    faults = [fault for one in every for fault in faults_of(prober, one)]
    print(f"\n{len(every)} requests with a key of a hidden row, {len(faults)} faults")
    assert faults == []
    assert len(every) >= LEAST_FORGERIES
    monkeypatch.setattr(scope, "_check_links", lambda *_: None)
    monkeypatch.setattr(scope, "_check_place", lambda *_, **__: None)
    monkeypatch.setattr(RemoteSelectField, "pre_validate", lambda *_: None)
    monkeypatch.setattr(
        RemoteSelectField, "populate_obj", lambda field, obj, _name: setattr(obj, field.key, field.data)
    )
    planted = {"ContactView.add", "PhoneApi.post", "CustomerView.add", "CustomerApi.put"}
    assert {one.endpoint for one in every if one.endpoint in planted and faults_of(prober, one)} == planted


def _any_file(job_id: int) -> Any:
    """As if the download asked for nobody's right and for no owner."""
    job = db.session.get_one(Job, job_id)
    return folder() / f"{job_id}.csv", job.result


@BOTH_DATABASES
def test_a_download_without_a_guard(prober: Prober, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    files = [p for p in probes(world) if p.endpoint == "ExportView.file"]
    assert found_by(prober, files, "") == set()
    own = next(p for p in files if p.person == SELLER and p.row is not None and p.row.place is Place.MINE)
    assert prober.check(own).status_code == 200
    monkeypatch.setattr("reports.tabular.views.finished_file", _any_file)
    assert found_by(prober, files, "a hole") == {"ExportView.file"}
    assert found_by(prober, files, "shows") == {"ExportView.file"}


@FAB_WARNS
@BOTH_DATABASES
@pytest.mark.timeout(300)
def test_a_hidden_field_that_is_shown(prober: Prober, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """As if every surface had forgotten to ask; test_fields plants it in one surface after the other."""
    with prober.undone():
        close_fields(world)
        asked = [p for p in own_probes(world) if p.method == "GET"]
        assert shown(prober, asked) == set()
        monkeypatch.setattr("app.core.actor.Actor.field_level", lambda *_asked: FieldLevel.FULL)
        endpoints = {found.partition(":")[0] for found in shown(prober, asked)}
    print(f"\nfields open: {len(endpoints)} surfaces leak")
    assert len(endpoints) >= 10
