"""Pictures of products: decoded within limits and encoded anew, so that only pixels are kept."""

from __future__ import annotations

import hashlib
import io
import warnings

from flask_babel import lazy_gettext as _l
from PIL import Image, ImageOps, UnidentifiedImageError

from app.core.actor import require_current
from app.core.db import db
from app.core.errors import DomainError
from app.sales.catalog.models import Product, ProductPicture
from app.sales.catalog.services import SUBJECT

LARGEST_BYTES = 8 * 1024 * 1024
LARGEST_PIXELS = 40_000_000
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
SIDE = 1200
THUMBNAIL_SIDE = 160
MEDIA_TYPE = "image/webp"


class BadPicture(DomainError):
    """The upload is no picture that we take."""

    code = "bad_picture"
    default_message = _l("This is not a picture in JPEG, PNG, WebP or GIF format.")


class PictureTooLarge(BadPicture):
    """The upload is larger than the limits, in bytes or in pixels."""

    code = "picture_too_large"
    default_message = _l("The picture is too large: at most 8 MB and 40 million pixels.")


def set_picture(product: Product, content: bytes) -> ProductPicture:
    """Give a product a picture, instead of the one it had.

    Raises NotAllowed, BadPicture, PictureTooLarge.
    """
    require_current().require("edit", SUBJECT)
    image = decoded(content)
    large, small = encoded(image, SIDE), encoded(image, THUMBNAIL_SIDE)
    picture = product.picture or ProductPicture()
    picture.content, picture.thumbnail = large, small
    picture.media_type = MEDIA_TYPE
    picture.sha256 = hashlib.sha256(large).hexdigest()
    picture.width, picture.height = Image.open(io.BytesIO(large)).size
    product.picture = picture
    db.session.flush()
    return picture


def decoded(content: bytes) -> Image.Image:
    """The pixels of an upload, upright, without its metadata. Raises BadPicture, PictureTooLarge."""
    if len(content) > LARGEST_BYTES:
        raise PictureTooLarge(size=len(content))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(content), formats=FORMATS)
            if image.width * image.height > LARGEST_PIXELS:
                raise PictureTooLarge(width=image.width, height=image.height)
            image.draft("RGB", (SIDE, SIDE))
            upright = ImageOps.exif_transpose(image)
            return upright.convert("RGBA" if "A" in upright.getbands() or "transparency" in upright.info else "RGB")
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PictureTooLarge from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise BadPicture from error


def encoded(image: Image.Image, side: int) -> bytes:
    """WebP bytes of the picture, no side longer than `side` pixels."""
    copy = image.copy()
    copy.thumbnail((side, side), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    copy.save(out, "WEBP", quality=82, method=4)
    return out.getvalue()
