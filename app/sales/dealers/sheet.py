"""The basket as a workbook: a list of the catalogue to fill in, and a filled one read as rows.

How a workbook's cells are read is said by a layer above (`register_reader`).
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import xlsxwriter
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.core.clock import today
from app.core.db import db
from app.core.errors import DomainError
from app.core.formats import lang
from app.core.raw_cells import EXACT_DIGITS, as_text
from app.core.sheets import header_key
from app.crm.customers.models import Customer
from app.sales.catalog.models import Product
from app.sales.dealers.baskets import WantedRow, code_of
from app.sales.dealers.prices import own_prices

Cells = Sequence[Sequence[Any]]
Reader = Callable[[Path, str, int], Cells]
"""The rows of the first sheet that has any: of a file, its name as the person knows it, so many at most."""
_readers: list[Reader] = []
MOST_ROWS = 3_000
HEAD_WITHIN = 20
"""Rows in which the heads of the columns are looked for."""
CODE = frozenset(map(header_key, ("code", "product code", "item code", "barcode", "کد", "کد کالا", "بارکد")))
QUANTITY = frozenset(map(header_key, ("quantity", "qty", "count", "amount", "مقدار", "تعداد", "تعداد/مقدار")))
WIDTHS = (18, 44, 14, 18, 14)


class NoColumns(DomainError):
    """The workbook does not say which column is what."""

    code = "no_columns"
    default_message = _l(
        "No columns with the heads “Code” and “Quantity” were found. Download the list, fill it in and upload it."
    )


class NoRows(DomainError):
    """Nothing is wanted."""

    code = "no_rows"
    default_message = _l("No row of the workbook has a quantity.")


class TooManyRows(DomainError):
    """The workbook is longer than any basket."""

    code = "too_many_rows"
    default_message = _l("The workbook has more than %(most)d rows. Delete those without a quantity.", most=MOST_ROWS)


class NothingReads(DomainError):
    """This installation reads no workbooks."""

    code = "no_reader"
    default_message = _l("Workbooks cannot be read here.")


def register_reader(reader: Reader) -> None:
    """Say how workbooks are read; safe to repeat."""
    _readers[:] = [reader]


def wanted_rows(path: Path, name: str) -> list[WantedRow]:
    """Every row with a quantity; a row without a code has an empty one.

    Raises NoColumns, NoRows, TooManyRows, and whatever the reader refuses a file with.
    """
    if not _readers:
        raise NothingReads
    cells = _readers[0](path, name, MOST_ROWS + HEAD_WITHIN + 1)
    first, code, quantity = _columns(cells)
    if len(cells) - first > MOST_ROWS:
        raise TooManyRows
    found = []
    for place, row in enumerate(cells[first:], start=first + 1):
        typed = as_text(_at(row, quantity)).strip()
        if typed:
            found.append(WantedRow(code_of(as_text(_at(row, code))), typed, place))
    if not found:
        raise NoRows
    return found


def template(dealer: Customer) -> bytes:
    """The catalogue with the dealer's prices and an empty column of quantities; 3,000 products at the most."""
    query = select(Product).where(Product.is_active).order_by(Product.name_sort, Product.id).limit(MOST_ROWS)
    products = db.session.scalars(query.options(joinedload(Product.unit))).all()
    prices = own_prices(products, dealer.id, today())
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as file:
        sheet = file.add_worksheet(_("Basket")[:31])
        if lang() == "fa":
            sheet.right_to_left()
        bold = file.add_format({"bold": True, "bg_color": "#E8EEEC", "border": 1})
        number = file.add_format({"num_format": "#,##0"})
        heads = (_("Code"), _("Name"), _("Unit"), _("Price (rials)"), _("Quantity"))
        for at, (head, width) in enumerate(zip(heads, WIDTHS, strict=True)):
            sheet.set_column(at, at, width)
            sheet.write_string(0, at, head, bold)
        sheet.freeze_panes(1, 0)
        for at, product in enumerate((one for one in products if one.id in prices), start=1):
            for place, words in enumerate((product.code, product.name, product.unit.name)):
                sheet.write_string(at, place, words)
            _price(sheet, at, int(prices[product.id].rials), number)
    return out.getvalue()


def _price(sheet: Any, row: int, rials: int, look: Any) -> None:
    if len(str(rials)) <= EXACT_DIGITS:
        sheet.write_number(row, 3, rials, look)
    else:
        sheet.write_string(row, 3, f"{rials:,}", look)


def _columns(cells: Cells) -> tuple[int, int, int]:
    """The first row below the heads, and the places of code and quantity. Raises NoColumns."""
    for at, row in enumerate(cells[:HEAD_WITHIN]):
        keys = [header_key(cell) if isinstance(cell, str) else "" for cell in row]
        code = next((place for place, key in enumerate(keys) if key in CODE), None)
        quantity = next((place for place, key in enumerate(keys) if key in QUANTITY), None)
        if code is not None and quantity is not None:
            return at + 1, code, quantity
    raise NoColumns


def _at(row: Sequence[Any], place: int) -> Any:
    return row[place] if place < len(row) else None
