"""What the template prints: pages of rows and blocks whose heights are known.

Pure values without rules; `layout` makes them and the template only walks over them.
"""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of the table: its lines, how many columns it covers, its look and size of type."""

    lines: tuple[Markup, ...]
    css: str = ""
    span: int = 1
    points: float | None = None


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row of the table and its height without borders."""

    cells: tuple[Cell, ...]
    height_mm: float
    css: str = ""


@dataclass(frozen=True, slots=True)
class FieldCell:
    """A label and its value side by side; widths in millimetres."""

    label: str
    label_mm: float
    value_mm: float
    lines: tuple[Markup, ...]
    css: str = ""
    points: float | None = None


@dataclass(frozen=True, slots=True)
class FieldRow:
    """Labels and values in one row over the whole width of their block."""

    cells: tuple[FieldCell, ...]
    height_mm: float


@dataclass(frozen=True, slots=True)
class Party:
    """Seller or buyer: the word in the band at the side and the rows beside it."""

    side: tuple[Markup, ...]
    rows: tuple[FieldRow, ...]
    height_mm: float


@dataclass(frozen=True, slots=True)
class Signature:
    """A box to sign in."""

    label: str
    lines: tuple[Markup, ...] = ()
    image: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """One page: rows of the table (none on a page of closing blocks only), then what closes it."""

    number: int
    rows: tuple[TableRow, ...]
    fields: tuple[FieldRow, ...] = ()
    signs: bool = False


@dataclass(frozen=True, slots=True)
class Paper:
    """A whole document, cut into pages; `pad_mm` is the room over a line in its fields.

    `company` are name and head text of the company form, empty on the official one.
    """

    dense: bool
    pad_mm: float
    title: str
    title_points: float
    currency_note: str
    seller_name: Markup
    reference: tuple[tuple[str, str], ...]
    short_reference: tuple[tuple[str, str], ...]
    small_points: float
    parties: tuple[Party, ...]
    head: TableRow
    pages: tuple[Page, ...]
    signatures: tuple[Signature, ...]
    logo: str | None
    qr: str | None
    qr_label: str
    mark: str
    watermark: str
    relation: tuple[Markup, ...]
    company: tuple[tuple[Markup, ...], tuple[Markup, ...]]
    page_lines: tuple[str, ...]
