"""The print settings: read by prints, made on an empty start, the logo made anew from an upload."""

from __future__ import annotations

import io

from PIL import Image

from app.core.actor import require_current
from app.core.db import db
from app.core.pictures import decoded
from app.finance.print_settings.choices import Copies, Orientation, PaperSize, PrintStyle
from app.finance.print_settings.models import PrintSettings

SUBJECT = "finance.print_settings"
LOGO_SIZE = (600, 300)
"""Pixels: sharp in 50 × 25 millimetres, and small enough to stand in every PDF."""


def print_settings() -> PrintSettings:
    """The settings' row; an unsaved one with the defaults before anybody saved it."""
    return db.session.get(PrintSettings, 1) or _usual()


def _usual() -> PrintSettings:
    return PrintSettings(
        id=1,
        style=PrintStyle.OFFICIAL,
        paper=PaperSize.A4,
        orientation=Orientation.LANDSCAPE,
        copies=Copies.PLAIN,
        head_text="",
        foot_text="",
        bank_accounts="",
        has_qr=True,
    )


def seed_print_settings() -> None:
    """Make the settings' row where there is none; safe to repeat."""
    if db.session.get(PrintSettings, 1) is None:
        db.session.add(_usual())
        db.session.flush()


def set_logo(content: bytes) -> None:
    """Take an uploaded picture as the logo; only its pixels are kept.

    Raises NotAllowed, BadPicture, PictureTooLarge.
    """
    require_current().require("edit", SUBJECT)
    picture = decoded(content)
    picture.thumbnail(LOGO_SIZE, Image.Resampling.LANCZOS)
    out = io.BytesIO()
    picture.save(out, "PNG", optimize=True)
    settings = print_settings()
    settings.logo = out.getvalue()
    db.session.add(settings)
    db.session.flush()


def remove_logo() -> None:
    """Print without a logo. Raises NotAllowed."""
    require_current().require("edit", SUBJECT)
    print_settings().logo = None
    db.session.flush()
