"""Pictures that people upload: decoded within limits and encoded anew, so that only pixels are kept."""

from __future__ import annotations

import io
import warnings

from flask_babel import lazy_gettext as _l
from PIL import Image, ImageOps, UnidentifiedImageError

from app.core.errors import DomainError

LARGEST_BYTES = 8 * 1024 * 1024
LARGEST_PIXELS = 40_000_000
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
SIDE = 1200


class BadPicture(DomainError):
    """The upload is no picture that we take."""

    code = "bad_picture"
    default_message = _l("This is not a picture in JPEG, PNG, WebP or GIF format.")


class PictureTooLarge(BadPicture):
    """The upload is larger than the limits, in bytes or in pixels."""

    code = "picture_too_large"
    default_message = _l("The picture is too large: at most 8 MB and 40 million pixels.")


def decoded(content: bytes, *, side: int = SIDE, largest: int = LARGEST_BYTES) -> Image.Image:
    """The pixels of an upload, upright, without its metadata. Raises BadPicture, PictureTooLarge.

    `side` is the least that the longer side is wanted for, so that a photograph is decoded no larger
    than needed; `largest` counts bytes.
    """
    if len(content) > largest:
        raise PictureTooLarge(size=len(content))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(content), formats=FORMATS)
            if image.width * image.height > LARGEST_PIXELS:
                raise PictureTooLarge(width=image.width, height=image.height)
            image.draft("RGB", (side, side))
            upright = ImageOps.exif_transpose(image)
            return upright.convert("RGBA" if "A" in upright.getbands() or "transparency" in upright.info else "RGB")
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PictureTooLarge from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise BadPicture from error


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
