"""Departments (واحد سازمانی): the tree along which people see rows."""

from __future__ import annotations

from flask_appbuilder import Model
from sqlalchemy import Boolean, ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.audit import Audited
from app.core.db import CleanText, Identified, SortKey, Stamped


class Department(Audited, Identified, Stamped, Model):
    """A unit of the organisation; lives until it is closed, never deleted while rows point to it."""

    __tablename__ = "org_department"

    code: Mapped[str] = mapped_column(String(20), unique=True)
    name: Mapped[str] = mapped_column(CleanText(120))
    name_sort: Mapped[str] = mapped_column(SortKey(240), default="", index=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("org_department.id"), index=True)
    is_active: Mapped[bool] = mapped_column(Boolean, default=True)
    position: Mapped[int] = mapped_column(Integer, default=0)

    parent: Mapped[Department | None] = relationship(
        back_populates="children", remote_side="Department.id"
    )
    children: Mapped[list[Department]] = relationship(back_populates="parent", order_by="Department.position")

    def __str__(self) -> str:
        return self.name
