"""The values that go into and come out of a computation of totals, and their limits."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from app.core.money import Rounding

MAX_QUANTITY = 10**12
MAX_QUANTITY_DECIMALS = 3
MAX_PRICE = 10**14
MAX_PRICE_DECIMALS = 4
MAX_TAX_PERCENT = 1000
MAX_PERCENT_DECIMALS = 4
MAX_LINES = 10_000


class Policy(StrEnum):
    """Where the part of a rial goes; `LINE_FLOOR` is what the tax system checks."""

    LINE_FLOOR = "line_floor"
    LINE_HALF_UP = "line_half_up"
    DOCUMENT_HALF_UP = "document_half_up"

    @property
    def rounding(self) -> Rounding:
        """How a single figure of a line is rounded."""
        return Rounding.FLOOR if self is Policy.LINE_FLOOR else Rounding.HALF_UP


class TaxBase(StrEnum):
    """What a tax is a percent of: the line after or before discounts, or after earlier taxes too."""

    NET = "net"
    GROSS = "gross"
    NET_PLUS_PREVIOUS = "net_plus_previous"


class DiscountOf(StrEnum):
    """What a document discount is taken from: before taxes (they fall too) or after them."""

    NET = "net"
    PAYABLE = "payable"


@dataclass(frozen=True, slots=True)
class Discount:
    """A percent (10 means 10 %) or an amount in rials: exactly one of them. `of` counts on a document only."""

    percent: Decimal | None = None
    amount: int | None = None
    of: DiscountOf = DiscountOf.NET


@dataclass(frozen=True, slots=True)
class Tax:
    """A tax or duty of a line, in percent. `included`: the unit price already holds it."""

    name: str
    percent: Decimal
    included: bool = False
    base: TaxBase = TaxBase.NET


@dataclass(frozen=True, slots=True)
class Line:
    """A quantity at a unit price in rials; discounts apply one after the other."""

    quantity: Decimal
    unit_price: Decimal
    discounts: tuple[Discount, ...] = ()
    taxes: tuple[Tax, ...] = ()


@dataclass(frozen=True, slots=True)
class Addition:
    """An amount in rials on the whole document: added (sign 1) or deducted (sign -1).

    A taxed one is taxed as the lines are: each line bears its share in the base of its taxes.
    """

    name: str
    amount: int
    sign: int = 1
    taxed: bool = False


@dataclass(frozen=True, slots=True)
class Document:
    """Everything the figures of a document depend on."""

    lines: tuple[Line, ...]
    policy: Policy = Policy.LINE_FLOOR
    discounts: tuple[Discount, ...] = ()
    additions: tuple[Addition, ...] = ()


@dataclass(frozen=True, slots=True)
class TaxAmount:
    """One tax: the rials it was taken of and the rials it came to."""

    name: str
    base: int
    amount: int


@dataclass(frozen=True, slots=True)
class LineTotals:
    """The figures of a line, in rials: net = gross − discount, payable = net + tax.

    `gross` is without the taxes that the price includes. `discount` holds the line's own
    discounts and `document_discount`, its share of the document's. `payable_discount` (share of
    discounts of the payable) and `rounding` (rials missing to the inclusive price) are not part
    of `payable`; they are in the additions of the document.
    """

    gross: int
    discount: int
    document_discount: int
    net: int
    tax: int
    payable: int
    taxes: tuple[TaxAmount, ...]
    payable_discount: int = 0
    rounding: int = 0


@dataclass(frozen=True, slots=True)
class Totals:
    """The figures of a document, in rials: sums of its lines, payable = net + tax + additions.

    `additions` = additions − deductions − `payable_discount` + `rounding`.
    """

    lines: tuple[LineTotals, ...]
    gross: int
    discount: int
    net: int
    tax: int
    additions: int
    payable: int
    taxes: tuple[TaxAmount, ...]
    payable_discount: int = 0
    rounding: int = 0
