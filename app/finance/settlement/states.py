"""The words of settlement: sides, kinds of matches and payments, how money moves."""

from __future__ import annotations

from enum import StrEnum

from flask_babel import lazy_gettext as _l


class Side(StrEnum):
    """بدهکار، بستانکار: `DEBIT` is what the party owes us, `CREDIT` what we owe the party."""

    DEBIT = "debit"
    CREDIT = "credit"

    @property
    def other(self) -> Side:
        return Side.CREDIT if self is Side.DEBIT else Side.DEBIT

    @property
    def sign(self) -> int:
        """What a rial of this side adds to what the party owes us."""
        return 1 if self is Side.DEBIT else -1


class MatchKind(StrEnum):
    """Settled for good, covered by a cheque that is not cleared yet, or undone by a counter item."""

    SETTLED = "settled"
    COVERED = "covered"
    UNDONE = "undone"


class PaymentKind(StrEnum):
    """دریافت، پرداخت."""

    RECEIPT = "receipt"
    PAYMENT = "payment"

    @property
    def side(self) -> Side:
        """The side of what the money makes: a receipt is to the party's credit."""
        return Side.CREDIT if self is PaymentKind.RECEIPT else Side.DEBIT


class PaymentState(StrEnum):
    """پیش‌نویس، ثبت‌شده، برگشت‌خورده."""

    DRAFT = "draft"
    POSTED = "posted"
    REVERSED = "reversed"


class OpeningState(StrEnum):
    """ثبت‌شده، برگشت‌خورده."""

    BOOKED = "booked"
    UNDONE = "undone"


class Method(StrEnum):
    """How a part of a payment moves; an offset uses what is open already, a write-off is no money."""

    CASH = "cash"
    TRANSFER = "transfer"
    CARD = "card"
    CHEQUE = "cheque"
    BARTER = "barter"
    OFFSET = "offset"
    WRITE_OFF = "write_off"


SIDE_LABELS = {Side.DEBIT: _l("Debtor"), Side.CREDIT: _l("Creditor")}
MATCH_LABELS = {
    MatchKind.SETTLED: _l("Settled"),
    MatchKind.COVERED: _l("Covered by a cheque"),
    MatchKind.UNDONE: _l("Undone"),
}
KIND_LABELS = {PaymentKind.RECEIPT: _l("Receipt"), PaymentKind.PAYMENT: _l("Payment")}
STATE_LABELS = {
    PaymentState.DRAFT: _l("Draft"),
    PaymentState.POSTED: _l("Posted"),
    PaymentState.REVERSED: _l("Reversed"),
}
OPENING_LABELS = {OpeningState.BOOKED: _l("Booked"), OpeningState.UNDONE: _l("Undone")}
METHOD_LABELS = {
    Method.CASH: _l("Cash"),
    Method.TRANSFER: _l("Bank transfer"),
    Method.CARD: _l("Card terminal"),
    Method.CHEQUE: _l("Cheque"),
    Method.BARTER: _l("Barter"),
    Method.OFFSET: _l("Offset"),
    Method.WRITE_OFF: _l("Write-off"),
}
