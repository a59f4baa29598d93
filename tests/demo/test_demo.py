"""The demo company: plausible, valid, the same for the same seed, and safe to repeat."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.core import identity
from app.core.clock import today
from app.core.db import db
from app.core.feature import Role
from app.core.search import matching_ids
from app.crm.customers.models import Customer
from app.demo import material
from app.demo.build import build
from app.demo.commands import demo_command
from app.demo.customers import Places, customer_rows
from app.finance.invoices.models import SalesInvoice
from app.org.employees.models import Employee
from app.org.posts.queries import superiors_of
from app.sales.catalog.models import PriceListItem, Product
from app.sales.orders.kinds import OPEN, OrderKind, OrderState
from app.sales.orders.models import Order
from app.sales.production.models import Production

PLACES = Places(seats=[(1, 1), (2, None)], price_list_ids=[1])


def rows(seed: int) -> list[dict[str, Any]]:
    return list(customer_rows([str(n) for n in range(200)], rng=Random(seed), places=PLACES, offset=0))


def test_the_same_seed_makes_the_same_people() -> None:
    assert rows(1) == rows(1)
    assert rows(1) != rows(2)


def test_numbers_are_valid_and_different() -> None:
    people = rows(1)
    assert all(identity.valid_national_id(row["national_id"]) for row in people if row["national_id"])
    assert all(identity.valid_legal_id(row["legal_id"]) for row in people if row["legal_id"])
    assert all(identity.normalize_phone(row["mobile"]) == row["mobile"] for row in people)
    assert all(identity.normalize_phone(row["phone"]) == row["phone"] for row in people if row["phone"])
    assert len({row["mobile"] for row in people}) == len(people)


@pytest.mark.parametrize("make", [material.national_id, material.legal_id, material.mobile, material.barcode])
def test_serials_never_collide(make: Any) -> None:
    assert len({make(serial) for serial in range(50_000)}) == 50_000


@pytest.mark.databases
def test_the_demo_is_built_and_a_second_run_adds_nothing(session: Any) -> None:
    lines: list[str] = []
    built = build(customers=40, invoices=8, seed=1, report=lines.append)
    assert (built.customer_count, built.product_count, built.invoice_count) == (40, 200, 8)
    assert {login.role for login in built.logins} == {role.value for role in Role}
    assert len({login.password for login in built.logins}) == len(Role)
    assert session.scalar(select(func.count()).select_from(Customer)) == 40
    assert session.scalar(select(func.count()).select_from(PriceListItem)) == 200 * 3 * 2
    issued = select(func.count()).select_from(SalesInvoice).where(SalesInvoice.number.is_not(None))
    assert session.scalar(issued.where(SalesInvoice.source == "demo")) == 7
    again = build(customers=40, invoices=8, seed=1)
    assert (again.customer_count, again.product_count, again.invoice_count) == (0, 0, 0)
    assert {login.password for login in again.logins} == {None}


@pytest.mark.databases
def test_bulk_rows_are_as_complete_as_saved_ones(session: Any) -> None:
    build(customers=30, invoices=0, seed=2)
    row = session.scalars(select(Customer).order_by(Customer.id)).first()
    stored = (row.name_sort, row.name_key, row.search_text, row.version)
    row.fill_keys()
    row.fill_search_text()
    assert stored == (row.name_sort, row.name_key, row.search_text, 1)
    assert row.created_at is not None
    assert row.id in matching_ids(session(), Customer, row.name, limit=50)
    assert row.id in matching_ids(session(), Customer, "0" + row.mobile[3:], limit=50)


def test_the_demo_company_has_orders_of_three_kinds_on_their_way(session: Any) -> None:
    build(customers=60, invoices=160, seed=1)
    found = set(session.execute(select(Order.kind, Order.state)))
    assert {kind for kind, _state in found} == set(OrderKind)
    assert {state for _kind, state in found} >= {OrderState.SUBMITTED, OrderState.IN_PROGRESS, OrderState.DONE}
    assert session.scalar(select(func.count()).select_from(Production).where(Production.state == "running")) > 0
    late = select(func.count()).select_from(Order).where(Order.deliver_on < today(), Order.state.in_(OPEN))
    assert session.scalar(late) > 0


def test_the_rep_has_a_superior(session: Any) -> None:
    build(customers=0, invoices=0, seed=1)
    rep = session.scalars(select(Employee).where(Employee.username == "rep")).one()
    assert [person.username for person in superiors_of(rep.id)] == ["supervisor"]


def test_the_command_shows_the_passwords_once(committed_app: Any) -> None:
    runner = committed_app.test_cli_runner()
    first = runner.invoke(demo_command, ["--customers", "5", "--invoices", "0"])
    second = runner.invoke(demo_command, ["--customers", "5", "--invoices", "0"])
    assert first.exit_code == second.exit_code == 0, first.output
    assert sum(line.startswith("  ") for line in first.output.splitlines()) == len(Role)
    assert not any(line.startswith("  ") for line in second.output.splitlines())


def test_products_have_barcodes_that_scanners_take(session: Any) -> None:
    build(customers=0, invoices=0, seed=1)
    for code in session.scalars(select(Product.barcode).where(Product.barcode.is_not(None)).limit(20)):
        digits = [int(digit) for digit in code]
        assert (sum(digits[::2]) + 3 * sum(digits[1::2])) % 10 == 0


def test_the_demo_company_is_in_the_history_as_it_is(committed_app: Flask) -> None:
    """Everything that came in bulk is known to the check, and a changed rial in it is named."""
    from app.core import audit

    runner = committed_app.test_cli_runner()
    done = runner.invoke(args=["kartabl", "demo", "--customers", "40", "--invoices", "60"])
    assert done.exit_code == 0, done.output
    audit.seal_pending()
    assert audit.verify_chain().findings == []
    db.session.remove()
    with db.engine.begin() as connection:
        key = connection.exec_driver_sql("SELECT min(id) + 7 FROM crm_customer").scalar_one()
        connection.exec_driver_sql(f"UPDATE crm_customer SET credit_limit_rials = 1 WHERE id = {key}")
    (finding,) = audit.verify_chain().findings
    assert (finding.code, finding.model, finding.record_id) == ("record_changed", "crm_customer", key)
