"""The company itself (مشخصات شرکت): what stands as the seller on every paper."""

from __future__ import annotations

from flask_appbuilder import Model
from sqlalchemy import CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.audit import Audited
from app.core.db import CleanText, Identified, Stamped, Versioned


class Company(Audited, Identified, Stamped, Versioned, Model):
    """The one row of the company's own particulars; lives as long as the installation."""

    __tablename__ = "org_company"
    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)

    name: Mapped[str] = mapped_column(CleanText(200))
    economic_code: Mapped[str] = mapped_column(String(20), default="")
    national_id: Mapped[str] = mapped_column(String(20), default="")
    registration_no: Mapped[str] = mapped_column(String(20), default="")
    province: Mapped[str] = mapped_column(CleanText(60), default="")
    city: Mapped[str] = mapped_column(CleanText(60), default="")
    postal_code: Mapped[str] = mapped_column(String(10), default="")
    address: Mapped[str] = mapped_column(CleanText(500), default="")
    phone: Mapped[str] = mapped_column(String(60), default="")
    print_note: Mapped[str] = mapped_column(CleanText(500), default="")

    def __str__(self) -> str:
        return self.name
