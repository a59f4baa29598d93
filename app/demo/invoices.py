"""A Jalali year of sales invoices for the demo company, written in bulk and issued in order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from sqlalchemy import select

from app.core import totals
from app.core.calendar import jalali_year_range, to_jalali
from app.core.clock import today
from app.core.db import db
from app.crm.customers.models import Customer
from app.finance.invoices.bulk import BulkInvoice, BulkLine, insert_drafts
from app.finance.invoices.kinds import Terms
from app.finance.invoices.models import Branch
from app.finance.invoices.services import issue_invoice, issue_order
from app.sales.catalog import queries as catalog
from app.sales.catalog.models import Product

CHUNK = 2_000
DRAFT_SHARE = 0.03
MOST_CUSTOMERS = 5_000
"""Customers that the invoices are spread over; enough for any list to look real."""


def make_invoices(count: int, *, rng: Random) -> list[int]:
    """Write `count` drafts over the last Jalali year up to today; returns their ids by date."""
    products = list(db.session.scalars(select(Product).where(Product.is_active).order_by(Product.id)))
    rows = db.session.execute(
        select(Customer.id, Customer.name, Customer.department_id, Customer.owner_id)
        .order_by(Customer.id)
        .limit(MOST_CUSTOMERS)
    ).all()
    if not products or not rows or count <= 0:
        return []
    branch_id = db.session.scalars(select(Branch.id).order_by(Branch.id)).first() or 1
    days = _days(count, rng)
    ids: list[int] = []
    for start in range(0, count, CHUNK):
        ids += insert_drafts([_draft(day, rng, rows, products, branch_id) for day in days[start : start + CHUNK]])
    return ids


def _days(count: int, rng: Random) -> list[date]:
    """Dates that rise, over the fiscal year so far and the one before, Fridays left out."""
    last = today()
    first = max(jalali_year_range(to_jalali(last)[0] - 1)[0], last - timedelta(days=365))
    first = min(first, last)
    span = (last - first).days
    days = (first + timedelta(days=rng.randint(0, span)) for _ in range(count))
    return sorted(day - timedelta(days=1) if day.weekday() == 4 else day for day in days)


def _draft(
    day: date, rng: Random, customers: Sequence[tuple[int, str, int, int | None]], products: list[Product], branch: int
) -> BulkInvoice:
    customer_id, name, department_id, owner_id = rng.choice(customers)
    chosen = rng.sample(products, k=min(len(products), rng.randint(1, 6)))
    document = _document(chosen, day, rng)
    is_credit = rng.random() < 0.4
    return BulkInvoice(
        customer_id=customer_id,
        customer_name=name,
        branch_id=branch,
        department_id=department_id,
        owner_id=owner_id,
        invoice_on=day,
        due_on=day + timedelta(days=30) if is_credit else None,
        terms=Terms.CREDIT if is_credit else Terms.CASH,
        lines=[BulkLine(p.id, p.code, p.name, p.unit_id) for p in chosen],
        document=document,
        totals=totals.compute(document),
        source="demo",
    )


def _document(chosen: list[Product], day: date, rng: Random) -> totals.Document:
    rates = catalog.rates_on(day)
    lines = []
    for product in chosen:
        price = product.price_rials or rng.randint(50, 5_000) * 10_000
        discount = (totals.Discount(percent=Decimal(rng.choice((5, 10, 15)))),) if rng.random() < 0.2 else ()
        taxes = catalog.taxes_of(product, on=day, rates=rates)
        lines.append(
            totals.Line(
                quantity=Decimal(rng.randint(1, 20)),
                unit_price=Decimal(price),
                discounts=discount,
                taxes=tuple(totals.Tax(name=_name(tax), percent=tax.percent) for tax in taxes),
            )
        )
    additions = (totals.Addition(name="freight", amount=rng.randint(1, 9) * 500_000),) if rng.random() < 0.1 else ()
    return totals.Document(lines=tuple(lines), additions=additions)


def _name(tax: catalog.ProductTax) -> str:
    return "VAT" if tax.kind.value == "vat" else tax.kind.value


def issue_demo(ids: Sequence[int]) -> int:
    """Issue all but the newest few through the workflow, by date; commits by hundreds."""
    waiting = issue_order(ids[: len(ids) - max(1, round(len(ids) * DRAFT_SHARE))])
    for start in range(0, len(waiting), 100):
        for invoice_id in waiting[start : start + 100]:
            issue_invoice(invoice_id)
        db.session.commit()
        db.session.expunge_all()
    return len(waiting)
