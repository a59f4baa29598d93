"""Builds the demo company: the organisation, customers, goods and a Jalali year of documents.

The same seed gives the same company on the same day. A second run adds customers up to the number
asked for; invoices are made once, since numbers rise with the date.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

from sqlalchemy import func, select

from app.core.actor import Actor, acting_as
from app.core.db import db
from app.crm.customers.models import Customer
from app.demo.company import Login, make_departments, make_people, make_posts
from app.demo.customers import Places, make_customers
from app.demo.goods import make_goods, price_lists
from app.demo.invoices import issue_demo, make_invoices, make_purchases, make_returns
from app.demo.orders import make_orders
from app.finance.invoices.models import Invoice
from app.org.employees.models import Employee
from app.sales.catalog.seed import seed as seed_catalogue
from app.sales.production.seed import seed_stages

GOODS = 200
SELLERS = ("sales", "telemarketer", "rep")
Report = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Built:
    """What was made: the logins with their passwords, and how many rows are new."""

    logins: tuple[Login, ...]
    customer_count: int
    product_count: int
    invoice_count: int


def build(*, customers: int, invoices: int, seed: int, report: Report = lambda line: None) -> Built:
    """Make the demo company; commits after each part, so that a stopped run can be repeated."""
    with acting_as(Actor.system("demo")):
        departments = make_departments()
        posts = make_posts(departments)
        logins = make_people(departments, posts)
        seed_catalogue()
        seed_stages()
        db.session.commit()
        report(f"{len(departments)} departments, {len(posts)} posts, {len(logins)} employees")
        products = make_goods(GOODS, rng=Random(f"goods {seed}"))
        db.session.commit()
        report(f"{len(products)} new products")
        made = _customers(customers, seed)
        db.session.commit()
        report(f"{made} new customers")
        written = _invoices(invoices, seed, report)
    return Built(tuple(logins), made, len(products), written)


def _invoices(count: int, seed: int, report: Report) -> int:
    """A Jalali year of invoices where the company has none."""
    if not count or db.session.scalars(select(Invoice.id).limit(1)).first() is not None:
        report("0 new invoices")
        return 0
    ids = make_invoices(count, rng=Random(f"invoices {seed}"))
    db.session.commit()
    issued = issue_demo(ids)
    db.session.commit()
    report(f"{len(ids)} new invoices, {issued} of them issued")
    _make_others(ids, seed, report)
    made = make_orders(len(ids) // 8 + 8, rng=Random(f"orders {seed}"))
    db.session.commit()
    report(f"{made} new orders")
    return len(ids)


def _make_others(ids: Sequence[int], seed: int, report: Report) -> None:
    """Purchases, and returns of some of both."""
    rng = Random(f"purchases {seed}")
    bought = make_purchases(len(ids) // 5 + 1, rng=rng)
    db.session.commit()
    issue_demo(bought)
    back = [*make_returns(ids, rng=rng), *make_returns(bought, rng=rng)]
    db.session.commit()
    issue_demo(back)
    db.session.commit()
    report(f"{len(bought)} new purchase invoices, {len(back)} returns")


def _customers(count: int, seed: int) -> int:
    there = db.session.scalar(select(func.count()).select_from(Customer)) or 0
    if there >= count:
        return 0
    people = db.session.scalars(select(Employee).where(Employee.username.in_(SELLERS)).order_by(Employee.id))
    seats = [(person.home_department_id, person.id) for person in people if person.home_department_id]
    places = Places(
        seats=[*seats, *((department_id, None) for department_id, _ in seats)],
        price_list_ids=[price_list.id for price_list in price_lists()],
    )
    return make_customers(count - there, rng=Random(f"customers {seed} {there}"), places=places, offset=there)
