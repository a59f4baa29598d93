"""The ink of a signature: taken off its paper, shown to people as a marked copy, printed as a smaller one.

Pure functions over pixels. What is kept is a PNG whose paper is transparent; what leaves the
application is never that PNG but one of the two copies made here.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from flask_babel import lazy_gettext as _l
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont, features

from app.core.errors import DomainError
from app.core.pictures import SIDE

KEPT = (900, 450)
"""Pixels: sharp in any box of a paper."""
SHOWN = (260, 110)
"""Pixels of a preview, before it is marked: enough to know whose it is, too few to use it."""
PRINTED = (420, 210)
MARGIN = 6
LEAST = (24, 10)
"""Pixels: smaller than this it is a speck."""
MOST_INK = 0.55
"""Share of a picture: above it there is no light paper around the ink."""
PAPER_NOISE, FULL_INK = 0.18, 0.62
"""How much darker than its paper a pixel is, by the darkest ink: below the first it is paper, above the second ink."""
FAINTEST = 28.0
"""Darkness (0 to 255) that even the darkest ink must have."""
VISIBLE = 40
"""Opacity (0 to 255) from which a pixel counts as ink when the picture is cut to it."""
FONT = Path(__file__).parents[2] / "core" / "static" / "vendor" / "vazirmatn" / "ttf" / "Vazirmatn-Regular.ttf"

Pixels = NDArray[np.float64]


class NoInk(DomainError):
    """The picture shows no signature on light paper."""

    code = "no_ink"
    default_message = _l("No signature was found in the picture. Sign with a dark pen on white paper, in good light.")


def taken_off_paper(image: Image.Image) -> bytes:
    """PNG bytes of the ink alone, cut to it, at most 900 x 450 pixels; its paper is transparent.

    A picture that has transparent paper already keeps it. Raises NoInk.
    """
    image.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    ink = image if _has_transparent_paper(image) else _without_paper(image.convert("RGB"))
    cut = _cut_to_ink(ink)
    cut.thumbnail(KEPT, Image.Resampling.LANCZOS)
    return _png(cut)


def marked_copy(png: bytes, lines: Sequence[str], *, rtl: bool) -> bytes:
    """A coarse copy on white with the lines of text all across it, for people to look at."""
    small = Image.open(io.BytesIO(png)).convert("RGBA")
    small.thumbnail(SHOWN, Image.Resampling.BILINEAR)
    width, height = max(small.width * 2, 360), max(small.height * 2, 150)
    paper = Image.new("RGBA", (width, height), "white")
    large = small.resize((small.width * 2, small.height * 2), Image.Resampling.BILINEAR)
    paper.alpha_composite(large, ((width - large.width) // 2, (height - large.height) // 2))
    paper.alpha_composite(_across(paper.size, lines, rtl=rtl))
    return _png(paper.convert("RGB").quantize(64))


def printed_copy(png: bytes) -> bytes:
    """A smaller copy of the ink, fine enough for paper; its pixels are not those that are kept."""
    small = Image.open(io.BytesIO(png)).convert("RGBA")
    share = min(PRINTED[0] / small.width, PRINTED[1] / small.height, 0.8)
    size = (max(1, round(small.width * share)), max(1, round(small.height * share)))
    return _png(small.resize(size, Image.Resampling.LANCZOS))


def _has_transparent_paper(image: Image.Image) -> bool:
    if image.mode != "RGBA":
        return False
    opacity = np.asarray(image.getchannel("A"))
    return bool((opacity < VISIBLE).mean() > 1 - MOST_INK)


def _without_paper(image: Image.Image) -> Image.Image:
    """The ink of a photo: what is darker than the paper around it, in its own colour."""
    colours = np.asarray(image, dtype=np.float64)
    paper = _paper_of(image)
    darkness = np.clip((paper - colours).max(axis=2), 0, 255)
    deepest = float(np.percentile(darkness, 99.7))
    if deepest < FAINTEST:
        raise NoInk
    opacity = np.clip((darkness / deepest - PAPER_NOISE) / (FULL_INK - PAPER_NOISE), 0, 1)
    if (opacity > 0.5).mean() > MOST_INK:
        raise NoInk
    share = np.maximum(opacity, 0.05)[..., None]
    ink = np.clip((colours - (1 - share) * paper) / share, 0, 255) * (opacity > 0)[..., None]
    return Image.fromarray(np.dstack([ink, opacity * 255]).round().astype(np.uint8), "RGBA")


def _paper_of(image: Image.Image) -> Pixels:
    """The colour of the paper at every pixel, shadows and folds included: the lightest around it, smoothed."""
    coarse = image.copy()
    coarse.thumbnail((160, 160), Image.Resampling.BILINEAR)
    light = coarse.filter(ImageFilter.MaxFilter(15)).filter(ImageFilter.GaussianBlur(8))
    return np.asarray(light.resize(image.size, Image.Resampling.BILINEAR), dtype=np.float64)


def _cut_to_ink(ink: Image.Image) -> Image.Image:
    """The picture without empty edges; single dark specks at its edge do not count."""
    opacity = ink.getchannel("A").filter(ImageFilter.MedianFilter(3))
    box = opacity.point([0] * VISIBLE + [255] * (256 - VISIBLE)).getbbox()
    if box is None or box[2] - box[0] < LEAST[0] or box[3] - box[1] < LEAST[1]:
        raise NoInk
    left, top, right, bottom = box
    width, height = ink.size
    return ink.crop(
        (max(left - MARGIN, 0), max(top - MARGIN, 0), min(right + MARGIN, width), min(bottom + MARGIN, height))
    )


def _across(size: tuple[int, int], lines: Sequence[str], *, rtl: bool) -> Image.Image:
    """The text over the whole picture, slanted, again and again."""
    side = round((size[0] ** 2 + size[1] ** 2) ** 0.5)
    layer = Image.new("RGBA", (side, side), (0, 0, 0, 0))
    draw, font = ImageDraw.Draw(layer), ImageFont.truetype(str(FONT), 15)
    flow: dict[str, Any] = {"direction": "rtl" if rtl else "ltr"} if features.check("raqm") else {}
    for row, top in enumerate(range(0, side, 30)):
        text = lines[row % len(lines)]
        wide = draw.textlength(text, font=font, **flow) + 28
        for left in range(-(row % 2) * 90, side, max(60, round(wide))):
            draw.text((left, top), text, fill=(176, 32, 48, 150), font=font, **flow)
    slanted = layer.rotate(18, Image.Resampling.BICUBIC)
    left, top = (side - size[0]) // 2, (side - size[1]) // 2
    return slanted.crop((left, top, left + size[0], top + size[1]))


def _png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()
