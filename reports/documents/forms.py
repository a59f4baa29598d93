"""The geometry of each paper: page, margins, type, columns. Millimetres and points.

Columns of the official form come in the order of the circular; the first stands
where reading begins, at the right in Persian. Widths of a form add up to its page less margins.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum


class ColumnKey(StrEnum):
    """The columns of the form in their legal order, then those that the works fill in by hand."""

    ROW = "row"
    CODE = "code"
    DESCRIPTION = "description"
    QUANTITY = "quantity"
    UNIT = "unit"
    UNIT_PRICE = "unit_price"
    GROSS = "gross"
    DISCOUNT = "discount"
    NET = "net"
    TAX = "tax"
    PAYABLE = "payable"
    MADE = "made"
    WASTE = "waste"


BY_HAND = (ColumnKey.MADE, ColumnKey.WASTE)
LEGAL = tuple(key for key in ColumnKey if key not in BY_HAND)
"""The eleven columns of the circular."""
UNPRICED = (ColumnKey.ROW, ColumnKey.CODE, ColumnKey.DESCRIPTION, ColumnKey.QUANTITY, ColumnKey.UNIT)
SUMMED = (ColumnKey.GROSS, ColumnKey.DISCOUNT, ColumnKey.NET, ColumnKey.TAX, ColumnKey.PAYABLE)
WRAPPED = (ColumnKey.CODE, ColumnKey.DESCRIPTION, ColumnKey.UNIT)


class PaperForm(StrEnum):
    """The papers an invoice can be printed on: the official form, and the company's own."""

    A4_LANDSCAPE = "a4_landscape"
    A4_PORTRAIT = "a4_portrait"
    A5_LANDSCAPE = "a5_landscape"
    A5_PORTRAIT = "a5_portrait"
    COMPANY_A4_LANDSCAPE = "company_a4_landscape"
    COMPANY_A4_PORTRAIT = "company_a4_portrait"
    COMPANY_A5_LANDSCAPE = "company_a5_landscape"
    COMPANY_A5_PORTRAIT = "company_a5_portrait"


PartyField = tuple[str, float]
"""A field of the party block and its share of the row."""


@dataclass(frozen=True, slots=True)
class Form:
    """One paper.

    `leading_mm` is the height of a line of text, `pad_mm` the room over and under it in a cell
    (the dense ones where that saves a page), `side_pad_mm` beside it; `side_mm` is the width of
    the band that names a party. The company form has the company itself in its head, on `head_share`
    of the width, and below only the other party.
    """

    name: PaperForm
    width_mm: float
    height_mm: float
    margin_mm: float
    points: float
    leading_mm: float
    pad_mm: float
    dense_leading_mm: float
    dense_pad_mm: float
    columns: tuple[tuple[ColumnKey, float], ...]
    party_rows: tuple[tuple[PartyField, ...], ...]
    title_points: float = 14
    side_mm: float = 20
    side_pad_mm: float = 1.1
    border_mm: float = 0.27
    head_mm: float = 15
    small_head_mm: float = 8
    foot_mm: float = 5
    signature_mm: float = 25
    gap_mm: float = 1.6
    words_share: float = 0.64
    reserve_mm: float = 2.0
    is_company: bool = False
    head_share: float = 0.36
    width_mm_of: dict[ColumnKey, float] = field(init=False, repr=False, compare=False, hash=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "width_mm_of", dict(self.columns))

    def dense(self) -> Form:
        """The same paper with its rows closer together."""
        return replace(self, leading_mm=self.dense_leading_mm, pad_mm=self.dense_pad_mm)

    def unpriced(self) -> Form:
        """The same paper without prices and sums, and with rows and columns wide enough to write in by hand."""
        blank = self.width_mm_of[ColumnKey.UNIT_PRICE]
        kept = [(key, wide) for key, wide in self.columns if key in UNPRICED]
        rest = self.inner_width_mm - sum(wide for _, wide in kept) - len(BY_HAND) * blank
        widened = [(key, wide + rest if key is ColumnKey.DESCRIPTION else wide) for key, wide in kept]
        by_hand = [(key, blank) for key in BY_HAND]
        return replace(self, columns=(*widened, *by_hand), pad_mm=2 * self.pad_mm, dense_pad_mm=2 * self.dense_pad_mm)

    @property
    def has_sums(self) -> bool:
        """Whether the paper has columns of money."""
        return any(key in SUMMED for key, _ in self.columns)

    @property
    def inner_width_mm(self) -> float:
        return self.width_mm - 2 * self.margin_mm

    @property
    def inner_height_mm(self) -> float:
        return self.height_mm - 2 * self.margin_mm

    @property
    def body_height_mm(self) -> float:
        """What blocks may fill: the page less margins, page line and a reserve for rounding."""
        return self.inner_height_mm - self.foot_mm - self.reserve_mm


_WIDE_PARTY: tuple[tuple[PartyField, ...], ...] = (
    (("name", 0.37), ("economic_code", 0.21), ("national_id", 0.22), ("registration_number", 0.20)),
    (("province", 0.13), ("city", 0.12), ("postal_code", 0.19), ("address", 0.36), ("phone", 0.20)),
)
_NARROW_PARTY: tuple[tuple[PartyField, ...], ...] = (
    (("name", 0.64), ("economic_code", 0.36)),
    (("national_id", 0.34), ("registration_number", 0.26), ("phone", 0.40)),
    (("province", 0.34), ("city", 0.30), ("postal_code", 0.36)),
    (("address", 1.0),),
)
_SMALL_PARTY: tuple[tuple[PartyField, ...], ...] = (
    (("name", 1.0),),
    (("economic_code", 0.5), ("national_id", 0.5)),
    (("postal_code", 0.5), ("phone", 0.5)),
    (("address", 1.0),),
)


