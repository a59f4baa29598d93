"""Reads over customers: doubles, look-ups by key, and what a customer's page shows at its head."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import CompoundSelect, func, or_, select

from app.core.db import db
from app.core.text import search_key
from app.crm.customers.models import Customer, CustomerAddress, CustomerContact, CustomerPhone

AT_MOST = 20
CHUNK = 5_000


class DoubleBy(StrEnum):
    """What two customers have in common, the surest first."""

    NATIONAL_ID = "national_id"
    LEGAL_ID = "legal_id"
    PHONE = "phone"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Double:
    """A customer that looks like another one, and why."""

    customer_id: int
    name: str
    code: str
    by: DoubleBy


@dataclass(frozen=True, slots=True)
class Overview:
    """The head of a customer's page."""

    contact_count: int
    phone_count: int
    address_count: int
    do_not_call: frozenset[str]


def doubles_of(customer: Customer) -> tuple[Double, ...]:
    """Other visible customers with the same identity number, phone or folded name, the surest first.

    Each key is looked up by its own index; at most 20 are returned.
    """
    found: dict[int, Double] = {}
    numbers = sorted({number for number in (customer.mobile, customer.phone) if number})
    looks = [
        (DoubleBy.NATIONAL_ID, Customer.national_id == customer.national_id, customer.national_id),
        (DoubleBy.LEGAL_ID, Customer.legal_id == customer.legal_id, customer.legal_id),
        (DoubleBy.PHONE, Customer.mobile.in_(numbers), numbers),
        (DoubleBy.PHONE, Customer.phone.in_(numbers), numbers),
        (DoubleBy.PHONE, Customer.id.in_(_by_further_number(numbers)), numbers),
        (DoubleBy.NAME, Customer.name_key == search_key(customer.name or "")[:200], customer.name),
    ]
    with db.session.no_autoflush:
        for by, condition, value in looks:
            if not value:
                continue
            query = select(Customer.id, Customer.name, Customer.code).where(condition)
            if customer.id is not None:
                query = query.where(Customer.id != customer.id)
            for row in db.session.execute(query.order_by(Customer.id).limit(AT_MOST)):
                found.setdefault(row.id, Double(row.id, row.name, row.code, by))
    return tuple(found.values())[:AT_MOST]


def customers_by(column: str, values: Iterable[str]) -> dict[str, int]:
    """The lowest id of the visible customer for each value of an indexed key column.

    `column` is one of code, national_id, legal_id, mobile, phone.
    """
    key = getattr(Customer, column)
    wanted = sorted({value for value in values if value})
    found: dict[str, int] = {}
    for start in range(0, len(wanted), CHUNK):
        part = wanted[start : start + CHUNK]
        rows = db.session.execute(select(key, func.min(Customer.id)).where(key.in_(part)).group_by(key))
        found.update((value, customer_id) for value, customer_id in rows)
    return found


def customer_of_number(number: str) -> Sequence[Customer]:
    """Who calls or faxes from an E.164 number: main numbers, further ones, contacts."""
    mine = or_(Customer.mobile == number, Customer.phone == number)
    query = select(Customer).where(or_(mine, Customer.id.in_(_by_further_number([number]))))
    return db.session.scalars(query.order_by(Customer.id).limit(AT_MOST)).all()


def overview(customer: Customer) -> Overview:
    """Counts of what hangs on a customer, and the numbers that may not be called."""
    silent = select(CustomerPhone.number).where(CustomerPhone.customer_id == customer.id, CustomerPhone.do_not_call)
    return Overview(
        contact_count=_count(CustomerContact, customer.id),
        phone_count=_count(CustomerPhone, customer.id),
        address_count=_count(CustomerAddress, customer.id),
        do_not_call=frozenset(db.session.scalars(silent)),
    )


def may_call(number: str) -> bool:
    """Whether nobody asked us not to call this E.164 number."""
    query = select(CustomerPhone.id).where(CustomerPhone.number == number, CustomerPhone.do_not_call).limit(1)
    return db.session.scalars(query).first() is None


def _count(model: type[CustomerContact | CustomerPhone | CustomerAddress], customer_id: int) -> int:
    query = select(func.count()).select_from(model).where(model.customer_id == customer_id)
    return db.session.scalar(query) or 0


def _by_further_number(numbers: Sequence[str]) -> CompoundSelect[int]:
    further = select(CustomerPhone.customer_id).where(CustomerPhone.number.in_(numbers))
    return further.union(
        select(CustomerContact.customer_id).where(
            or_(CustomerContact.mobile.in_(numbers), CustomerContact.phone.in_(numbers))
        )
    )
