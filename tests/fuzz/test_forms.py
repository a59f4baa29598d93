"""Every form of every page, found by walking, filled with hostile values: it may refuse, it may not fail."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from lxml import html

from tests.access.probing import Prober
from tests.access.test_edges import pages
from tests.access.world import ADMIN, World
from tests.app_fixtures import Visitor
from tests.fuzz import hostile

START = ("/", "/account/", "/account/second-factor/", "/login/", "/imports/", "/roles/list/")
NOT_WALKED = ("/logout", "/static", "/lang", "/appbuilder/static", "mailto:", "tel:", "data:")
MOST_PAGES = 400
LEAST_FORMS = 60
NOT_FILLED = frozenset({"csrf_token"})


@dataclass(frozen=True, slots=True)
class Form:
    """A form as a page shows it: where it goes, how, and its fields with their kinds and choices."""

    page: str
    action: str
    method: str
    fields: tuple[tuple[str, str, tuple[str, ...]], ...]

    def __str__(self) -> str:
        return f"{self.method} {self.action} [{' '.join(name for name, _k, _c in self.fields)}]"


def forms_of(page: str, text: str) -> Iterator[Form]:
    for form in html.fromstring(text).iter("form"):
        if form.get("method") == "dialog":
            continue
        action = urlsplit(urljoin(page, form.get("action") or page))
        address = action.path + (f"?{action.query}" if action.query else "")
        yield Form(page, address, (form.get("method") or "get").upper(), tuple(_fields(form)))


def _fields(form: Any) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    seen = set()
    for element in form.iter("input", "select", "textarea", "button"):
        name = element.get("name")
        if not name or name in NOT_FILLED or name in seen:
            continue
        seen.add(name)
        choices = tuple(option.get("value") or "" for option in element.iter("option"))
        yield (
            name,
            element.get("type") or element.tag,
            choices or ((element.get("value"),) if element.get("value") else ()),
        )


def walk(browser: Visitor, starts: list[str], failure: Callable[[], str]) -> list[Form]:
    """Every different form within a few links of the starting pages."""
    waiting, seen, found = list(starts), set(starts), {}
    shapes: dict[str, int] = {}
    while waiting and len(seen) < MOST_PAGES * 3:
        page = waiting.pop(0)
        answer = browser.get(page)
        assert answer.status_code < 500, f"{page}: {failure()}"
        if answer.mimetype != "text/html" or answer.status_code != 200:
            continue
        tree = html.fromstring(answer.text)
        for form in forms_of(page, answer.text):
            found.setdefault((_shape(form.action), form.method, form.fields), form)
        for link in tree.iter("a"):
            target = urlsplit(urljoin(page, link.get("href") or ""))
            address = target.path + (f"?{target.query}" if target.query else "")
            shape = _shape(target.path)
            if target.netloc or address in seen or address.startswith(NOT_WALKED) or shapes.get(shape, 0) >= 2:
                continue
            shapes[shape] = shapes.get(shape, 0) + 1
            seen.add(address)
            waiting.append(address)
    return list(found.values())


def _shape(path: str) -> str:
    return "".join("#" if letter.isdigit() else letter for letter in path)


def filled(form: Form, dice: random.Random) -> dict[str, Any]:
    """Values for a form: most fields hostile, some as the page has them, some missing, some strange."""
    sent: dict[str, Any] = {}
    for name, kind, choices in form.fields:
        roll = dice.random()
        if roll < 0.12:
            continue
        if kind == "file":
            sent[name] = hostile.file(dice)
        elif choices and roll < 0.55:
            sent[name] = dice.choice(choices)
        elif roll < 0.62:
            sent[name] = [hostile.text(dice) for _ in range(3)]
        else:
            sent[name] = hostile.text(dice)
    if dice.random() < 0.1:
        sent[dice.choice(("id", "pk", "version", "action", "rowid", "__class__", "a[b]"))] = hostile.text(dice)
    return sent


def address_of(form: Form, dice: random.Random) -> str:
    """The form's address; sometimes another number or a hostile query."""
    if dice.random() < 0.1:
        return "".join(dice.choice("0123456789") if c.isdigit() and dice.random() < 0.5 else c for c in form.action)
    return form.action


def throw(prober: Prober, browser: Visitor, forms: list[Form], count: int, seed: int) -> list[str]:
    """Send so many forms, each undone; returns what failed."""
    dice, faults = random.Random(seed), []
    for number in range(count):
        form = forms[number % len(forms)]
        sent, address = filled(form, dice), address_of(form, dice)
        cookies = dict(browser._cookies)
        with prober.undone():
            prober.failure = ""
            try:
                if form.method == "GET":
                    answer = browser.get(form.action.partition("?")[0], query_string=_texts(sent))
                else:
                    answer = browser.post(address, data=sent)
                if answer.status_code >= 500:
                    faults.append(f"{form} <- { {k: str(v)[:60] for k, v in sent.items()} }: {prober.failure}")
            except UnicodeEncodeError:  # the client could not even write it
                continue
        browser._cookies = cookies
    return faults


def _texts(sent: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in sent.items() if not isinstance(value, tuple)}


@pytest.fixture
def forms(prober: Prober, world: World) -> list[Form]:
    starts = [*START, *(url for _probe, url in pages(world, ("GET",), program=False))]
    with prober.undone():
        return walk(world.browsers[ADMIN], list(dict.fromkeys(starts)), lambda: prober.failure)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.filterwarnings("ignore:Yielding raw tuples", "ignore:The Query.get")
@pytest.mark.parametrize(
    ("probed_app", "count", "seed"),
    [
        ("sqlite", 80, 1),
        pytest.param("sqlite", 5000, 2, marks=pytest.mark.soak),
        pytest.param("postgresql", 1000, 3, marks=[pytest.mark.soak, pytest.mark.pg]),
    ],
    indirect=["probed_app"],
)
def test_no_form_brings_the_server_down(prober: Prober, world: World, forms: list[Form], count: int, seed: int) -> None:
    assert len(forms) >= LEAST_FORMS
    faults = throw(prober, world.browsers[ADMIN], forms, max(count, len(forms)), seed)
    print(f"\n{len(forms)} forms, {max(count, len(forms))} requests, {len(faults)} failures")
    assert faults == [], "\n".join(faults)
