"""The reach of a team and of a dealer: what they see, and what they cannot write."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from sqlalchemy import func, select, update

from app.core import clock
from app.core.actor import Actor, Reach, acting_as
from app.core.audit import recorded_by_caller
from app.core.errors import ScopeViolation
from app.core.feature import Role
from app.crm.customers.models import Customer, CustomerContact
from app.finance.invoices.models import Invoice
from app.org.delegations.models import Delegation
from app.org.posts.models import PostHolder
from app.org.security import actor_of
from tests import factories as make
from tests.access.probing import text_of
from tests.factories.acting import actor_with
from tests.factories.finance import draft_invoice

BOTH = ("crm.customers", "finance.invoices")
EVERYTHING = tuple((action, s) for s in BOTH for action in ("list", "show", "add", "edit", "see_all"))
TEAM = tuple((action, s) for s in BOTH for action in ("list", "show", "add", "edit", "see_team"))


@dataclass(slots=True)
class Dealers:
    """Two dealers in one department, each with an invoice; the actor is of the first."""

    session: Any
    own: Customer
    other: Customer
    own_invoice: Invoice
    other_invoice: Invoice
    actor: Actor


@pytest.fixture
def dealers(session: Any) -> Iterator[Dealers]:
    place = make.DepartmentFactory()
    person = make.EmployeeFactory(home_department=place)
    own, other = (make.CustomerFactory(department=place, owner=person, is_dealer=True) for _ in "12")
    make.ContactFactory(customer=other)
    actor = replace(actor_with(person, *EVERYTHING), customer_id=own.id)
    made = Dealers(session, own, other, draft_invoice(own), draft_invoice(other), actor)
    session.commit()
    with acting_as(made.actor):
        yield made


def test_a_dealer_sees_only_the_own_party_whatever_the_roles_reach(dealers: Dealers) -> None:
    found = dealers.session
    assert found.scalars(select(Customer.id)).all() == [dealers.own.id]
    assert found.scalars(select(Invoice.id)).all() == [dealers.own_invoice.id]
    assert found.scalars(select(CustomerContact.id)).all() == []
    assert found.scalar(select(func.count()).select_from(Invoice)) == 1
    assert found.scalars(select(Delegation.id)).all() == []


def test_a_dealer_without_a_right_to_see_sees_nothing(dealers: Dealers) -> None:
    with acting_as(replace(dealers.actor, rights=frozenset({("can_list", "finance.invoices")}))):
        assert dealers.session.scalars(select(Invoice.id)).all() == []


def _edit_other(d: Dealers) -> None:
    d.other.note = "x"


def _take_over(d: Dealers) -> None:
    d.other_invoice.customer_id = d.own.id


def _give_away(d: Dealers) -> None:
    d.own_invoice.customer_id = d.other.id


def _new_party(d: Dealers) -> None:
    d.session.add(Customer(code="forged", name="x"))


def _move(d: Dealers) -> None:
    d.own_invoice.department_id = make.DepartmentFactory().id


def _in_bulk(d: Dealers) -> None:
    d.session.execute(update(Invoice).where(Invoice.id == d.own_invoice.id).values(customer_id=d.other.id))


DEALER_WRITES: dict[str, Callable[[Dealers], None]] = {
    "another dealer's record": _edit_other,
    "another dealer's invoice": _take_over,
    "an own invoice given to another": _give_away,
    "a party that is not theirs": _new_party,
    "an own invoice moved to another department": _move,
    "a bulk update of the party": _in_bulk,
}


@pytest.mark.parametrize("attack", DEALER_WRITES)
def test_a_dealer_writes_nothing_of_another(dealers: Dealers, attack: str) -> None:
    with recorded_by_caller("a test"), dealers.session.no_autoflush, pytest.raises(ScopeViolation):
        _attack(dealers, attack)


def _attack(dealers: Dealers, attack: str) -> None:
    DEALER_WRITES[attack](dealers)
    dealers.session.flush()


def test_a_dealer_changes_the_own_invoice(dealers: Dealers) -> None:
    dealers.own_invoice.note = "urgent"
    dealers.session.flush()
    assert dealers.own_invoice.note == "urgent"


def test_an_employee_of_a_dealer_acts_as_that_dealer(session: Any) -> None:
    customer = make.CustomerFactory(is_dealer=True)
    person = make.EmployeeFactory(role=Role.SALES, customer_id=customer.id)
    session.flush()
    assert actor_of(person).customer_id == customer.id


@pytest.mark.databases
def test_the_pages_of_a_dealer_show_no_other_dealer(
    session: Any, as_user: Callable[..., Any], as_program: Callable[..., Any]
) -> None:
    place = make.DepartmentFactory()
    own, other = (make.CustomerFactory(name=name, department=place) for name in ("Qzownparty", "Qzotherparty"))
    mine, theirs = draft_invoice(own), draft_invoice(other)
    person = make.EmployeeFactory(role=Role.MANAGER, home_department=place, customer_id=own.id)
    session.commit()
    browser, program = as_user(person), as_program(person)
    for path in ("/customers/list/", "/invoices/list/", "/search?q=Qzotherparty&format=json", "/export/crm.customers"):
        answer = browser.get(path)
        assert answer.status_code == 200, path
        assert "Qzotherparty" not in text_of(answer).replace('"query":"Qzotherparty"', "")
    assert "Qzownparty" in browser.get("/customers/list/").text
    assert browser.get(f"/customers/show/{other.id}").status_code == 404
    assert browser.get(f"/invoices/editor/{theirs.id}").status_code == 404
    assert browser.get(f"/invoices/editor/{mine.id}").status_code == 200
    assert program.get(f"/api/v1/customers/{other.id}").status_code == 404


# --- a team


@dataclass(slots=True)
class Team:
    """A head, somebody two posts below, somebody beside; each with a customer in another department."""

    session: Any
    head: Actor
    below: Customer
    beside: Customer
    own: Customer


@pytest.fixture
def team(session: Any) -> Iterator[Team]:
    posts: list[Any] = [make.PostFactory()]
    posts += [make.PostFactory(parent=posts[0]), make.PostFactory()]
    posts.append(make.PostFactory(parent=posts[1]))
    people = [make.EmployeeFactory() for _ in range(3)]
    for post, person in ((posts[0], people[0]), (posts[3], people[1]), (posts[2], people[2])):
        session.add(PostHolder(post=post, employee=person, from_on=clock.today()))
    session.flush()
    customers = [make.CustomerFactory(owner=person, department=make.DepartmentFactory()) for person in people]
    head = replace(actor_with(people[0], *TEAM), team_ids=frozenset({people[1].id}))
    session.commit()
    with acting_as(head):
        yield Team(session, head, customers[1], customers[2], customers[0])


def test_a_team_reaches_the_rows_of_those_in_posts_below(team: Team) -> None:
    found = set(team.session.scalars(select(Customer.id)))
    assert found == {team.own.id, team.below.id}
    assert team.head.reach("crm.customers") is Reach.TEAM


def test_a_head_changes_a_row_of_the_team_and_gives_it_to_nobody_else(team: Team) -> None:
    team.below.note = "seen by the head"
    team.session.flush()
    with acting_as(Actor.system("test")):
        stranger = make.EmployeeFactory().id
    team.below.owner_id = stranger
    with pytest.raises(ScopeViolation):
        team.session.flush()


def test_a_head_changes_no_row_beside(team: Team) -> None:
    team.beside.note = "x"
    with pytest.raises(ScopeViolation):
        team.session.flush()


def test_the_team_is_read_from_the_posts_of_today(session: Any, as_user: Callable[..., Any]) -> None:
    from flask import current_app

    top, low = make.PostFactory(), None
    low = make.PostFactory(parent=top)
    head, rep = make.EmployeeFactory(role=Role.SUPERVISOR), make.EmployeeFactory()
    session.add_all(
        [PostHolder(post=post, employee=who, from_on=clock.today()) for post, who in ((top, head), (low, rep))]
    )
    sm = current_app.extensions["appbuilder"].sm
    assert actor_of(head).team_ids == frozenset()
    seeing = sm.add_permission_view_menu("can_see_team", "crm.customers")
    role = sm.find_role(Role.SUPERVISOR)
    role.permissions.append(seeing)
    session.flush()
    assert actor_of(head).team_ids == {rep.id}
