"""What is done with cheques: put one into the register, refuse a Sayad number twice."""

from __future__ import annotations

from collections.abc import Iterable

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.core.actor import Actor
from app.core.clock import today
from app.core.db import db
from app.core.errors import DomainError
from app.core.references import chunks, one_of
from app.core.scope import unscoped
from app.crm.customers.models import Customer
from app.finance.cheques.entry import ChequeEntry
from app.finance.cheques.models import Cheque
from app.finance.cheques.states import ChequeState, Direction
from app.finance.cheques.workflow import CHEQUE_FLOW


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


def take_over(cheque: Cheque) -> None:
    """A filled cheque of before the books put into the register: in our hand, ours with its payee.

    No receipt stands behind it: its party's balance says nothing of it until it comes to nothing.
    Raises SayadTaken. Flushes.
    """
    refuse_taken(cheque.sayad_id, direction=cheque.direction, path="sayad_id")
    cheque.state_on, cheque.note = today(), cheque.note or ""
    if not cheque.owner_name and cheque.direction is Direction.RECEIVED:
        cheque.owner_name = db.session.get_one(Customer, cheque.customer_id).name
    db.session.add(cheque)
    db.session.flush()
    if cheque.direction is Direction.ISSUED:
        CHEQUE_FLOW.apply(cheque, "give", actor=Actor.system("cheques"), before_books=True)


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


def holders_of(sayad_ids: Iterable[str]) -> dict[tuple[Direction, str], int]:
    """The ids of the cheques of the whole company that stand in the register with these Sayad numbers."""
    found: dict[tuple[Direction, str], int] = {}
    query = select(Cheque.direction, Cheque.sayad_id, Cheque.id).where(Cheque.state != ChequeState.RETURNED)
    with unscoped("a Sayad number is unique in the whole company"):
        for part in chunks(sorted(sayad_ids)):
            for direction, sayad_id, key in db.session.execute(query.where(one_of(Cheque.sayad_id, part))):
                found[(direction, sayad_id or "")] = key
    return found
