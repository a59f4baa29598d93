"""Attacks on the session itself: every road of the ORM to a row that the actor may not see."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import delete, exists, func, select, update
from sqlalchemy.orm import aliased, joinedload, selectinload

from app.core.actor import ANONYMOUS, Actor, acting_as
from app.core.audit import recorded_by_caller
from app.core.errors import ScopeViolation
from app.crm.customers.models import Customer, CustomerContact
from app.finance.invoices.models import Invoice, InvoiceLine
from tests.factories import ContactFactory, CustomerFactory, DepartmentFactory, EmployeeFactory
from tests.factories.acting import actor_with
from tests.factories.finance import draft_invoice

RIGHTS = tuple(
    (action, subject)
    for subject in ("crm.customers", "finance.invoices")
    for action in ("list", "show", "add", "edit", "delete", "see_department")
)


@dataclass(slots=True)
class Two:
    """A row of one's own department and one of another, with what hangs on them."""

    session: Any
    own: Customer
    hidden: Customer
    contact: CustomerContact
    invoice: Invoice
    own_invoice: Invoice
    actor: Actor
    own_actor: Actor


@pytest.fixture
def two(session: Any) -> Two:
    home, away = DepartmentFactory(), DepartmentFactory()
    person, stranger = EmployeeFactory(home_department=home), EmployeeFactory(home_department=away)
    own = CustomerFactory(department=home, owner=person)
    hidden = CustomerFactory(department=away, owner=stranger, name="hidden")
    made = Two(
        session, own, hidden, ContactFactory(customer=hidden), draft_invoice(hidden), draft_invoice(own),
        actor_with(person, *RIGHTS), actor_with(person, ("list", "crm.customers"), ("see_own", "crm.customers")),
    )  # fmt: skip
    session.commit()
    session.expire_all()
    return made


@pytest.fixture
def fresh(two: Two) -> Iterator[Two]:
    """Nothing in the identity map, and the actor of the one department at work."""
    ids = two.own.id, two.hidden.id, two.contact.id, two.invoice.id, two.own_invoice.id
    two.session.expunge_all()
    with acting_as(two.actor):
        two.own = two.session.get(Customer, ids[0])
        two.own_invoice = two.session.get(Invoice, ids[4])
        two.hidden, two.contact, two.invoice = _Id(ids[1]), _Id(ids[2]), _Id(ids[3])  # type: ignore[assignment]
        yield two


@dataclass(frozen=True, slots=True)
class _Id:
    id: int


def _outer(t: Two) -> list[Any]:
    other = aliased(Customer)
    query = select(other.name).select_from(Customer).outerjoin(other, other.id == t.hidden.id)
    return [name for name in t.session.scalars(query.where(Customer.id == t.own.id)) if name is not None]


