"""Open items and their matches: the one place where they change.

Whoever changes items takes them first by `locked`, always in one order, so that two cashiers at one
invoice wait for each other; the database's own CHECK stands behind. Flushes are the caller's.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from datetime import date

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, or_, select

from app.core.actor import current
from app.core.clock import now
from app.core.db import db
from app.core.errors import DomainError
from app.core.scope import unscoped
from app.finance.invoices.models import Invoice
from app.finance.settlement import axis
from app.finance.settlement.models import Match, OpenItem
from app.finance.settlement.states import MatchKind, Side


class NotOpen(DomainError):
    """Less is open of an item than was to be settled: somebody else was faster, or a slip."""

    code = "not_open"


class NotMatchable(DomainError):
    """Two items that do not cancel each other: one side, or two parties."""

    code = "not_matchable"
    default_message = _l("Only a debit and a credit of the same party can be settled against each other.")


class MatchReversed(DomainError):
    """The match was taken back before."""

    code = "match_reversed"
    default_message = _l("This settlement is taken back already.")


def bookkeeping() -> AbstractContextManager[None]:
    """A block whose reads and writes follow from a step that was allowed, whoever took it."""
    return unscoped("what a document settles follows from it, whoever may see the other side")


def locked(ids: Iterable[int]) -> dict[int, OpenItem]:
    """The items by id, held until the transaction ends and read anew.

    Order of locks: invoices first, the newest first (a return before its original, as its own steps
    lock them), then items by id.
    """
    wanted = sorted(set(ids))
    invoice_ids = set(
        db.session.scalars(select(OpenItem.invoice_id).where(OpenItem.id.in_(wanted), OpenItem.invoice_id.is_not(None)))
    )
    hold_invoices(invoice_ids)
    query = select(OpenItem).where(OpenItem.id.in_(wanted)).order_by(OpenItem.id).with_for_update(of=OpenItem)
    found = db.session.scalars(query.execution_options(populate_existing=True)).all()
    return {item.id: item for item in found}


def locked_with_matches(ids: Iterable[int]) -> tuple[dict[int, OpenItem], Sequence[Match]]:
    """Items with what they are matched with, all locked, and the matches that hold of `ids`."""
    wanted, held = set(ids), dict[int, OpenItem]()
    while True:
        matches = live_matches(wanted)
        around = wanted | {m.debit_id for m in matches} | {m.credit_id for m in matches}
        if around <= held.keys():
            return held, matches
        held = locked(around)


def hold_invoices(ids: Iterable[int | None]) -> None:
    """Lock invoices and their originals, so that the stored payment state of each is worked out by one."""
    wanted = {one for one in ids if one is not None}
    if not wanted:
        return
    originals = db.session.scalars(select(Invoice.original_id).where(Invoice.id.in_(wanted)))
    every = wanted | {one for one in originals if one is not None}
    db.session.scalars(select(Invoice.id).where(Invoice.id.in_(every)).order_by(Invoice.id.desc()).with_for_update())


def match(one: OpenItem, other: OpenItem, amount: int, *, payment_id: int | None = None) -> Match:
    """`amount` rials of two locked items done with by each other.

    Raises NotMatchable, NotOpen.
    """
    if one.side is other.side or one.customer_id != other.customer_id:
        raise NotMatchable(items=(one, other))
    for item in (one, other):
        if not 0 < amount <= item.open_rials:
            raise NotOpen(
                _l("Of %(name)s only %(open)s rials are open.", name=str(item), open=f"{item.open_rials:,}"), item=item
            )
    kind = MatchKind.COVERED if one.is_pending or other.is_pending else MatchKind.SETTLED
    return _book(one, other, amount, kind=kind, payment_id=payment_id)


def _book(one: OpenItem, other: OpenItem, amount: int, *, kind: MatchKind, payment_id: int | None = None) -> Match:
    debit, credit = (one, other) if one.side is Side.DEBIT else (other, one)
    _shift(debit, credit, amount, kind)
    who = current()
    made = Match(
        debit=debit,
        credit=credit,
        amount_rials=amount,
        kind=kind,
        payment_id=payment_id,
        made_at=now(),
        made_by_id=who.user_id if who else None,
    )
    db.session.add(made)
    return made


def _shift(debit: OpenItem, credit: OpenItem, amount: int, kind: MatchKind) -> None:
    for item in (debit, credit):
        if kind is MatchKind.COVERED:
            item.covered_rials += amount
        else:
            item.settled_rials += amount


def take_back(made: Match, *, reason: str) -> None:
    """A match of locked items reversed: both sides are open again by exactly its amount. Raises MatchReversed."""
    if made.reversed_at is not None:
        raise MatchReversed(match=made)
    who = current()
    _shift(made.debit, made.credit, -made.amount_rials, made.kind)
    made.reversed_at, made.reversed_by_id, made.reason = now(), who.user_id if who else None, reason[:300]


def live_matches(of: Iterable[int], *, undone: bool = False) -> Sequence[Match]:
    """Matches that hold of these items, oldest first; those with counter items only when asked for."""
    ids = list(of)
    query = select(Match).where(is_live(), or_(Match.debit_id.in_(ids), Match.credit_id.in_(ids)))
    if not undone:
        query = query.where(Match.kind != MatchKind.UNDONE)
    return db.session.scalars(query.order_by(Match.id).execution_options(populate_existing=True)).all()


def is_live() -> ColumnElement[bool]:
    """Matches that are not taken back."""
    return Match.reversed_at.is_(None)


def undo(items: Iterable[OpenItem], *, on: date, reason: str) -> None:
    """Each item undone: its matches are taken back and a counter item closes it. Undone ones stay.

    Raises nothing; takes its locks itself.
    """
    db.session.flush()
    ids = [item.id for item in items]
    held, matches = locked_with_matches(ids)
    for made in matches:
        take_back(made, reason=reason)
    for item in (held[one] for one in ids):
        if item.open_rials == item.amount_rials and item.undoes_id is None:
            item.is_pending = False
            close(item, counter_of(item, on=on))
    axis.refresh(held.values())


def counter_of(item: OpenItem, *, on: date) -> OpenItem:
    """The counter item of an item: the other side of the same thing, dated `on`."""
    counter = OpenItem(
        customer_id=item.customer_id,
        side=item.side.other,
        amount_rials=item.amount_rials,
        settled_rials=0,
        covered_rials=0,
        booked_on=on,
        due_on=on,
        invoice_id=item.invoice_id,
        payment_id=item.payment_id,
        line_id=item.line_id,
        opening_id=item.opening_id,
        undoes_id=item.id,
        department_id=item.department_id,
        owner_id=item.owner_id,
    )
    db.session.add(counter)
    return counter


def close(item: OpenItem, counter: OpenItem) -> None:
    """Let two whole items undo each other, as far as the smaller goes."""
    _book(item, counter, min(item.open_rials, counter.open_rials), kind=MatchKind.UNDONE)


def clear(items: Iterable[OpenItem]) -> None:
    """The cheque behind these items is paid: what they covered is settled, unless another cheque is behind it."""
    _set_pending(items, pending=False)


def unclear(items: Iterable[OpenItem]) -> None:
    """The cheque behind these items was not paid after all: what it settled, it covers again."""
    _set_pending(items, pending=True)


def _set_pending(items: Iterable[OpenItem], *, pending: bool) -> None:
    db.session.flush()
    ids = [item.id for item in items]
    held, matches = locked_with_matches(ids)
    for one in ids:
        held[one].is_pending = pending
    for made in matches:
        waits = made.debit.is_pending or made.credit.is_pending
        kind = MatchKind.COVERED if waits else MatchKind.SETTLED
        if made.kind is not kind:
            _shift(made.debit, made.credit, -made.amount_rials, made.kind)
            made.kind = kind
            _shift(made.debit, made.credit, made.amount_rials, kind)
    axis.refresh(held.values())
