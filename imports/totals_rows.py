"""Rows of totals in a file, held against what the rows above them add up to.

Totals are never stored. One that disagrees says that a row was lost, or a number is not what its
writer believed; the person is told where, and decides.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import numpy as np
from flask_babel import lazy_gettext as _l
from numpy.typing import NDArray

from app.core.cells import Kind, Number, Rials
from app.core.formats import num
from app.core.raw_cells import Parsed, Problem
from imports.layout import Layout, Skipped
from imports.mapping import ColumnMapping
from imports.reader.read import Sheet

MOST_SCALE = 3
MOST_NAMED = 100


def differing_totals(
    sheet: Sheet, layout: Layout, mapping: ColumnMapping, columns: Mapping[str, tuple[Kind, Parsed]],
    group: NDArray[np.int64] | None,
) -> list[tuple[int, str, Problem]]:  # fmt: skip
    """(row, column, why) of each total that is no sum of the rows above it: all, those since the total before.

    `columns` are what was read; one with a cell that could not be is left out, as its sum is not
    known. In documents (`group`) what stands in each line of one may count once.
    """
    rows = sorted(row for row, why in layout.skipped.items() if why is Skipped.TOTALS)
    found: list[tuple[int, str, Problem]] = []
    for name, (kind, parsed) in columns.items() if rows else ():
        if name in mapping.recipes or not _adds_up(kind) or parsed.problems:
            continue
        cells = sheet.columns[mapping.sources[name]]
        for row, before in zip(rows, [-1, *rows], strict=False):
            (said,) = kind.parse([cells[row] if row < len(cells) else None], unit=mapping.units.get(name)).values
            sums = set() if said is None else _sums(parsed.values, layout.data, group, row, before)
            if said is not None and said not in sums:
                found.append((row, name, _differs(said, max(sums))))
    return sorted(found, key=lambda one: one[0])[:MOST_NAMED]


def _differs(said: Any, total: Any) -> Problem:
    words = _l("This total says %(said)s, but the rows above it add up to %(sum)s.", said=num(said), sum=num(total))
    return Problem("totals_differ", words)


def _adds_up(kind: Kind) -> bool:
    return isinstance(kind, Rials) or (isinstance(kind, Number) and not kind.percent and kind.scale <= MOST_SCALE)


def _sums(
    values: list[Any], data: NDArray[np.int64], group: NDArray[np.int64] | None, row: int, before: int
) -> set[Decimal | int]:
    """What the rows above a total may add up to; the header of a document counts once, or with each of its lines."""
    above, since = int(np.searchsorted(data, row)), int(np.searchsorted(data, before))
    sums = {_sum(values[:above]), _sum(values[since:above])}
    if group is not None:
        for start in (0, since):
            first: dict[int, Any] = {}
            for number, value in zip(group[start:above].tolist(), values[start:above], strict=True):
                if value is not None:
                    first.setdefault(number, value)
            sums.add(_sum(list(first.values())))
    return sums


def _sum(values: list[Any]) -> Any:
    return sum(value for value in values if value is not None)
