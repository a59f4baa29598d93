"""Text in comma-separated files that no spreadsheet takes for a formula, and that reads back unchanged.

A text that begins like a formula gets an apostrophe in front; so does one that begins with
apostrophes and then like a formula, so that taking one away always gives the text that was.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

FORMULA = re.compile(r"'*[=+\-@\t\r]")
GUARDED = re.compile(r"''*[=+\-@\t\r]")


def guarded(value: Any) -> Any:
    """A cell that is no formula; what is no text stays as it is."""
    return f"'{value}" if value.__class__ is str and FORMULA.match(value) else value


def unguarded(values: Sequence[Any]) -> list[Any]:
    """A column as it was before it was guarded."""
    return [
        value[1:] if value.__class__ is str and value[:1] == "'" and GUARDED.match(value) else value
        for value in values
    ]  # fmt: skip