def _columns(*widths: float, only: tuple[ColumnKey, ...] = LEGAL) -> tuple[tuple[ColumnKey, float], ...]:
    return tuple(zip(only, widths, strict=True))


_NARROW = _columns(7, 14, 38.5, 11, 12.5, 18.5, 20.5, 16.5, 20.5, 16.5, 20.5)
_COMPACT = (
    ColumnKey.ROW,
    ColumnKey.DESCRIPTION,
    ColumnKey.QUANTITY,
    ColumnKey.UNIT,
    ColumnKey.UNIT_PRICE,
    ColumnKey.DISCOUNT,
    ColumnKey.TAX,
    ColumnKey.PAYABLE,
)

_SIMPLE = (ColumnKey.ROW, ColumnKey.CODE, *_COMPACT[1:])
_OTHER_PARTY: tuple[tuple[PartyField, ...], ...] = (
    (("name", 0.42), ("national_id", 0.28), ("phone", 0.30)),
    (("address", 0.72), ("postal_code", 0.28)),
)

FORMS: dict[PaperForm, Form] = {
    form.name: form
    for form in (
        Form(
            name=PaperForm.A4_LANDSCAPE,
            width_mm=297, height_mm=210, margin_mm=7,
            points=8, leading_mm=3.7, pad_mm=0.85, dense_leading_mm=3.52, dense_pad_mm=0.38,
            columns=_columns(9, 21, 69, 14, 15, 25, 28, 22, 28, 24, 28),
            party_rows=_WIDE_PARTY, head_mm=13, signature_mm=22,
        ),
        Form(
            name=PaperForm.A4_PORTRAIT,
            width_mm=210, height_mm=297, margin_mm=7,
            points=6.8, leading_mm=3.4, pad_mm=0.9, dense_leading_mm=3.2, dense_pad_mm=0.5,
            columns=_NARROW, party_rows=_NARROW_PARTY,
            title_points=12.5, side_mm=15, side_pad_mm=0.8, words_share=1.0,
        ),
        Form(
            name=PaperForm.A5_LANDSCAPE,
            width_mm=210, height_mm=148, margin_mm=7,
            points=6.4, leading_mm=3.1, pad_mm=0.5, dense_leading_mm=2.9, dense_pad_mm=0.3,
            columns=_NARROW, party_rows=_WIDE_PARTY,
            title_points=10.5, side_mm=15, side_pad_mm=0.7, head_mm=10.5, small_head_mm=6, foot_mm=4,
            signature_mm=17, gap_mm=1.1,
        ),
        Form(
            name=PaperForm.A5_PORTRAIT,
            width_mm=148, height_mm=210, margin_mm=6,
            points=6.4, leading_mm=3.1, pad_mm=0.7, dense_leading_mm=2.9, dense_pad_mm=0.35,
            columns=_columns(7.5, 40, 11, 12, 17.5, 13.5, 14, 20.5, only=_COMPACT), party_rows=_SMALL_PARTY,
            title_points=10, side_mm=14, side_pad_mm=0.7, head_mm=14, small_head_mm=6, foot_mm=4,
            signature_mm=19, gap_mm=1.2, words_share=1.0,
        ),
        Form(
            name=PaperForm.COMPANY_A4_LANDSCAPE, is_company=True,
            width_mm=297, height_mm=210, margin_mm=10,
            points=9, leading_mm=4.1, pad_mm=1.0, dense_leading_mm=3.8, dense_pad_mm=0.5,
            columns=_columns(10, 24, 95, 17, 18, 32, 25, 26, 30, only=_SIMPLE),
            party_rows=_OTHER_PARTY, title_points=15, head_mm=24, signature_mm=20,
        ),
        Form(
            name=PaperForm.COMPANY_A4_PORTRAIT, is_company=True,
            width_mm=210, height_mm=297, margin_mm=10,
            points=8, leading_mm=3.8, pad_mm=1.0, dense_leading_mm=3.5, dense_pad_mm=0.5,
            columns=_columns(8, 17, 56, 13, 15, 23, 17, 18, 23, only=_SIMPLE),
            party_rows=_OTHER_PARTY,
            title_points=13, side_mm=16, side_pad_mm=0.9, head_mm=25, signature_mm=22, words_share=1.0,
        ),
        Form(
            name=PaperForm.COMPANY_A5_LANDSCAPE, is_company=True,
            width_mm=210, height_mm=148, margin_mm=7,
            points=7, leading_mm=3.3, pad_mm=0.6, dense_leading_mm=3.0, dense_pad_mm=0.3,
            columns=_columns(8, 18, 61, 13, 14, 23, 17, 18, 24, only=_SIMPLE),
            party_rows=_OTHER_PARTY,
            title_points=11, side_mm=15, side_pad_mm=0.8, head_mm=17, small_head_mm=6, foot_mm=4,
            signature_mm=16, gap_mm=1.1,
        ),
        Form(
            name=PaperForm.COMPANY_A5_PORTRAIT, is_company=True,
            width_mm=148, height_mm=210, margin_mm=6,
            points=6.6, leading_mm=3.2, pad_mm=0.7, dense_leading_mm=2.9, dense_pad_mm=0.35,
            columns=_columns(7.5, 40, 11, 12, 17.5, 13.5, 14, 20.5, only=_COMPACT), party_rows=_SMALL_PARTY,
            title_points=10, side_mm=13, side_pad_mm=0.7, head_mm=19, small_head_mm=6, foot_mm=4,
            signature_mm=17, gap_mm=1.2, words_share=1.0,
        ),
    )
}  # fmt: skip
