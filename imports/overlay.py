"""Corrections laid over a sheet: what a person typed stands for the cell, the file stays as it was."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from imports.reader.read import Sheet

Corrections = dict[tuple[int, int], str]
"""Texts by (row, column) of the sheet, from 0. An empty text empties the cell."""

Stored = Any
"""A cell as JSON: itself, or a list that begins with its kind (see `stored`)."""


def overlay(sheet: Sheet, corrections: Corrections) -> dict[tuple[int, int], Stored]:
    """Put corrections into a sheet; answers what stood there, as `stored` writes it."""
    originals = {}
    for (row, column), text in corrections.items():
        if column >= len(sheet.columns):
            continue
        originals[(row, column)] = stored(sheet, row, column)
        if sheet.errors.pop((row, column), None) is not None:
            sheet.error_count -= 1
        if (row, column) in sheet.valueless:
            sheet.valueless.discard((row, column))
            sheet.valueless_count -= 1
        values = sheet.columns[column]
        values.extend([None] * (row + 1 - len(values)))
        values[row] = text or None
    return originals


def stored(sheet: Sheet, row: int, column: int) -> Stored:
    """A cell as JSON: dates are ["d", ISO] or ["t", ISO], errors ["e", text], formulas without value ["f"]."""
    values = sheet.columns[column]
    value = values[row] if row < len(values) else None
    if value is None:
        error = sheet.errors.get((row, column))
        if error is not None:
            return ["e", error]
        return ["f"] if (row, column) in sheet.valueless else None
    if isinstance(value, datetime):
        return ["t", value.isoformat()]
    return ["d", value.isoformat()] if isinstance(value, date) else value


def put(sheet: Sheet, row: int, column: int, cell: Stored) -> None:
    """The other way: a stored cell into a sheet whose columns are long enough."""
    if not isinstance(cell, list):
        sheet.columns[column][row] = cell
    elif cell[0] == "e":
        sheet.errors[(row, column)] = cell[1]
        sheet.error_count += 1
    elif cell[0] == "f":
        sheet.valueless.add((row, column))
        sheet.valueless_count += 1
    elif cell[0] == "c":
        sheet.columns[column][row] = cell[1] or None
    else:
        kind = datetime if cell[0] == "t" else date
        sheet.columns[column][row] = kind.fromisoformat(cell[1])
