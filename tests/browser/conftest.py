"""A running Kartabl with a small demo company, and people signed in to it in Chromium."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from waitress.server import create_server

from tests.app_fixtures import dispose, fresh_database, make_app

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ARTIFACTS = Path(__file__).parents[1] / "artifacts"
PASSWORD = "Kar7abl-Browser!"


@dataclass(frozen=True)
class Site:
    """Where the running application is, and the application itself."""

    url: str
    app: Any


@pytest.fixture(scope="session")
def site(worker: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Kartabl on a loopback port with the demo company; everybody has the same test password."""
    folder = tmp_path_factory.mktemp("site")
    app = make_app(fresh_database("sqlite", f"{worker}_browser"), folder)
    with app.app_context():
        _fill()
    server = create_server(app, host="127.0.0.1", port=0, threads=4)
    threading.Thread(target=server.run, daemon=True).start()
    yield Site(f"http://127.0.0.1:{server.effective_port}", app)
    server.close()
    dispose(app)


def _fill() -> None:
    from werkzeug.security import generate_password_hash

    from app.core.actor import Actor, acting_as
    from app.core.db import db
    from app.demo.build import build
    from app.org.employees.models import Employee

    build(customers=60, invoices=40, seed=7)
    with acting_as(Actor.system("test")):
        hashed = generate_password_hash(PASSWORD)
        for person in db.session.query(Employee):
            person.password, person.must_change_password = hashed, False
        db.session.commit()
    db.session.remove()


@pytest.fixture
def person(site: Site, browser: Browser) -> Iterator[Callable[..., Page]]:
    """`person("accountant", locale="fa", width=1280)`: a page of somebody signed in; errors fail the test."""
    contexts = []
    problems: list[str] = []

    def sign_in(username: str, *, locale: str = "fa", width: int = 1280) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 860}, base_url=site.url)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.goto("/login/")
        page.fill("input[name=username]", username)
        page.fill("input[name=password]", PASSWORD)
        page.press("input[name=password]", "Enter")
        page.wait_for_url("**/")
        page.goto(f"/lang/{locale}")
        return page

    yield sign_in
    for context in contexts:
        context.close()
    assert not problems, problems


def picture(page: Page, name: str) -> Path:
    """Keep a picture of the page under tests/artifacts; returns where."""
    ARTIFACTS.mkdir(exist_ok=True)
    path = ARTIFACTS / f"{name}.png"
    page.screenshot(path=path)
    return path


def until(page: Page, expression: str, *, seconds: float = 15, shows: str = "null") -> None:
    """Wait until a script's expression is true; the page's own policy forbids Playwright's way.

    A failure tells what the script `shows` gives.
    """
    for _turn in range(int(seconds * 20)):
        if page.evaluate(f"Boolean({expression})"):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"never true: {expression}; {page.evaluate(shows)}")
