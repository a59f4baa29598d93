"""Baskets: filled from the catalogue, from an earlier order or a workbook, and read with prices.

Putting says how much of a product is wanted and not how much more, so that a form which is sent
twice over a bad line changes nothing. Services flush and never commit.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from app.core import totals
from app.core.actor import require_current
from app.core.clock import today
from app.core.db import db
from app.core.digits import to_ascii
from app.core.errors import DomainError, Invalid
from app.core.raw_cells import Problem, as_decimal
from app.core.text import clean
from app.crm.customers.models import Customer
from app.sales.catalog.models import Product
from app.sales.catalog.queries import NoConversion, Price, factor_of, products_by_code
from app.sales.dealers.models import Basket, BasketLine
from app.sales.dealers.prices import line_entries, own_prices
from app.sales.documents.entry import document_part
from app.sales.documents.filling import plain
from app.sales.orders.models import Order

MOST_LINES = 500
POLICY = "line_floor"
MOST_OF_ONE = 1_000_000
"""Base units of one line; more is a slip of the finger."""


class TooManyLines(DomainError):
    """A basket holds a limited number of lines."""

    code = "too_many"
    default_message = _l("A basket holds at most %(most)d lines. Order these first.", most=MOST_LINES)


class NotAQuantity(DomainError):
    """What was typed is no quantity of this product."""

    code = "quantity"


@dataclass(frozen=True, slots=True)
class WantedRow:
    """A row of a workbook as it stands there: code and quantity as texts, and its place as the sheet counts."""

    code: str
    quantity: str
    sheet_row: int


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a basket with its price and what it comes to; `problem` says why it cannot be ordered."""

    line: BasketLine
    price: Price | None = None
    payable: int | None = None
    problem: Any = None


@dataclass(frozen=True, slots=True)
class Reading:
    """A basket as it would be ordered now: `entry` are the order's lines, figures in rials of the good rows."""

    rows: tuple[Row, ...]
    entry: tuple[dict[str, Any], ...]
    net: int
    tax: int
    payable: int

    @property
    def bad(self) -> tuple[Row, ...]:
        """The rows that are corrected before anything is ordered."""
        return tuple(row for row in self.rows if row.problem is not None)

    @property
    def has_included_tax(self) -> bool:
        """Whether a price already holds its tax."""
        return any(row.price is not None and row.price.includes_tax for row in self.rows)


def open_basket(*, for_change: bool = False) -> Basket | None:
    """The present person's basket, if there is one; locked on PostgreSQL for a change."""
    lines = selectinload(Basket.lines).joinedload(BasketLine.product).joinedload(Product.unit)
    who = require_current()
    query = select(Basket).where(
        Basket.user_id == who.user_id, Basket.customer_id == who.customer_id, Basket.order_id.is_(None)
    )
    if for_change:
        query = query.with_for_update(of=Basket).execution_options(populate_existing=True)
    return db.session.scalars(query.options(lines)).one_or_none()


def line_count() -> int:
    """How many lines the present person's basket has."""
    who = require_current()
    query = select(func.count(BasketLine.id)).join(Basket).where(
        Basket.user_id == who.user_id, Basket.customer_id == who.customer_id, Basket.order_id.is_(None)
    )  # fmt: skip
    return db.session.scalar(query) or 0


def quantities() -> dict[int, Decimal]:
    """How much of each product lies in the present person's basket, by the product's id."""
    basket = open_basket()
    lines = basket.lines if basket is not None else ()
    return {line.product_id: line.amount for line in lines if line.product_id is not None and line.quantity}


def put(product: Product, typed: Any) -> None:
    """Want that much of a product; nothing or 0 takes it out. Raises NotAQuantity, TooManyLines."""
    amount = quantity_of(typed, product)
    if isinstance(amount, Problem):
        raise NotAQuantity(amount.message, path="quantity")
    basket = _basket()
    line = next((one for one in basket.lines if one.product is product), None)
    if amount and line is None:
        line = _append(basket, product.code, plain(amount))
        line.product, line.quantity = product, amount
    elif amount and line is not None:
        line.typed, line.quantity = plain(amount), amount
    elif line is not None:
        basket.lines.remove(line)
    db.session.flush()


def rewrite(typed: Mapping[int, tuple[str, str]]) -> None:
    """Correct lines in their place: code and quantity as typed, by the line's id; an empty quantity takes one out.

    A product that comes twice is added up. What is still wrong stays, to be corrected.
    """
    basket = _basket()
    wanted = [(line, *typed.get(line.id, (line.code, line.typed))) for line in basket.lines]
    wanted = [(line, code_of(code), quantity) for line, code, quantity in wanted]
    known = products_by_code([code for _line, code, _quantity in wanted])
    seen: dict[int, BasketLine] = {}
    for line, code, quantity in wanted:
        if not quantity.strip():
            basket.lines.remove(line)
            continue
        line.code, line.typed = code, quantity[:40]
        _understand(line, known.get(code))
        _join(basket, line, seen)
    db.session.flush()


