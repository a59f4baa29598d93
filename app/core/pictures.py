"""Pictures that people upload: decoded within limits and encoded anew, so that only pixels are kept."""

from __future__ import annotations

import base64
import binascii
import io
import warnings

from flask_babel import lazy_gettext as _l
from PIL import Image, ImageOps, UnidentifiedImageError

from app.core.errors import DomainError

LARGEST_BYTES = 8 * 1024 * 1024
LARGEST_PIXELS = 40_000_000
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
SIDE = 1200
DRAWING_HEAD = "data:image/png;base64,"
LARGEST_DRAWING = 200_000
"""Characters of a data URI; a page's own canvas makes about a tenth."""
WIDEST, TALLEST = 1600, 800
"""Pixels of a drawing."""


class BadPicture(DomainError):
    """The upload is no picture that we take."""

    code = "bad_picture"
    default_message = _l("This is not a picture in JPEG, PNG, WebP or GIF format.")


class PictureTooLarge(BadPicture):
    """The upload is larger than the limits, in bytes or in pixels."""

    code = "picture_too_large"
    default_message = _l("The picture is too large: at most 8 MB and 40 million pixels.")


class BadSignature(DomainError):
    """What came is no drawing of ours."""

    code = "bad_signature"
    default_message = _l("The signature could not be read. Clear it and draw it again.")


def decoded(
    content: bytes, *, side: int = SIDE, largest: int = LARGEST_BYTES, formats: tuple[str, ...] = FORMATS
) -> Image.Image:
    """The pixels of an upload, upright, without its metadata. Raises BadPicture, PictureTooLarge.

    `side` is the least that the longer side is wanted for, so that a photograph is decoded no larger
    than needed; `largest` counts bytes.
    """
    if len(content) > largest:
        raise PictureTooLarge(size=len(content))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(content), formats=formats)
            if image.width * image.height > LARGEST_PIXELS:
                raise PictureTooLarge(width=image.width, height=image.height)
            image.draft("RGB", (side, side))
            upright = ImageOps.exif_transpose(image)
            return upright.convert("RGBA" if "A" in upright.getbands() or "transparency" in upright.info else "RGB")
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PictureTooLarge from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise BadPicture from error


def drawing(uri: str) -> Image.Image:
    """The pixels (RGBA) of what a page's canvas sent as a data URI. Raises BadSignature."""
    if not uri.startswith(DRAWING_HEAD) or len(uri) > LARGEST_DRAWING:
        raise BadSignature(path="signature")
    try:
        drawn = decoded(base64.b64decode(uri.removeprefix(DRAWING_HEAD), validate=True), formats=("PNG",))
    except (binascii.Error, BadPicture) as error:
        raise BadSignature(path="signature") from error
    if drawn.width > WIDEST or drawn.height > TALLEST:
        raise BadSignature(path="signature")
    return drawn.convert("RGBA")


def data_uri(png: bytes | None) -> str | None:
    """A PNG as papers and pages carry it."""
    return f"data:image/png;base64,{base64.b64encode(png).decode()}" if png else None


def encoded(image: Image.Image, side: int, form: str = "WEBP") -> bytes:
    """The picture's bytes as WEBP, JPEG or PNG, no side longer than `side` pixels."""
    copy = image.convert("RGB") if form == "JPEG" else image.copy()
    copy.thumbnail((side, side), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    copy.save(out, form, **_OPTIONS[form])
    return out.getvalue()


_OPTIONS: dict[str, dict[str, int | bool]] = {
    "WEBP": {"quality": 82, "method": 4},
    "JPEG": {"quality": 86},
    "PNG": {"optimize": False},
}
