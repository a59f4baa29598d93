"""Storms over real invoices: issued by the service itself, and with naive numbers in its place."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import func, or_, select

from app.core import bulk, totals
from app.core.actor import Actor, acting_as
from app.core.db import db, writing
from app.core.ledger import HistoryRow
from app.core.seals import broken_seals
from app.core.workflow import TransitionLog
from app.crm.customers.models import Customer
from app.finance.invoices import workflow
from app.finance.invoices.bulk import BulkInvoice, BulkLine, insert_drafts
from app.finance.invoices.models import Invoice, InvoiceLine, InvoiceLineTax
from app.finance.invoices.services import issue_invoice
from app.finance.invoices.states import InvoiceState
from app.org.branches.models import Branch
from app.org.departments.queries import default_department
from app.org.employees.models import Employee
from app.org.security import actor_of
from tests.app_fixtures import make_app

DAY = date(2026, 11, 22)
LINES = 3


def make_drafts(count: int) -> None:
    """Drafts of three taxed lines each, committed."""
    root = default_department()
    assert root is not None
    with acting_as(Actor.system("storm")):
        bulk.insert_rows(Customer, [{"code": "storm", "name": "storm", "department_id": root.id}])
        customer = db.session.scalars(select(Customer).where(Customer.code == "storm")).one()
        vat = totals.Tax(name="VAT", percent=Decimal(10))
        prices = range(1001, 1001 + LINES)
        lines = tuple(totals.Line(quantity=Decimal(3), unit_price=Decimal(p), taxes=(vat,)) for p in prices)
        document = totals.Document(lines=lines)
        draft = BulkInvoice(
            customer_id=customer.id,
            customer_name=customer.name,
            branch_id=db.session.scalars(select(Branch.id)).first() or 1,
            department_id=root.id,
            owner_id=None,
            invoice_on=DAY,
            lines=[BulkLine(None, "", f"bolt {n}", None) for n in range(LINES)],
            document=document,
            totals=totals.compute(document),
        )
        insert_drafts([draft] * count)
        db.session.commit()


def issue(url: str, folder: Path, lane: int, lanes: int) -> Iterator[int]:
    """Issue every draft of the lane as the administrator, as a request would: one commit each."""
    with _clerk(url, folder, lane):
        for invoice_id in _drafts(lane, lanes):
            yield _issue(invoice_id)


def issue_naively(url: str, folder: Path, lane: int, lanes: int) -> Iterator[int]:
    """The same with the highest number plus one, read before the transaction that writes it."""
    seen = {"number": 0}

    def highest_plus_one(_session: Any, **_series: Any) -> int:
        return seen["number"] + 1

    workflow.take_number = highest_plus_one
    with _clerk(url, folder, lane):
        for invoice_id in _drafts(lane, lanes):
            with writing(intent=False):
                seen["number"] = db.session.scalar(select(func.max(Invoice.number))) or 0
                db.session.rollback()
            yield _issue(invoice_id)


class _clerk:  # noqa: N801 - a context manager
    """The application in this process, with the administrator acting."""

    def __init__(self, url: str, folder: Path, lane: int) -> None:
        self.app: Flask = make_app(url, folder / f"lane-{lane}")

    def __enter__(self) -> None:
        self.context = self.app.app_context()
        self.context.push()
        with writing(intent=False):
            clerk = actor_of(db.session.scalars(select(Employee).where(Employee.username == "admin")).one())
            db.session.rollback()
        self.acting = acting_as(clerk)
        self.acting.__enter__()

    def __exit__(self, *error: Any) -> None:
        self.acting.__exit__(*error)
        db.session.remove()
        db.engine.dispose()
        self.context.pop()


def _issue(invoice_id: int) -> int:
    number = issue_invoice(invoice_id).number
    db.session.commit()
    db.session.expunge_all()
    return number or 0


def _drafts(lane: int, lanes: int) -> list[int]:
    with writing(intent=False):
        query = select(Invoice.id).where(Invoice.state == InvoiceState.DRAFT, Invoice.id % lanes == lane)
        ids = list(db.session.scalars(query.order_by(Invoice.id)))
        db.session.rollback()
    return ids


def faults(shown: list[int], count: int) -> list[str]:
    """Everything wrong with the stored invoices after a storm over `count` drafts."""
    found = []
    numbers = list(db.session.scalars(select(Invoice.number).where(Invoice.number.is_not(None))))
    if sorted(numbers) != list(range(1, count + 1)):
        missing, doubled = set(range(1, count + 1)) - set(numbers), len(numbers) - len(set(numbers))
        found.append(f"{len(missing)} gaps, {doubled} duplicates")
    if lost := set(shown) - set(numbers):
        found.append(f"{len(lost)} shown numbers are not stored")
    if len(shown) != len(set(shown)):
        found.append(f"{len(shown) - len(set(shown))} numbers were shown twice")
    if halves := db.session.scalar(select(func.count()).where(_is_half())):
        found.append(f"{halves} half documents")
    if broken := list(broken_seals(Invoice)):
        found.append(f"{len(broken)} broken seals: {broken[:3]}")
    return found


def _is_half() -> Any:
    """An issued invoice that lacks a number, lines, taxes, step, seal, history or buyer; or a numbered draft."""
    table = Invoice.__tablename__
    lines = select(func.count()).where(InvoiceLine.invoice_id == Invoice.id).scalar_subquery()
    taxed = (
        select(func.count(InvoiceLineTax.id))
        .join(InvoiceLine, InvoiceLine.id == InvoiceLineTax.line_id)
        .where(InvoiceLine.invoice_id == Invoice.id)
        .scalar_subquery()
    )
    steps = (
        select(func.count())
        .where(TransitionLog.model == table, TransitionLog.record_id == Invoice.id)
        .scalar_subquery()
    )
    rows = select(func.count()).where(HistoryRow.model == table, HistoryRow.record_id == Invoice.id)
    sealed = rows.where(HistoryRow.content.is_not(None)).scalar_subquery()
    changed = rows.where(HistoryRow.changes.contains("number")).scalar_subquery()
    issued = Invoice.state == InvoiceState.ISSUED
    half = or_(
        Invoice.number.is_(None),
        Invoice.buyer.is_(None),
        lines != LINES,
        taxed != LINES,
        steps != 1,
        sealed != 1,
        changed < 1,
    )
    return or_(issued & half, ~issued & or_(Invoice.number.is_not(None), steps != 0, sealed != 0))
