"""A resent order never doubles: the same request in several threads at one moment makes one order."""

from __future__ import annotations

from threading import Barrier, Thread

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.core.actor import Actor, acting_as
from app.core.db import db
from app.org.employees.models import Employee
from app.org.security import actor_of
from app.sales.dealers import baskets, ordering
from app.sales.dealers.panel import entered
from app.sales.orders.models import SalesOrder
from tests.factories import ProductFactory
from tests.factories.dealers import dealer_person

pytestmark = pytest.mark.databases
AT_ONCE = 6
BY = Actor.system("test")


def _filled() -> tuple[int, str, str]:
    """A person with a committed basket: their id, the basket's key and what it comes to."""
    with acting_as(BY):
        person, product = dealer_person(), ProductFactory()
        db.session.commit()
        who = actor_of(person)
    with acting_as(who), entered() as dealer:
        baskets.put(product, "2")
        db.session.commit()
        basket = baskets.open_basket()
        assert basket is not None
        found = person.id, basket.key, str(baskets.read(basket, dealer).payable)
    db.session.remove()
    return found


def _count() -> int:
    with acting_as(BY):
        count = db.session.scalar(select(func.count()).select_from(SalesOrder)) or 0
    db.session.remove()
    return count


def test_a_request_in_several_threads_makes_one_order(committed_app: Flask) -> None:
    person_id, key, shown = _filled()
    before, gate = _count(), Barrier(AT_ONCE)
    made, failed = list[int](), list[str]()

    def run() -> None:
        with committed_app.app_context():
            with acting_as(BY):
                who = actor_of(db.session.get_one(Employee, person_id))
                db.session.remove()
            gate.wait(60)
            try:
                with acting_as(who), entered() as dealer:
                    order = ordering.place(dealer, key=key, shown=shown)
                    db.session.commit()
                    made.append(order.id)
            except Exception as error:  # noqa: BLE001 - whatever it is, the test says it
                failed.append(repr(error))
            finally:
                db.session.remove()

    threads = [Thread(target=run) for _ in range(AT_ONCE)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(60)
    assert failed == []
    assert (len(made), len(set(made))) == (AT_ONCE, 1)
    assert _count() == before + 1
