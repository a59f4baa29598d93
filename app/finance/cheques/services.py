"""What is done with cheques: put one into the register, refuse a Sayad number twice."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.core.clock import today
from app.core.db import db
from app.core.errors import DomainError
from app.core.scope import unscoped
from app.crm.customers.models import Customer
from app.finance.cheques.entry import ChequeEntry
from app.finance.cheques.models import Cheque
from app.finance.cheques.states import ChequeState, Direction


class SayadTaken(DomainError):
    """A cheque of this direction with this Sayad number is in the register."""

    code = "duplicate"
    default_message = _l("A cheque with this Sayad number is in the register already.")


def register(
    entry: ChequeEntry,
    *,
    direction: Direction,
    customer: Customer,
    department_id: int,
    owner_id: int | None,
    path: str = "sayad_id",
) -> Cheque:
    """A new cheque in hand. Raises SayadTaken. Flushes."""
    refuse_taken(entry.sayad_id, direction=direction, path=path)
    cheque = Cheque(
        direction=direction,
        state=ChequeState.IN_HAND,
        state_on=today(),
        sayad_id=entry.sayad_id,
        number=entry.number,
        bank=entry.bank,
        bank_branch=entry.bank_branch,
        account=entry.account,
        sheba=entry.sheba,
        owner_name=entry.owner_name or (customer.name if direction is Direction.RECEIVED else ""),
        amount_rials=entry.amount,
        due_on=entry.due_on,
        customer_id=customer.id,
        department_id=department_id,
        owner_id=owner_id,
    )
    db.session.add(cheque)
    db.session.flush()
    return cheque


def refuse_taken(sayad_id: str | None, *, direction: Direction, path: str, but_id: int | None = None) -> None:
    """Raises SayadTaken for a number in the register; the unique index is behind this."""
    if sayad_id is None:
        return
    query = select(Cheque.id).where(
        Cheque.direction == direction, Cheque.sayad_id == sayad_id, Cheque.state != ChequeState.RETURNED
    )
    with unscoped("a Sayad number is unique in the whole company"):
        taken = db.session.scalar(query)
    if taken is not None and taken != but_id:
        raise SayadTaken(path=path)
