"""The explanation of access says what the row scope does, for everybody and every record."""

from __future__ import annotations

from typing import Any

import pytest
from flask_babel import force_locale

from app.core.actor import Actor, acting_as
from app.core.db import db
from app.core.feature import Role
from app.crm.customers.models import Customer
from app.finance.invoices.models import Invoice
from app.org.access import explain, matrix
from app.org.employees.models import Employee
from tests.access import oracle
from tests.access.probing import Prober
from tests.access.world import ADMIN, NO_ROLE, PEOPLE, Place, World

MODELS = {"customer": (Customer, "crm.customers"), "invoice": (Invoice, "finance.invoices")}


@pytest.fixture
def asked(prober: Prober, world: World) -> Any:
    """`asked(person, kind, place)`: the explanation for somebody and a row, with whether they see it."""

    def ask(person: str, kind: str, place: Place) -> tuple[explain.RecordAccess, bool]:
        model, subject = MODELS[kind]
        row, module = world.row(kind, person, place), matrix.module_of(subject)
        assert module is not None
        with acting_as(Actor.system("test")), force_locale("en"):
            who = db.session.get_one(Employee, world.user_ids[person])
            found = explain.explain(who, db.session.get_one(model, row.id), module)
        opens = oracle.holds(person, "list", subject) or oracle.holds(person, "show", subject)
        return found, oracle.sees(person, row) and opens

    return ask


@pytest.mark.parametrize("kind", MODELS)
@pytest.mark.parametrize("person", PEOPLE[1:])
def test_what_is_told_is_what_is_seen(asked: Any, person: str, kind: str) -> None:
    for place in Place:
        found, sees = asked(person, kind, place)
        assert found.is_seen is sees, (person, kind, place)
        assert any(reason.speaks_for for reason in found.reasons) or not sees
        if not sees:
            assert any(not reason.speaks_for for reason in found.reasons), (person, kind, place)


def test_it_names_the_role_the_department_and_what_is_missing(asked: Any) -> None:
    own, _ = asked(Role.SALES.value, "customer", Place.OURS)
    assert any("Sales expert" in reason.words for reason in own.reasons)
    assert any("ours" in reason.words for reason in own.reasons)
    theirs, _ = asked(Role.SALES.value, "customer", Place.THEIRS)
    assert any("theirs" in reason.words and not reason.speaks_for for reason in theirs.reasons)
    nobody, _ = asked(NO_ROLE, "customer", Place.MINE)
    assert any("no role" in reason.words for reason in nobody.reasons)


def test_it_tells_the_steps_that_are_given_and_the_missing_ones(asked: Any) -> None:
    found, _ = asked(Role.SALES.value, "invoice", Place.MINE)
    told = {step.words.partition(" (")[0].partition(":")[0]: step.speaks_for for step in found.steps}
    assert told["Print"] is True
    assert told["Issue"] is False
    chief, _ = asked(ADMIN, "invoice", Place.THEIRS)
    assert all(step.speaks_for for step in chief.steps if not step.words.startswith("Void"))


@pytest.mark.parametrize(
    ("path", "mark"),
    [
        ("/access/", 'name="address"'),
        ("/access/{person}", 'href="/access-roles/'),
        ("/access/record/crm_customer/{row}", 'data-remote="/access-roles/people"'),
        ("/access/record/crm_customer/{row}?person={person}", 'class="notice tone-bad"'),
        ("/access/?person={person}&address=/customers/show/{row}", 'class="notice tone-bad"'),
        ("/access/?person={person}&address=http://h/invoices/editor/{paper}", 'class="notice tone-bad"'),
        ("/access/?person={person}&address=nonsense", "access-table"),
        ("/customers/show/{row}", 'href="/access/record/crm_customer/{row}"'),
        ("/invoices/editor/{paper}", 'href="/access/record/finance_invoice/{paper}"'),
        ("/employees/show/{person}", 'href="/access/{person}"'),
    ],
)
def test_the_pages_are_reached_by_administrators(prober: Prober, world: World, path: str, mark: str) -> None:
    hidden, paper = (world.row(kind, Role.SALES.value, Place.THEIRS) for kind in ("customer", "invoice"))
    values = {"row": hidden.id, "paper": paper.id, "person": world.user_ids[Role.SALES.value]}
    answer = world.browsers[ADMIN].get(path.format(**values), follow_redirects=True)
    assert answer.status_code == 200
    assert mark.format(**values) in answer.text


def test_nobody_else_is_offered_the_button(prober: Prober, world: World) -> None:
    own = world.row("customer", Role.MANAGER.value, Place.MINE)
    assert "/access/record/" not in world.browsers[Role.MANAGER.value].get(f"/customers/show/{own.id}").text
