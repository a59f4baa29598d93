"""The paper's font: where it lies, how an engine finds it, how wide its text is.

Vazirmatn must be a *system* font for wkhtmltopdf (an `@font-face` comes out as outlines, without
text), so a fontconfig file names our vendored folder and a cache of ours.
"""

from __future__ import annotations

import os
import tempfile
from functools import lru_cache
from pathlib import Path
from xml.sax.saxutils import escape

from PIL import ImageFont, features

FAMILY = "Vazirmatn"
FONT_FOLDER = Path(__file__).resolve().parents[2] / "app/core/static/vendor/vazirmatn/ttf"
MM_PER_POINT = 25.4 / 72
_MEASURE_AT = 256
_UNKNOWN_EM = 1.1  # a glyph from another font, at its widest

_CONF = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>{fonts}</dir>
  <cachedir>{cache}</cachedir>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <match target="font">
    <edit name="hinting" mode="assign"><bool>false</bool></edit>
    <edit name="hintstyle" mode="assign"><const>hintnone</const></edit>
  </match>
</fontconfig>
"""


@lru_cache(maxsize=8)
def fontconfig_file(data: Path | None = None) -> Path:
    """A fonts.conf that adds our fonts, with its cache beside it.

    `data` is the application's data folder; without one that can be written, a folder of the
    user under the system's temporary folder. Written anew only when its text differs.
    """
    for root in (data, Path(tempfile.gettempdir()) / f"kartabl-fonts-{os.getuid()}"):
        if root is None:
            continue
        try:
            return _write_conf(root / "fontconfig")
        except OSError:
            continue
    return _write_conf(Path(tempfile.mkdtemp(prefix="kartabl-fonts-")))


def _write_conf(folder: Path) -> Path:
    cache = folder / "cache"
    cache.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / "fonts.conf"
    text = _CONF.format(fonts=escape(str(FONT_FOLDER)), cache=escape(str(cache)))
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        handle, name = tempfile.mkstemp(dir=folder, prefix="fonts-")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(name, path)
    return path


@lru_cache(maxsize=2)
def _face(bold: bool) -> tuple[ImageFont.FreeTypeFont, frozenset[int]]:
    from fontTools.ttLib import TTFont  # slow to import; needed once, for the first measure

    path = FONT_FOLDER / f"{FAMILY}-{'Bold' if bold else 'Regular'}.ttf"
    with TTFont(path, lazy=True) as font:
        known = frozenset(font.getBestCmap())
    engine = ImageFont.Layout.RAQM if features.check("raqm") else ImageFont.Layout.BASIC
    return ImageFont.truetype(str(path), _MEASURE_AT, layout_engine=engine), known


@lru_cache(maxsize=65536)
def _width_em(text: str, bold: bool) -> float:
    face, known = _face(bold)
    strange = sum(ord(character) not in known for character in text)
    if strange:
        text = "".join(character for character in text if ord(character) in known)
    return face.getlength(text) / _MEASURE_AT + strange * _UNKNOWN_EM


def text_width(text: str, *, points: float, bold: bool = False) -> float:
    """The width of shaped text in millimetres."""
    return _width_em(text, bold) * points * MM_PER_POINT
