"""An invoice as the tax system sees it: frozen values between the invoice, the pre-flight check and the payload."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import ROUND_CEILING, Decimal

from app.core.clock import TEHRAN
from app.core.money import Rounding, multiply, percent_of
from app.core.totals import Policy
from app.finance.moadian.codes import BuyerKind, Column, InvoiceType, Pattern, PaymentMethod, Settlement

_FEE_STEP = Decimal("0.00000001")


@dataclass(frozen=True, slots=True)
class Seller:
    """Who issues: the memory (حافظه مالیاتی), the economic code, the code of the branch where there is one."""

    memory_id: str
    economic_code: str
    branch_code: str = ""


@dataclass(frozen=True, slots=True)
class Buyer:
    """The buyer as far as it is known; `kind` is None for one of whom nothing is said."""

    kind: BuyerKind | None = None
    national_id: str = ""
    economic_code: str = ""
    postal_code: str = ""
    branch_code: str = ""
    passport_no: str = ""


@dataclass(frozen=True, slots=True)
class Charge:
    """A tax or duty of an item: percent (10 means 10 %) and rials. `is_plain`: taken of the net."""

    column: Column
    name: str
    percent: Decimal
    amount: int
    is_plain: bool = True


@dataclass(frozen=True, slots=True)
class Item:
    """A line: `gross` before and `net` after discounts, in rials, without taxes."""

    place: int
    goods_code: str
    description: str
    unit_code: str
    quantity: Decimal
    unit_price: Decimal
    gross: int
    net: int
    charges: tuple[Charge, ...] = ()

    @property
    def discount(self) -> int:
        return self.gross - self.net

    @property
    def total(self) -> int:
        """Net and all taxes (`tsstam`)."""
        return self.net + sum(charge.amount for charge in self.charges)

    @property
    def fee(self) -> Decimal:
        """The unit price by which quantity × price is the gross, to eight decimals.

        Of a price that includes taxes, and of what a return leaves, it is worked out from the gross.
        """
        if multiply(self.quantity, price=self.unit_price, rounding=Rounding.FLOOR) == self.gross:
            return self.unit_price
        return (self.gross / self.quantity).quantize(_FEE_STEP, ROUND_CEILING)

    def of(self, column: Column) -> Charge | None:
        """The charge that stands in a column; the tax system has one of each."""
        return next((charge for charge in self.charges if charge.column is column), None)


@dataclass(frozen=True, slots=True)
class Payment:
    """A payment as the tax system wants it told; `at` is when it was made."""

    method: PaymentMethod
    rials: int
    at: datetime
    switch_no: str = ""
    acceptor_no: str = ""
    terminal_no: str = ""
    tracking_no: str = ""
    card_no: str = ""
    payer_id: str = ""


@dataclass(frozen=True, slots=True)
class Paper:
    """A whole invoice. `at` is the one instant of issue: day of the tax ID and `indatim` come from it.

    `payable` is what the invoice says; where the items sum to something else, the rest has no place
    in the tax system.
    """

    type: InvoiceType
    pattern: Pattern
    at: datetime
    seller: Seller
    buyer: Buyer
    items: tuple[Item, ...]
    settlement: Settlement
    payable: int
    policy: Policy = Policy.LINE_FLOOR
    cash: int | None = None
    payments: tuple[Payment, ...] = ()

    @property
    def on(self) -> date:
        """The day of issue in Tehran."""
        return self.at.astimezone(TEHRAN).date()

    @property
    def total(self) -> int:
        return sum(item.total for item in self.items)


def floored(net: int, percent: Decimal) -> int:
    """What the tax system works out for a tax of a line: the part of a rial falls away."""
    return percent_of(net, percent=percent, rounding=Rounding.FLOOR)


def remaining(item: Item, *, quantity: Decimal, gross: int, net: int) -> Item:
    """A sold item with what is left of it after its returns, in the money of the books.

    The taxes are floored anew, since the tax system works them out of the net and refuses a rial more.
    """
    charges = tuple(replace(charge, amount=floored(net, charge.percent)) for charge in item.charges)
    return replace(item, quantity=quantity, gross=gross, net=net, charges=charges)
