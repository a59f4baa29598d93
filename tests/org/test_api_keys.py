"""API keys: shown once, working with the rights of their person, dead when they should be."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text as sql

from app.core import clock
from app.core.audit import history_of
from app.core.db import db
from app.core.errors import Invalid
from app.core.feature import Role
from app.org.api_keys.models import ApiKey
from app.org.api_keys.services import MOST_KEYS, make_key, revoke
from tests.factories.crm import CustomerFactory
from tests.factories.org import EmployeeFactory

LIST = "/api/v1/customers/"


@pytest.fixture
def person(session: Any) -> Any:
    return EmployeeFactory(role=Role.SALES)


def made(person: Any, networks: str = "") -> tuple[ApiKey, str]:
    key, secret = make_key(person.id, name="shop", days=30, networks=networks)
    db.session.commit()
    return key, secret


def ask(client: Any, secret: str, address: str = "127.0.0.1") -> Any:
    headers = {"Authorization": f"Bearer {secret}"}
    return client.get(LIST, headers=headers, environ_base={"REMOTE_ADDR": address})


@pytest.mark.databases
def test_key_works_with_rights_and_rows_of_its_person(client: Any, person: Any) -> None:
    mine = CustomerFactory(department=person.home_department)
    other = CustomerFactory()
    _key, secret = made(person)
    answer = ask(client, secret)
    assert [row["id"] for row in answer.json["result"]] == [mine.id]
    headers = {"Authorization": f"Bearer {secret}"}
    assert client.get(f"{LIST}{other.id}", headers=headers).status_code == 404
    assert client.get("/api/v1/tax-rates/", headers=headers).status_code == 403
    assert client.get("/customers/list/", headers=headers).status_code == 302  # no key to the screens
    changed = client.put(f"{LIST}{mine.id}", headers=headers, json={"note": "by a program"})
    assert changed.status_code == 200
    entry = history_of(mine)[0]
    assert (entry.via, entry.actor_id, entry.remote_address) == ("api", person.id, "127.0.0.1")


def test_wrong_revoked_expired_and_foreign_keys_open_nothing(
    client: Any, person: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, secret = made(person)
    assert ask(client, secret).status_code == 200
    assert ask(client, secret[:-1] + "?").status_code == 401
    revoke(key)
    assert ask(client, secret).status_code == 401
    key, secret = made(person)
    later = clock.now() + timedelta(days=31)
    key.expires_at = clock.now() - timedelta(seconds=1)
    assert (ask(client, secret).status_code, later > key.expires_at) == (401, True)
    key, secret = made(person)
    person.active = False
    assert ask(client, secret).status_code == 401


@pytest.mark.parametrize(
    ("networks", "address", "status"),
    [
        ("10.0.0.0/8 192.168.1.7", "10.1.2.3", 200),
        ("10.0.0.0/8 192.168.1.7", "192.168.1.7", 200),
        ("10.0.0.0/8 192.168.1.7", "192.168.1.8", 401),
        ("2001:db8::/32", "2001:db8::1", 200),
        ("2001:db8::/32", "127.0.0.1", 401),
    ],
)
def test_key_works_from_its_addresses_alone(client: Any, person: Any, networks: str, address: str, status: int) -> None:
    _key, secret = made(person, networks)
    assert ask(client, secret, address).status_code == status


def test_neither_the_key_nor_its_digest_stands_anywhere(person: Any) -> None:
    key, secret = made(person)
    assert secret not in str(vars(key))
    told = db.session.execute(sql("SELECT changes FROM core_history WHERE part LIKE 'org_api_key:%'")).scalars().all()
    assert told
    assert not any(secret in text or key.digest in text for text in told)


@pytest.mark.parametrize(
    ("name", "days", "networks", "path"),
    [("", 30, "", "name"), ("x" * 81, 30, "", "name"), ("x", 31, "", "days"), ("x", 30, "10.0.0.300", "networks")],
)
def test_what_is_entered_wrongly_is_named(person: Any, name: str, days: int, networks: str, path: str) -> None:
    with pytest.raises(Invalid) as refused:
        make_key(person.id, name=name, days=days, networks=networks)
    assert [error.path for error in refused.value.errors] == [path]


def test_keys_of_one_person_have_an_end(person: Any) -> None:
    for _n in range(MOST_KEYS):
        made(person)
    with pytest.raises(Invalid):
        made(person)


def test_page_makes_shows_once_and_revokes(as_user: Callable[..., Any], client: Any, session: Any) -> None:
    manager = EmployeeFactory(role=Role.MANAGER)
    browser = as_user(manager)
    shown = browser.post("/account/keys/make", data={"name": "Shop", "days": "90", "networks": "127.0.0.1"})
    assert shown.headers["Cache-Control"] == "no-store"
    secret = re.findall(r"kbl_[\w-]+", shown.text)[0]
    assert ask(client, secret).status_code == 200
    page = browser.get("/account/keys/").text
    assert "Shop" in page
    assert secret not in page
    key = db.session.query(ApiKey).one()
    assert browser.post(f"/account/keys/{key.id}/revoke").status_code == 302
    assert ask(client, secret).status_code == 401


def test_page_refuses_what_is_wrong_and_who_may_not(as_user: Callable[..., Any], person: Any) -> None:
    manager = as_user(EmployeeFactory(role=Role.MANAGER))
    refused = manager.post("/account/keys/make", data={"name": "", "days": "1", "networks": "x"})
    assert refused.status_code == 422
    assert refused.text.count("field-errors") == 3
    assert as_user(person).post("/account/keys/make", data={"name": "x", "days": "30"}).status_code in {302, 403}
    assert db.session.query(ApiKey).count() == 0
    key, _secret = made(person)
    assert manager.post(f"/account/keys/{key.id}/revoke").status_code == 404
    assert manager.post("/account/keys/x/revoke").status_code == 404
