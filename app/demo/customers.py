"""Customers of the demo company, any number of them, the same for the same seed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

from sqlalchemy import select

from app.core import bulk, clock
from app.core.db import db
from app.crm.customers.codes import next_codes
from app.crm.customers.models import Customer, CustomerContact, CustomerKind
from app.demo import material

LIMITS = (0, 50_000_000, 200_000_000, 500_000_000, 2_000_000_000)
CONTACTS_FOR = 1_000


@dataclass(frozen=True, slots=True)
class Places:
    """Where demo customers belong: (department id, owner id or None) pairs, and price list ids."""

    seats: Sequence[tuple[int, int | None]]
    price_list_ids: Sequence[int]


def make_customers(count: int, *, rng: Random, places: Places, offset: int) -> int:
    """Insert `count` customers and contacts of the first thousand; returns how many customers.

    `offset` is how many demo customers there were, so that a second run adds other people.
    """
    codes = next_codes(count)
    made = bulk.insert_rows(Customer, customer_rows(codes, rng=rng, places=places, offset=offset))
    _contacts(codes[:CONTACTS_FOR], rng=rng, offset=offset)
    return made


def customer_rows(codes: Sequence[str], *, rng: Random, places: Places, offset: int) -> Iterator[dict[str, Any]]:
    """A row for each code; `offset` is the serial number of the first."""
    cities = material.table("cities")
    weights = [city["weight"] for city in cities]
    today = clock.today()
    for place, code in enumerate(codes):
        serial = offset + place
        city = rng.choices(cities, weights)[0]
        department_id, owner_id = rng.choice(places.seats)
        yield {
            "code": code,
            **_identity(serial, rng),
            **_whereabouts(city, rng),
            "mobile": material.mobile(serial),
            "phone": material.landline(serial, city["area"]) if rng.random() < 0.6 else None,
            "credit_limit_rials": rng.choice(LIMITS) or None,
            "price_list_id": rng.choice(places.price_list_ids) if rng.random() < 0.3 else None,
            "registered_on": _past_day(rng, today),
            "department_id": department_id,
            "owner_id": owner_id,
            "is_supplier": rng.random() < 0.08,
            "is_dealer": rng.random() < 0.05,
            "note": rng.choice(material.table("companies")["notes"]),
        }


def _identity(serial: int, rng: Random) -> dict[str, Any]:
    people, companies = material.table("people"), material.table("companies")
    firm = f"{rng.choice(companies['trades'])} {rng.choice(companies['names'])}"
    if rng.random() < 0.45:
        number = material.legal_id(serial)
        return {
            "kind": CustomerKind.COMPANY,
            "name": rng.choice(companies["forms"]) + firm,
            "first_name": None,
            "last_name": None,
            "company_name": firm,
            "national_id": None,
            "legal_id": number,
            "economic_code": number,
            "registration_no": str(rng.randrange(1_000, 600_000)),
        }
    first = rng.choice(people[rng.choice(("men", "women"))])
    last = rng.choice(people["families"])
    return {
        "kind": CustomerKind.PERSON,
        "name": f"{first} {last}",
        "first_name": first,
        "last_name": last,
        "company_name": firm if rng.random() < 0.5 else None,
        "national_id": material.national_id(serial),
        "legal_id": None,
        "economic_code": None,
        "registration_no": None,
    }


def _whereabouts(city: dict[str, Any], rng: Random) -> dict[str, Any]:
    street = rng.choice(material.table("companies")["streets"])
    return {
        "province": city["province"],
        "city": city["city"],
        "postal_code": material.postal_code(rng),
        "address": material.table("words")["address"].format(
            city=city["city"], street=street, no=rng.randrange(1, 400)
        ),
        "latitude": round(city["lat"] + rng.uniform(-0.08, 0.08), 6),
        "longitude": round(city["lng"] + rng.uniform(-0.08, 0.08), 6),
    }


def _past_day(rng: Random, today: date) -> date:
    return today - timedelta(days=rng.randrange(0, 900))


def _contacts(codes: Sequence[str], *, rng: Random, offset: int) -> None:
    people = material.table("people")
    companies = select(Customer.id).where(Customer.code.in_(codes), Customer.kind == CustomerKind.COMPANY)
    rows = [
        {
            "customer_id": customer_id,
            "name": f"{rng.choice(people['men'])} {rng.choice(people['families'])}",
            "post": rng.choice(people["posts"]),
            "mobile": material.mobile(200_000_000 + offset + place),
        }
        for place, customer_id in enumerate(db.session.scalars(companies.order_by(Customer.id)))
    ]
    bulk.insert_rows(CustomerContact, rows)
