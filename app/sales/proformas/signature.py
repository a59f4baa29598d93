"""The customer's signature under an answer: drawn on the screen, kept in grey."""

from __future__ import annotations

import io

from PIL import Image

from app.core.pictures import drawing

KEPT = (800, 400)


def png_of(uri: str) -> bytes | None:
    """PNG bytes of a drawing, at most 800 x 400, in grey; None for an empty one. Raises BadSignature."""
    drawn = drawing(uri)
    paper = Image.new("RGBA", drawn.size, "white")
    paper.alpha_composite(drawn)
    grey = paper.convert("L")
    if grey.getextrema() == (255, 255):
        return None
    grey.thumbnail(KEPT, Image.Resampling.LANCZOS)
    out = io.BytesIO()
    grey.save(out, "PNG", optimize=True)
    return out.getvalue()
