"""What a cheque can be, and in which of its states it may still be cashed."""

from __future__ import annotations

from enum import StrEnum

from flask_babel import lazy_gettext as _l


class Direction(StrEnum):
    """دریافتی، پرداختی."""

    RECEIVED = "received"
    ISSUED = "issued"


class ChequeState(StrEnum):
    """نزد ما، در جریان وصول، وصول‌شده، برگشتی، عودت‌شده، خرج‌شده، نزد گیرنده."""

    IN_HAND = "in_hand"
    DEPOSITED = "deposited"
    ENDORSED = "endorsed"
    GIVEN = "given"
    CLEARED = "cleared"
    BOUNCED = "bounced"
    RETURNED = "returned"


DIRECTION_LABELS = {Direction.RECEIVED: _l("Received"), Direction.ISSUED: _l("Issued by us")}
STATE_LABELS = {
    ChequeState.IN_HAND: _l("In hand"),
    ChequeState.DEPOSITED: _l("Deposited"),
    ChequeState.ENDORSED: _l("Endorsed"),
    ChequeState.GIVEN: _l("With the payee"),
    ChequeState.CLEARED: _l("Cleared"),
    ChequeState.BOUNCED: _l("Bounced"),
    ChequeState.RETURNED: _l("Given back"),
}
STATE_TONES = {
    ChequeState.IN_HAND: "info",
    ChequeState.DEPOSITED: "warn",
    ChequeState.ENDORSED: "warn",
    ChequeState.GIVEN: "warn",
    ChequeState.CLEARED: "ok",
    ChequeState.BOUNCED: "bad",
    ChequeState.RETURNED: "muted",
}
UNCLEARED = frozenset({ChequeState.IN_HAND, ChequeState.DEPOSITED, ChequeState.ENDORSED, ChequeState.GIVEN})
"""The states in which a cheque covers what it was given for, and does not pay it yet."""
