"""FAB's other ways in keep working: a directory (LDAP) and somebody else's sign-in page (OAuth).

`python-ldap` is a C library that few installations have; a fake with its calls stands in for it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from flask import Flask

from app.core import clock
from app.core.db import db
from app.org.employees.models import Employee
from app.org.sign_ins import second_factor
from tests.app_fixtures import dispose, fresh_database, make_app, never_committed
from tests.org.test_second_factor import key_on, phone

DIRECTORY = {"sara": ("Directory-Pass-1", "Sara", "Karimi", "sara@example.com")}
LDAP = {
    "AUTH_TYPE": 2,
    "AUTH_LDAP_SERVER": "ldap://directory.example",
    "AUTH_LDAP_SEARCH": "dc=example",
    "AUTH_LDAP_BIND_USER": "cn=reader",
    "AUTH_LDAP_BIND_PASSWORD": "reader",
    "AUTH_USER_REGISTRATION": True,
    "AUTH_USER_REGISTRATION_ROLE": "Sales expert",
}
OAUTH = {
    "AUTH_TYPE": 4,
    "AUTH_USER_REGISTRATION": True,
    "AUTH_USER_REGISTRATION_ROLE": "Sales expert",
    "OAUTH_PROVIDERS": [
        {
            "name": "office",
            "icon": "fa-key",
            "token_key": "access_token",
            "remote_app": {
                "client_id": "kartabl",
                "client_secret": "kept",
                "api_base_url": "http://127.0.0.1:9/",
                "access_token_url": "http://127.0.0.1:9/token",
                "authorize_url": "http://127.0.0.1:9/authorize",
                "client_kwargs": {"scope": "email"},
            },
        }
    ],
}


class FakeLdap(ModuleType):
    """The calls of `ldap` that FAB makes, over the names of DIRECTORY."""

    OPT_REFERRALS, OPT_X_TLS_REQUIRE_CERT, OPT_X_TLS_ALLOW, OPT_X_TLS_NEWCTX, SCOPE_SUBTREE = range(5)
    OPT_X_TLS_CACERTDIR, OPT_X_TLS_CACERTFILE, OPT_X_TLS_CERTFILE, OPT_X_TLS_KEYFILE, OPT_X_TLS_DEMAND = range(5, 10)

    class LDAPError(Exception):
        pass

    class INVALID_CREDENTIALS(LDAPError):  # noqa: N801 - its name there
        pass

    def __init__(self) -> None:
        super().__init__("ldap")
        self.filter = ModuleType("ldap.filter")
        self.filter.escape_filter_chars = lambda text: text  # type: ignore[attr-defined]

    def set_option(self, *_values: Any) -> None:
        pass

    def initialize(self, _server: str) -> FakeLdap:
        return self

    def simple_bind_s(self, dn: str, password: str) -> None:
        if dn == "cn=reader":
            return
        name = dn.removeprefix("uid=").partition(",")[0]
        if DIRECTORY.get(name, ("",))[0] != password:
            raise self.INVALID_CREDENTIALS

    def search_s(self, _base: str, _scope: int, words: str, _fields: Any) -> list[Any]:
        found = []
        for name, (_password, first, last, mail) in DIRECTORY.items():
            if f"={name})" in words:
                values = {"givenName": first, "sn": last, "mail": mail}
                found.append((f"uid={name},dc=example", {key: [value.encode()] for key, value in values.items()}))
        return found


@pytest.fixture
def site(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """An application with other settings of FAB's sign-in."""
    fake = FakeLdap()
    monkeypatch.setitem(sys.modules, "ldap", fake)
    monkeypatch.setitem(sys.modules, "ldap.filter", fake.filter)
    name = f"directory_{tmp_path.name}"
    made = make_app(fresh_database("sqlite", name), tmp_path / "data", **request.param)
    with made.app_context(), never_committed(made):
        yield made
    dispose(made)


ldap = pytest.mark.parametrize("site", [LDAP], indirect=True, ids=["ldap"])
oauth = pytest.mark.parametrize("site", [OAUTH], indirect=True, ids=["oauth"])


def sign_in(site: Flask, password: str = "Directory-Pass-1", name: str = "sara") -> Any:
    visitor = site.test_client()
    visitor.last = visitor.post("/login/", data={"username": name, "password": password})
    return visitor


@ldap
def test_the_directory_opens_the_door(site: Flask) -> None:
    visitor = sign_in(site)
    assert visitor.get("/customers/list/").status_code == 200
    assert "Sara Karimi" in visitor.get("/account/").text
    assert sign_in(site, "wrong").get("/customers/list/").status_code == 302


