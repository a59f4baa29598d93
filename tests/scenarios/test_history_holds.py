"""The whole history against somebody with the database in hand: changed, cut, built anew, forbidden."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import create_engine, text
from sqlalchemy.exc import ProgrammingError

from app.core import audit, chain, ledger
from app.core.chain_check import parse_head, verify_chain
from app.core.db import db
from tests import factories as make
from tests.factories.finance import draft_invoice, issued_invoice


@dataclass(frozen=True)
class Deed:
    """One change by raw SQL, and what the check must say about it."""

    statement: str
    model: str
    record_id: int
    code: str
    field: str | None


def one_of_each() -> dict[str, Deed]:
    """A rial (a percent, a factor) more in a row of each table with money, terms or people."""
    customer = make.CustomerFactory(credit_limit_rials=5_000_000)
    product, unit = make.ProductFactory(price_rials=100), make.UnitFactory()
    price = make.PriceListItemFactory(product=product, price_rials=90)
    draft, issued, other, third = (
        draft_invoice(customer),
        issued_invoice(),
        issued_invoice(),
        issued_invoice(discounts=[{"amount": "5"}]),
    )
    rate = make.TaxRateFactory(code="raw")
    contact = make.ContactFactory(customer=customer)
    employee = make.EmployeeFactory()
    db.session.flush()
    adjustment = third.adjustments[0].id
    tax_line = other.lines[0]

    def record(table: str, key: int, field: str, change: str) -> Deed:
        return Deed(f"UPDATE {table} SET {field} = {change} WHERE id = {key}", table, key, "record_changed", field)

    def document(table: str, key: int, field: str, invoice: Any) -> Deed:
        more = f"UPDATE {table} SET {field} = {field} + 1 WHERE id = {key}"
        return Deed(more, "finance_invoice", invoice.id, "document_changed", None)

    return {
        "sales_product": record("sales_product", product.id, "price_rials", "price_rials + 1"),
        "sales_price_list_item": record("sales_price_list_item", price.id, "price_rials", "price_rials + 1"),
        "crm_customer": record("crm_customer", customer.id, "credit_limit_rials", "credit_limit_rials + 1"),
        "finance_invoice, draft": record("finance_invoice", draft.id, "due_on", "'2026-01-01'"),
        "finance_invoice_line": document("finance_invoice_line", issued.lines[0].id, "unit_price", issued),
        "finance_invoice_line_tax": document("finance_invoice_line_tax", tax_line.taxes[0].id, "amount_rials", other),
        "finance_invoice_adjustment": document("finance_invoice_adjustment", adjustment, "amount_rials", third),
        "sales_tax_rate": record("sales_tax_rate", rate.id, "percent", "percent + 1"),
        "crm_customer_contact": record("crm_customer_contact", contact.id, "name", "'somebody else'"),
        "sales_unit": record("sales_unit", unit.id, "name", "'else'"),
        "ab_user": record("ab_user", employee.id, "email", "'other@example.com'"),
    }


@pytest.mark.databases
def test_what_is_changed_by_raw_sql_in_any_table_is_named(committed_app: Flask) -> None:
    deeds = one_of_each()
    db.session.commit()
    audit.seal_pending()
    assert verify_chain().findings == []
    named = []
    for table, deed in deeds.items():
        db.session.remove()
        before = verify_chain().findings
        db.session.remove()
        with db.engine.begin() as connection:
            assert connection.execute(text(deed.statement)).rowcount == 1
        fresh = [finding for finding in verify_chain().findings if finding not in before]
        assert fresh == [audit.Finding(deed.code, deed.model, deed.record_id, field=deed.field)], table
        named.append(table)
    print(f"\nnamed {len(named)} of {len(deeds)}: {', '.join(named)}")
    assert len({deed.statement.split()[1] for deed in deeds.values()}) >= 10
    assert len(verify_chain().findings) == len(deeds)


@pytest.fixture
def grown(committed_app: Flask) -> Callable[[], str]:
    """The chain of a few more changes; answers its head."""

    def grow() -> str:
        for _n in range(3):
            make.CustomerFactory()
            db.session.commit()
        audit.seal_pending()
        db.session.remove()
        return chain.head_text()

    return grow


def codes_against(head: str) -> set[str]:
    return {finding.code for finding in verify_chain(against=[parse_head(head)]).findings}


def forget_the_files() -> None:
    """Whoever holds the server can also take the heads in the data folder away."""
    for path in chain.anchor_folder().glob("*.json"):
        path.unlink()


@pytest.mark.databases
def test_cut_tail_is_found_against_a_head_from_outside(grown: Callable[[], str]) -> None:
    head = grown()
    assert codes_against(head) == set()
    with db.engine.begin() as connection:
        last = connection.execute(text("SELECT max(id) FROM core_history_batch")).scalar_one()
        connection.execute(text("DELETE FROM core_history WHERE batch_id = :id"), {"id": last})
        connection.execute(text("DELETE FROM core_history_batch WHERE id = :id"), {"id": last})
    forget_the_files()
    assert "tail_cut" in codes_against(head)


@pytest.mark.databases
def test_rebuilt_chain_is_found_against_a_head_from_outside(grown: Callable[[], str]) -> None:
    """Even with the key, whoever builds the chain anew ends at another head."""
    head = grown()
    batch = db.session.query(ledger.HistoryBatch).order_by(ledger.HistoryBatch.seq.desc()).first()
    assert batch is not None
    batch.actor_name = "nobody"
    rebuild()
    forget_the_files()
    assert verify_chain().findings == []
    assert codes_against(head) == {"head_differs"}


def rebuild() -> None:
    key, prev = ledger.chain_key(), chain.GENESIS
    for batch in db.session.query(ledger.HistoryBatch).order_by(ledger.HistoryBatch.seq):
        batch.digest = ledger.batch_digest(key, batch, nonce=batch.nonce, count=batch.row_count, rows=batch.rows_digest)
        batch.prev_hash, batch.hash = prev, chain.link(key, prev, batch.seq or 0, batch.id, batch.digest)
        prev = batch.hash
    db.session.commit()
    db.session.remove()


def test_commands_print_the_head_and_compare_with_it(committed_app: Flask, grown: Callable[[], str]) -> None:
    head = grown()
    run = committed_app.test_cli_runner()
    assert run.invoke(args=["kartabl", "verify-chain", "--head"]).output.strip() == head
    fine = run.invoke(args=["kartabl", "verify-chain", "--against", head])
    assert (fine.exit_code, fine.output.splitlines()[-1].startswith("In order")) == (0, True)
    seq, _colon, digest = head.partition(":")
    later = run.invoke(args=["kartabl", "verify-chain", "--against", f"{int(seq) + 1}:{digest}"])
    assert later.exit_code == 2
    assert "tail_cut" in later.output
    assert run.invoke(args=["kartabl", "verify-chain", "--against", "x:y"]).exit_code == 2
    assert "not a head" in run.invoke(args=["kartabl", "verify-chain", "--against", "x:y"]).output


# The role of the application --------------------------------------------------------------------


@pytest.fixture
def role(committed_app: Flask) -> Iterator[str]:
    name = f"kartabl_app_{secrets.token_hex(4)}"
    with db.engine.begin() as connection:
        connection.execute(text(f"CREATE ROLE {name} LOGIN PASSWORD 'x'"))
    yield name
    db.session.remove()
    with db.engine.begin() as connection:
        connection.execute(text(f"DROP OWNED BY {name}"))
        connection.execute(text(f"DROP ROLE {name}"))


FORBIDDEN = (
    "UPDATE core_history SET changes = '{}'",
    "UPDATE core_history_batch SET actor_name = 'x'",
    "UPDATE core_history_batch SET seq = seq + 1",
    "UPDATE core_history_batch SET hash = NULL WHERE seq IS NOT NULL",
    "DELETE FROM core_history",
    "DELETE FROM core_history_batch",
    "TRUNCATE core_history",
    "TRUNCATE core_history_batch",
    "ALTER TABLE core_history DISABLE TRIGGER ALL",
    "DROP TRIGGER core_history_rows ON core_history",
    "DROP TABLE core_history",
)


@pytest.mark.pg
@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_role_of_the_application_only_adds_to_the_history(committed_app: Flask, role: str) -> None:
    audit.seal_pending()
    done = committed_app.test_cli_runner().invoke(args=["kartabl", "protect-history", "--role", role])
    assert done.exit_code == 0, done.output
    owners = db.engine
    limited = create_engine(owners.url, connect_args={"options": f"-c role={role}"})
    try:
        with owners.connect() as owner, pytest.raises(ProgrammingError):
            owner.execute(text("DELETE FROM core_history"))
        for statement in FORBIDDEN:
            with limited.connect() as connection, pytest.raises(ProgrammingError):
                connection.execute(text(statement))
        db.engines[None] = limited
        customer = make.CustomerFactory()  # the application works as before
        db.session.commit()
        customer.note = "changed"
        db.session.commit()
        assert audit.seal_pending() >= 2
        assert verify_chain().findings == []
    finally:
        db.session.remove()
        db.engines[None] = owners
        limited.dispose()


@pytest.mark.pg
@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_role_that_passes_every_guard_is_refused(committed_app: Flask) -> None:
    run = committed_app.test_cli_runner()
    owner = str(db.engine.url.username)
    for name in (owner, "nobody_of_this_name"):
        refused = run.invoke(args=["kartabl", "protect-history", "--role", name])
        assert refused.exit_code == 1, refused.output


def test_sqlite_says_that_it_has_no_roles(committed_app: Flask) -> None:
    refused = committed_app.test_cli_runner().invoke(args=["kartabl", "protect-history", "--role", "x"])
    assert (refused.exit_code, "PostgreSQL" in refused.output) == (1, True)
