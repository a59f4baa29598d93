"""What a payment settles: its own items and offsets against what is open, and all of it taken back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.core.clock import today
from app.core.db import db
from app.core.errors import DomainError, FieldError, Invalid
from app.finance.settlement import axis
from app.finance.settlement.ledger import bookkeeping, is_live, locked, locked_with_matches, match, take_back, undo
from app.finance.settlement.models import Match, OpenItem, Payment, PaymentLine
from app.finance.settlement.queries import open_items
from app.finance.settlement.states import Method

FIRST = (Method.WRITE_OFF, Method.OFFSET)
"""What is no money goes first, since none of it may be left over."""


class LeftOver(DomainError):
    """A write-off or an offset for which nothing is open."""

    code = "left_over"
    default_message = _l("Less is open than is offset or written off. Lower that line.")


@dataclass(slots=True)
class _Source:
    """An item that pays, with what of it this payment may use."""

    item: OpenItem
    left: int
    must_be_used: bool


def settle(payment: Payment) -> None:
    """Make the payment's items and match them with what was chosen, or with the oldest due.

    What is left of money stays open to the party's credit. Raises NotOpen, LeftOver, Invalid.
    """
    targets = list(_targets(payment))
    with bookkeeping():
        own = {line.id: _item_of(payment, line) for line in payment.lines if line.method is not Method.OFFSET}
        db.session.add_all(own.values())
        db.session.flush()
        offsets = {line.id: line.item_id for line in payment.lines if line.item_id is not None}
        held = locked({*(key for key, _ in targets), *offsets.values(), *(item.id for item in own.values())})
        sources = [
            _Source(
                held[offsets[line.id]] if line.id in offsets else own[line.id], line.amount_rials, line.method in FIRST
            )
            for line in sorted(payment.lines, key=_rank)
        ]
        _pour(sources, [(held[key], amount) for key, amount in targets], payment)
        axis.refresh(held.values())


def _targets(payment: Payment) -> Iterator[tuple[int, int | None]]:
    """Ids of items to settle with how much; None is as much as there is. Only what the actor sees."""
    side, total = payment.kind.side.other, payment.amount_rials
    if payment.chosen is None:
        for item in open_items(payment.customer_id, side=side):
            if total <= 0:
                return
            yield item.id, None
            total -= item.open_rials
        return
    query = select(OpenItem.id).where(
        OpenItem.id.in_([key for key, _amount in payment.chosen]),
        OpenItem.customer_id == payment.customer_id,
        OpenItem.side == side,
    )
    seen = set(db.session.scalars(query))
    for place, (key, amount) in enumerate(payment.chosen):
        if key not in seen:
            raise Invalid([FieldError(f"chosen[{place}].item_id", "reference", _l("This record was not found."))])
        yield key, amount


def _rank(line: PaymentLine) -> tuple[bool, bool, str, int]:
    """Offsets first, then money at hand, then cheques by their day."""
    due = line.cheque.due_on.isoformat() if line.cheque is not None else ""
    return line.method not in FIRST, line.method is Method.CHEQUE, due, line.position


def _item_of(payment: Payment, line: PaymentLine) -> OpenItem:
    is_cheque = line.cheque is not None
    return OpenItem(
        customer_id=payment.customer_id,
        side=payment.kind.side,
        amount_rials=line.amount_rials,
        settled_rials=0,
        covered_rials=0,
        is_pending=is_cheque,
        booked_on=payment.paid_on,
        due_on=line.cheque.due_on if line.cheque is not None else payment.paid_on,
        payment_id=payment.id,
        line_id=line.id,
        position=line.position,
        department_id=payment.department_id,
        owner_id=payment.owner_id,
    )


def _pour(sources: Sequence[_Source], targets: Sequence[tuple[OpenItem, int | None]], payment: Payment) -> None:
    waiting = [source for source in sources if source.left]
    for target, chosen in targets:
        wanted = target.open_rials if chosen is None else chosen
        while wanted and waiting:
            source = waiting[0]
            amount = min(wanted, source.left)
            match(target, source.item, amount, payment_id=payment.id)
            source.left -= amount
            wanted -= amount
            if not source.left:
                waiting.pop(0)
    if any(source.must_be_used for source in waiting):
        raise LeftOver(path="lines", payment=payment)


def unsettle(payment: Payment, *, reason: str) -> None:
    """Take back what the payment settled and undo its own items, exactly."""
    with bookkeeping():
        query = select(Match).where(Match.payment_id == payment.id, is_live())
        sides = {key for made in db.session.scalars(query) for key in (made.debit_id, made.credit_id)}
        held, matches = locked_with_matches(sides)
        for made in matches:
            if made.payment_id == payment.id:
                take_back(made, reason=reason)
        db.session.flush()
        undo(own_items(payment), on=today(), reason=reason)
        axis.refresh(held.values())


def own_items(payment: Payment) -> Sequence[OpenItem]:
    """The items that a payment made, without the counter items of what was undone."""
    query = select(OpenItem).where(OpenItem.payment_id == payment.id, OpenItem.undoes_id.is_(None))
    return db.session.scalars(query.order_by(OpenItem.id)).all()
