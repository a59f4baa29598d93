"""What a printed invoice says, as one frozen value between the document and its paper.

The feature that owns the document builds the value; nothing here knows a database, a request or
a template. Figures are rials, computed before; the value only refuses to exist when they do not
add up, so a paper never shows a sum that its rows deny.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _l

from app.core.errors import DomainError
from app.core.money import Unit

FORM_VERSION = 3
"""Raised when the form changes so that papers stored earlier should be made anew."""

_PICTURE = re.compile(r"data:image/(?:png|jpeg|gif);base64,[A-Za-z0-9+/]+={0,2}\Z")


class PrintMismatch(DomainError):
    """Figures of a document do not add up; `path` names where."""

    code = "print_mismatch"
    default_message = _l("The figures of this document do not add up, so it cannot be printed.")


class PictureRefused(DomainError):
    """A picture is not embedded: only PNG, JPEG and GIF data URIs are printed."""

    code = "picture_refused"
    default_message = _l("A picture of this document cannot be printed.")


class NothingToPrint(DomainError):
    """A batch without a document."""

    code = "nothing_to_print"
    default_message = _l("There is nothing to print.")


class DocumentTitle(StrEnum):
    """The kinds of document that the form is printed for."""

    SALES = "sales"
    SALES_RETURN = "sales_return"
    PURCHASE = "purchase"
    PURCHASE_RETURN = "purchase_return"
    PROFORMA = "proforma"
    PURCHASE_PROFORMA = "purchase_proforma"
    SALES_ORDER = "sales_order"
    PURCHASE_ORDER = "purchase_order"
    PRODUCTION_ORDER = "production_order"


class PaymentTerms(StrEnum):
    """The box that is ticked under terms; an unknown one ticks none."""

    CASH = "cash"
    CREDIT = "credit"
    UNKNOWN = "unknown"


class CopyMark(StrEnum):
    """What kind of copy a paper is. Draft and void are written across the page."""

    NONE = "none"
    COPY = "copy"
    BUYER = "buyer"
    SELLER = "seller"
    DRAFT = "draft"
    VOID = "void"


class Relation(StrEnum):
    """How a document stands to another one, whose number follows."""

    RETURN_OF = "return_of"
    VOIDS = "voids"
    VOIDED_BY = "voided_by"


def _check_picture(uri: str | None, path: str) -> None:
    if uri is not None and not _PICTURE.match(uri):
        raise PictureRefused(path=path)


@dataclass(frozen=True, slots=True)
class PartyBlock:
    """Seller or buyer as the form wants them; what is unknown stays empty."""

    name: str = ""
    economic_code: str = ""
    national_id: str = ""
    registration_number: str = ""
    province: str = ""
    city: str = ""
    postal_code: str = ""
    address: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class PrintSums:
    """The summed columns of some lines, rials."""

    gross_rials: int = 0
    discount_rials: int = 0
    net_rials: int = 0
    tax_rials: int = 0
    payable_rials: int = 0

    def __add__(self, other: PrintSums | PrintLine) -> PrintSums:
        return PrintSums(
            gross_rials=self.gross_rials + other.gross_rials,
            discount_rials=self.discount_rials + other.discount_rials,
            net_rials=self.net_rials + other.net_rials,
            tax_rials=self.tax_rials + other.tax_rials,
            payable_rials=self.payable_rials + other.payable_rials,
        )


@dataclass(frozen=True, slots=True)
class PrintLine:
    """One line: the eleven columns of the form but the row number, amounts in rials.

    Raises:
        PrintMismatch: net is not gross less discount, or payable not net plus tax.
    """

    description: str
    quantity: Decimal
    unit_price: Decimal
    gross_rials: int
    discount_rials: int
    net_rials: int
    tax_rials: int
    payable_rials: int
    code: str = ""
    unit: str = ""

    def __post_init__(self) -> None:
        if self.net_rials != self.gross_rials - self.discount_rials:
            raise PrintMismatch(path="net_rials")
        if self.payable_rials != self.net_rials + self.tax_rials:
            raise PrintMismatch(path="payable_rials")


@dataclass(frozen=True, slots=True)
class PrintAdjustment:
    """An addition (positive rials) or deduction (negative) under the sums."""

    label: str
    amount_rials: int


@dataclass(frozen=True, slots=True)
class SignatureSlot:
    """A place for a signature; empty ones are signed by hand. `signed_at` is UTC; `note` says what is amiss."""

    label: str
    name: str = ""
    post: str = ""
    signed_at: datetime | None = None
    image: str | None = None
    note: str = ""

    def __post_init__(self) -> None:
        _check_picture(self.image, "image")


@dataclass(frozen=True, slots=True)
class InvoicePrint:
    """An invoice as it is printed.

    `title` is a kind, or a text of one's own. `stamp` and `logo` are data URIs. `qr` is the text
    that the square carries, with a `check_code` the address of the paper's check. `mark` says in what
    state the paper is, `copy` for whom it is printed.
    `is_bought`: we are the buyer, and `supplier_number` is the seller's own number. What is not
    `is_priced` is a paper for the works, with columns to fill in by hand. `head_text`,
    `bank_accounts` and `foot_text` stand on the company form only.

    Raises:
        PrintMismatch: lines and adjustments do not add up to `payable_rials`.
        PictureRefused: a picture that is not a data URI.
    """

    seller: PartyBlock
    buyer: PartyBlock
    number: str
    issued_on: date | None
    lines: tuple[PrintLine, ...]
    payable_rials: int
    amount_in_words: str = ""
    title: DocumentTitle | str = DocumentTitle.SALES
    serial: str = ""
    adjustments: tuple[PrintAdjustment, ...] = ()
    terms: PaymentTerms = PaymentTerms.UNKNOWN
    due_on: date | None = None
    note: str = ""
    signatures: tuple[SignatureSlot, ...] = ()
    stamp: str | None = None
    logo: str | None = None
    qr: str = ""
    check_code: str = ""
    unit: Unit = Unit.RIAL
    mark: CopyMark = CopyMark.NONE
    copy: CopyMark = CopyMark.NONE
    relations: tuple[tuple[Relation, str], ...] = ()
    is_bought: bool = False
    is_priced: bool = True
    deliver_on: date | None = None
    supplier_number: str = ""
    head_text: str = ""
    bank_accounts: str = ""
    foot_text: str = ""
    sums: PrintSums = field(init=False)

    def __post_init__(self) -> None:
        _check_picture(self.stamp, "stamp")
        _check_picture(self.logo, "logo")
        sums = sum_lines(self.lines)
        if sums.payable_rials + sum(row.amount_rials for row in self.adjustments) != self.payable_rials:
            raise PrintMismatch(path="payable_rials")
        object.__setattr__(self, "sums", sums)


def sum_lines(lines: Iterable[PrintLine]) -> PrintSums:
    """The summed columns of the lines."""
    sums = PrintSums()
    for line in lines:
        sums = sums + line
    return sums


def _plain(value: Any) -> str:
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, date | datetime):
        return value.isoformat()
    raise TypeError(type(value).__name__)


def inputs_hash(value: InvoicePrint, *, form: str = "", locale: str = "fa") -> str:
    """SHA-256 (hex) of all that decides how the paper looks: value, form, language, form version.

    Equal documents give equal hashes on every machine; a paper is stored under it and made once.
    """
    content = {"version": FORM_VERSION, "form": form, "locale": locale, "value": asdict(value)}
    text = json.dumps(content, default=_plain, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()
