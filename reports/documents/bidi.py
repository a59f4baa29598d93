"""Bidirectional text cut into runs, each in a box of its own.

The old WebKit inside wkhtmltopdf measures a text node wrong as soon as it has more in it than
letters of one script and spaces: Persian with Latin or digits, but also with a bracket, a colon
or a half-space, which it drops besides. Right is a line whose every Latin or numeric run is an
inline block of its own, and whose Persian runs are cut at every mark. So the order is worked out
here (Unicode standard annex 9, rules W1-W7, N0-N2) and never left to an engine.

Two rules bend on purpose, both for papers: digits after Persian letters stay European (W2 is
skipped) and Arabic separators join them, so that 021-88776655 and 1404-12 keep their order; and
a run of digits without a Latin letter is written in Persian digits when asked for.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from html import escape, unescape
from itertools import groupby
from typing import NamedTuple

from app.core.digits import to_persian
from app.core.text import ZWNJ

LTR, RTL = 0, 1
_CLOSING = {"(": ")", "[": "]", "{": "}"}
_NUMBER_SEPARATORS = "٬٫"
_HIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")


class Run(NamedTuple):
    """A piece of one embedding level; odd levels read right to left."""

    text: str
    level: int


def printable(text: str) -> str:
    """The text without control characters, direction marks and broken surrogates."""
    return _HIDDEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " "))


@lru_cache(maxsize=8192)
def levels(text: str, base: int) -> tuple[int, ...]:
    """The embedding level of each character in a paragraph of base level 0 (LTR) or 1 (RTL)."""
    kinds = [_kind(character) for character in text]
    edge = "R" if base else "L"
    _resolve_numbers(kinds, edge)
    _resolve_brackets(text, kinds, edge)
    _resolve_neutrals(kinds, edge)
    if base:
        return tuple(1 if kind == "R" else 2 for kind in kinds)
    return tuple({"L": 0, "R": 1}.get(kind, 2) for kind in kinds)


def _kind(character: str) -> str:
    if character in _NUMBER_SEPARATORS:
        return "CS"
    kind = unicodedata.bidirectional(character)
    if kind == "AL":
        return "R"
    if kind == "AN":
        return "EN"
    return kind if kind in ("L", "R", "EN", "ES", "CS", "ET", "NSM") else "ON"


def _resolve_numbers(kinds: list[str], edge: str) -> None:
    """W1, W4-W7 in place: leaves L, R, EN and ON."""
    for at, kind in enumerate(kinds):
        if kind == "NSM":
            kinds[at] = kinds[at - 1] if at else edge
    for at in range(1, len(kinds) - 1):
        if kinds[at] in ("ES", "CS") and kinds[at - 1] == kinds[at + 1] == "EN":
            kinds[at] = "EN"
    _spread_numbers(kinds, range(1, len(kinds)), -1)
    _spread_numbers(kinds, range(len(kinds) - 2, -1, -1), 1)
    _settle_numbers(kinds, edge)


def _spread_numbers(kinds: list[str], places: range, neighbour: int) -> None:
    """W5 in place, one way: signs beside a number (% $) belong to it."""
    for at in places:
        if kinds[at] == "ET" and kinds[at + neighbour] == "EN":
            kinds[at] = "EN"


def _settle_numbers(kinds: list[str], edge: str) -> None:
    """W6 and W7 in place: lone separators are neutral, numbers after Latin are Latin."""
    strong = edge
    for at, kind in enumerate(kinds):
        if kind in ("ES", "CS", "ET"):
            kinds[at] = "ON"
        elif kind in ("L", "R"):
            strong = kind
        elif kind == "EN" and strong == "L":
            kinds[at] = "L"


def _bracket_pairs(text: str, kinds: Sequence[str]) -> list[tuple[int, int]]:
    pairs: list[tuple[int, int]] = []
    open_at: list[int] = []
    for at, character in enumerate(text):
        if kinds[at] != "ON":
            continue
        if character in _CLOSING:
            open_at.append(at)
        elif character in _CLOSING.values():
            for depth in range(len(open_at) - 1, -1, -1):
                if _CLOSING[text[open_at[depth]]] == character:
                    pairs.append((open_at[depth], at))
                    del open_at[depth:]
                    break
    return sorted(pairs)


def _strong(kind: str) -> str:
    return "R" if kind == "EN" else kind


def _resolve_brackets(text: str, kinds: list[str], edge: str) -> None:
    """N0 in place: both brackets of a pair take one direction."""
    for start, end in _bracket_pairs(text, kinds):
        inside = {_strong(kind) for kind in kinds[start + 1 : end]} - {"ON"}
        if not inside:
            continue
        direction = edge
        if edge not in inside:
            before = next((_strong(kind) for kind in reversed(kinds[:start]) if kind != "ON"), edge)
            direction = before if before in inside else edge
        kinds[start] = kinds[end] = direction


def _resolve_neutrals(kinds: list[str], edge: str) -> None:
    """N1 and N2 in place: neutrals follow equal neighbours, or the paragraph."""
    at = 0
    while at < len(kinds):
        if kinds[at] != "ON":
            at += 1
            continue
        end = at
        while end < len(kinds) and kinds[end] == "ON":
            end += 1
        before = _strong(kinds[at - 1]) if at else edge
        after = _strong(kinds[end]) if end < len(kinds) else edge
        kinds[at:end] = [before if before == after else edge] * (end - at)
        at = end


def first_strong(text: str) -> int:
    """The direction of the first letter of a text; LTR without any."""
    for character in text:
        kind = unicodedata.bidirectional(character)
        if kind in ("R", "AL"):
            return RTL
        if kind == "L":
            return LTR
    return LTR


def runs(text: str, base: int) -> list[Run]:
    """The text as runs in reading order; joined they are the text again."""
    return [
        Run("".join(character for character, _ in group), level)
        for level, group in groupby(zip(text, levels(text, base), strict=True), key=lambda pair: pair[1])
    ]


def persian_digits(text: str, base: int) -> str:
    """The text with Persian digits in every run that has no Latin letter (M404dn stays)."""
    if text.isascii() and not any(character.isalpha() for character in text):
        return to_persian(text)
    return "".join(
        run.text if run.level % 2 or _has_latin(run.text) else to_persian(run.text) for run in runs(text, base)
    )


def _has_latin(text: str) -> bool:
    return any(unicodedata.bidirectional(character) == "L" for character in text)


def boxed(text: str, of_levels: Sequence[int], base: int) -> str:
    """HTML of one line: plain text of the base direction, a box for every other run."""
    out = []
    pairs = zip(text, of_levels, strict=True)
    for against, group in groupby(pairs, key=lambda pair: pair[1] > base):
        members = list(group)
        piece = "".join(character for character, _ in members)
        if not against:
            out.append(_pieces(piece) if base == RTL else escape(piece))
        elif base == RTL or all(level == 2 for _, level in members):
            out.append(f'<span class="l" dir="ltr">{escape(piece)}</span>')
        else:
            inner = boxed(piece, [level for _, level in members], RTL)
            out.append(f'<span class="r" dir="rtl">{inner}</span>')
    return "".join(out)


_PIECES = re.compile(r"[\u0620-\u065f\u0670-\u06d3\u06d5-\u06ef\u06fa-\u06ff ]+|.", re.DOTALL)


# a box of no width: between two nodes letters do not join anyway, and Qt prints it as a letter
_HALF_SPACE = f'<span class="z">{ZWNJ}</span>'


def _pieces(text: str) -> str:
    """Words with their spaces as they are, every mark and half-space in a node of its own."""
    found = _PIECES.findall(text)
    if len(found) == 1:
        return escape(text)
    return "".join(_HALF_SPACE if piece == ZWNJ else f"<span>{escape(piece)}</span>" for piece in found)


@lru_cache(maxsize=8192)
def _node(text: str, base: int, persian: bool) -> str:
    text = printable(text)
    if persian:
        text = persian_digits(text, base)
    return boxed(text, levels(text, base), base)


_TOKENS = re.compile(r"(<[^>]*>)")
_OPAQUE = re.compile(r'<(style|title)\b|<(\w+) class="(?:set\b|l")')


def box_text_nodes(html: str, *, rtl: bool) -> str:
    """The HTML with every text node cut into boxed runs; Persian digits where it reads RTL.

    Takes HTML of our own templates only: `<` and `>` in text and attributes are escaped there.
    Text inside `style`, `title`, `class="set …"` (lines of the typesetter, with no element of
    the same name in them) and `span class="l"` (codes) is left alone.
    """
    base = RTL if rtl else LTR
    out: list[str] = []
    closing = ""
    for token in _TOKENS.split(html):
        if token.startswith("<"):
            if closing:
                closing = "" if token == closing else closing
            elif opening := _OPAQUE.match(token):
                closing = f"</{opening[1] or opening[2]}>"
            out.append(token)
        else:
            out.append(token if closing or not token.strip() else _node(unescape(token), base, rtl))
    return "".join(out)
