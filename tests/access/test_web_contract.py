"""What every route keeps to, walked from the URL map: safe methods, page tokens, headers, no inline script."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from app.core.db import db, writing
from app.core.feature import Role
from app.sales.catalog.models import Unit
from tests.access.probing import Probe, Prober, path_of, probes
from tests.access.routes import Door
from tests.access.world import ADMIN, ANONYMOUS, Place, World

OURS_TO_NOTE = frozenset({"org_sign_in", "org_failed_tries"})
"""Rows about the visit itself; no business row."""
WRITTEN_DOWN = frozenset(
    {
        *("org_webhook_delivery", "core_history", "core_history_batch", "core_job", "org_export", "core_search_word"),
        "office_signature_view",
    }
)
"""What an export leaves: who took what, and the job of a long file; and who looked at a signature."""
TABLE = re.compile(r"^\s*(?:INSERT INTO|UPDATE|DELETE FROM|REPLACE INTO)\s+\"?(\w+)", re.IGNORECASE)
INLINE = re.compile(r"\sstyle\s*=|<style[\s>]|\son[a-z]+\s*=\s*[\"']|javascript:", re.IGNORECASE)
INLINE_SCRIPT = re.compile(r"<script(?![^>]*(?:\ssrc=|type=\"application/json\"))[^>]*>\s*\S", re.IGNORECASE)
OTHER_HOSTS = re.compile(r"<(?:script|link|img|iframe|form)[^>]+(?:src|href|action)=[\"'](?:https?:)?//", re.IGNORECASE)
PEOPLE = (ADMIN, Role.SALES.value, ANONYMOUS)
HEADERS = (
    "Content-Security-Policy", "X-Content-Type-Options", "X-Frame-Options", "Referrer-Policy", "Permissions-Policy",
    "Cross-Origin-Opener-Policy", "Cross-Origin-Resource-Policy",
)  # fmt: skip


def reads(world: World) -> Iterator[tuple[Probe, str]]:
    """The probes that only read, of a row that the person sees, with their tables allowed to change."""
    for probe in probes(world):
        is_seen = probe.row is None or probe.row.place is Place.MINE
        if probe.method == "GET" and probe.person in PEOPLE and is_seen:
            yield probe, "export" if probe.route.writes_down else ""


def tables_of(statements: list[str]) -> set[str]:
    return {found[1] for statement in statements if (found := TABLE.match(statement))}


def changed_by_reading(prober: Prober, world: World) -> list[str]:
    """Every GET, and the business tables that it wrote to."""
    faults = []
    for probe, kind in reads(world):
        cookies = dict(prober.browser_of(probe)._cookies)
        with prober.undone():
            prober.send(probe)
            allowed = OURS_TO_NOTE | (WRITTEN_DOWN if kind else frozenset())
            if wrong := tables_of(prober.written) - allowed:
                faults.append(f"{probe}: {sorted(wrong)}")
        prober.browser_of(probe)._cookies = cookies
    return faults


@pytest.mark.timeout(300)
@pytest.mark.filterwarnings("ignore:Yielding raw tuples", "ignore:The Query.get")
def test_safe_methods_change_nothing(prober: Prober, world: World) -> None:
    assert changed_by_reading(prober, world) == []


def test_a_get_that_writes_is_found(prober: Prober, world: World, probed_app: Flask) -> None:
    """The planted fault: a page that makes a row by being looked at."""
    kept = probed_app.view_functions["HelpView.page"]

    def page() -> str:
        with writing():
            db.session.add(Unit(name="planted", code="planted"))
            db.session.flush()
        return "ok"

    probed_app.view_functions["HelpView.page"] = page
    try:
        chosen = [p for p, _kind in reads(world) if p.endpoint == "HelpView.page" and p.person == ADMIN]
        with prober.undone():
            prober.send(chosen[0])
            assert "sales_unit" in tables_of(prober.written) - OURS_TO_NOTE
    finally:
        probed_app.view_functions["HelpView.page"] = kept


@pytest.mark.filterwarnings("ignore:Yielding raw tuples", "ignore:The Query.get")
@pytest.mark.parametrize("method", ["HEAD", "OPTIONS"])
def test_head_and_options_change_nothing_either(prober: Prober, world: World, method: str) -> None:
    faults = []
    for probe, _kind in reads(world):
        if probe.person != ADMIN:
            continue
        url = _url(world, probe)
        with prober.undone():
            prober.written.clear()
            answer = prober.browser_of(probe).open(url, method=method)
            wrong = tables_of(prober.written) - OURS_TO_NOTE - (WRITTEN_DOWN if probe.route.writes_down else set())
            if wrong or answer.status_code >= 500:
                faults.append(f"{probe}: {answer.status_code} {sorted(wrong)}")
    assert faults == []


def _url(world: World, probe: Probe) -> str:
    values = dict(probe.route.values)
    if probe.row is not None and probe.route.key:
        values[probe.route.key] = probe.row.id
    return path_of(world.app, probe.endpoint.partition("#")[0], values)


WITHOUT_COOKIE = {"PublicProformaView.page"}
"""Pages whose address is the secret; a form of another site is refused by its origin (tests/sales/proformas)."""


def test_public_forms_need_the_pages_token_too(prober: Prober, world: World) -> None:
    """The other forms are in test_edges; programs without a session get their token by a password."""
    taken = []
    for probe in probes(world):
        if probe.route.door is not Door.PUBLIC or probe.route.program or probe.method == "GET":
            continue
        if probe.endpoint in WITHOUT_COOKIE:
            continue
        with prober.undone():
            prober.written.clear()
            answer = prober.browser_of(probe).open(_url(world, probe), method=probe.method, data={"x": "y"}, csrf=False)
            if answer.status_code != 400 or tables_of(prober.written):
                taken.append(f"{probe} {answer.status_code}")
    assert taken == []


@pytest.mark.timeout(300)
@pytest.mark.filterwarnings("ignore:Yielding raw tuples", "ignore:The Query.get")
def test_every_answer_has_every_header_and_no_page_an_inline_script(prober: Prober, world: World) -> None:
    faults = []
    for probe, _kind in reads(world):
        cookies = dict(prober.browser_of(probe)._cookies)
        with prober.undone():
            answer = prober.send(probe)
            missing = [name for name in HEADERS if name not in answer.headers]
            policy = answer.headers.get("Content-Security-Policy", "")
            faults += [f"{probe}: no {name}" for name in missing]
            if "unsafe" in policy or ("script-src 'self'" not in policy and "sandbox" not in policy):
                faults.append(f"{probe}: {policy}")
            if answer.mimetype == "text/html":
                faults += [
                    f"{probe}: {found.group()[:60]}"
                    for rule in (INLINE, INLINE_SCRIPT, OTHER_HOSTS)
                    for found in [rule.search(re.sub(r"<!--.*?-->", "", answer.text, flags=re.DOTALL))]
                    if found
                ]
        prober.browser_of(probe)._cookies = cookies
    assert faults == []


ERRORS = (
    ("GET", "/nowhere", 404),
    ("GET", "/customers/action_post", 405),
    ("POST", "/customers/add", 400),
    ("GET", "/api/v1/customers/", 401),
    ("GET", "/static/nothing.css", 404),
    ("PROPFIND", "/", 405),
    ("GET", "/%00", 404),
    ("GET", "/customers/list/?after=%ff%fe", 302),
)


@pytest.mark.parametrize(("method", "path", "status"), ERRORS)
def test_refusals_have_the_headers(probed_app: Flask, world: World, method: str, path: str, status: int) -> None:
    answer = world.browsers[ANONYMOUS].open(path, method=method, csrf=False)
    assert answer.status_code == status
    assert [name for name in HEADERS if name not in answer.headers] == []


def test_failures_have_the_headers(probed_app: Flask, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(probed_app.view_functions, "core_pages.search_page", lambda: 1 / 0)
    monkeypatch.setitem(probed_app.config, "PROPAGATE_EXCEPTIONS", False)  # noqa: FBT003
    answer = world.browsers[ADMIN].get("/search?q=x")
    assert answer.status_code == 500
    assert [name for name in HEADERS if name not in answer.headers] == []


def test_https_answers_insist_on_it(world: World) -> None:
    answer = world.browsers[ANONYMOUS].get("/login/", base_url="https://localhost/")
    assert "max-age=" in answer.headers["Strict-Transport-Security"]
    assert "Strict-Transport-Security" not in world.browsers[ANONYMOUS].get("/login/").headers


def test_the_language_link_changes_the_cookie_and_nothing_else(prober: Prober, world: World) -> None:
    browser: Any = world.browsers[ADMIN]
    with prober.undone():
        prober.written.clear()
        assert browser.get("/lang/en").status_code == 302
        assert prober.written == []
    browser.get("/lang/fa")
