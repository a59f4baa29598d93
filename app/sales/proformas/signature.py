"""A signature drawn on the screen: read within limits and encoded anew, so that only pixels are kept."""

from __future__ import annotations

import base64
import binascii
import io
import warnings

from flask_babel import lazy_gettext as _l
from PIL import Image, UnidentifiedImageError

from app.core.errors import DomainError

HEAD = "data:image/png;base64,"
LARGEST = 200_000
"""Characters of a data URI; a page's own canvas makes about a tenth."""
WIDEST, TALLEST = 1600, 800
KEPT = (800, 400)


class BadSignature(DomainError):
    """What came is no drawing of ours."""

    code = "bad_signature"
    default_message = _l("The signature could not be read. Clear it and draw it again.")


def png_of(uri: str) -> bytes | None:
    """PNG bytes of a drawing, at most 800 x 400, in grey; None for an empty one. Raises BadSignature."""
    if not uri.startswith(HEAD) or len(uri) > LARGEST:
        raise BadSignature(path="signature")
    try:
        content = base64.b64decode(uri.removeprefix(HEAD), validate=True)
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(content), formats=("PNG",))
            if image.width > WIDEST or image.height > TALLEST:
                raise BadSignature(path="signature")
            drawn = image.convert("RGBA")
    except (
        binascii.Error, UnidentifiedImageError, OSError, ValueError, SyntaxError,
        Image.DecompressionBombError, Image.DecompressionBombWarning,
    ) as error:  # fmt: skip
        raise BadSignature(path="signature") from error
    paper = Image.new("RGBA", drawn.size, "white")
    paper.alpha_composite(drawn)
    grey = paper.convert("L")
    if grey.getextrema() == (255, 255):
        return None
    grey.thumbnail(KEPT, Image.Resampling.LANCZOS)
    out = io.BytesIO()
    grey.save(out, "PNG", optimize=True)
    return out.getvalue()
