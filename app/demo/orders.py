"""Orders of the demo company: three kinds in every state, some turned into invoices, some in production."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from sqlalchemy import select

from app.core.actor import require_current
from app.core.calendar import TEHRAN
from app.core.clock import now, today
from app.core.db import db
from app.crm.customers.models import Customer
from app.demo.material import table
from app.finance.invoices.services import issue_invoice
from app.sales.catalog.models import Product, ProductKind
from app.sales.documents import conversions
from app.sales.orders import services
from app.sales.orders.kinds import OrderKind, OrderSource
from app.sales.orders.models import Order
from app.sales.orders.workflow import flow_of
from app.sales.production.models import Production
from app.sales.production.services import begin_stage, end_stage
from app.sales.production.stages import StagePlan, coming_to

MOST_ORDERS = 120
MOST_PARTIES = 500
KINDS = (OrderKind.SALES,) * 6 + (OrderKind.PURCHASE,) * 2 + (OrderKind.PRODUCTION,) * 2
SOURCES = {
    OrderKind.SALES: (OrderSource.OFFICE, OrderSource.OFFICE, OrderSource.DEALER, OrderSource.REP, OrderSource.EXCEL),
    OrderKind.PURCHASE: (OrderSource.OFFICE,),
    OrderKind.PRODUCTION: (OrderSource.OFFICE,),
}
TO_INVOICE = {
    OrderKind.SALES: "sales.orders-finance.invoices",
    OrderKind.PURCHASE: "sales.purchase_orders-finance.purchases",
}
TO_WORKS, TO_PROCESS = "sales.orders-sales.production_orders", "sales.production_orders-sales.production"


@dataclass(frozen=True, slots=True)
class Stock:
    """What the orders are made of."""

    customers: Sequence[Customer]
    suppliers: Sequence[Customer]
    products: Sequence[Product]

    @property
    def goods(self) -> Sequence[Product]:
        """What works can make."""
        return [product for product in self.products if product.kind is ProductKind.GOODS]

    @classmethod
    def read(cls) -> Stock:
        """The company's parties and goods."""
        parties = select(Customer).order_by(Customer.id).limit(MOST_PARTIES)
        return cls(
            customers=db.session.scalars(parties.where(~Customer.is_supplier)).all(),
            suppliers=db.session.scalars(parties.where(Customer.is_supplier)).all(),
            products=db.session.scalars(select(Product).where(Product.is_active).order_by(Product.id)).all(),
        )


def make_orders(count: int, *, rng: Random) -> int:
    """Enter orders of the last weeks and take each some way; answers how many. Flushes."""
    stock = Stock.read()
    if not (stock.customers and stock.suppliers and stock.products):
        return 0
    made = min(count, MOST_ORDERS)
    ages = sorted((rng.randint(0, 24) for _ in range(made)), reverse=True)
    for age in ages:
        order = _entered(rng.choice(KINDS), stock, rng, age=age)
        rng.choices(WAYS, weights=[way.weight for way in WAYS])[0].go(order, rng)
    return made


def _entered(kind: OrderKind, stock: Stock, rng: Random, *, age: int) -> Order:
    """A draft of some days ago, to be delivered soon or a little late."""
    day = today() - timedelta(days=age)
    party = rng.choice(stock.suppliers if kind is OrderKind.PURCHASE else stock.customers)
    has_party = kind is not OrderKind.PRODUCTION or rng.random() < 0.7
    sold = stock.goods if kind is OrderKind.PRODUCTION else stock.products
    entry = {
        "customer_id": party.id if has_party else None,
        "order_on": day.isoformat(),
        "deliver_on": (day + timedelta(days=rng.randint(4, 32))).isoformat() if rng.random() < 0.92 else "",
        "policy": "line_floor",
        "lines": [_line(product, kind, rng) for product in rng.sample(sold, rng.randint(1, 4))],
    }
    order = services.save_draft(entry, kind=kind, source=rng.choice(SOURCES[kind]))
    order.owner_id, order.department_id = party.owner_id, party.department_id
    return order


