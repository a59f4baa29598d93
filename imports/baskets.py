"""A dealer's basket from a workbook, read in the limited child as every upload is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from imports.reader.limits import DEFAULT, MB
from imports.reader.read import Sheet, read_workbook

LIMITS = replace(DEFAULT, file_bytes=8 * MB, unpacked_bytes=120 * MB, cpu_seconds=20, wall_seconds=30)
"""A basket is short; who uploads it works outside."""
WITHOUT_VALUE = "="
"""What stands for a formula that was stored without its value; it is no number and is told so."""


def basket_cells(path: Path, name: str, most: int) -> Sequence[Sequence[Any]]:
    """The rows of the first visible sheet that has any, `most` of them; an error of a cell as its text.

    Raises WorkbookRefused.
    """
    book = read_workbook(path, name=name, head=most, limits=LIMITS)
    sheets = [sheet for sheet in book.sheets if sheet.state == "visible" and sheet.rows]
    return _rows(sheets[0], most) if sheets else []


def _rows(sheet: Sheet, most: int) -> list[list[Any]]:
    rows = [sheet.row(place) for place in range(min(sheet.rows, most))]
    told = {**sheet.errors, **dict.fromkeys(sheet.valueless, WITHOUT_VALUE)}
    for (row, column), words in told.items():
        if row < len(rows) and column < len(rows[row]):
            rows[row][column] = words
    return rows
