"""Persian text: unified when stored, folded when searched, keyed when sorted.

NFKC does none of this: it keeps the Arabic ye and ke apart from the Persian ones.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from app.core.digits import ARABIC_INDIC, ASCII, PERSIAN

ZWNJ = "\u200c"
_TATWEEL = "\u0640"
_DIACRITICS = "".join(map(chr, [*range(0x0610, 0x061B), *range(0x064B, 0x0660), 0x0670, *range(0x06D6, 0x06DD)]))
_INVISIBLE = "\u200b\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff\u00ad"
_SPACES = "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"

_CLEAN = str.maketrans(
    {
        **dict.fromkeys(_TATWEEL + _DIACRITICS + _INVISIBLE),
        **dict.fromkeys(_SPACES, " "),
        "ي": "ی", "ى": "ی", "ې": "ی", "ك": "ک", "ڪ": "ک", "ہ": "ه", "ھ": "ه",
        "\x00": None,
    }
)  # fmt: skip
_KEY = str.maketrans(
    {
        ZWNJ: None, "ة": "ه", "ۀ": "ه", "ۂ": "ه", "آ": "ا", "أ": "ا", "إ": "ا", "ٱ": "ا", "ؤ": "و", "ئ": "ی",
        "ء": None, **dict(zip(PERSIAN + ARABIC_INDIC, ASCII * 2, strict=True)),
    }
)  # fmt: skip
_ZWNJ_RUNS = re.compile(rf"{ZWNJ}{{2,}}|(?<=\s){ZWNJ}+|{ZWNJ}+(?=\s)|^{ZWNJ}+|{ZWNJ}+$")
_SPACE_RUNS = re.compile(r"[ \t\f\v]{2,}|\t")
_ANY_SPACE = re.compile(r"\s+")

# Persian alphabetical order; code points put پ چ ژ گ after ی. Letters that sort alike but are
# written apart (آ before ا, hamza forms) get neighbouring places.
_ALPHABET = "آاأإٱءبپتثجچحخدذرزژسشصضطظعغفقکگلمنوؤهةۀیئ"
_SORT = str.maketrans(
    {
        **{letter: chr(0x0700 + place) for place, letter in enumerate(_ALPHABET)},
        **dict(zip(PERSIAN + ARABIC_INDIC, ASCII * 2, strict=True)),
        ZWNJ: None,
    }
)


def clean(value: str) -> str:
    """The text as it is stored: one ye, one ke, no tatweel or diacritics, half-spaces unified."""
    if value.isascii() and "  " not in value and "\t" not in value and "\x00" not in value:
        return value.strip()
    value = value.translate(_CLEAN)
    if ZWNJ in value:
        value = _ZWNJ_RUNS.sub(lambda run: ZWNJ if run.group().startswith(ZWNJ * 2) and _inside(run) else "", value)
    return _SPACE_RUNS.sub(" ", value).strip()


def _inside(run: re.Match[str]) -> bool:
    """Whether a run of half-spaces stands between two letters."""
    before, after = run.start() - 1, run.end()
    return before >= 0 and after < len(run.string) and not (run.string[before] + run.string[after]).isspace()


def search_key(value: str) -> str:
    """The text as it is searched: also without half-spaces, alef and he forms folded, lower case."""
    return _ANY_SPACE.sub(" ", clean(value).translate(_KEY)).strip().lower()


def sort_key(value: str) -> str:
    """A key whose UTF-8 byte order is the Persian alphabetical order."""
    return _ANY_SPACE.sub(" ", clean(value)).lower().translate(_SORT)


def clean_all(values: Iterable[str]) -> list[str]:
    """`clean` over many values, each distinct one worked out once."""
    return _each(values, clean)


def search_keys(values: Iterable[str]) -> list[str]:
    """`search_key` over many values, each distinct one worked out once."""
    return _each(values, search_key)


def sort_keys(values: Iterable[str]) -> list[str]:
    """`sort_key` over many values, each distinct one worked out once."""
    return _each(values, sort_key)


def _each(values: Iterable[str], work: object) -> list[str]:
    known: dict[str, str] = {}
    out = []
    for value in values:
        found = known.get(value)
        if found is None:
            found = known[value] = work(value)  # type: ignore[operator]
        out.append(found)
    return out
