"""The cells of a column as they are read: taken from the sheet, put together or apart, exchanged for answers."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from app.core import text
from app.core.raw_cells import as_text
from imports.choice import Answer, Part, Recipe
from imports.layout import Layout
from imports.reader.read import Cell, Sheet
from imports.words import CLOSING, OPENING

COMMA = re.compile(r"\s*[،,]\s*")


def cells_of(sheet: Sheet, layout: Layout, column: int) -> list[Cell]:
    """The cells of the data rows in a sheet column."""
    source, rows = sheet.columns[column], layout.data
    if len(source) < sheet.rows:
        source = source + [None] * (sheet.rows - len(source))
    if len(rows) and int(rows[-1]) - int(rows[0]) + 1 == len(rows):
        return source[int(rows[0]) : int(rows[-1]) + 1]
    return [source[row] for row in rows.tolist()]


def made_of(recipe: Recipe, columns: Sequence[Sequence[Cell]]) -> list[Cell]:
    """The cells that a recipe makes of those of its columns."""
    if recipe.part is Part.JOINED:
        return [" ".join(filter(None, map(_words, row))) or None for row in zip(*columns, strict=True)]
    take = PARTS[recipe.part]
    return [None if value is None else take(_words(value)) or None for value in columns[0]]


def _words(value: Cell) -> str:
    return "" if value is None else text.clean(as_text(value)).strip()


def split_given_first(name: str) -> tuple[str, str]:
    """Given and family name of "given family"; a single word is the family name."""
    words = name.split()
    if len(words) < 2:
        return "", name
    taken = 1
    while taken < len(words) - 1 and text.search_key(words[taken - 1]) in OPENING:
        taken += 1
    while taken < len(words) - 1 and text.search_key(words[taken]) in CLOSING:
        taken += 1
    return " ".join(words[:taken]), " ".join(words[taken:])


def split_family_first(name: str) -> tuple[str, str]:
    """Given and family name of "family, given" or "family given"."""
    parts = COMMA.split(name, maxsplit=1)
    if len(parts) == 2:
        return parts[1], parts[0]
    family, _space, given = name.rpartition(" ")
    return (given, family) if family else ("", name)


PARTS: dict[Part, Callable[[str], str]] = {
    Part.GIVEN: lambda name: split_given_first(name)[0],
    Part.FAMILY: lambda name: split_given_first(name)[1],
    Part.GIVEN_AFTER: lambda name: split_family_first(name)[0],
    Part.FAMILY_BEFORE: lambda name: split_family_first(name)[1],
}


def fold(value: Any) -> str:
    """A cell folded, as answers are kept by."""
    return text.search_key(as_text(value)).replace(" ", "")


def exchange(cells: Sequence[Cell], answers: dict[str, Answer]) -> list[Cell]:
    """The cells with words put in place of words; answers that name records are for the look-up."""
    known: dict[Any, Cell] = {}
    found: list[Cell] = []
    for value in cells:
        if value is None:
            found.append(None)
            continue
        key = (value.__class__, value)
        if key not in known:
            answer = answers.get(fold(value), value)
            known[key] = value if isinstance(answer, dict) else answer  # type: ignore[assignment]
        found.append(known[key])
    return found