@ldap
def test_guessing_at_the_directory_is_slow(site: Flask) -> None:
    with clock.frozen(clock.now()):
        statuses = [sign_in(site, "wrong").last.status_code for _ in range(6)]
    assert statuses == [302] * 3 + [429] * 3


@ldap
def test_the_second_factor_comes_after_the_directory(site: Flask) -> None:
    visitor = sign_in(site)
    visitor.post("/account/second-factor/prepare")
    key = key_on(visitor.get("/account/second-factor/"))
    visitor.post("/account/second-factor/turn-on", data={"code": phone(key, minutes=-0.5)})
    again = sign_in(site)
    assert again.get("/customers/list/").location.startswith("/login/second-factor")
    assert again.post("/login/second-factor", data={"code": phone(key)}).status_code == 302
    assert again.get("/customers/list/").status_code == 200


@ldap
def test_the_password_again_is_asked_of_the_directory(site: Flask) -> None:
    visitor = sign_in(site)
    assert visitor.post("/account/confirm?next=/x", data={"confirm_password": "wrong"}).status_code == 422
    answer = visitor.post("/account/confirm?next=/x", data={"confirm_password": "Directory-Pass-1"})
    assert (answer.status_code, answer.location) == (303, "/x")


@ldap
def test_signing_out_of_a_directory_is_a_post_too(site: Flask) -> None:
    visitor = sign_in(site)
    visitor.get("/logout/")
    assert visitor.get("/customers/list/").status_code == 200
    visitor.post("/logout/")
    assert visitor.get("/customers/list/").status_code == 302


def come_back(site: Flask, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A browser that the other side has sent back to us."""
    manager = site.extensions["appbuilder"].sm
    monkeypatch.setattr(
        manager.oauth_remotes["office"], "authorize_access_token", lambda: {"access_token": "t"}, raising=False
    )
    info = {"username": "office_sara", "email": "sara@example.com", "first_name": "Sara", "last_name": "Karimi"}
    monkeypatch.setattr(manager, "oauth_user_info", lambda _provider, _answer: info)
    import jwt

    visitor: Any = site.test_client()
    with visitor.session_transaction() as cookie:
        cookie["oauth_state"] = "s" * 32
    state = jwt.encode({"next": ["/customers/list/"]}, "s" * 32, algorithm="HS256")
    visitor.last = visitor.get(f"/oauth-authorized/office?state={state}")
    return visitor


@oauth
def test_somebody_elses_page_opens_the_door(site: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "office" in site.test_client().get("/login/").text
    visitor = come_back(site, monkeypatch)
    assert visitor.last.location.endswith("/customers/list/")
    assert visitor.get("/customers/list/").status_code == 200
    assert visitor.get("/account/").status_code == 200


@oauth
def test_the_second_factor_comes_after_it(site: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    come_back(site, monkeypatch)
    person = db.session.query(Employee).filter_by(username="office_sara").one()
    factor = second_factor.prepare(person.id)
    factor.confirmed_at = clock.now()
    code = phone(second_factor.key_words(factor))
    visitor = come_back(site, monkeypatch)
    assert visitor.get("/customers/list/").location.startswith("/login/second-factor")
    assert visitor.post("/login/second-factor", data={"code": code}).status_code == 302
    assert visitor.get("/customers/list/").status_code == 200


@oauth
def test_the_page_of_providers_has_our_look_and_no_inline_script(site: Flask) -> None:
    page = site.test_client().get("/login/").text
    assert "<style" not in page
    assert "onclick" not in page
    assert "<script>" not in page


@oauth
def test_the_page_of_providers_is_made_of_links(site: Flask) -> None:
    assert 'href="/login/office?next=/customers/list/"' in site.test_client().get("/login/?next=/customers/list/").text


def test_settings_come_from_a_file(tmp_path: Path) -> None:
    """The road by which an installation gives FAB's settings."""
    import config

    further = tmp_path / "settings.py"
    further.write_text('AUTH_LDAP_SERVER = "ldap://directory.example"\n', encoding="utf-8")
    settings = type("Settings", (config.TestConfig,), {"SETTINGS_FILE": str(further)})
    from app import create_app

    made = create_app(settings, DATA=tmp_path / "data", SQLALCHEMY_DATABASE_URI="sqlite://")
    assert made.config["AUTH_LDAP_SERVER"] == "ldap://directory.example"
