"""Posts (سمت سازمانی): the tree of responsibility, with dated holders and delegations."""

from __future__ import annotations

from datetime import date

from flask_appbuilder import Model
from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.audit import Audited
from app.core.db import CleanText, Identified, SortKey, Stamped
from app.org.departments.models import Department
from app.org.employees.models import Employee


class Post(Audited, Identified, Stamped, Model):
    """A place in the hierarchy, held by people over time."""

    __tablename__ = "org_post"

    code: Mapped[str] = mapped_column(String(20), unique=True)
    name: Mapped[str] = mapped_column(CleanText(120))
    name_sort: Mapped[str] = mapped_column(SortKey(240), default="", index=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("org_post.id"), index=True)
    department_id: Mapped[int | None] = mapped_column(ForeignKey("org_department.id"), index=True)

    parent: Mapped[Post | None] = relationship(back_populates="children", remote_side="Post.id")
    children: Mapped[list[Post]] = relationship(back_populates="parent")
    department: Mapped[Department | None] = relationship()
    holders: Mapped[list[PostHolder]] = relationship(back_populates="post", order_by="PostHolder.from_on")

    def __str__(self) -> str:
        return self.name


class PostHolder(Audited, Identified, Stamped, Model):
    """Somebody's term in a post; `until_on` is the last day, open while empty."""

    __tablename__ = "org_post_holder"
    __table_args__ = (CheckConstraint("until_on IS NULL OR until_on >= from_on", name="term"),)

    post_id: Mapped[int] = mapped_column(ForeignKey("org_post.id"), index=True)
    employee_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"), index=True)
    from_on: Mapped[date]
    until_on: Mapped[date | None]

    post: Mapped[Post] = relationship(back_populates="holders")
    employee: Mapped[Employee] = relationship(foreign_keys=[employee_id])

    def __str__(self) -> str:
        return f"{self.post} · {self.employee}"


class Delegation(Audited, Identified, Stamped, Model):
    """During leave: `delegate` acts for `principal` from a day to a day, both included."""

    __tablename__ = "org_delegation"
    __table_args__ = (
        CheckConstraint("until_on >= from_on", name="term"),
        CheckConstraint("delegate_id <> principal_id", name="not_self"),
    )

    principal_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"), index=True)
    delegate_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"), index=True)
    from_on: Mapped[date]
    until_on: Mapped[date]
    reason: Mapped[str] = mapped_column(CleanText(200), default="")

    principal: Mapped[Employee] = relationship(foreign_keys=[principal_id])
    delegate: Mapped[Employee] = relationship(foreign_keys=[delegate_id])

    def __str__(self) -> str:
        return f"{self.principal} → {self.delegate}"
