"""Random sequences of returns, issues, discards and voids: money and goods stay within what was charged.

Each sequence is a seed; a failure names it. A few run always, ten thousand by `make soak`.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import or_

from app.core.actor import Actor, acting_as
from app.core.db import db
from app.core.errors import DomainError, GuardRefused, Invalid
from app.finance.invoices import returns, services, voids
from app.finance.invoices.kinds import InvoiceKind
from app.finance.invoices.models import Invoice
from app.finance.invoices.states import InvoiceState
from tests.factories import CustomerFactory
from tests.factories.finance import issued_invoice, line

STEPS = 14
OFTEN, SOAK = range(8), range(100)
IN_A_SHARE = 100


@pytest.fixture(autouse=True)
def _system(app: Any) -> Iterator[None]:
    with acting_as(Actor.system("test")):
        yield


class Sequence:
    """One original with its returns, and what must hold after every step."""

    def __init__(self, seed: int, party: Any) -> None:
        self.chance = chance = random.Random(seed)
        self.kind = chance.choice([InvoiceKind.SALES, InvoiceKind.PURCHASE])
        discounts: list[dict[str, str]] = [{"percent": str(chance.randrange(1, 30))}] if chance.random() < 0.5 else []
        if chance.random() < 0.4:
            discounts.append({"amount": str(chance.randrange(1, 60)), "of": "payable"})
        self.freight = chance.choice([0, 7, 1000])
        freight = {"name": "freight", "amount": str(self.freight), "sign": 1, "taxed": False}
        self.original = issued_invoice(
            party, [self.line() for _ in range(chance.randrange(1, 4))], kind=self.kind,
            discounts=discounts, additions=[freight] if self.freight else [],
        )  # fmt: skip
        self.drafts: list[Invoice] = []
        self.alive: list[Invoice] = []

    def line(self) -> dict[str, Any]:
        chance = self.chance
        quantity = chance.choice(["1", "3", f"{chance.randrange(1, 9000) / 1000:.3f}"])
        taxes = [{"name": "VAT", "percent": "10"}, {"name": "duty", "percent": "3.7"}][: chance.randrange(3)]
        percent = [{"percent": str(chance.randrange(1, 40))}] if chance.random() < 0.4 else []
        price = str(chance.randrange(1, 99_999))
        return line(quantity, price, taxes=taxes, discounts=percent, is_free=chance.random() < 0.1)

    def run(self) -> None:
        for _ in range(STEPS):
            steps = (self.draft, self.issue, self.discard, self.void, self.too_much)
            self.chance.choices(steps, (5, 5, 1, 3, 1))[0]()
            self.check()
        self.finish()

    def draft(self) -> None:
        left = returns.left_of(self.original)
        rows = [
            {"original_line_id": one.id, "quantity": str(self.part(left[one.id].quantity))}
            for one in self.original.lines
        ]
        refund = str(self.chance.randrange(returns.extras_left(self.original).charged.get("freight", 0) + 1))
        additions = [{"name": "freight", "amount": refund}] if self.freight else []
        body = {"original_id": self.original.id, "reason": "x", "lines": rows, "additions": additions}
        if all(Decimal(row["quantity"]) == 0 for row in rows):
            with pytest.raises(Invalid):
                returns.save_return(body)
        else:
            expected = returns.preview(body, original=self.original)
            made = returns.save_return(body)
            assert str(made.payable_rials) == expected["payable"]
            self.drafts.append(made)

    def part(self, left: Decimal) -> Decimal:
        thousandths = int(left * 1000)
        share = self.chance.choice([0, thousandths, self.chance.randrange(thousandths + 1)])
        return Decimal(share) / 1000

    def pick(self, some: list[Invoice]) -> Invoice | None:
        return some.pop(self.chance.randrange(len(some))) if some else None

    def issue(self) -> None:
        if (one := self.pick(self.drafts)) is None:
            return
        try:
            with db.session.begin_nested():
                services.issue_invoice(one.id)
        except DomainError:
            db.session.refresh(one)
            assert one.state is InvoiceState.DRAFT  # outdated: others came back meanwhile
            services.discard_draft(one.id)
        else:
            self.alive.append(one)

    def discard(self) -> None:
        if (one := self.pick(self.drafts)) is not None:
            services.discard_draft(one.id)

    def void(self) -> None:
        if (one := self.pick(self.alive)) is not None:
            before = self.balance()
            counter = voids.void_invoice(one.id, reason="x")
            assert counter.effect_rials == -one.effect_rials
            assert self.balance() == before - one.effect_rials

    def too_much(self) -> None:
        one = self.chance.choice(self.original.lines)
        quantity = returns.left_of(self.original)[one.id].quantity + Decimal("0.001")
        rows = [{"original_line_id": one.id, "quantity": str(quantity)}]
        with pytest.raises(Invalid):
            returns.save_return({"original_id": self.original.id, "reason": "x", "lines": rows})

    def balance(self) -> int:
        """What all documents of the chain make the party owe: only issued ones and what voids them count."""
        papers = db.session.query(Invoice).filter(
            or_(*(key == self.original.id for key in (Invoice.id, Invoice.original_id, Invoice.voids_id))),
            Invoice.number.is_not(None),
        )
        return sum(one.effect_rials for one in papers)

    def check(self) -> None:
        sold = self.original
        for name in ("gross_rials", "discount_rials", "tax_rials", "payable_rials"):
            assert sum(getattr(one, name) for one in self.alive) <= getattr(sold, name), name
        assert all(one.payable_rials >= 0 and one.tax_rials >= 0 for one in self.alive)
        back = [line for one in self.alive for line in one.lines]
        for line_ in sold.lines:
            mine = [one for one in back if one.original_line_id == line_.id]
            assert sum((one.quantity for one in mine), Decimal(0)) <= line_.quantity
            assert sum(one.payable_rials for one in mine) <= line_.payable_rials
        assert self.balance() == sold.effect_rials + sum(one.effect_rials for one in self.alive)
        if self.alive:
            with pytest.raises(GuardRefused), db.session.begin_nested():
                voids.void_invoice(sold.id, reason="x")

    def finish(self) -> None:
        """Bring back what is left: then exactly what was charged came back; void all: nothing did."""
        left = returns.left_of(self.original)
        rows = [
            {"original_line_id": key, "quantity": str(one.quantity)} for key, one in left.items() if one.quantity > 0
        ]
        freight = returns.extras_left(self.original).charged.get("freight", 0)
        if rows:
            additions = [{"name": "freight", "amount": str(freight)}] if freight else []
            body = {
                "original_id": self.original.id,
                "reason": "x",
                "lines": rows,
                "additions": additions,
            }
            self.alive.append(services.issue_invoice(returns.save_return(body).id))
            assert sum(one.payable_rials for one in self.alive) == self.original.payable_rials
            assert self.balance() == 0
        while self.alive:
            self.void()
        assert self.balance() == self.original.effect_rials
        assert {key: one.quantity for key, one in returns.left_of(self.original).items()} == {
            one.id: one.quantity for one in self.original.lines
        }
        voids.void_invoice(self.original.id, reason="x")
        assert self.balance() == 0


@pytest.fixture
def party() -> Any:
    return CustomerFactory(is_supplier=True)


@pytest.mark.parametrize("seed", OFTEN)
def test_never_more_back_than_was_charged(seed: int, party: Any) -> None:
    Sequence(seed, party).run()


@pytest.mark.soak
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("share", SOAK)
def test_ten_thousand_sequences(share: int, party: Any) -> None:
    for seed in range(share * IN_A_SHARE, (share + 1) * IN_A_SHARE):
        with db.session.begin_nested() as nested:
            Sequence(seed, party).run()
            nested.rollback()
        db.session.expunge_all()
        party = db.session.merge(party, load=True)
