"""How often one caller may ask: sign-in, passwords, the interface, uploads, public pages."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

import run
from app.core import rate_limits
from app.core.feature import Role

LIMITS = {
    "sign_in": "3/minute",
    "password": "3/minute",
    "api": "4/minute",
    "upload": "2/minute",
    "public": "3/minute",
    "missed": "9/minute",
}


@pytest.fixture(autouse=True)
def limited(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "RATELIMIT_ENABLED", True)  # noqa: FBT003
    monkeypatch.setitem(app.config, "RATE_LIMITS", LIMITS)
    app.extensions[rate_limits.STORE].storage.reset()


def statuses(ask: Callable[[], Any], times: int) -> list[int]:
    return [ask().status_code for _ in range(times)]


def test_the_sign_in_page_and_the_interface_count_together(client: Any) -> None:
    form = lambda: client.post("/login/", data={"username": "a", "password": "b"})
    token = lambda: client.post("/api/v1/security/login", json={"username": "x", "password": "y"}, csrf=False)
    assert statuses(form, 2) == [302, 302]
    assert statuses(token, 2) == [401, 429]
    assert int(token().headers["Retry-After"]) in range(1, 62)
    assert client.get("/login/").status_code == 200


def test_the_interface_counts_by_token(as_program: Any) -> None:
    first, second = as_program(Role.SALES), as_program(Role.MANAGER)
    assert statuses(lambda: first.get("/api/v1/customers/"), 5) == [200] * 4 + [429]
    assert first.get("/api/v1/customers/").json["code"] == "too_many_requests"
    assert second.get("/api/v1/customers/").status_code == 200


def test_public_pages_count_by_address(client: Any) -> None:
    ask = lambda **more: client.get("/invitation/none", **more)
    assert statuses(ask, 4) == [410] * 3 + [429]
    assert ask(environ_base={"REMOTE_ADDR": "203.0.113.1"}).status_code == 410


def test_passwords_count(as_user: Any) -> None:
    visitor = as_user(Role.SALES)
    got = statuses(lambda: visitor.post("/account/confirm", data={"confirm_password": "x"}), 4)
    assert got[:3] == [422] * 3
    assert got[3] == 429


def send_file(visitor: Any, size: int) -> Any:
    sent = {"file": (io.BytesIO(b"x" * size), "rows.csv")}
    return visitor.post("/import/customers", data=sent, content_type="multipart/form-data")


def test_large_bodies_count_by_browser(as_user: Any) -> None:
    first, second = as_user("admin"), as_user("admin")
    got = [send_file(first, 120_000).status_code for _ in range(3)]
    assert got[2] == 429
    assert 429 not in got[:2]
    assert send_file(second, 120_000).status_code != 429
    assert send_file(first, 100).status_code != 429


def test_the_page_that_refuses_is_ours(as_user: Any) -> None:
    visitor = as_user("admin")
    answers = [send_file(visitor, 120_000) for _ in range(3)]
    assert "Retry-After" in answers[-1].headers
    assert "error-page" in answers[-1].text


def test_a_proxy_is_believed_only_when_it_is_named() -> None:
    assert run.proxy_options("") == {}
    options = run.proxy_options("10.0.0.1")
    assert options["trusted_proxy"] == "10.0.0.1"
    assert "x-forwarded-for" in options["trusted_proxy_headers"]  # type: ignore[operator]
