"""What is done with orders: save a draft, amend, discard. Services flush and never commit."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import selectinload
from sqlalchemy.orm.attributes import flag_modified

from app.core import levels
from app.core.actor import require_current
from app.core.clock import now
from app.core.db import db
from app.core.errors import DomainError, NotFound, StaleVersion
from app.core.field_rights import may_write, seen
from app.core.scope import unscoped
from app.core.workflow import ReasonRequired
from app.sales.documents import conversions
from app.sales.documents.filling import adjustment_entries, line_entry, place_lines
from app.sales.orders.entry import OrderEntry, read_entry
from app.sales.orders.kinds import OPEN, POLICIES, OrderKind, OrderSource, OrderState
from app.sales.orders.models import CLASS_OF, Order, OrderAdjustment, OrderAmendment, OrderLine, OrderLineTax

LIMITABLE = ("reference", "note", "deliver_on")
"""What of an entry a role may have no right to change; then it stays as it is."""
AMENDABLE = frozenset(OPEN)


class OrderFrozen(DomainError):
    """The order is not a draft any more, or is over; see `amend`."""

    code = "frozen"
    default_message = _l("This order is submitted. Change it by an amendment with a reason.")


class OrderOver(DomainError):
    """A finished or cancelled order does not change."""

    code = "over"
    default_message = _l("An order that is done, closed or cancelled cannot be changed.")


class ReferenceTaken(DomainError):
    """Another order of the kind carries this reference."""

    code = "duplicate"
    default_message = _l("Another order already has this reference.")


class BelowTaken(DomainError):
    """An amendment leaves less of a line than went over already."""

    code = "below_taken"


def open_order(order_id: int, *, for_change: bool = False) -> Order:
    """One visible order with its lines. Raises NotFound; locked on PostgreSQL for a change."""
    query = (
        select(Order)
        .where(Order.id == order_id)
        .options(selectinload(Order.lines).selectinload(OrderLine.taxes), selectinload(Order.adjustments))
    )
    if for_change:
        query = query.with_for_update(of=Order).execution_options(populate_existing=True)
    order = db.session.scalars(query).one_or_none()
    if order is None:
        raise NotFound(order_id=order_id)
    return order


def save_draft(
    data: Mapping[str, Any], *, kind: OrderKind, order_id: int | None = None, source: OrderSource = OrderSource.OFFICE
) -> Order:
    """A draft made or changed from an entry; `data["version"]` guards against a stale save.

    Raises Invalid with every bad field, StaleVersion, OrderFrozen, MoreThanLeft (made from another
    order), NotFound, NotAllowed.
    """
    actor = require_current()
    if order_id is None:
        actor.require("add", POLICIES[kind].subject)
        order = CLASS_OF[kind](state=OrderState.DRAFT, source=source, owner_id=actor.user_id)
    else:
        order = _held(order_id, "edit", version=data.get("version"))
        if order.state is not OrderState.DRAFT:
            raise OrderFrozen(order=order)
    kept = _fill(order, read_entry(data, kind=order.kind))
    db.session.add(order)
    db.session.flush()
    conversions.lines_saved(order, kept)
    return order


@levels.doing("amend")
def amend(order_id: int, data: Mapping[str, Any], *, reason: str) -> Order:
    """A submitted or approved order changed, with what it was and why kept beside it.

    No line may fall below what went over already. Raises as `save_draft`, and ReasonRequired,
    OrderOver, BelowTaken with the place of the line.
    """
    order = _held(order_id, "amend", version=data.get("version"))
    if order.state not in AMENDABLE:
        raise OrderOver(order=order)
    if not reason.strip():
        raise ReasonRequired(path="reason")
    before = document_of(order)
    taken = _most_taken(order)
    kept = _fill(order, read_entry(data, kind=order.kind))
    _refuse_below(taken, kept)
    db.session.flush()
    conversions.lines_saved(order, kept)
    order.amendments.append(
        OrderAmendment(
            position=len(order.amendments) + 1,
            at=now(),
            by_id=require_current().user_id,
            reason=reason.strip(),
            before=before,
            after=document_of(order),
        )
    )
    db.session.flush()
    conversions.converted.send(POLICIES[order.kind].subject, source_id=order.id)
    return order


def discard_draft(order_id: int) -> None:
    """A draft removed. Raises OrderFrozen for anything that has a number."""
    order = open_order(order_id, for_change=True)
    require_current().require("delete", POLICIES[order.kind].subject)
    if order.state is not OrderState.DRAFT:
        raise OrderFrozen(order=order)
    conversions.release(order)
    db.session.delete(order)
    db.session.flush()


def document_of(order: Order) -> dict[str, Any]:
    """The order as an entry again: what the editor opens, and what an amendment keeps."""
    shown = seen(order)
    return {
        "version": str(order.version),
        "policy": order.policy.value,
        "customer_id": order.customer_id,
        "order_on": order.order_on.isoformat(),
        "deliver_on": _iso(shown.deliver_on),
        "reference": shown.reference or "",
        "note": shown.note or "",
        "prices_include_tax": order.prices_include_tax,
        "branch_id": order.branch_id,
        "lines": [line_entry(line) for line in order.lines],
        **adjustment_entries(order.adjustments),
    }


def _held(order_id: int, action: str, *, version: Any) -> Order:
    """A stored order for a change by who opened that version of it."""
    order = open_order(order_id, for_change=True)
    require_current().require(action, POLICIES[order.kind].subject)
    if str(version or "") != str(order.version):
        raise StaleVersion(order=order)
    return order


def _fill(order: Order, entry: OrderEntry) -> dict[int, Any]:
    _refuse_taken_reference(order, entry.reference)
    order.customer, order.customer_name = entry.customer, entry.customer.name if entry.customer else ""
    order.branch, order.order_on = entry.branch, entry.order_on
    for name in LIMITABLE:
        if may_write(Order, name):
            setattr(order, name, getattr(entry, name))
    order.prices_include_tax = entry.prices_include_tax
    if order.department_id is None:
        home = require_current().home_department_id
        order.department_id = home or (entry.customer.department_id if entry.customer else None)
    if order.id is not None:
        flag_modified(order, "customer_name")  # a change of lines alone is a new version too
    return place_lines(order, entry.body, OrderLine, OrderLineTax, OrderAdjustment)


def _refuse_taken_reference(order: Order, reference: str | None) -> None:
    if reference is None or not may_write(Order, "reference"):
        return
    with unscoped("a reference is unique in the whole company"):
        taken = db.session.scalar(select(Order.id).where(Order.kind == order.kind, Order.reference == reference))
    if taken is not None and taken != order.id:
        raise ReferenceTaken(path="reference")


def _most_taken(order: Order) -> dict[int, tuple[Any, str]]:
    """What of each line went over on the lane that took most of it, with the line's words."""
    lanes = [conversions.taken_of(order, lane) for lane in POLICIES[order.kind].lanes]
    most = {line.id: max((lane.get(line.id, 0) for lane in lanes), default=0) for line in order.lines}
    return {line.id: (most[line.id], line.description) for line in order.lines if most[line.id]}


def _refuse_below(taken: Mapping[int, tuple[Any, str]], kept: Mapping[int, Any]) -> None:
    for line_id, (quantity, what) in taken.items():
        line = kept.get(line_id)
        if line is None or line.quantity < quantity:
            path = f"lines[{line.position - 1}].quantity" if line is not None else "lines"
            words = format(quantity.normalize(), "f")
            raise BelowTaken(
                _l(
                    "%(quantity)s of “%(what)s” went over already.",
                    quantity=words,
                    what=what,
                ),
                path=path,
            )


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""
