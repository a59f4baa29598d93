"""What the company allows a cashier, and what follows from the kind of a payment."""

from __future__ import annotations

from collections.abc import Iterable

from flask_babel import lazy_gettext as _l

from app.core.actor import require_current
from app.core.db import db
from app.core.errors import DomainError
from app.finance.cheques.states import Direction
from app.finance.settlement.models import SUBJECT, SettlementRules
from app.finance.settlement.states import Method, PaymentKind

DEFAULT_WRITE_OFF_LIMIT = 100_000
"""Rials, until the company says otherwise: what roundings leave over."""


class WriteOffTooLarge(DomainError):
    """More is written off than the company allows."""

    code = "write_off_limit"


def direction_of(kind: PaymentKind) -> Direction:
    """Whose cheques a kind of payment brings into the register."""
    return Direction.RECEIVED if kind is PaymentKind.RECEIPT else Direction.ISSUED


def written_off(lines: Iterable[tuple[Method, int]]) -> int:
    """The rials of a document that are no money but written off."""
    return sum(amount for method, amount in lines if method is Method.WRITE_OFF)


def check_write_off(amount: int) -> None:
    """Raises NotAllowed without the right to write off, WriteOffTooLarge above the company's limit."""
    if not amount:
        return
    require_current().require("write_off", SUBJECT)
    limit = write_off_limit()
    if amount > limit:
        raise WriteOffTooLarge(
            _l("At most %(limit)s rials may be written off in one document.", limit=f"{limit:,}"), path="lines"
        )


def write_off_limit() -> int:
    """Rials that one document may write off."""
    rules = db.session.get(SettlementRules, 1)
    return DEFAULT_WRITE_OFF_LIMIT if rules is None else rules.write_off_limit_rials
