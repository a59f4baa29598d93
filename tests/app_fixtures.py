"""The application in tests: a migrated database copied from a template, each test rolled back.

`session` and `client` use SQLite; `@pytest.mark.databases` runs a test on SQLite and PostgreSQL.
Everything a test and its requests write happens inside one transaction that is never committed.
What needs real commits (several processes, own connections) asks for `committed_app`.
"""

from __future__ import annotations

import contextvars
import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.globals import _cv_app
from flask.testing import FlaskClient
from flask_jwt_extended import create_access_token
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy.orm import Session, scoped_session
from werkzeug.test import TestResponse

from tests import services

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
DATABASES = ("sqlite", pytest.param("postgresql", marks=pytest.mark.pg))
KEYS = {name: f"{name} of the tests, the same for every copy of a database" for name in ("SECRET_KEY", "DATA_KEY")}
ADMIN_PASSWORD = "Kar7abl-Tests!"


class Visitor(FlaskClient):
    """A browser: its requests know nothing of the test's own context, and send the page's token.

    `csrf=False` leaves the token out; `headers={"Authorization": …}` makes it a program.
    """

    bearer: str | None = None

    def open(self, *args: Any, csrf: bool = True, **kwargs: Any) -> TestResponse:
        from app.core.db import db

        headers = dict(kwargs.pop("headers", None) or {})
        kwargs.setdefault("buffered", True)  # a file that was sent is read and closed
        if self.bearer is not None:
            headers.setdefault("Authorization", f"Bearer {self.bearer}")
        elif csrf and kwargs.get("method", "GET").upper() not in SAFE:
            headers.setdefault("X-CSRFToken", self._page_token())
        db.session.commit()  # what the test arranged is there before the request
        # A copy keeps the frozen clock; the application and the actor are found anew.
        response: TestResponse = contextvars.copy_context().run(self._open_alone, *args, headers=headers, **kwargs)
        db.session.expire_all()
        return response

    def _open_alone(self, *args: Any, **kwargs: Any) -> TestResponse:
        from app.core import actor

        _cv_app.set(None)  # type: ignore[arg-type]
        actor._current.set(None)
        return super().open(*args, **kwargs)

    def _page_token(self) -> str:
        with self.session_transaction() as session:
            raw = session.setdefault("csrf_token", secrets.token_hex(20))
        signer = URLSafeTimedSerializer(self.application.config["SECRET_KEY"], salt="wtf-csrf-token")
        return str(signer.dumps(raw))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if metafunc.definition.get_closest_marker("databases"):
        if "database" not in metafunc.fixturenames:
            metafunc.fixturenames.append("database")
        metafunc.parametrize("database", DATABASES, indirect=True, ids=["sqlite", "postgresql"])


@pytest.fixture(scope="session")
def database(request: pytest.FixtureRequest) -> str:
    """The kind of database a test runs on."""
    return str(getattr(request, "param", "sqlite"))


def make_app(url: str, folder: Path, **settings: Any) -> Flask:
    """An application on a database, with a data folder of its own."""
    import config
    from app import create_app

    made = create_app(config.TestConfig, DATA=folder, SQLALCHEMY_DATABASE_URI=url, **{**KEYS, **settings})
    made.test_client_class = Visitor
    return made


def build_template(url: str) -> None:
    """Migrate an empty database and write roles, seeds and the administrator."""
    from app.core.db import db
    from app.org.setup import prepare

    app = make_app(url, services.run_folder() / "template-data")
    with app.app_context():
        prepare(admin="admin", password=ADMIN_PASSWORD)
        db.session.remove()
        if db.engine.dialect.name == "sqlite":
            with db.engine.connect() as connection:
                connection.connection.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        db.engine.dispose()


def fresh_database(kind: str, name: str) -> str:
    """The address of a new, prepared database."""
    if kind == "postgresql":
        return services.postgresql_copy("kartabl", build_template, name)
    return services.sqlite_copy("kartabl", build_template, services.run_folder() / f"{name}.db")


@pytest.fixture(scope="session")
def applications(worker: str) -> Iterator[Callable[[str], Flask]]:
    """`applications(kind)`: the worker's application on a kind of database, made once."""
    made: dict[str, Flask] = {}

    def get(kind: str) -> Flask:
        if kind not in made:
            url = fresh_database(kind, f"{worker}_{kind}")
            made[kind] = make_app(url, services.run_folder() / f"{worker}-data")
        return made[kind]

    yield get
    for app in made.values():
        dispose(app)


