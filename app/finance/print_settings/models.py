"""How papers look (تنظیمات چاپ): texts, logo, and what the print dialog starts from."""

from __future__ import annotations

from typing import ClassVar

from flask_appbuilder import Model
from flask_babel import gettext as _
from sqlalchemy import Boolean, CheckConstraint, LargeBinary, true
from sqlalchemy.orm import Mapped, mapped_column

from app.core.audit import Audited
from app.core.db import CleanText, Identified, Stamped, Versioned, enum_type
from app.finance.print_settings.choices import Copies, Orientation, PaperSize, PrintStyle


class PrintSettings(Audited, Identified, Stamped, Versioned, Model):
    """The one row of the print settings; the seller's particulars stand with the company.

    `logo` is a PNG made by us from what was uploaded, at most 600 pixels wide.
    """

    __tablename__ = "finance_print_settings"
    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)
    __audit_secret__: ClassVar[tuple[str, ...]] = ("logo",)

    style: Mapped[PrintStyle] = mapped_column(enum_type(PrintStyle), default=PrintStyle.OFFICIAL)
    paper: Mapped[PaperSize] = mapped_column(enum_type(PaperSize), default=PaperSize.A4)
    orientation: Mapped[Orientation] = mapped_column(enum_type(Orientation), default=Orientation.LANDSCAPE)
    copies: Mapped[Copies] = mapped_column(enum_type(Copies), default=Copies.PLAIN)
    head_text: Mapped[str] = mapped_column(CleanText(300), default="", server_default="")
    foot_text: Mapped[str] = mapped_column(CleanText(600), default="", server_default="")
    bank_accounts: Mapped[str] = mapped_column(CleanText(600), default="", server_default="")
    has_qr: Mapped[bool] = mapped_column(Boolean, default=True, server_default=true())
    logo: Mapped[bytes | None] = mapped_column(LargeBinary)

    def __str__(self) -> str:
        return _("Print settings")
