"""Text broken into lines that fit a width, so that heights are known before an engine runs.

Both engines get the same lines and may not wrap by themselves: pages are cut here, and a row is
never cut by an engine.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from markupsafe import Markup

from app.core.digits import localize
from reports.documents.bidi import LTR, RTL, boxed, first_strong, levels, persian_digits, printable
from reports.documents.fonts import text_width

SAFETY = 1.05
"""Engines set text a little wider than it measures: fonts are rounded to their pixels."""
_LONGEST_UNBROKEN = 400
_WORDS = re.compile(r"\s+|[^\s/\\_،؛-]*[/\\_،؛-]|[^\s/\\_،؛-]+")
_SMALLEST = 0.55


@dataclass(frozen=True, slots=True)
class Typesetter:
    """Breaks text of one language; `rtl` also means Persian digits."""

    locale: str

    @property
    def rtl(self) -> bool:
        return self.locale.startswith("fa")

    @property
    def base(self) -> int:
        return RTL if self.rtl else LTR

    def lines(self, text: str, *, width_mm: float, points: float, bold: bool = False) -> tuple[Markup, ...]:
        """The text as lines of HTML, each no wider than `width_mm`; empty text gives none.

        On an English page Persian text keeps its own direction.
        """
        base = self.base if self.rtl else first_strong(text)
        return _lines(text, base, self.base, self.rtl, round(width_mm, 2), points, bold)

    def code_lines(self, text: str, *, width_mm: float, points: float, bold: bool = False) -> tuple[Markup, ...]:
        """As `lines`, for a code or number, which reads left to right whatever it is made of."""
        return _lines(text, LTR, LTR, self.rtl, round(width_mm, 2), points, bold)

    def boxed(self, text: str) -> Markup:
        """A short text as HTML on one line, not measured."""
        return Markup(boxed(text, levels(text, self.base), self.base))  # noqa: S704

    def code(self, text: str) -> str:
        """A code or number in the digits of the language, to stand in a left-to-right box."""
        text = printable(text)
        return persian_digits(text, LTR) if self.rtl else text

    def one_line_size(self, text: str, *, width_mm: float, points: float, bold: bool = False) -> float:
        """Points in which the text fits on one line, `points` at most."""
        wide = text_width(printable(text), points=points, bold=bold) * SAFETY
        return points if wide <= width_mm else max(points * width_mm / wide, points * _SMALLEST)

    def decimal(self, value: Decimal) -> str:
        """A number with separators and without trailing zeros, in the digits of the language."""
        shown = format(value.normalize() if value else Decimal(0), ",f")
        if self.rtl:
            shown = shown.replace(",", "٬").replace(".", "٫")
        return localize(shown, self.locale)


@lru_cache(maxsize=16384)
def _lines(
    text: str, base: int, page_base: int, persian: bool, width_mm: float, points: float, bold: bool
) -> tuple[Markup, ...]:
    out: list[Markup] = []
    for paragraph in printable(text).split("\n"):
        paragraph = paragraph.strip()
        if not paragraph:
            continue
        if persian:
            paragraph = persian_digits(paragraph, base)
        of_levels = levels(paragraph, base)
        for start, end in _breaks(paragraph, width_mm / SAFETY, points, bold):
            line = Markup(boxed(paragraph[start:end], of_levels[start:end], base))  # noqa: S704
            if base == RTL != page_base:
                line = Markup('<span class="r" dir="rtl">{}</span>').format(line)
            out.append(line)
    return tuple(out)


def _breaks(text: str, width_mm: float, points: float, bold: bool) -> Iterator[tuple[int, int]]:
    """Start and end of each line, spaces at the breaks left out."""
    start = end = 0
    used = 0.0
    for word in _WORDS.finditer(text):
        wide = text_width(word.group(), points=points, bold=bold)
        if word.group().isspace():
            used += wide if end > start else 0.0
            start = start if end > start else word.end()
            continue
        if used + wide > width_mm and end > start:
            yield start, end
            start, used = word.start(), 0.0
        if wide > width_mm:
            for cut in _cuts(word.group(), width_mm, points, bold):
                yield start, start + cut
                start += cut
            wide = text_width(text[start : word.end()], points=points, bold=bold)
        end = word.end()
        used += wide
    if end > start:
        yield start, end


def _cuts(word: str, width_mm: float, points: float, bold: bool) -> Iterator[int]:
    """Lengths of the pieces of a word that no line can hold; the last piece is left to the caller."""
    rest = word
    while text_width(rest[:_LONGEST_UNBROKEN], points=points, bold=bold) > width_mm:
        low, high = 1, min(len(rest), _LONGEST_UNBROKEN)
        while low < high:
            middle = (low + high + 1) // 2
            if text_width(rest[:middle], points=points, bold=bold) <= width_mm:
                low = middle
            else:
                high = middle - 1
        yield low
        rest = rest[low:]
