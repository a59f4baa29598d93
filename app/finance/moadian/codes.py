"""The tax system's own codes, and the states of a document on its way there.

Source: IRAN.md, "Tax system"; the published instruction on issuing electronic invoices.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _l


class InvoiceType(StrEnum):
    """نوع صورتحساب (`inty`): how much it says of the buyer."""

    FIRST = "1"
    SECOND = "2"
    THIRD = "3"

    @property
    def label(self) -> Any:
        return {
            "1": _l("Type 1: buyer in full"),
            "2": _l("Type 2: buyer optional"),
            "3": _l("Type 3: receipt of a payment terminal"),
        }[self.value]


class Pattern(StrEnum):
    """الگوی صورتحساب (`inp`): what kind of trade it is."""

    SALE = "1"
    CURRENCY = "2"
    GOLD = "3"
    CONTRACT = "4"
    UTILITY = "5"
    TICKET = "6"
    EXPORT = "7"

    @property
    def label(self) -> Any:
        return {
            "1": _l("Pattern 1: sale"),
            "2": _l("Pattern 2: sale of currency"),
            "3": _l("Pattern 3: gold and jewellery"),
            "4": _l("Pattern 4: contract"),
            "5": _l("Pattern 5: utility bill"),
            "6": _l("Pattern 6: air ticket"),
            "7": _l("Pattern 7: export"),
        }[self.value]


class Subject(StrEnum):
    """موضوع صورتحساب (`ins`): a trade, or a later word on one that is known there."""

    ORIGINAL = "1"
    AMEND = "2"
    VOID = "3"
    RETURN = "4"

    @property
    def label(self) -> Any:
        return {"1": _l("Original document"), "2": _l("Amendment"), "3": _l("Voiding"), "4": _l("Return of sale")}[
            self.value
        ]


class BuyerKind(StrEnum):
    """نوع شخص خریدار (`tob`)."""

    NATURAL = "1"
    LEGAL = "2"
    PARTNERSHIP = "3"
    FOREIGN = "4"


class Settlement(StrEnum):
    """روش تسویه (`setm`)."""

    CASH = "1"
    CREDIT = "2"
    BOTH = "3"


class PaymentMethod(StrEnum):
    """روش پرداخت (`pmt`)."""

    CHEQUE = "1"
    BARTER = "2"
    CASH = "3"
    TERMINAL = "4"
    ONLINE = "5"
    CARD_TO_CARD = "6"
    TRANSFER = "7"
    OTHER = "8"


class Column(StrEnum):
    """Where a tax of a line stands: VAT (`vam`), other duty (`odam`), other legal charge (`olam`)."""

    VAT = "vat"
    DUTY = "duty"
    CHARGE = "charge"


def column_of(name: str) -> Column:
    """The column of a tax by its name in a document; what is neither VAT nor a duty is a legal charge."""
    folded = name.strip().casefold()
    return {"vat": Column.VAT, "duty": Column.DUTY}.get(folded, Column.CHARGE)


class DocumentState(StrEnum):
    """آماده، فایل‌شده، ارسال‌شده، پذیرفته، ردشده."""

    READY = "ready"
    WRITTEN = "written"
    SENT = "sent"
    ACCEPTED = "accepted"
    REJECTED = "rejected"

    @property
    def label(self) -> Any:
        return STATE_LABELS[self]

    @property
    def tone(self) -> str:
        return {"accepted": "ok", "rejected": "bad", "sent": "info", "written": "info"}.get(self.value, "muted")


STATE_LABELS = {
    DocumentState.READY: _l("Ready to send"),
    DocumentState.WRITTEN: _l("File written"),
    DocumentState.SENT: _l("Sent"),
    DocumentState.ACCEPTED: _l("Accepted by the tax system"),
    DocumentState.REJECTED: _l("Refused by the tax system"),
}