def dispose(app: Flask) -> None:
    """Close an application's connections."""
    from app.core.db import db

    with app.app_context():
        db.engine.dispose()


@contextmanager
def never_committed(app: Flask) -> Iterator[None]:
    """Keep every session of a block inside one transaction of one connection, undone at the end."""
    from app.core.db import db

    engines = db.engines
    engine = engines[None]
    connection = engine.connect()
    connection.name = engine.name  # FAB asks the engine for it when it turns a page
    outer = connection.begin()
    engines[None] = connection
    db.session.remove()
    db.session.configure(join_transaction_mode="create_savepoint")
    try:
        yield
    finally:
        db.session.remove()
        engines[None] = engine
        outer.rollback()
        connection.close()


@pytest.fixture
def app(applications: Callable[[str], Flask], database: str) -> Iterator[Flask]:
    """The application, its context pushed; whatever the test writes is undone."""
    made = applications(database)
    with made.app_context(), never_committed(made):
        yield made


@pytest.fixture
def session(app: Flask) -> scoped_session[Session]:
    """The test's database session; nobody acts, so nothing is limited."""
    from app.core.db import db

    return db.session


@pytest.fixture
def db_session(session: scoped_session[Session]) -> scoped_session[Session]:
    """The same as `session`."""
    return session


@pytest.fixture
def client(app: Flask) -> Visitor:
    """A visitor who is not signed in."""
    return app.test_client()  # type: ignore[return-value]


@pytest.fixture
def as_user(app: Flask) -> Callable[..., Visitor]:
    """`as_user(employee)` or `as_user(Role.SALES, home_department=…)`: a browser of somebody signed in.

    `.user` of the browser is the employee. `as_user("admin")` is the administrator.
    """
    return lambda who, **values: sign_in(app, employee(who, **values))


@pytest.fixture
def as_program(app: Flask) -> Callable[..., Visitor]:
    """The same with a bearer token, as the programming interface wants it."""

    def make(who: Any, **values: Any) -> Visitor:
        user = employee(who, **values)
        visitor: Any = app.test_client()
        visitor.user = user
        visitor.bearer = create_access_token(identity=str(user.id), fresh=True)
        return visitor

    return make


def employee(who: Any, **values: Any) -> Any:
    """An employee: the one given, the one of a user name, or a new one with a shipped role."""
    from app.core.db import db
    from app.core.feature import Role
    from app.org.employees.models import Employee
    from tests.factories import EmployeeFactory

    if isinstance(who, Employee):
        return who
    if isinstance(who, Role):
        return EmployeeFactory(role=who, **values)
    return db.session.query(Employee).filter_by(username=who).one()


def sign_in(app: Flask, user: Any) -> Visitor:
    """A browser with the session of a user, whose password was entered a moment ago."""
    from app.core import clock
    from app.core.db import db
    from app.org.sign_ins.models import SignIn
    from app.org.sign_ins.sessions import KEY, digest

    user.must_change_password = False
    visitor: Any = app.test_client()
    visitor.user = user
    token, now = secrets.token_urlsafe(24), clock.now()
    row = SignIn(employee_id=user.id, token_hash=digest(token), begun_at=now, last_seen_at=now, completed_at=now)
    row.fresh_at = now
    db.session.add(row)
    db.session.flush()
    with visitor.session_transaction() as cookie:
        cookie["_user_id"] = str(user.id)
        cookie["_fresh"] = True
        cookie[KEY] = token
    return visitor


@pytest.fixture
def committed_app(request: pytest.FixtureRequest, tmp_path: Path, worker: str, database: str) -> Iterator[Flask]:
    """An application on a database of this test alone, where commits are real; its context is pushed."""
    name = re.sub(r"\W+", "_", f"{worker}_{request.node.name}")[:40] + secrets.token_hex(4)
    url = fresh_database(database, name)
    made = make_app(url, tmp_path / "data")
    with made.app_context(), ExitStack() as stack:
        stack.callback(_remove, made, url)
        yield made


def _remove(app: Flask, url: str) -> None:
    from app.core.db import db

    db.session.remove()
    db.engine.dispose()
    if url.startswith("sqlite:///"):
        for suffix in ("", "-wal", "-shm"):
            Path(url.removeprefix("sqlite:///") + suffix).unlink(missing_ok=True)
    else:
        services.drop_database(url)
