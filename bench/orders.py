"""The inbox of orders, its list and the home page over many orders, whole requests.

    python -m bench.orders [--rows 200000] [--database-url postgresql+psycopg://…]

Half of the orders wait for their approval, which is far more than in a real office; a quarter is done, and the others
are drafts, approved, in progress.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from bench.lists import ADMIN, PASSWORD, SELLER, fill, make_app, measure

LIST = "/orders/list/"
CUSTOMERS = 5_000
WAITING = f"{LIST}?f_state=submitted&sort=deliver_on"


def add_orders(app: Any, rows: int) -> None:
    """Orders of the demo company's customers over three years, delivered around today."""
    from sqlalchemy import insert, text

    from app.core.actor import Actor, acting_as
    from app.core.clock import now, today
    from app.core.db import db, writing
    from app.crm.customers.models import Customer
    from app.org.branches.models import Branch
    from app.sales.orders.kinds import OrderKind, OrderSource, OrderState
    from app.sales.orders.models import Order

    states = (
        *(OrderState.SUBMITTED,) * 6, *(OrderState.DONE,) * 3,
        OrderState.DRAFT, OrderState.APPROVED, OrderState.IN_PROGRESS,
    )  # fmt: skip
    sources = (OrderSource.OFFICE, OrderSource.DEALER, OrderSource.EXCEL)
    with app.app_context(), acting_as(Actor.system("bench")), writing():
        branch_id = db.session.query(Branch.id).limit(1).scalar()
        parties = db.session.query(Customer.id, Customer.name, Customer.department_id, Customer.owner_id).all()
        figures = dict.fromkeys(("gross_rials", "net_rials", "payable_rials"), 110)
        for begin in range(0, rows, 10_000):
            made = []
            for number in range(begin, min(begin + 10_000, rows)):
                party = parties[number % len(parties)]
                state = states[number % 12]
                made.append({
                    "kind": OrderKind.SALES, "state": state,
                    "source": sources[number // 12 % 3], "branch_id": branch_id,
                    "fiscal_year": 1405, "number": None if state is OrderState.DRAFT else number + 1,
                    "customer_id": party.id, "customer_name": party.name, "department_id": party.department_id,
                    "owner_id": party.owner_id, "order_on": today() - timedelta(days=number % 1_000),
                    "deliver_on": today() + timedelta(days=number % 90 - 30) if number % 4 else None,
                    "created_at": now(), "updated_at": now(), "version": 1, **figures,
                })  # fmt: skip
            db.session.execute(insert(Order.__table__), made)
        db.session.execute(text("ANALYZE"))
        db.session.commit()


def addresses(app: Any) -> Iterator[tuple[str, Callable[[int], str]]]:
    """What is asked, by name."""
    from app.core.actor import Actor, acting_as
    from app.core.db import db
    from app.crm.customers.models import Customer

    with app.app_context(), acting_as(Actor.system("bench")):
        names = [name.split()[0] for (name,) in db.session.query(Customer.name).limit(40)]
    yield "empty view", lambda _n: "/bench-empty"
    yield "home page", lambda _n: "/"
    yield "inbox: by delivery", lambda _n: WAITING
    yield "inbox: from dealers", lambda _n: f"{WAITING}&f_source=dealer"
    yield "inbox: last page", lambda _n: f"{WAITING}&page=last"
    yield "board", lambda _n: "/orders/board"
    yield "board: from dealers", lambda _n: "/orders/board?f_source=dealer"
    yield "calendar", lambda _n: "/orders/calendar"
    yield "list: newest", lambda _n: LIST
    yield "list: done", lambda _n: f"{LIST}?f_state=done"
    yield "list: a word", lambda n: f"{LIST}?q={names[n % len(names)]}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--database-url")
    options = parser.parse_args()
    app = make_app(Path(tempfile.mkdtemp(prefix="kartabl-bench-")), options.database_url)
    fill(app, CUSTOMERS)
    add_orders(app, options.rows)
    for who in (ADMIN, SELLER):
        browser = app.test_client()
        browser.post("/login/", data={"username": who, "password": PASSWORD})
        for name, address in addresses(app):
            took = measure(browser, address)
            times = " ".join(f"{part} {took[part]:7.1f}" for part in ("p50", "p95", "max"))
            print(f"{who.removeprefix('bench-')}: {name:24} {times}", flush=True)


if __name__ == "__main__":
    main()
