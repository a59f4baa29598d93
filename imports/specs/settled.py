"""What a receipt or payment settles, as one cell: `Sales invoice 1405-12: 400000; 1405-15: 600000`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from flask import current_app
from flask_babel import force_locale
from flask_babel import lazy_gettext as _l

from app.core import text
from app.core.cells import Kind
from app.core.digits import to_ascii
from app.core.raw_cells import Parsed, Problem, as_texts
from app.finance.settlement.models import OpenItem
from app.finance.settlement.statement import title_of

SEPARATOR = re.compile(r"[;؛\n]")
PART = re.compile(r"(?P<name>.+):\s*(?P<amount>[\d,٬]{1,20})")
BAD = Problem("malformed", _l("Write what is settled like 1405-12: 400000; 1405-15: 600000."))


@dataclass(frozen=True, slots=True)
class Settled(Kind):
    """Documents with rials; the value is their text in ASCII digits, read again by `parts_of`."""

    name = "settled"

    def parse(self, values: Sequence[Any], *, unit: str | None = None) -> Parsed:
        texts, problems = as_texts(values)
        found: list[str | None] = []
        for place, cell in enumerate(text.clean_all(texts)):
            try:
                parts = list(parts_of(cell))
            except ValueError:
                problems.setdefault(place, BAD)
                parts = []
            found.append("; ".join(f"{name}: {amount}" for name, amount in parts) or None)
        return Parsed(found, problems)

    def write(self, values: Iterable[Any]) -> list[Any]:
        return [as_words(value) if value else None for value in values]


def parts_of(cell: str | None) -> Iterator[tuple[str, int]]:
    """Names and rials of a cell. Raises ValueError for anything else."""
    for part in SEPARATOR.split(to_ascii(cell or "")):
        if part.strip():
            match = PART.fullmatch(part.strip())
            if match is None:
                raise ValueError(part)
            yield match["name"].strip(), int(re.sub(r"[,٬]", "", match["amount"]))


def as_words(settled: Iterable[tuple[OpenItem | int, int]]) -> str:
    """Items with rials in the reader's language, the instalments of one invoice together."""
    sums: dict[str, int] = {}
    for item, amount in settled:
        name = _plain(f"#{item}" if isinstance(item, int) else title_of(item) or f"#{item.id}")
        sums[name] = sums.get(name, 0) + amount
    return "; ".join(f"{name}: {amount}" for name, amount in sums.items())


def _plain(name: str) -> str:
    return SEPARATOR.sub(" ", name).strip()


def names_of(item: OpenItem) -> set[str]:
    """Every folded name that means an item: its number, its title in each language, `#` and the system's own."""
    titles = [f"#{item.id}", str(getattr(item.invoice or item.payment, "number_text", "") or "")]
    titles.append(item.opening.reference or "" if item.opening is not None else "")
    for locale in current_app.config["LANGUAGES"]:
        with force_locale(locale):
            titles.append(title_of(item))
    return {fold(title) for title in titles} - {""}


def fold(name: str) -> str:
    """A name for comparison: letters and digits as search folds them, no spaces."""
    return text.search_key(to_ascii(_plain(name))).replace(" ", "")
