"""Pictures of products, taken as `core.pictures` takes them."""

from __future__ import annotations

import hashlib
import io

from PIL import Image

from app.core.actor import require_current
from app.core.db import db
from app.core.pictures import SIDE, decoded, encoded
from app.sales.catalog.models import Product, ProductPicture
from app.sales.catalog.services import SUBJECT

THUMBNAIL_SIDE = 160
MEDIA_TYPE = "image/webp"


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
