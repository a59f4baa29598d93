"""Language data of the import: Persian given names that are seldom one word alone."""

from __future__ import annotations

from app.core import text

_OPENING = ("سید", "سیده", "میر", "امیر", "محمد", "حاج", "شیخ", "ملا", "عبد", "نور")
_CLOSING = ("سادات", "بیگم", "الله", "السادات", "بانو")

OPENING = frozenset(map(text.search_key, _OPENING))
"""A given name that begins so goes on with the next word."""
CLOSING = frozenset(map(text.search_key, _CLOSING))
"""A word that still belongs to the given name before it."""