READS: dict[str, Any] = {
    "select": lambda t: t.session.scalars(select(Customer).where(Customer.id == t.hidden.id)).all(),
    "get": lambda t: t.session.get(Customer, t.hidden.id),
    "query": lambda t: t.session.query(Customer).filter_by(id=t.hidden.id).all(),
    "columns": lambda t: t.session.execute(select(Customer.name).where(Customer.id == t.hidden.id)).all(),
    "alias": lambda t: t.session.scalars(select(a := aliased(Customer)).where(a.id == t.hidden.id)).all(),
    "join": lambda t: t.session.execute(
        select(Invoice.id, Customer.name).join(Customer).where(Customer.id == t.hidden.id)
    ).all(),
    "join to an alias": lambda t: t.session.execute(
        select(CustomerContact.name).join(a := aliased(Customer)).where(a.id == t.hidden.id)
    ).all(),
    "join of the table to itself": lambda t: t.session.execute(
        select(Customer.id, (a := aliased(Customer)).name).join(a, a.id == t.hidden.id).where(Customer.id == t.own.id)
    ).all(),
    "outer join of the table to itself": lambda t: _outer(t),
    "child": lambda t: t.session.get(CustomerContact, t.contact.id),
    "grandchild": lambda t: t.session.scalars(select(InvoiceLine).where(InvoiceLine.invoice_id == t.invoice.id)).all(),
    "subquery": lambda t: t.session.execute(
        select(select(Customer.name).where(Customer.id == t.hidden.id).subquery())
    ).all(),
    "cte": lambda t: t.session.execute(select(select(Customer.name).where(Customer.id == t.hidden.id).cte())).all(),
    "scalar subquery": lambda t: t.session.scalar(
        select(select(Customer.name).where(Customer.id == t.hidden.id).scalar_subquery())
    ),
    "exists": lambda t: t.session.scalar(select(exists().where(Customer.id == t.hidden.id))),
    "exists below a visible row": lambda t: t.session.scalars(
        select(Customer).where(
            Customer.id == t.own.id,
            exists().where(CustomerContact.customer_id == t.hidden.id),
        )
    ).all(),
    "in": lambda t: t.session.scalars(
        select(Customer).where(
            Customer.id == t.own.id,
            t.hidden.id == select(Customer.id).where(Customer.id == t.hidden.id).scalar_subquery(),
        )
    ).all(),
    "count": lambda t: t.session.scalar(select(func.count()).select_from(Customer).where(Customer.id == t.hidden.id)),
    "count of a column": lambda t: t.session.scalar(select(func.count(Customer.id)).where(Customer.id == t.hidden.id)),
    "sum": lambda t: t.session.scalar(select(func.sum(Invoice.payable_rials)).where(Invoice.id == t.invoice.id)),
    "union": lambda t: t.session.execute(
        select(Customer.id)
        .where(Customer.id == t.hidden.id)
        .union_all(select(Customer.id).where(Customer.id == t.hidden.id))
    ).all(),
    "group by": lambda t: t.session.execute(
        select(Customer.city, func.count()).where(Customer.id == t.hidden.id).group_by(Customer.city)
    ).all(),
    "relation": lambda t: t.session.scalars(
        select(Invoice).where(Invoice.customer.has(Customer.id == t.hidden.id))
    ).all(),
    "relation of children": lambda t: t.session.scalars(
        select(Customer).where(Customer.contacts.any(CustomerContact.id == t.contact.id))
    ).all(),
    "refresh": lambda t: t.session.scalars(
        select(Customer).where(Customer.id == t.hidden.id).execution_options(populate_existing=True)
    ).all(),
    "locked": lambda t: t.session.scalars(
        select(Customer).where(Customer.id == t.hidden.id).with_for_update(of=Customer)
    ).all(),
}


@pytest.mark.parametrize("road", READS)
def test_no_read_finds_a_hidden_row(fresh: Two, road: str) -> None:
    assert not READS[road](fresh)


@pytest.mark.parametrize("road", READS)
def test_the_same_read_finds_it_for_the_system(fresh: Two, road: str) -> None:
    """So that a read which finds nothing for everybody proves nothing."""
    with acting_as(Actor.system("test")):
        assert READS[road](fresh)


@pytest.mark.parametrize("road", READS)
def test_an_anonymous_visitor_finds_nothing_at_all(fresh: Two, road: str) -> None:
    fresh.hidden = _Id(fresh.own.id)  # type: ignore[assignment]
    fresh.session.expunge_all()
    fresh.own = _Id(fresh.hidden.id)  # type: ignore[assignment]
    fresh.invoice = _Id(fresh.invoice.id)  # type: ignore[assignment]
    with acting_as(ANONYMOUS):
        assert not READS[road](fresh)


def test_lazy_and_eager_loads_leave_a_hidden_row_out(fresh: Two) -> None:
    """An own invoice whose customer went to another department shows no customer."""
    with acting_as(Actor.system("test")):
        fresh.own_invoice.customer_id = fresh.hidden.id
        fresh.session.flush()
    for options in ((), (joinedload(Invoice.customer),), (selectinload(Invoice.customer),)):
        fresh.session.expunge_all()
        invoice = fresh.session.scalars(
            select(Invoice).where(Invoice.id == fresh.own_invoice.id).options(*options)
        ).one_or_none()
        assert invoice is None or invoice.customer is None


def test_a_bulk_update_and_delete_touch_no_hidden_row(fresh: Two) -> None:
    with recorded_by_caller("a test"):
        changed = fresh.session.execute(
            update(Customer).where(Customer.id == fresh.hidden.id).values(note="x")
        ).rowcount
        gone = fresh.session.execute(delete(CustomerContact).where(CustomerContact.id == fresh.contact.id)).rowcount
    assert (changed, gone) == (0, 0)


def _point(t: Two) -> None:
    t.session.add(CustomerContact(customer_id=t.hidden.id, name="x"))


def _repoint(t: Two) -> None:
    t.own_invoice.customer_id = t.hidden.id


