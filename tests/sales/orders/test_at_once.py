"""Fifty who make a document of the same order at the same moment make one."""

from __future__ import annotations

from collections.abc import Callable
from threading import Barrier, Thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.core.actor import Actor, acting_as
from app.core.db import db
from app.core.errors import DomainError
from app.finance.invoices.models import SalesInvoice
from app.sales.documents import conversions
from app.sales.orders.models import SalesOrder
from tests.factories.orders import approved_order

pytestmark = pytest.mark.databases
TO_INVOICE = "sales.orders-finance.invoices"
AT_ONCE = 50
BY = Actor.system("test")


def all_at_once(app: Flask, work: Callable[[int], Any]) -> tuple[list[Any], list[str], list[str]]:
    """What fifty threads were answered, the refusals' codes, and failures."""
    gate, made, refused, failed = Barrier(AT_ONCE), list[Any](), list[str](), list[str]()

    def run(place: int) -> None:
        with app.app_context(), acting_as(BY):
            gate.wait(60)
            try:
                made.append(work(place))
            except DomainError as refusal:
                refused.append(refusal.code)
            except Exception as error:  # noqa: BLE001 - whatever it is, the test says it
                failed.append(repr(error))
            finally:
                db.session.remove()

    threads = [Thread(target=run, args=(place,)) for place in range(AT_ONCE)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(120)
    return made, refused, failed


def stored_order() -> int:
    """An approved order, committed."""
    order_id = approved_order().id
    db.session.commit()
    db.session.remove()
    return order_id


def converting(order_id: int, key: Callable[[int], str]) -> Callable[[int], int]:
    def work(place: int) -> int:
        invoice_id: int = conversions.convert(TO_INVOICE, order_id, key=key(place)).id
        db.session.commit()
        return invoice_id

    return work


def invoices_of(order_id: int) -> tuple[int, int]:
    """How many invoices there are, and how many live links of the order."""
    with acting_as(BY):
        order = db.session.get_one(SalesOrder, order_id)
        count = db.session.scalar(select(func.count()).select_from(SalesInvoice))
        found = count or 0, len(conversions.links_from(order))
    db.session.remove()  # on SQLite nobody writes beside an open transaction
    return found


def test_fifty_resent_requests_make_one_document(committed_app: Flask) -> None:
    with acting_as(BY):
        order_id = stored_order()
    before = invoices_of(order_id)[0]
    made, refused, failed = all_at_once(committed_app, converting(order_id, lambda _place: "resent-request-1"))
    assert (refused, failed) == ([], [])
    assert (len(made), len(set(made))) == (AT_ONCE, 1)
    assert invoices_of(order_id) == (before + 1, 1)


def test_of_fifty_people_one_gets_what_is_left(committed_app: Flask) -> None:
    with acting_as(BY):
        order_id = stored_order()
    before = invoices_of(order_id)[0]
    made, refused, failed = all_at_once(committed_app, converting(order_id, lambda place: f"person-number-{place}"))
    assert failed == []
    assert (len(made), set(refused), len(refused)) == (1, {"nothing_left"}, AT_ONCE - 1)
    assert invoices_of(order_id) == (before + 1, 1)