def add_rows(rows: Sequence[WantedRow]) -> int:
    """Rows of a workbook behind what is there; how many need a correction.

    Of a product that is there already the workbook's quantity holds, and rows of an earlier
    workbook that were never corrected go, so that the same file twice adds nothing. Raises TooManyLines.
    """
    basket = _basket()
    known = products_by_code([row.code for row in rows])
    replaced = {product.id for row in rows if (product := known.get(row.code)) is not None}
    for line in list(basket.lines):
        if line.product is None or line.quantity is None or line.product.id in replaced:
            basket.lines.remove(line)
    seen: dict[int, BasketLine] = {}
    for row in rows:
        line = _append(basket, row.code, row.quantity, sheet_row=row.sheet_row)
        _understand(line, known.get(row.code))
        _join(basket, line, seen)
    db.session.flush()
    return sum(line.product is None or line.quantity is None for line in basket.lines)


def repeat(order: Order) -> int:
    """Want again what an order had; how many of its lines are not sold any more."""
    left_out = 0
    for line in order.lines:
        product = line.product
        if product is None or not product.is_active or line.is_free:
            left_out += 1
            continue
        try:
            factor = factor_of(product, line.unit) if line.unit is not None else Decimal(1)
            put(product, plain(line.quantity * factor))
        except (NoConversion, NotAQuantity):
            left_out += 1
    return left_out


def read(basket: Basket | None, dealer: Customer) -> Reading:
    """A basket with the prices and taxes of now."""
    lines = basket.lines if basket is not None else []
    day = today()
    prices = own_prices([line.product for line in lines if line.product is not None], dealer.id, day)
    good, rows = [], []
    for line in lines:
        problem = _problem_of(line, prices)
        rows.append(Row(line, prices.get(line.product_id or 0), None, problem))
        if problem is None and line.product is not None:
            good.append((line.product, line.amount, prices[line.product.id]))
    rows.sort(key=lambda row: row.problem is None)  # what is to be corrected stands first
    entry = line_entries(good, day)
    if not entry:
        return Reading(tuple(rows), (), 0, 0, 0)
    try:
        figures = totals.compute(totals.parse(document_part({"policy": POLICY, "lines": entry})))
    except Invalid:  # amounts beyond what can be counted
        rows = [Row(row.line, row.price, None, row.problem or _l("This quantity is too large.")) for row in rows]
        return Reading(tuple(rows), (), 0, 0, 0)
    payables = iter(figures.lines)
    filled = [row if row.problem is not None else Row(row.line, row.price, next(payables).payable) for row in rows]
    return Reading(tuple(filled), tuple(entry), figures.net, figures.tax, figures.payable)


def code_of(typed: str) -> str:
    """A product's code as it is stored, from what was typed or stands in a cell."""
    return to_ascii(clean(typed))[:60]


def quantity_of(typed: Any, product: Product | None) -> Decimal | Problem | None:
    """A quantity in base units from what was typed or stands in a cell; None for nothing."""
    amount = as_decimal(typed, percent=False)
    if not isinstance(amount, Decimal):
        return amount
    places = product.unit.decimals if product is not None else 3
    if amount < 0 or amount > MOST_OF_ONE:
        return Problem("range", _l("Write a quantity from 0 to %(most)d.", most=MOST_OF_ONE))
    if amount != round(amount, places):
        if not places:
            return Problem("decimals", _l("This product is sold in whole units only."))
        return Problem("decimals", _l("This product is sold with %(places)d decimals at the most.", places=places))
    return amount


def _problem_of(line: BasketLine, prices: Mapping[int, Price]) -> Any:
    """Why a line cannot be ordered; None where it can."""
    if line.product is None:
        return _l("We sell no product with this code. Correct the code, or empty the quantity.")
    if not line.product.is_active:
        return _l("This product is not sold any more. Empty its quantity.")
    if line.quantity is None:
        amount = quantity_of(line.typed, line.product)
        return amount.message if isinstance(amount, Problem) else _l("Write a quantity above zero.")
    if line.product.id not in prices:
        return _l("This product has no price yet. Empty its quantity and ask us.")
    return None


def _basket() -> Basket:
    """The present person's basket for a change, made where there is none."""
    found = open_basket(for_change=True)
    if found is not None:
        return found
    who = require_current()
    made = Basket(
        key=secrets.token_hex(16), user_id=who.user_id, customer_id=who.customer_id,
        department_id=who.home_department_id, lines=[],
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    return made


def _append(basket: Basket, code: str, typed: str, *, sheet_row: int | None = None) -> BasketLine:
    if len(basket.lines) >= MOST_LINES:
        raise TooManyLines
    position = max((line.position for line in basket.lines), default=0) + 1
    line = BasketLine(position=position, code=code, typed=typed[:40], sheet_row=sheet_row)
    basket.lines.append(line)
    return line


def _understand(line: BasketLine, product: Product | None) -> None:
    """Set product and quantity from what a line says."""
    amount = quantity_of(line.typed, product)
    line.product = product if product is not None and product.is_active else None
    line.quantity = amount if isinstance(amount, Decimal) and amount > 0 else None


def _join(basket: Basket, line: BasketLine, seen: dict[int, BasketLine]) -> None:
    """Add an understood line to an earlier one of the same product."""
    if line.product is None or line.quantity is None:
        return
    first = seen.setdefault(line.product.id, line)
    if first is not line:
        first.quantity = first.amount + line.quantity
        first.typed = plain(first.quantity)
        basket.lines.remove(line)
