"""Documents of a sheet taken apart: the head of each, its lines as cells, and where they stand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar

from imports.pipeline import Checked


@dataclass(slots=True)
class Paper:
    """One document of a sheet; `places` are the rows of its lines."""

    head: dict[str, Any]
    lines: list[dict[str, Any]]
    places: list[int]


@dataclass(slots=True)
class StoredPaper(Paper):
    """One document of a sheet with what is stored of it, and the reference that it has or gets."""

    stored: Any = None
    reference: str | None = None


P = TypeVar("P", bound=Paper)


def papers_of(checked: Checked, make: type[P]) -> list[P]:
    """The documents of checked rows in order of appearance, each an instance of `make`."""
    spec, group = checked.spec, checked.group
    assert group is not None
    assert spec.lines is not None
    heads = [c.name for c in spec.columns if c.name in checked.frame]
    below = [c.name for c in spec.lines.columns if c.name in checked.frame]
    columns = {name: checked.frame[name].tolist() for name in (*heads, *below)}
    places: dict[int, list[int]] = {}
    for place, number in enumerate(group.tolist()):
        places.setdefault(number, []).append(place)
    return [
        make(
            {name: columns[name][rows[0]] for name in heads},
            [{name: columns[name][row] for name in below} for row in rows],
            rows,
        )
        for _number, rows in sorted(places.items())
    ]
