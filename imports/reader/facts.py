"""What a survey finds out about one sheet, and the names of its cells."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from imports.reader.gate import Refused
from imports.reader.limits import Limits

LETTERS = 26
ERROR_WORDS = re.compile(
    r"#(?:REF!|N/A|VALUE!|DIV/0!|NAME\?|NUM!|NULL!|SPILL!|CALC!|FIELD!|BLOCKED!|GETTING_DATA)|Err:\d{3}", re.IGNORECASE
)
"""How spreadsheets write the error of a cell where a format has only its text."""


@dataclass(slots=True)
class Survey:
    """Facts about one sheet; rows and columns count from 0.

    `errors` are (row, column, text), `valueless` are (row, column): both are cut at the limit of
    named cells while the counts beside them are whole. `placeholders` are formulas whose stored
    value is what programs write that never calculate. `hidden` are (first row, last row),
    `merged` (first row, first column, last row, last column), None where the reader tells them.
    `row_end` and `column_end` are the last used row and column plus one.
    """

    errors: list[tuple[int, int, str]] = field(default_factory=list)
    error_count: int = 0
    valueless: list[tuple[int, int]] = field(default_factory=list)
    valueless_count: int = 0
    formula_count: int = 0
    failed_formula_count: int = 0
    placeholders: list[tuple[int, int]] = field(default_factory=list)
    placeholder_count: int = 0
    hidden: list[tuple[int, int]] = field(default_factory=list)
    is_filtered: bool = False
    merged: list[tuple[int, int, int, int]] | None = None
    row_end: int = 0
    column_end: int = 0

    def note_error(self, row: int, column: int, text: str, limits: Limits) -> None:
        """A cell that holds an error."""
        self.error_count += 1
        if len(self.errors) < limits.named_cells:
            self.errors.append((row, column, text or "#ERROR"))

    def note_valueless(self, row: int, column: int, limits: Limits) -> None:
        """A formula stored without its value."""
        self.valueless_count += 1
        if len(self.valueless) < limits.named_cells:
            self.valueless.append((row, column))

    def note_placeholder(self, row: int, column: int, limits: Limits) -> None:
        """A formula whose value may have been put there without calculating."""
        self.placeholder_count += 1
        if len(self.placeholders) < limits.named_cells:
            self.placeholders.append((row, column))

    def hide(self, first: int, last: int) -> None:
        """Rows that a person does not see."""
        if self.hidden and self.hidden[-1][1] == first - 1:
            first = self.hidden.pop()[0]
        self.hidden.append((first, last))

    def extend(self, row: int, column: int, limits: Limits) -> None:
        """Grow the used rectangle. Raises Refused when a reader could not hold it."""
        if row < self.row_end and column < self.column_end:
            return
        self.row_end, self.column_end = max(self.row_end, row + 1), max(self.column_end, column + 1)
        if self.row_end > limits.rows:
            raise Refused("too_many_rows", most=limits.rows)
        if self.row_end * self.column_end > limits.cells:
            raise Refused("too_many_cells", cell=address(row, column), most=limits.cells)

    def finish(self, *, uncalculated: bool) -> Survey:
        """Formulas that hold placeholders only, in a workbook never calculated, have no value.

        Hidden rows below the last used one hide nothing.
        """
        calculated = self.formula_count - self.valueless_count - self.failed_formula_count
        if uncalculated and 0 < self.placeholder_count == calculated:
            self.valueless = sorted(self.valueless + self.placeholders)
            self.valueless_count += self.placeholder_count
        self.hidden = [(a, min(b, self.row_end - 1)) for a, b in self.hidden if a < self.row_end]
        return self


def column_number(letters: bytes) -> int:
    """The place of a column, from 0, by the letters over it."""
    number = 0
    for letter in letters:
        number = number * LETTERS + letter - 64
    return number - 1


def address(row: int, column: int) -> str:
    """The name of a cell, as in a spreadsheet: (0, 0) is A1."""
    return f"{column_letters(column)}{row + 1}"


def column_letters(column: int) -> str:
    """The letters over a column: 0 is A, 26 is AA."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, LETTERS)
        letters = chr(65 + rest) + letters
    return letters
