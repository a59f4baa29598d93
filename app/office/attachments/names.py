"""Names of files as people gave them, made harmless: no folders, no hidden signs, an ending that is true."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection

from app.core.text import clean

LONGEST = 120
HALF_SPACE = "\u200c"
_CLOSED = re.compile(r'[<>:"|?*]')
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)", re.IGNORECASE)
_ENDING = re.compile(r"\.([A-Za-z0-9]{1,8})$")
RUNNING = frozenset(
    {
        *(
            "exe",
            "com",
            "scr",
            "pif",
            "msi",
            "msp",
            "dll",
            "cpl",
            "bat",
            "cmd",
            "ps1",
            "psm1",
            "vbs",
            "vbe",
            "js",
            "jse",
        ),
        *("mjs", "wsf", "wsh", "hta", "jar", "jnlp", "sh", "bash", "php", "py", "pl", "rb", "lnk", "url", "reg", "inf"),
        *(
            "html",
            "htm",
            "xhtml",
            "mht",
            "mhtml",
            "shtml",
            "svg",
            "svgz",
            "xml",
            "xsl",
            "swf",
            "apk",
            "app",
            "dmg",
            "deb",
        ),
        *("iso", "img", "vhd", "chm", "docm", "dotm", "xlsm", "xltm", "xlam", "xlsb", "pptm", "ppam", "potm", "ppsm"),
    }
)
"""Endings that start something on somebody's machine, whatever the file holds."""


def shown_name(given: str) -> str:
    """The last part of a path without control signs, direction marks and what no disk takes; may be empty.

    A mark that turns the direction of writing would show `exe.pdf` for `fdp.exe`; only the half-space
    of Persian words stays.
    """
    last = re.split(r"[\\/]", given)[-1]
    kept = "".join(c for c in last if c == HALF_SPACE or not unicodedata.category(c).startswith("C"))
    return " ".join(clean(_CLOSED.sub("_", kept)).split()).strip(" .")


def ending_of(name: str) -> str:
    """The ending of a name in small letters, without its dot; empty where it has none."""
    found = _ENDING.search(name)
    return found.group(1).lower() if found else ""


def stored_name(shown: str, endings: Collection[str], known: Collection[str]) -> str:
    """The name to keep: with an ending that fits what the file is.

    `endings` fit this file, the first of them best; a wrong one among `known` gives way to it, and
    anything else after a dot counts as a part of the name.
    """
    ending = ending_of(shown)
    fits = ending in endings
    stem = shown[: -len(ending) - 1] if ending and (fits or ending in known) else shown
    stem = stem[:LONGEST].strip(" .") or "_"
    if _RESERVED.match(stem):
        stem = f"_{stem}"
    return f"{stem}.{ending if fits else next(iter(endings))}"
