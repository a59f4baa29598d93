"""Receipts and payments: save a draft, post it, reverse it, discard a draft. Services flush, never commit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import selectinload
from sqlalchemy.orm.attributes import flag_modified

from app.core.actor import require_current
from app.core.db import db
from app.core.errors import DomainError, NotFound, StaleVersion
from app.core.scope import unscoped
from app.finance.cheques.services import refuse_taken
from app.finance.settlement.entry import LineEntry, PaymentEntry, read_payment
from app.finance.settlement.models import SUBJECT, Payment, PaymentLine
from app.finance.settlement.rules import check_write_off, direction_of, written_off
from app.finance.settlement.states import PaymentKind, PaymentState
from app.finance.settlement.workflow import PAYMENT_FLOW


class PaymentFrozen(DomainError):
    """A posted payment never changes."""

    code = "frozen"
    default_message = _l("A posted receipt or payment cannot be changed. Reverse it and make a new one.")


class ReferenceTaken(DomainError):
    """Another receipt or payment carries this reference."""

    code = "duplicate"
    default_message = _l("Another receipt or payment already has this reference.")


def open_payment(payment_id: int, *, for_change: bool = False) -> Payment:
    """One visible payment with its lines. Raises NotFound; locked on PostgreSQL for a change."""
    query = select(Payment).where(Payment.id == payment_id).options(selectinload(Payment.lines))
    if for_change:
        query = query.with_for_update(of=Payment).execution_options(populate_existing=True)
    payment = db.session.scalars(query).one_or_none()
    if payment is None:
        raise NotFound(payment_id=payment_id)
    return payment


def save_payment(data: Mapping[str, Any], *, kind: PaymentKind, payment_id: int | None = None) -> Payment:
    """A draft made or changed from an entry; `data["version"]` guards against a stale save.

    Raises Invalid with every bad field, StaleVersion, PaymentFrozen, WriteOffTooLarge, SayadTaken,
    ReferenceTaken, NotFound, NotAllowed.
    """
    actor = require_current()
    if payment_id is None:
        actor.require("add", SUBJECT)
        payment = Payment(kind=kind, state=PaymentState.DRAFT, owner_id=actor.user_id)
    else:
        payment = open_payment(payment_id, for_change=True)
        actor.require("edit", SUBJECT)
        if payment.state is not PaymentState.DRAFT:
            raise PaymentFrozen(payment=payment)
        if str(data.get("version") or "") != str(payment.version):
            raise StaleVersion(payment=payment)
    entry = read_payment(data, kind=payment.kind)
    check_write_off(written_off((line.method, line.amount) for line in entry.lines))
    for place, line in enumerate(entry.lines):
        if line.cheque is not None:
            path = f"lines[{place}].cheque.sayad_id"
            refuse_taken(line.cheque.sayad_id, direction=direction_of(payment.kind), path=path)
    if "reference" in data and entry.reference != payment.reference:
        refuse_known(entry.reference)
        payment.reference = entry.reference
    _fill(payment, entry)
    db.session.add(payment)
    db.session.flush()
    return payment


def refuse_known(reference: str | None) -> None:
    """Raises ReferenceTaken for the reference of another one that is not reversed."""
    query = select(Payment.id).where(Payment.reference == reference, Payment.state != PaymentState.REVERSED)
    with unscoped("a reference is unique in the whole company"):
        if reference and db.session.scalar(query) is not None:
            raise ReferenceTaken(path="reference")


def _fill(payment: Payment, entry: PaymentEntry) -> None:
    payment.customer, payment.customer_name = entry.customer, entry.customer.name
    payment.branch, payment.paid_on, payment.note = entry.branch, entry.paid_on, entry.note
    payment.amount_rials = entry.amount
    payment.chosen = None if entry.chosen is None else [list(pair) for pair in entry.chosen]
    if payment.department_id is None:
        payment.department_id = require_current().home_department_id or entry.customer.department_id
    if payment.id is not None:
        flag_modified(payment, "customer_name")  # a change of lines alone is a new version too
        payment.lines.clear()
        db.session.flush()  # positions are unique: the old lines leave before the new ones come
    payment.lines = [_line(place, line) for place, line in enumerate(entry.lines, start=1)]


def _line(place: int, entry: LineEntry) -> PaymentLine:
    return PaymentLine(
        position=place,
        method=entry.method,
        amount_rials=entry.amount,
        account=entry.account,
        tracking=entry.tracking,
        cheque_id=entry.cheque_id,
        cheque_entry=entry.cheque.as_json() if entry.cheque is not None else None,
        item_id=entry.item_id,
    )


def post_payment(payment_id: int) -> Payment:
    """The draft posted: numbered without a gap, sealed, and what it pays settled.

    Raises IllegalTransition, GuardRefused, YearClosed, NotOpen (somebody else settled it first),
    WriteOffTooLarge, SayadTaken, NotAllowed, NotFound.
    """
    payment = open_payment(payment_id, for_change=True)
    PAYMENT_FLOW.apply(payment, "post", actor=require_current())
    return payment


def reverse_payment(payment_id: int, *, reason: str) -> Payment:
    """A posted payment reversed: exactly what it closed is open again, and its own items are undone.

    Raises IllegalTransition, ReasonRequired, GuardRefused (a cheque of it is at the bank or cleared),
    YearClosed, NotAllowed, NotFound.
    """
    payment = open_payment(payment_id, for_change=True)
    PAYMENT_FLOW.apply(payment, "reverse", actor=require_current(), reason=reason)
    return payment


def discard_payment(payment_id: int) -> None:
    """A draft removed. Raises PaymentFrozen for anything that has a number."""
    payment = open_payment(payment_id, for_change=True)
    require_current().require("delete", SUBJECT)
    if payment.state is not PaymentState.DRAFT:
        raise PaymentFrozen(payment=payment)
    db.session.delete(payment)
    db.session.flush()
