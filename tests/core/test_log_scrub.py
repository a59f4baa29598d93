"""No password, token, key or code reaches the log, by whatever logger and in tracebacks too."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from app.core import log_scrub
from app.core.db import db
from app.core.feature import Role
from app.core.log_scrub import GONE, scrub
from app.org.employees.services import set_password
from app.org.sign_ins.models import SignIn
from tests.factories import EmployeeFactory

SECRETS = {
    "bearer": ("Authorization: Bearer abcDEF123456.x-y", "abcDEF123456"),
    "api key": ("key kbl_9f8e7d6c5b4a used", "kbl_9f8e7d6c5b4a"),
    "jwt": ("got eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.AbC-_d", "eyJzdWIiOiIxIn0"),
    "form": ("body username=ali&password=sesame-1&x=2", "sesame-1"),
    "dict": ("{'username': 'ali', 'password': 'sesame 1'}", "sesame"),
    "json": ('{"access_token": "tok-12345678"}', "tok-12345678"),
    "cookie": ("Cookie: session=.eJwlzjkO; x=1", "eJwlzjkO"),
    "set-cookie": ("Set-Cookie: session=abcdef; Path=/", "abcdef"),
    "invitation": ("GET /invitation/WzEsImFiYyJd.sIgNaTuRe HTTP/1.1", "sIgNaTuRe"),
    "database address": ("postgresql+psycopg://kartabl:s3cr3t@db/kartabl", "s3cr3t"),
    "setting": ("SECRET_KEY=abcdefghijklmnop", "abcdefghijklmnop"),
}


@pytest.mark.parametrize(("text", "secret"), SECRETS.values(), ids=SECRETS)
def test_what_looks_like_a_secret_is_taken_out(text: str, secret: str) -> None:
    cleaned = scrub(text)
    assert secret not in cleaned
    assert GONE in cleaned


@pytest.mark.parametrize(
    "text",
    [
        "GET /customers/list/?q=علی 200",
        "job 12 failed: exit code 1",
        "Too many tries from 203.0.113.9",
        "password of ali was changed",
        "token expired",
    ],
)
def test_ordinary_lines_stay_as_they_are(text: str) -> None:
    assert scrub(text) == text


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """Everything that is logged, as a handler of the root writes it."""
    log_scrub.install()
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    root, level = logging.getLogger(), logging.getLogger().level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield out
    root.removeHandler(handler)
    root.setLevel(level)


def test_every_logger_is_cleaned_and_tracebacks_too(lines: io.StringIO) -> None:
    logging.getLogger("somebody.elses.library").warning("sent %s to %s", {"password": "sesame-1"}, "ali")
    try:
        raise ValueError("token=sesame-2 was refused")
    except ValueError:
        logging.getLogger("another").exception("failed")
    text = lines.getvalue()
    assert "sesame" not in text
    assert "ValueError" in text
    assert "to ali" in text


def test_a_line_whose_arguments_do_not_fit_is_kept_and_cleaned(lines: io.StringIO) -> None:
    logging.getLogger("x").warning("%s %s", *["password=sesame-3"])
    assert "password=" in lines.getvalue()
    assert "sesame-3" not in lines.getvalue()


def test_a_walk_through_the_sign_in_logs_no_secret(app: Any, session: Any, lines: io.StringIO) -> None:
    person = EmployeeFactory(role=Role.SALES)
    set_password(person, "Right-Pass-12", must_change=False)
    session.flush()
    visitor = app.test_client()
    for password in ("Wrong-Sesame-1", "Right-Pass-12"):
        visitor.post("/login/", data={"username": person.username, "password": password})
    visitor.post("/account/confirm", data={"confirm_password": "Wrong-Sesame-2"})
    api = app.test_client()
    sent = {"username": person.username, "password": "Right-Pass-12", "provider": "db"}
    token = api.post("/api/v1/security/login", json=sent, csrf=False).json["access_token"]
    api.get("/api/v1/customers/?sort=nonsense", headers={"Authorization": f"Bearer {token}"})
    text = lines.getvalue()
    for secret in ("Wrong-Sesame-1", "Wrong-Sesame-2", "Right-Pass-12", token, person.password):
        assert secret not in text


def test_a_failing_statement_hides_its_values(app: Any, session: Any) -> None:
    """The message of a database error would carry every value of the row."""
    import config

    assert config.Config.SQLALCHEMY_ENGINE_OPTIONS["hide_parameters"]

    def fail() -> None:
        with db.session.begin_nested():
            db.session.add(SignIn(employee_id=None, token_hash="very-secret-hash"))
            db.session.flush()

    with pytest.raises(IntegrityError, match="hidden") as caught:
        fail()
    assert "very-secret-hash" not in str(caught.value)
