"""Departments (واحد سازمانی): the tree along which people see rows."""

from __future__ import annotations

from flask_appbuilder import Model
from sqlalchemy import Boolean, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.audit import Audited
from app.core.db import CleanText, Identified, SortKey, Stamped
from app.core.tree import InTree


class Department(Audited, InTree, Identified, Stamped, Model):
    """A unit of the organisation; lives until it is closed, never deleted while rows point to it."""

    __tablename__ = "org_department"

    code: Mapped[str] = mapped_column(String(20), unique=True)
    name: Mapped[str] = mapped_column(CleanText(120))
    name_sort: Mapped[str] = mapped_column(SortKey(480), default="", index=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("org_department.id"), index=True)
    is_active: Mapped[bool] = mapped_column(Boolean, default=True)

    parent: Mapped[Department | None] = relationship(back_populates="children", remote_side="Department.id")
    children: Mapped[list[Department]] = relationship(
        back_populates="parent", order_by="Department.tree_order", passive_deletes="all"
    )

    def __str__(self) -> str:
        return self.name
