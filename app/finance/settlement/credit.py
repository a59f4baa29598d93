"""What settlement counts against a customer's credit: the balance, and cheques that have not cleared."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from app.core.db import db
from app.core.scope import unscoped
from app.crm.customers import credit
from app.finance.cheques.models import Cheque
from app.finance.cheques.states import ChequeState, Direction
from app.finance.settlement.queries import balance_of

WAITING = (ChequeState.IN_HAND, ChequeState.DEPOSITED, ChequeState.ENDORSED)


def uncleared_cheques(customer_id: int) -> int:
    """Rials of a customer's cheques that are not cleared yet, those passed on too."""
    query = select(func.sum(Cheque.amount_rials)).where(
        Cheque.customer_id == customer_id, Cheque.direction == Direction.RECEIVED, Cheque.state.in_(WAITING)
    )
    return int(db.session.scalar(query) or 0)


def install() -> None:
    """Count both against every customer's credit."""
    credit.register("balance", _l("Balance"), _everywhere(balance_of))
    credit.register("uncleared_cheques", _l("Uncleared cheques"), _everywhere(uncleared_cheques))


def _everywhere(exposure: credit.Exposure) -> credit.Exposure:
    def asked(customer_id: int) -> int:
        with unscoped("a customer's credit is one in the whole company"):
            return exposure(customer_id)

    return asked
