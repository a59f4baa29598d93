"""A Jalali year of invoices for the demo company: sales in bulk, some purchases, some of both returned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from sqlalchemy import select

from app.core import totals
from app.core.calendar import jalali_year_range, to_jalali
from app.core.clock import today
from app.core.db import db
from app.crm.customers.models import Customer
from app.demo.material import table
from app.finance.invoices.bulk import BulkInvoice, BulkLine, insert_drafts
from app.finance.invoices.kinds import Condition, InvoiceKind, Terms
from app.finance.invoices.models import Invoice
from app.finance.invoices.returns import save_return
from app.finance.invoices.services import issue_invoice, issue_order, open_invoice
from app.finance.invoices.states import InvoiceState
from app.org.branches.models import Branch
from app.sales.catalog import queries as catalog
from app.sales.catalog.models import Product

CHUNK = 2_000
DRAFT_SHARE = 0.03
MOST_RETURNS = 400
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


def make_purchases(count: int, *, rng: Random) -> list[int]:
    """Write `count` drafts of suppliers' invoices at two thirds of the sales prices; their ids by date."""
    products = list(db.session.scalars(select(Product).where(Product.is_active).order_by(Product.id)))
    query = select(Customer.id, Customer.name, Customer.department_id, Customer.owner_id)
    rows = db.session.execute(query.where(Customer.is_supplier).order_by(Customer.id).limit(MOST_CUSTOMERS)).all()
    if not products or not rows:
        return []
    branch_id = db.session.scalars(select(Branch.id).order_by(Branch.id)).first() or 1
    numbers = iter(rng.sample(range(1_000, 1_000 + 20 * count), count))
    days = _days(count, rng)
    return insert_drafts([_bought(_draft(day, rng, rows, products, branch_id), next(numbers)) for day in days])


def _bought(draft: BulkInvoice, number: int) -> BulkInvoice:
    lines = tuple(replace(line, unit_price=line.unit_price * 2 // 3) for line in draft.document.lines)
    document = replace(draft.document, lines=lines)
    return replace(
        draft,
        kind=InvoiceKind.PURCHASE,
        document=document,
        totals=totals.compute(document),
        supplier_number=f"F-{number}",
    )


def make_returns(invoice_ids: Sequence[int], *, rng: Random, share: float = 0.03) -> list[int]:
    """Bring back a part of a few of the issued invoices, as drafts dated today; their ids."""
    query = select(Invoice.id).where(Invoice.id.in_(invoice_ids), Invoice.state == InvoiceState.ISSUED)
    issued = list(db.session.scalars(query.order_by(Invoice.id)))
    chosen = rng.sample(issued, min(len(issued), MOST_RETURNS, max(1, round(len(issued) * share))))
    return [_return(open_invoice(one), rng) for one in sorted(chosen)]


def _return(original: Invoice, rng: Random) -> int:
    line = rng.choice(original.lines)
    quantity = rng.randint(1, max(1, int(line.quantity)))
    row = {"original_line_id": line.id, "quantity": str(quantity), "condition": rng.choice(list(Condition)).value}
    reason = rng.choice(table("words")["return_reasons"])
    return save_return({"original_id": original.id, "reason": reason, "lines": [row]}).id


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
