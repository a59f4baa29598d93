"""A small application over the kernel, on a database whose commits are real."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from tests import services


@pytest.fixture
def own_ports(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of an application that another test of this process has composed."""
    from app.core import actor, jobs

    monkeypatch.setattr(actor, "_resolve", [])
    monkeypatch.setattr(jobs, "_loaders", [])
    monkeypatch.setattr(jobs, "_carriers", [])


@pytest.fixture
def kernel(
    database: str, tmp_path: Path, worker: str, request: pytest.FixtureRequest, own_ports: None
) -> Iterator[Flask]:
    """The kernel's application with its tables, context pushed; mark with `databases` for both kinds."""
    from app.core.db import db
    from tests.core.kernel_models import kernel_app, make_tables

    url = None
    if database == "postgresql":
        stem = re.sub(r"\W+", "_", request.node.name)[:30].lower()
        url = services.postgresql_database(f"k_{worker}_{stem}_{secrets.token_hex(3)}")
    app = kernel_app(tmp_path, url)
    with app.app_context():
        make_tables()
        yield app
        db.session.remove()
        db.engine.dispose()
    if url is not None:
        services.drop_database(url)
