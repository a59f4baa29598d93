"""Posts (سمت سازمانی): the tree of responsibility, with dated holders."""

from __future__ import annotations

from datetime import date

from flask_appbuilder import Model
from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.audit import Audited
from app.core.db import CleanText, Identified, SortKey, Stamped
from app.core.tree import InTree
from app.org.departments.models import Department
from app.org.employees.models import Employee


class Post(Audited, InTree, Identified, Stamped, Model):
    """A place in the hierarchy, held by people over time; `seats` of them at once."""

    __tablename__ = "org_post"
    __table_args__ = (CheckConstraint("seats >= 1", name="seats"),)

    code: Mapped[str] = mapped_column(String(20), unique=True)
    name: Mapped[str] = mapped_column(CleanText(120))
    name_sort: Mapped[str] = mapped_column(SortKey(480), default="", index=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("org_post.id"), index=True)
    department_id: Mapped[int | None] = mapped_column(ForeignKey("org_department.id"), index=True)
    seats: Mapped[int] = mapped_column(Integer, default=1, server_default="1")

    parent: Mapped[Post | None] = relationship(back_populates="children", remote_side="Post.id")
    children: Mapped[list[Post]] = relationship(
        back_populates="parent", order_by="Post.tree_order", passive_deletes="all"
    )
    department: Mapped[Department | None] = relationship()
    holders: Mapped[list[PostHolder]] = relationship(
        back_populates="post", order_by="PostHolder.from_on", passive_deletes="all"
    )

    def __str__(self) -> str:
        return self.name


class PostHolder(Audited, Identified, Stamped, Model):
    """Somebody's term in a post (متصدی); `until_on` is the last day, open while empty."""

    __tablename__ = "org_post_holder"
    __table_args__ = (
        CheckConstraint("until_on IS NULL OR until_on >= from_on", name="term"),
        Index("ix_org_post_holder_term", "post_id", "from_on"),
    )

    post_id: Mapped[int] = mapped_column(ForeignKey("org_post.id"))
    employee_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"), index=True)
    from_on: Mapped[date]
    until_on: Mapped[date | None]

    post: Mapped[Post] = relationship(back_populates="holders")
    employee: Mapped[Employee] = relationship(foreign_keys=[employee_id])

    def __str__(self) -> str:
        return f"{self.post} · {self.employee}"
