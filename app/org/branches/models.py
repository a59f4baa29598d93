"""Branches of the company (شعبه)."""

from __future__ import annotations

from flask_appbuilder import Model
from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.audit import Audited
from app.core.db import CleanText, Identified, Sorted, SortKey, Stamped


class Branch(Audited, Sorted, Identified, Stamped, Model):
    """A branch of the company (شعبه) with number series of its own."""

    __tablename__ = "org_branch"

    code: Mapped[str] = mapped_column(String(20), unique=True)
    name: Mapped[str] = mapped_column(CleanText(120))
    name_sort: Mapped[str] = mapped_column(SortKey(240), default="")

    def __str__(self) -> str:
        return self.name
