"""Sums of the books: issued documents of a period, grouped, with returns subtracted.

An amount counts with the sign of its document, so that a return takes away what it gives back and
a counter document takes away exactly what it voids. Only rows that the actor sees are summed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from enum import StrEnum
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, case, func, select

from app.core.calendar import jalali_month_name
from app.core.db import db
from app.core.formats import lang
from app.core.jalali import to_jalali
from app.crm.customers.models import Customer
from app.finance.invoices.kinds import POLICIES, InvoiceKind
from app.finance.invoices.models import Invoice, InvoiceLine, InvoiceLineTax
from app.finance.invoices.states import InvoiceState
from app.org.employees.models import Employee
from app.sales.catalog.models import Product

SHOWN = 200
"""Rows of a page; a workbook has all of them."""


class Side(StrEnum):
    """The two books."""

    SALES = "sales"
    PURCHASES = "purchases"

    @property
    def label(self) -> Any:
        return {"sales": _l("Sales book"), "purchases": _l("Purchase book")}[self.value]

    @property
    def kinds(self) -> tuple[InvoiceKind, InvoiceKind]:
        """Its invoices and their returns."""
        if self is Side.SALES:
            return InvoiceKind.SALES, InvoiceKind.SALES_RETURN
        return InvoiceKind.PURCHASE, InvoiceKind.PURCHASE_RETURN

    @property
    def sign(self) -> int:
        """By what a document's own sign is multiplied, so that its invoices add to the book."""
        return POLICIES[self.kinds[0]].sign


class By(StrEnum):
    """What the rows of a book stand for."""

    MONTH = "month"
    PARTY = "party"
    GOODS = "goods"
    REP = "rep"
    REGION = "region"


@dataclass(frozen=True, slots=True)
class Period:
    """What is asked: the book, its days (both included), one kind of it or both, a department or all."""

    side: Side
    by: By
    from_on: date
    until_on: date
    kind: InvoiceKind | None = None
    department_id: int | None = None


@dataclass(frozen=True, slots=True)
class Sums:
    """Sums in rials; `count` is invoices less voided ones (of goods: their lines), `returns` likewise."""

    count: int = 0
    returns: int = 0
    discount_rials: int = 0
    net_rials: int = 0
    vat_rials: int = 0
    duty_rials: int = 0
    additions_rials: int = 0
    payable_rials: int = 0

    def __add__(self, other: Sums) -> Sums:
        return Sums(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(Sums)))

    def __sub__(self, other: Sums) -> Sums:
        return Sums(*(getattr(self, f.name) - getattr(other, f.name) for f in fields(Sums)))


@dataclass(frozen=True, slots=True)
class BookRow:
    """A group and its sums."""

    label: str
    sums: Sums


@dataclass(frozen=True, slots=True)
class Book:
    """The groups, the largest first (months in their order), and the sums of all, shown or not."""

    rows: tuple[BookRow, ...]
    total: Sums
    is_cut: bool


def book(asked: Period, *, most: int | None = SHOWN) -> Book:
    """The sums of a period. At most `most` groups, and the others as one."""
    found = _grouped(asked)
    total = sum(found.values(), Sums())
    keys = sorted(found) if asked.by is By.MONTH else sorted(found, key=lambda key: -found[key].payable_rials)
    shown = keys if most is None else keys[:most]
    labels = _labels(asked, shown)
    rows = [BookRow(labels.get(key) or _("Without a name"), found[key]) for key in shown]
    if len(shown) < len(keys):
        rows.append(BookRow(_("All others"), total - sum((row.sums for row in rows), Sums())))
    return Book(tuple(rows), total, len(shown) < len(keys))


def _grouped(asked: Period) -> dict[Any, Sums]:
    """The sums by the key of their group; days are folded into months here."""
    found: dict[Any, Sums] = {}
    for row in db.session.execute(_amounts(asked)):
        key = _folded(asked.by, row[:-7])
        count, returns, discount, net, tax, additions, payable = (int(one or 0) for one in row[-7:])
        sums = Sums(count, returns, discount, net, tax, 0, additions, payable)
        found[key] = found.get(key, Sums()) + sums
    for row in db.session.execute(_duties(asked)):
        key = _folded(asked.by, row[:-1])
        duty = int(row[-1] or 0)
        found[key] = replace(found[key], vat_rials=found[key].vat_rials - duty, duty_rials=found[key].duty_rials + duty)
    return found


