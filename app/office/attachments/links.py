"""Short-lived links to the bytes of a file, good for one person; what they may see is asked again at use."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus

from flask import current_app, url_for
from flask_babel import lazy_gettext as _l
from itsdangerous import BadData, URLSafeSerializer

from app.core import clock
from app.core.actor import require_current
from app.core.errors import DomainError, NotFound
from app.office.attachments.models import Attachment
from app.office.attachments.queries import attachment_of

LASTING = timedelta(minutes=10)


class LinkOver(DomainError):
    """The minutes of a link are over."""

    code = "link_gone"
    status = HTTPStatus.GONE
    default_message = _l("This link is over. Open the record again and choose the file there.")


def link_to(attachment: Attachment, *, small: bool = False, inline: bool = False) -> str:
    """An address of a file for the present actor; `small` is its thumbnail, `inline` shows a picture in the browser."""
    until = int((clock.now() + LASTING).timestamp())
    token = _signer().dumps([attachment.id, require_current().user_id, until, int(small), int(inline)])
    return url_for("AttachmentView.get", token=token)


def follow(token: str) -> tuple[Attachment, bool, bool]:
    """The file of a link, whether its thumbnail is meant, and whether it is to be shown. Raises NotFound, LinkOver."""
    try:
        attachment_id, user_id, until, small, inline = _signer().loads(token)
    except (BadData, ValueError, TypeError) as error:
        raise NotFound from error
    if user_id != require_current().user_id:
        raise NotFound
    if until < clock.now().timestamp():
        raise LinkOver
    return attachment_of(int(attachment_id)), bool(small), bool(inline)


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.config["SECRET_KEY"]), salt="kartabl attachment")
