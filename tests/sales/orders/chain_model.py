"""A sales order and all that is made of it, worked on at random, with a ledger of our own beside the application's.

What is taken is counted from the documents themselves and never from the application's links: every
line carries the place of the order's line in its description.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from app.core.actor import acting_as
from app.core.db import db
from app.core.errors import DomainError, GuardRefused, IllegalTransition
from app.core.workflow import Workflow
from app.finance.invoices import services as invoices
from app.finance.invoices import voids
from app.finance.invoices.models import Invoice
from app.finance.invoices.states import InvoiceState
from app.sales.documents import conversions
from app.sales.orders.kinds import BILLING, LIVE, MAKING, OrderState
from app.sales.orders.models import Order
from app.sales.orders.workflow import flow_of as order_flow
from app.sales.production import services as works
from app.sales.production.models import Production, ProductionState, Stage
from app.sales.production.workflow import FLOW as WORKS
from app.sales.proformas import services as offers
from app.sales.proformas.kinds import INVOICING, ProformaState
from app.sales.proformas.models import Proforma
from app.sales.proformas.workflow import LEDGER as OFFERS_LEDGER
from app.sales.proformas.workflow import flow_of as offer_flow
from tests.factories.finance import line
from tests.factories.orders import BY, approved_order
from tests.factories.production import TO_ORDER, TO_WORK

TO_INVOICE = "sales.orders-finance.invoices"
TO_OFFER = "sales.orders-sales.proformas"
OFFER_TO_INVOICE = "sales.proformas-finance.invoices"
P, W = ProformaState, ProductionState
STANDING = frozenset({P.DRAFT, P.APPROVED, P.SENT, P.ACCEPTED, P.PARTLY_INVOICED, P.INVOICED})
"""States of an offer that hold all that it took of its order."""
LETTING_GO = frozenset({P.REJECTED, P.EXPIRED, P.CANCELLED})
"""States that hold what was invoiced; a superseded offer holds nothing, its successor does."""
HOLDS = frozenset({"hold", "resume", "resume_work", "resume_waiting", "supersede", "start", "complete"})
"""Steps that no ledger follows, and those that only the ledger takes."""
Sums = Counter[str]


class Chain:
    """One order, the documents below it, and the moves that people may make."""

    def __init__(self, seed: int, *, exceeds: bool) -> None:
        """`exceeds`: whoever converts asks for more than is left now and then, and may."""
        self.chance, self.exceeds, self.turn = random.Random(seed), exceeds, 0
        self.refused = Counter[str]()
        count = self.chance.randrange(1, 4)
        rows = [line(str(self.chance.randrange(5, 60)), "1000", description=f"line {at}") for at in range(count)]
        self.order: Order = approved_order(lines=rows)
        self.invoices: list[tuple[Invoice, Proforma | None]] = []
        self.offers: list[Proforma] = []
        self.making: list[Order] = []
        self.works: list[tuple[Production, Order]] = []
        self.moves: tuple[Callable[[], Any], ...] = (
            *(self.invoice, self.offer, self.order_making),
            *(self.invoice_offer, self.produce, self.invoice_offer, self.produce),
            *(self.move_invoice, self.move_offer, self.move_making, self.move_offer, self.move_making),
            *(self.work, self.cancel_order),
        )

        self._begin()

    def _begin(self) -> None:
        """An approved offer, and a production order that is in the works, of a part of the order."""
        self.turn += 1
        self.offer()
        self.turn += 1
        self.order_making()
        offer_flow(self.offers[0]).apply(self.offers[0], "approve", actor=BY)
        for name in ("submit", "approve"):
            order_flow(self.making[0]).apply(self.making[0], name, actor=BY)
        self.turn += 1
        self.produce()

    def step(self) -> None:
        """One move, or its refusal, which changes nothing."""
        self.turn += 1
        move = self.chance.choice(self.moves)
        try:
            with db.session.begin_nested():
                move()
        except DomainError as refusal:
            self.refused[refusal.code] += 1
            db.session.expire_all()

    # Documents are made -------------------------------------------------------------------------

    def _converted(self, route: str, source: Any, lane: str) -> Any:
        left = conversions.left_of(source, lane)
        wanted = {key: min(most, Decimal(self.chance.randrange(1, int(most) // 2 + 2))) for key, most in left.items()}
        if self.exceeds and self.chance.random() < 0.2:
            key = self.chance.choice(list(left))
            wanted[key] = left[key] + self.chance.randrange(1, 4)
        return conversions.convert(route, source.id, key=f"turn-{self.turn:06d}", quantities=wanted)

    def invoice(self) -> None:
        self.invoices.append((self._converted(TO_INVOICE, self.order, BILLING), None))

    def offer(self) -> None:
        self.offers.append(self._converted(TO_OFFER, self.order, BILLING))

    def order_making(self) -> None:
        self.making.append(self._converted(TO_ORDER, self.order, MAKING))

    def invoice_offer(self) -> None:
        live = [one for one in self.offers if one.state in {P.APPROVED, P.SENT, P.ACCEPTED, P.PARTLY_INVOICED}]
        offer = self.chance.choice(live or self.offers) if self.offers else None
        if offer is not None:
            self.invoices.append((self._converted(OFFER_TO_INVOICE, offer, INVOICING), offer))

    def produce(self) -> None:
        live = [one for one in self.making if one.state in LIVE]
        order = self.chance.choice(live or self.making) if self.making else None
        if order is not None:
            self.works.append((self._converted(TO_WORK, order, MAKING), order))

    def _way(self, flow: Workflow, document: Any, *more: str) -> str:
        """A step that its state allows, most of the time; now and then one of `more`, which it may not."""
        skipped = HOLDS if self.chance.random() < 0.3 else HOLDS | {"cancel", "reject", "expire"}
        open_now = [
            one.name for one in flow.transitions.values() if document.state in one.sources and one.name not in skipped
        ]
        return self.chance.choice(open_now if open_now and self.chance.random() < 0.8 else more)

    # Documents move -----------------------------------------------------------------------------

    def move_invoice(self) -> None:
        """Discard, issue or void one."""
        if not self.invoices:
            return
        pair = self.chance.choice(self.invoices)
        invoice = pair[0]
        if invoice.state is InvoiceState.ISSUED:
            voids.void_invoice(invoice.id, reason="x")
        elif invoice.state is InvoiceState.DRAFT and self.chance.random() < 0.3:
            invoices.discard_draft(invoice.id)
            self.invoices.remove(pair)
        else:
            invoices.issue_invoice(invoice.id)

    def move_offer(self) -> None:
        """Approve, send, accept, refuse, cancel, let expire, revise or discard one."""
        if not self.offers:
            return
        offer = self.chance.choice(self.offers)
        name = self._way(offer_flow(offer), offer, "approve", "accept", "revise", "discard")
        if name == "revise":
            self.offers.append(offers.revise(offer.id))
        elif name == "discard":
            offers.discard_draft(offer.id)
            self.offers.remove(offer)
        elif name == "expire":
            with acting_as(OFFERS_LEDGER):
                offer_flow(offer).apply(offer, name, actor=OFFERS_LEDGER)
        else:
            offer_flow(offer).apply(offer, name, actor=BY, reason="x")

    def move_making(self) -> None:
        """Submit, approve, cancel, close short, open again or discard a production order."""
        if not self.making:
            return
        order = self.chance.choice(self.making)
        name = self._way(order_flow(order), order, "submit", "approve", "approve", "reopen")
        order_flow(order).apply(order, name, actor=BY, reason="x")

    def work(self) -> None:
        """End a process with a random good quantity of each line, or cancel it."""
        if not self.works:
            return
        going = [one for one, _order in self.works if one.state in {W.PLANNED, W.RUNNING}]
        production = self.chance.choice(going or [one for one, _order in self.works])
        if self.chance.random() < 0.3:
            WORKS.apply(production, "cancel", actor=BY, reason="x")
            return
        stage = db.session.scalars(select(Stage).where(Stage.is_active)).one()
        for made in list(production.lines):
            good = Decimal(self.chance.randrange(int(made.quantity) + 1))
            works.begin_stage(made.id, stage.id)
            works.end_stage(made.id, good=good, waste=made.quantity - good)

    def cancel_order(self) -> None:
        """Seldom: an order with a living child is not cancelled, and every child is named."""
        if self.chance.random() < 0.8:
            return
        children = [str(conversions.end_of(one)) for one in conversions.links_from(self.order)]
        if self.order.state is OrderState.CANCELLED or not children:
            order_flow(self.order).apply(self.order, "cancel", actor=BY, reason="x")
            return
        with pytest.raises((GuardRefused, IllegalTransition)) as refusal:
            order_flow(self.order).apply(self.order, "cancel", actor=BY, reason="x")
        if refusal.type is GuardRefused:
            assert all(name in str(refusal.value) for name in children), (children, str(refusal.value))
            self.refused["cancel_with_children"] += 1

    # What must hold -----------------------------------------------------------------------------

    def check(self) -> None:
        """Every ledger is what the documents say; nothing above what was ordered unless it may be."""
        self._ledger(self.order, BILLING, self._billed())
        self._ledger(self.order, MAKING, self._in_making())
        for offer in self.offers:
            self._ledger(offer, INVOICING, self._invoiced(offer))
        for order in self.making:
            self._ledger(order, MAKING, self._in_works(order))
        issued = self._issued()
        is_whole = all(issued[row.description] >= row.quantity for row in self.order.lines)
        if self.order.state in {*LIVE, OrderState.DONE}:
            assert (self.order.state is OrderState.DONE) == is_whole

    def _ledger(self, source: Any, lane: str, ours: Sums) -> None:
        taken = conversions.taken_of(source, lane)
        left = conversions.left_of(source, lane)
        for row in source.lines:
            over = taken.get(row.id, Decimal(0))
            assert over == ours[row.description], (str(source), lane, row.description, over, ours)
            assert left[row.id] == max(row.quantity - over, 0)
            assert self.exceeds or over <= row.quantity
            assert self.exceeds or over + left[row.id] == row.quantity

    def _billed(self) -> Sums:
        """Direct invoices; offers that stand; of those that let go what was invoiced."""
        sums = Sums()
        for invoice, offer in self.invoices:
            if offer is None and invoice.state is not InvoiceState.VOID:
                sums.update(_lines(invoice))
        for offer in self.offers:
            if offer.state in STANDING:
                sums.update(_lines(offer))
            elif offer.state in LETTING_GO:
                sums.update(self._invoiced(offer) & _lines(offer))
        return sums

    def _invoiced(self, offer: Proforma) -> Sums:
        living = (one for one, of in self.invoices if of is offer and one.state is not InvoiceState.VOID)
        return _sum(living)

    def _issued(self) -> Sums:
        """On issued invoices; through an offer never more than the offer took of the order."""
        issued = [(one, of) for one, of in self.invoices if one.state is InvoiceState.ISSUED]
        sums = _sum(one for one, of in issued if of is None)
        for offer in self.offers:
            sums.update(_sum(one for one, of in issued if of is offer) & _lines(offer))
        return sums

    def _in_making(self) -> Sums:
        sums = Sums()
        for order in self.making:
            if order.state is OrderState.CLOSED_SHORT:
                sums.update(self._in_works(order) & _lines(order))
            elif order.state is not OrderState.CANCELLED:
                sums.update(_lines(order))
        return sums

    def _in_works(self, order: Order) -> Sums:
        sums = Sums()
        for production, of in self.works:
            if of is order and production.state is W.FINISHED:
                sums.update({one.description: one.good_quantity for one in production.lines})
            elif of is order and production.state is not W.CANCELLED:
                sums.update(_lines(production))
        return sums


def _lines(document: Any) -> Sums:
    sums = Sums()
    for row in document.lines:
        sums[row.description] += row.quantity
    return sums


def _sum(documents: Any) -> Sums:
    sums = Sums()
    for one in documents:
        sums.update(_lines(one))
    return sums