def _assign(t: Two) -> None:
    with acting_as(Actor.system("test")):
        hidden = t.session.get(Customer, t.hidden.id)
    t.session.add(CustomerContact(customer=hidden, name="x"))


def _append(t: Two) -> None:
    with acting_as(Actor.system("test")):
        hidden = t.session.get(Customer, t.hidden.id)
        _ = hidden.contacts
    hidden.contacts.append(CustomerContact(name="x"))


def _edit_held(t: Two) -> None:
    with acting_as(Actor.system("test")):
        hidden = t.session.get(Customer, t.hidden.id)
    hidden.note = "x"


def _edit_held_child(t: Two) -> None:
    with acting_as(Actor.system("test")):
        contact = t.session.get(CustomerContact, t.contact.id)
    contact.name = "x"


def _delete_held(t: Two) -> None:
    with acting_as(Actor.system("test")):
        hidden = t.session.get(Customer, t.hidden.id)
        _ = hidden.contacts, hidden.phones, hidden.addresses
    t.session.delete(hidden)


def _delete_held_child(t: Two) -> None:
    with acting_as(Actor.system("test")):
        contact = t.session.get(CustomerContact, t.contact.id)
    t.session.delete(contact)


def _take_child(t: Two) -> None:
    with acting_as(Actor.system("test")):
        contact = t.session.get(CustomerContact, t.contact.id)
    contact.customer_id = t.own.id


def _move_away(t: Two) -> None:
    t.own.department_id = _away(t)


def _move_here(t: Two) -> None:
    with acting_as(Actor.system("test")):
        hidden = t.session.get(Customer, t.hidden.id)
        _ = hidden.department_id
    hidden.department_id = t.own.department_id


def _add_away(t: Two) -> None:
    t.session.add(Customer(code="forged", name="x", department_id=_away(t)))


def _move_in_bulk(t: Two) -> None:
    t.session.execute(update(Customer).where(Customer.id == t.own.id).values(department_id=_away(t)))


def _repoint_in_bulk(t: Two) -> None:
    t.session.execute(update(Invoice).where(Invoice.id == t.own_invoice.id).values(customer_id=t.hidden.id))


def _move_by_key(t: Two) -> None:
    t.session.execute(update(Customer), [{"id": t.own.id, "department_id": _away(t)}])


def _edit_by_key(t: Two) -> None:
    t.session.execute(update(Customer), [{"id": t.hidden.id, "note": "x"}])


def _away(t: Two) -> int:
    with acting_as(Actor.system("test")):
        return int(t.session.scalar(select(Customer.department_id).where(Customer.id == t.hidden.id)))


WRITES: dict[str, Any] = {
    "a key that points to a hidden row": _point,
    "a changed key that points to a hidden row": _repoint,
    "a hidden row as a relation": _assign,
    "a child put into a hidden row's list": _append,
    "a hidden row that something else had loaded": _edit_held,
    "a hidden row's child that something else had loaded": _edit_held_child,
    "the deletion of such a row": _delete_held,
    "the deletion of such a child": _delete_held_child,
    "a hidden row's child taken over": _take_child,
    "a row moved to a hidden department": _move_away,
    "a hidden row moved to one's own department": _move_here,
    "a new row in a hidden department": _add_away,
    "a row moved by a bulk update": _move_in_bulk,
    "a key changed by a bulk update": _repoint_in_bulk,
    "a row moved by a bulk update of keys": _move_by_key,
    "a hidden row changed by a bulk update of keys": _edit_by_key,
}


@pytest.mark.parametrize("attack", WRITES)
def test_no_write_reaches_a_hidden_row(fresh: Two, attack: str) -> None:
    with recorded_by_caller("a test"), pytest.raises(ScopeViolation):
        _write(fresh, attack)


def _write(two: Two, attack: str) -> None:
    WRITES[attack](two)
    two.session.flush()


def test_an_own_row_is_given_to_nobody_by_somebody_who_sees_only_their_own(fresh: Two) -> None:
    with acting_as(fresh.own_actor):
        fresh.own.owner_id = _stranger(fresh)
        with pytest.raises(ScopeViolation):
            fresh.session.flush()


def _stranger(t: Two) -> int:
    with acting_as(Actor.system("test")):
        return int(t.session.scalar(select(Customer.owner_id).where(Customer.id == t.hidden.id)))
