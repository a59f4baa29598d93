"""The application's fixtures: what a test writes is gone, and a browser is a stranger to the test."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.core import clock
from app.core.actor import Actor, acting_as
from app.core.db import db
from app.core.feature import Role
from app.org.departments.models import Department
from tests.app_fixtures import Visitor
from tests.factories import DepartmentFactory


def departments() -> int:
    return db.session.scalar(select(func.count()).select_from(Department)) or 0


@pytest.mark.databases
@pytest.mark.parametrize("turn", ["first", "second"])
def test_what_a_test_commits_is_undone(session: Any, turn: str) -> None:
    before = departments()
    DepartmentFactory(code="ROLLED")
    session.commit()
    assert departments() == before + 1
    assert session.scalars(select(Department).filter_by(code="ROLLED")).all() != []


@pytest.mark.databases
def test_a_refused_flush_leaves_the_test_usable(session: Any) -> None:
    DepartmentFactory(code="ONE")
    session.commit()
    before = departments()
    with pytest.raises(Exception, match=r"(?i)unique"):
        DepartmentFactory(code="ONE")
    session.rollback()
    assert departments() == before


@pytest.mark.databases
def test_commits_of_a_committed_app_are_seen_by_others(committed_app: Flask) -> None:
    DepartmentFactory(code="SEEN")
    db.session.commit()
    with db.engine.connect() as other:
        assert other.scalar(select(func.count()).where(Department.code == "SEEN")) == 1


def test_a_visitor_is_sent_to_sign_in(client: Visitor) -> None:
    assert client.get("/").status_code in {200, 302, 401, 403}
    assert client.get("/login/").status_code == 200


def test_a_browser_acts_as_its_own_user(as_user: Callable[..., Visitor]) -> None:
    manager, rep = as_user(Role.MANAGER), as_user(Role.REP)
    with acting_as(Actor.system("test")):
        assert manager.get("/").status_code == 200
    assert manager.user.username in manager.get("/").text or str(manager.user) in manager.get("/").text
    assert str(rep.user) in rep.get("/").text


def test_a_request_sees_the_frozen_clock(app: Flask, client: Visitor) -> None:
    seen = []
    app.before_request_funcs.setdefault(None, []).append(lambda: seen.append(clock.now()))
    instant = datetime(2026, 3, 21, 8, tzinfo=UTC)
    try:
        with clock.frozen(instant):
            client.get("/login/")
    finally:
        app.before_request_funcs[None].pop()
    assert seen == [instant]


def test_a_post_carries_the_page_token_unless_told(as_user: Callable[..., Visitor]) -> None:
    browser = as_user("admin")
    assert browser.post("/jobs/0/cancel", csrf=False).status_code == 400
    assert browser.post("/jobs/0/cancel").status_code != 400


def test_a_program_comes_with_a_bearer_token(as_program: Callable[..., Visitor]) -> None:
    assert as_program("admin").get("/api/v1/menu/").status_code == 200
