"""The paper's font: where it lies, how an engine finds it, how wide its text is.

A font must be a *system* font for wkhtmltopdf (an `@font-face` comes out as outlines, without
text), so a fontconfig file names a folder and a cache of ours. The font in it is Vazirmatn
without its contextual alternates: those glyphs have no code point, and Qt writes them into a PDF
as letters that cannot be searched or copied (of "پرداخت" only "رداخت" is found).
"""

from __future__ import annotations

import os
import tempfile
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from xml.sax.saxutils import escape

from PIL import ImageFont, features

FAMILY = "Vazirmatn Print"
_FACE = "Vazirmatn"
_WEIGHTS = ("Regular", "Bold")
_CUT = "cut-1"
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


def fontconfig_file(data: Path | None = None) -> Path:
    """A fonts.conf that adds our font, with the font and its cache beside it.

    `data` is the application's data folder; without one that can be written, a folder of the
    user under the system's temporary folder. What is there already is kept.
    """
    path = _find_or_make(data)
    if not path.exists():  # somebody emptied the folder under a running process
        _find_or_make.cache_clear()
        path = _find_or_make(data)
    return path


@lru_cache(maxsize=8)
def _find_or_make(data: Path | None) -> Path:
    for root in (data, Path(tempfile.gettempdir()) / f"kartabl-fonts-{os.getuid()}"):
        if root is None:
            continue
        try:
            return _prepare(root / "fontconfig")
        except OSError:
            continue
    return _prepare(Path(tempfile.mkdtemp(prefix="kartabl-fonts-")))


def _prepare(folder: Path) -> Path:
    cache, fonts = folder / "cache", folder / _CUT
    for made in (cache, fonts):
        made.mkdir(parents=True, exist_ok=True, mode=0o700)
    for weight in _WEIGHTS:
        if not (fonts / f"{weight}.ttf").exists():
            _put(fonts / f"{weight}.ttf", _print_cut(weight))
    conf = folder / "fonts.conf"
    text = _CONF.format(fonts=escape(str(fonts)), cache=escape(str(cache))).encode()
    if not conf.exists() or conf.read_bytes() != text:
        _put(conf, text)
    return conf


def _put(path: Path, content: bytes) -> None:
    """Write a file whole or not at all: another process may be reading it."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    Path(name).replace(path)


def _print_cut(weight: str) -> bytes:
    """The font without contextual alternates, under a family name of its own."""
    from fontTools.ttLib import TTFont

    with TTFont(FONT_FOLDER / f"{_FACE}-{weight}.ttf") as font:
        for record in font["GSUB"].table.FeatureList.FeatureRecord:
            if record.FeatureTag == "calt":
                record.Feature.LookupListIndex = []
                record.Feature.LookupCount = 0
        for name in font["name"].names:
            if name.nameID in (1, 3, 4, 6):
                ours = FAMILY.replace(" ", "") if name.nameID == 6 else FAMILY
                name.string = str(name).replace(_FACE, ours)
        buffer = BytesIO()
        font.save(buffer)
    return buffer.getvalue()


@lru_cache(maxsize=2)
def _face(bold: bool) -> tuple[ImageFont.FreeTypeFont, frozenset[int]]:
    from fontTools.ttLib import TTFont  # slow to import; needed once, for the first measure

    path = FONT_FOLDER / f"{_FACE}-{'Bold' if bold else 'Regular'}.ttf"
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
    without = ["-calt"] if face.layout_engine == ImageFont.Layout.RAQM else None
    return face.getlength(text, features=without) / _MEASURE_AT + strange * _UNKNOWN_EM


def text_width(text: str, *, points: float, bold: bool = False) -> float:
    """The width of shaped text in millimetres."""
    return _width_em(text, bold) * points * MM_PER_POINT