def _folded(by: By, key: Sequence[Any]) -> Any:
    if by is By.MONTH:
        return to_jalali(key[0])[:2]
    if by is By.REGION:
        return tuple(part or "" for part in key)
    return key[0]


def _amounts(asked: Period) -> Select[Any]:
    """Key, count, returns, discount, net, tax, additions and payable of each group."""
    of_line = asked.by is By.GOODS
    source: Any = InvoiceLine if of_line else Invoice
    sign = Invoice.sign * asked.side.sign
    is_return = Invoice.kind == asked.side.kinds[1]
    columns = (
        func.sum(case((is_return, 0), else_=sign)),
        func.sum(case((is_return, -sign), else_=0)),
        func.sum(source.discount_rials * sign),
        func.sum(source.net_rials * sign),
        func.sum(source.tax_rials * sign),
        func.sum(0 if of_line else Invoice.additions_rials * sign),
        func.sum(source.payable_rials * sign),
    )
    return _of_period(asked, columns, InvoiceLine if of_line else None)


def _duties(asked: Period) -> Select[Any]:
    """Key and the sum of what is not value added tax; rare, and therefore found by itself."""
    amount = func.sum(InvoiceLineTax.amount_rials * Invoice.sign * asked.side.sign)
    statement = _of_period(asked, (amount,), InvoiceLine)
    return statement.join(InvoiceLineTax, InvoiceLineTax.line_id == InvoiceLine.id).where(InvoiceLineTax.name != "VAT")


def _of_period(asked: Period, columns: Sequence[Any], lines: type[InvoiceLine] | None) -> Select[Any]:
    keys = {
        By.MONTH: (Invoice.invoice_on,),
        By.PARTY: (Invoice.customer_id,),
        By.GOODS: (InvoiceLine.product_id,),
        By.REP: (Invoice.owner_id,),
        By.REGION: (Customer.province, Customer.city),
    }[asked.by]
    statement: Any = select(*keys, *columns).select_from(Invoice)
    if lines is not None:
        statement = statement.join(InvoiceLine, InvoiceLine.invoice_id == Invoice.id)
    if asked.by is By.REGION:
        statement = statement.outerjoin(Customer, Customer.id == Invoice.customer_id)
    kinds = asked.side.kinds if asked.kind is None else (asked.kind,)
    statement = statement.where(
        Invoice.kind.in_(kinds),
        Invoice.invoice_on.between(asked.from_on, asked.until_on),
        Invoice.state != InvoiceState.DRAFT,
    )
    if asked.department_id is not None:
        statement = statement.where(Invoice.department_id == asked.department_id)
    found: Select[Any] = statement.group_by(*keys)
    return found


def _labels(asked: Period, keys: Sequence[Any]) -> dict[Any, str]:
    """The words of the groups, by one question."""
    by = asked.by
    if by is By.MONTH:
        return {key: f"{jalali_month_name(key[1], lang())} {key[0]}" for key in keys}
    if by is By.REGION:
        return {key: " · ".join(part for part in key if part) for key in keys}
    known = [key for key in keys if key is not None]
    if by is By.REP:
        people = db.session.scalars(select(Employee).where(Employee.id.in_(known)))
        return {person.id: str(person) for person in people}
    if by is By.PARTY:
        # as the invoices themselves name the party: whoever sees the invoice sees that
        named = (
            select(Invoice.customer_id, func.max(Invoice.customer_name))
            .where(
                Invoice.kind.in_(asked.side.kinds),
                Invoice.invoice_on.between(asked.from_on, asked.until_on),
                Invoice.customer_id.in_(known),
            )
            .group_by(Invoice.customer_id)
        )
    else:
        named = select(Product.id, Product.name).where(Product.id.in_(known))
    return {row[0]: row[1] for row in db.session.execute(named)}
