"""The home page, the search over everything, the bell."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from app.core import views
from app.core.feature import Role
from tests.factories.crm import CustomerFactory
from tests.factories.org import EmployeeFactory


@pytest.mark.databases
def test_search_shows_hits_of_the_actor_alone(as_user: Callable[..., Any], session: Any) -> None:
    desk = EmployeeFactory(role=Role.SALES)
    CustomerFactory(name="پروین خودی", department=desk.home_department)
    CustomerFactory(name="پروین بیگانه")
    for asked in ({}, {"headers": {"Accept": "application/json"}}):
        answer = as_user(desk).get("/search?q=پروین", **asked)
        text = str(answer.json) if asked else answer.text
        assert "پروین خودی" in text
        assert "پروین بیگانه" not in text


def test_search_of_somebody_without_the_right_is_empty(as_user: Callable[..., Any], session: Any) -> None:
    CustomerFactory(name="پروین")
    assert as_user(EmployeeFactory()).get("/search?q=پروین&format=json").json["groups"] == []


def test_search_shows_at_most_eight_and_the_way_to_all(as_user: Callable[..., Any], session: Any) -> None:
    for _n in range(9):
        CustomerFactory(name="پروین")
    group = as_user("admin").get("/search?q=پروین&format=json").json["groups"][0]
    assert len(group["hits"]) == 8
    assert group["more_url"].startswith("/customers/list/?q=")
    assert as_user("admin").get(group["more_url"]).status_code == 200


@pytest.mark.parametrize("typed", ["", "ا", "%", '"', "'", "<script>", "\x00", "a" * 500])
def test_search_takes_anything(as_user: Callable[..., Any], typed: str) -> None:
    answer = as_user("admin").get("/search", query_string={"q": typed})
    assert answer.status_code == 200
    assert "<script>" not in answer.text.replace("<script src", "").replace('<script type="module"', "").replace(
        "<script defer", ""
    )


def test_home_greets_who_is_signed_in(as_user: Callable[..., Any], session: Any) -> None:
    page = as_user(EmployeeFactory(first_name="نسترن", last_name="راد")).get("/")
    assert page.status_code == 200
    assert "نسترن راد" in page.text


def test_bell_answers_304_while_nothing_is_new(as_user: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "_bells", [lambda who: views.Bell(count=3, late=1)])
    browser = as_user("admin")
    first = browser.get("/bell/")
    assert first.json == {"count": 3, "late": 1, "stale": False}
    assert browser.get("/bell/", headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    monkeypatch.setattr(views, "_bells", [lambda who: views.Bell(count=4)])
    assert browser.get("/bell/", headers={"If-None-Match": first.headers["ETag"]}).json["count"] == 4


def test_bell_adds_up_its_counters(as_user: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "_bells", [])
    views.register_bell(lambda who: views.Bell(count=2))
    views.register_bell(lambda who: views.Bell(count=1, late=1, stale=True))
    assert as_user("admin").get("/bell/").json == {"count": 3, "late": 1, "stale": True}


def test_bell_counts_open_rows_where_nothing_is_registered(as_user: Callable[..., Any], session: Any) -> None:
    answer = as_user("admin").get("/bell/")
    assert answer.json["count"] >= 0


def test_bell_of_a_visitor_is_silent(client: Any) -> None:
    assert client.get("/bell/", headers={"Accept": "application/json"}).status_code == 403
