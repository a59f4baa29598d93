"""Persian text: unified when stored, folded when searched, keyed when sorted.

NFKC does none of this: it keeps the Arabic ye and ke apart from the Persian ones. Every function
has a twin for columns that works out each distinct value once; there None stays None.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar, cast

from app.core.digits import ARABIC_INDIC, ASCII, PERSIAN

ZWNJ = "\u200c"
_TATWEEL = "\u0640"
_DIACRITICS = "".join(map(chr, [*range(0x0610, 0x061B), *range(0x064B, 0x0660), 0x0670, *range(0x06D6, 0x06DD)]))
_INVISIBLE = "\u200b\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff\u00ad\x00"
_SPACES = "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
SAME_LETTERS = {"ي": "ی", "ى": "ی", "ې": "ی", "ك": "ک", "ڪ": "ک", "ہ": "ه", "ھ": "ه", "ە": "ه"}
"""Arabic and other forms of Persian letters, one for one."""
_ALEF_AND_MADDA = "ا\u0653"
_BREAK = "\x1e"
_SAMPLE = 200

Table = dict[int, str | None]
_Text = TypeVar("_Text", str, str | None)


def _table(letters: Mapping[str, str | None]) -> Table:
    return {ord(letter): other for letter, other in letters.items()}


def _presentation_forms(table: Table) -> Table:
    """Letters as old programs and PDFs give them, in their joined shapes (ﻼ, ﮐ)."""
    forms: Table = {}
    for code in (*range(0xFB50, 0xFE00), *range(0xFE70, 0xFEFD)):
        plain = unicodedata.normalize("NFKC", chr(code))
        if plain != chr(code):
            forms[code] = plain.translate(table).strip() or None
    return forms


def _then(first: Table, second: Table) -> Table:
    """One table that does what two do one after the other."""
    return {**second, **{code: other and (other.translate(second) or None) for code, other in first.items()}}


_CLEAN = _table({**dict.fromkeys(_TATWEEL + _DIACRITICS + _INVISIBLE), **dict.fromkeys(_SPACES, " "), **SAME_LETTERS})
_CLEAN |= _presentation_forms(_CLEAN)

_DIGITS = dict(zip(PERSIAN + ARABIC_INDIC, ASCII * 2, strict=True))
_FOLDED = {"أ": "ا", "إ": "ا", "ٱ": "ا", "ؤ": "و", "ئ": "ی", "ة": "ه", "ۀ": "ه", "ۂ": "ه", "ۃ": "ه"}
_SEARCH = _then(_CLEAN, _table({ZWNJ: None, **_FOLDED, "آ": "ا", "ء": None, **_DIGITS}))

# Code points put پ چ ژ گ after ی. Each letter gets a place in one block above Latin and digits,
# whose UTF-8 bytes keep the order; variants of a letter share its place.
_ALPHABET = "آاءبپتثجچحخدذرزژسشصضطظعغفقکگلمنوهی"
_PLACE = {letter: chr(0x0700 + place) for place, letter in enumerate(_ALPHABET)}
_SORT = _then(
    _CLEAN, _table({ZWNJ: None, **_PLACE, **{form: _PLACE[base] for form, base in _FOLDED.items()}, **_DIGITS})
)

_ZWNJ_RUNS = re.compile(rf"{ZWNJ}{{2,}}|(?<=\s){ZWNJ}+|{ZWNJ}+(?=\s)|^{ZWNJ}+|{ZWNJ}+$")
_SPACE_RUNS = re.compile(r"[ \t\f\v]{2,}|[\t\f\v]")

_OTHER_SPACES = "".join(char for char in map(chr, range(0x3001)) if char.isspace() and char not in (" ", _BREAK))
_UNCLEAN_ASCII = [letter for letter in {*map(chr, _CLEAN), *_OTHER_SPACES} if letter.isascii()]
_UNCLEAN = re.compile(f"[{re.escape(''.join(map(chr, _CLEAN)) + _OTHER_SPACES)}]")
_LOOSE_ZWNJ = re.compile(rf"[\s{ZWNJ}]{ZWNJ}|{ZWNJ}\s")


def clean(value: str) -> str:
    """The text as it is stored: one ye, one ke, no tatweel or diacritics, half-spaces unified.

    Line breaks stay; digits stay as written.
    """
    if value.isascii() and not _SPACE_RUNS.search(value) and "\x00" not in value:
        return value.strip()
    return _tidy(_composed(value).translate(_CLEAN))


def search_key(value: str) -> str:
    """The text as it is searched: no half-spaces, alef and he forms folded, ASCII digits, lower case."""
    return " ".join(_composed(value).translate(_SEARCH).lower().split())


def sort_key(value: str) -> str:
    """A key whose UTF-8 byte order is the Persian alphabetical order."""
    return " ".join(_composed(value).translate(_SORT).lower().split())


def clean_all(values: Iterable[_Text]) -> list[_Text]:
    """`clean` over a column."""
    return _bulk(values, _clean_distinct)


def search_keys(values: Iterable[_Text]) -> list[_Text]:
    """`search_key` over a column."""
    return _bulk(values, lambda texts: _keys(texts, _SEARCH))


def sort_keys(values: Iterable[_Text]) -> list[_Text]:
    """`sort_key` over a column."""
    return _bulk(values, lambda texts: _keys(texts, _SORT))


def _composed(value: str) -> str:
    # its madda is a diacritic too and would be lost
    return value.replace(_ALEF_AND_MADDA, "آ") if "\u0653" in value else value


def _clean_distinct(texts: list[str]) -> list[str]:
    """Clean texts are the rule: they are found out together and come back as they are."""
    joined = f"{_BREAK}{_BREAK.join(texts)}{_BREAK}"
    is_clean = joined.count(_BREAK) == len(texts) + 1 and _is_clean(joined)
    if is_clean and _is_tight(joined) and (ZWNJ not in joined or _LOOSE_ZWNJ.search(joined) is None):
        return texts
    return [_tidy(text) if ZWNJ in text else text for text in _spaced(_translated(texts, _CLEAN))]


def _is_clean(joined: str) -> bool:
    if joined.isascii():
        return not any(letter in joined for letter in _UNCLEAN_ASCII)
    return _UNCLEAN.search(joined) is None


def _is_tight(joined: str) -> bool:
    """Whether joined texts, with a break before the first and after the last, have no space too many."""
    return not any(gap in joined for gap in ("  ", f" {_BREAK}", f"{_BREAK} "))


def _keys(texts: list[str], table: Table) -> list[str]:
    """Folded texts in lower case with single spaces."""
    joined = f"{_BREAK}{_BREAK.join(texts)}{_BREAK}"
    if joined.count(_BREAK) == len(texts) + 1:
        if not joined.isascii() or "\x00" in joined:
            joined = _composed(joined).translate(table)
        joined = joined.lower()
        parts = joined[1:-1].split(_BREAK)
        if len(parts) == len(texts) and _is_tight(joined) and not any(space in joined for space in _OTHER_SPACES):
            return parts
    return [" ".join(text.lower().split()) for text in _translated(texts, table)]


def _spaced(texts: list[str]) -> list[str]:
    """Texts with single spaces, and none at their ends."""
    parts = _SPACE_RUNS.sub(" ", _BREAK.join(texts)).split(_BREAK)
    return [text.strip() for text in (parts if len(parts) == len(texts) else map(_tidy, texts))]


def _tidy(text: str) -> str:
    if ZWNJ in text:
        text = _ZWNJ_RUNS.sub(lambda run: ZWNJ if _inside(run) else "", text)
    return _SPACE_RUNS.sub(" ", text).strip()


def _inside(run: re.Match[str]) -> bool:
    """Whether a run of half-spaces stands between two letters."""
    before, after = run.start() - 1, run.end()
    return before >= 0 and after < len(run.string) and not (run.string[before].isspace() or run.string[after].isspace())


def _translated(texts: list[str], table: Table) -> list[str]:
    """All texts through a table at once: one call costs far less than one per text."""
    joined = _composed(_BREAK.join(texts))
    if joined.isascii() and "\x00" not in joined:
        return texts
    parts = joined.translate(table).split(_BREAK)
    return parts if len(parts) == len(texts) else [_composed(text).translate(table) for text in texts]


def _bulk(values: Iterable[_Text], work: Callable[[list[str]], list[str]]) -> list[_Text]:
    values = list(values)
    if set(map(type, values)) == {str} and len(set(values[:_SAMPLE])) * 2 > _SAMPLE:
        found: Any = work(cast("Any", values))  # to look for equal ones would be in vain
        return found
    # a missing value of pandas is a float: only texts are worked on
    distinct = [value for value in dict.fromkeys(values) if isinstance(value, str)]
    known: dict[str | None, str] = dict(zip(distinct, work(distinct), strict=True))
    return cast("list[_Text]", [known.get(value) for value in values])
