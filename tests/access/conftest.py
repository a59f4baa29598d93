"""One world for all probes of a database."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from flask import Flask

from app.core.db import db
from tests.access.probing import Prober, watching
from tests.access.world import World, build
from tests.app_fixtures import never_committed


@pytest.fixture(scope="module")
def probed_app(applications: Callable[[str], Flask], request: pytest.FixtureRequest) -> Iterator[Flask]:
    """The application of the module's probes, on one connection that never commits."""
    made = applications(getattr(request, "param", "sqlite"))
    with made.app_context(), never_committed(made):
        yield made


@pytest.fixture(scope="module")
def world(probed_app: Flask) -> World:
    """People and rows to probe with."""
    return build(probed_app)


@pytest.fixture
def prober(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Prober]:
    """A prober that sees every write. The paper is not drawn: its making is tested elsewhere."""
    monkeypatch.setattr("reports.documents.views.render_pdf", lambda page, **_more: repr(page).encode())
    # A failure is an answer too.
    monkeypatch.setitem(world.app.config, name="PROPAGATE_EXCEPTIONS", value=False)
    monkeypatch.setitem(world.app.config, name="FRESH_PASSWORD_FOR", value=timedelta(days=1))  # a slow machine
    db.session.remove()
    made = Prober(world, db.engines[None])
    logging.disable(logging.ERROR)  # each refusal is noted, and each failure is a fault
    try:
        with watching(made):
            yield made
    finally:
        logging.disable(logging.NOTSET)
