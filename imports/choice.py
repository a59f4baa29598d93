"""What a person (or a program) chose for a file: columns, constants, values, keys."""

from __future__ import annotations

from collections.abc import Mapping as Map
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from imports.layout import Hidden

Answer = str | Map[str, Any] | None
"""What stands for a value of the sheet: other words, {"id": n} for a stored record, {"create": kind}
for a new one of that kind ("" for the plain one), None to leave the cell blank."""

Key = tuple[str, ...]


class Part(StrEnum):
    """How a cell becomes from other cells of its row."""

    JOINED = "joined"  # the filled cells, with a space between
    GIVEN = "given"  # the given name of "given family"
    FAMILY = "family"  # the family name of "given family"
    GIVEN_AFTER = "given_after"  # the given name of "family given"
    FAMILY_BEFORE = "family_before"  # the family name of "family given"


@dataclass(frozen=True, slots=True)
class Recipe:
    """A value made of cells of its row: of sheet columns (from 0) in this order."""

    columns: tuple[int, ...]
    part: Part = Part.JOINED


@dataclass(frozen=True, slots=True)
class Choice:
    """What was chosen for a file; whatever is None is found by words.

    `sources` maps spec columns to sheet columns and leaves out all others. `constants` are words
    that stand in every row for a column the sheet does not have, {"id": n} for a record. `values`
    holds answers by column and folded words, `create` the columns whose unknown values become new
    records. `keys` are the keys of the spec by which rows are matched. Programs that do not know
    places name headers: `columns` and `parts` by spec column, `ignore` those to leave out.
    `clear` are the columns whose blank cells clear what is stored; all others leave it alone.
    """

    sheet: str | None = None
    header_row: int | None = None  # from 0
    hidden: Hidden = Hidden.INCLUDE
    sources: dict[str, int] | None = None
    units: dict[str, str] = field(default_factory=dict)
    recipes: dict[str, Recipe] = field(default_factory=dict)
    constants: dict[str, Answer] = field(default_factory=dict)
    values: dict[str, dict[str, Answer]] = field(default_factory=dict)
    create: dict[str, str] = field(default_factory=dict)
    keys: tuple[Key, ...] | None = None
    clear: tuple[str, ...] = ()
    columns: dict[str, str] = field(default_factory=dict)
    ignore: tuple[str, ...] = ()
    parts: dict[str, tuple[tuple[str, ...], Part]] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The form in which a batch keeps it."""
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Map[str, Any]) -> Choice:
        """From what a batch keeps, whichever version kept it."""
        keys = stored.get("keys")
        return cls(
            sheet=stored.get("sheet"),
            header_row=stored.get("header_row"),
            hidden=Hidden(stored.get("hidden") or Hidden.INCLUDE),
            sources=stored.get("sources"),
            units=stored.get("units") or {},
            recipes={name: _recipe(one) for name, one in (stored.get("recipes") or {}).items()},
            constants=stored.get("constants") or {},
            values=stored.get("values") or {},
            create=stored.get("create") or {},
            keys=None if keys is None else tuple(tuple(key) for key in keys),
            clear=tuple(stored.get("clear") or ()),
        )


def _recipe(stored: Map[str, Any]) -> Recipe:
    return Recipe(tuple(stored["columns"]), Part(stored["part"]))