def _line(product: Product, kind: OrderKind, rng: Random) -> dict[str, Any]:
    price = 0 if kind is OrderKind.PRODUCTION else product.price_rials or rng.randint(50, 5_000) * 10_000
    return {
        "product_id": product.id,
        "unit_id": product.unit_id,
        "description": product.name,
        "quantity": str(rng.randint(2, 40)),
        "unit_price": str(price),
    }


# How far an order went ---------------------------------------------------------------------------


def _stay(_order: Order, _rng: Random) -> None:
    """It is a draft still."""


def _submit(order: Order, _rng: Random) -> None:
    _step(order, "submit")
    order.submitted_at = _moment(order, days=0)


def _approve(order: Order, rng: Random) -> None:
    _submit(order, rng)
    _step(order, "approve")
    order.approved_at = _moment(order, days=1)


def _hold(order: Order, rng: Random) -> None:
    _approve(order, rng)
    _step(order, "hold", reason=_reason(rng))


def _cancel(order: Order, rng: Random) -> None:
    _submit(order, rng)
    _step(order, "cancel", reason=_reason(rng))


def _part(order: Order, rng: Random) -> None:
    """Half of it went over: to an invoice that is not issued yet, or into production."""
    _approve(order, rng)
    halves = {line.id: Decimal(max(1, int(line.quantity) // 2)) for line in order.lines}
    if order.kind is OrderKind.PRODUCTION:
        _work(_made(TO_PROCESS, order), rng, share=0.5)
    elif order.kind is OrderKind.SALES and rng.random() < 0.4:
        works = _made(TO_WORKS, order, halves)
        _approve(works, rng)
        _work(_made(TO_PROCESS, works), rng, share=0.3)
    else:
        _made(TO_INVOICE[order.kind], order, halves)


def _whole(order: Order, rng: Random) -> None:
    """All of it is delivered, or made."""
    _approve(order, rng)
    if order.kind is OrderKind.PRODUCTION:
        _work(_made(TO_PROCESS, order), rng, share=1)
        return
    invoice = _made(TO_INVOICE[order.kind], order)
    if order.kind is OrderKind.PURCHASE:
        invoice.supplier_number = f"S-{order.number_text}"
    issue_invoice(invoice.id)


@dataclass(frozen=True, slots=True)
class Way:
    """How far some orders go, and how many of them."""

    weight: int
    go: Callable[[Order, Random], None]


WAYS = (
    Way(10, _stay),
    Way(28, _submit),
    Way(22, _approve),
    Way(20, _part),
    Way(10, _whole),
    Way(6, _hold),
    Way(4, _cancel),
)


def _step(order: Order, name: str, *, reason: str | None = None) -> None:
    flow_of(order).apply(order, name, actor=require_current(), reason=reason)


def _made(route: str, source: Order, quantities: dict[int, Decimal] | None = None) -> Any:
    """What is made of an order, all of it or some of each line; the key is the order's own."""
    return conversions.convert(route, source.id, key=f"demo-order-{source.id:08d}", quantities=quantities)


def _work(process: Production, rng: Random, *, share: float) -> None:
    """A share of the stages gone through, with a little waste; the rest stands at a stage or waits."""
    plan = StagePlan.read()
    names = table("people")
    for line in process.lines:
        stages = plan.stages_of(line)
        for stage in stages[: round(len(stages) * share)]:
            begin_stage(line.id, stage.id, people=f"{rng.choice(names['men'])} {rng.choice(names['families'])}")
            waste = Decimal(rng.choice((0, 0, 0, 1)))
            end_stage(line.id, good=coming_to(line) - waste, waste=waste)
        following = plan.next_of(line)
        if following is not None and rng.random() < 0.5:
            begin_stage(line.id, following.id, people=f"{rng.choice(names['women'])} {rng.choice(names['families'])}")


def _moment(order: Order, *, days: int) -> datetime:
    """Ten in the morning some days after an order was entered; never after now."""
    at = datetime.combine(order.order_on + timedelta(days=days), time(10), TEHRAN)
    return min(at, now())


def _reason(rng: Random) -> str:
    reason: str = rng.choice(table("words")["order_reasons"])
    return reason
