"""Delegations (جانشینی): who acts for whom during leave."""

from __future__ import annotations

from datetime import date

from flask_appbuilder import Model
from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.audit import Audited
from app.core.db import CleanText, Identified, Stamped
from app.core.scope import Scoped
from app.org.departments.models import Department
from app.org.employees.models import Employee


class Delegation(Audited, Scoped, Identified, Stamped, Model):
    """`delegate` acts for `principal` from a day to a day, both included; kept as a record after."""

    __tablename__ = "org_delegation"
    __subject__ = "org.delegations"
    __scope_owner__ = "principal_id"
    __table_args__ = (
        CheckConstraint("until_on >= from_on", name="term"),
        CheckConstraint("delegate_id <> principal_id", name="not_self"),
    )

    principal_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"), index=True)
    delegate_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"), index=True)
    department_id: Mapped[int | None] = mapped_column(ForeignKey("org_department.id"), index=True)
    from_on: Mapped[date]
    until_on: Mapped[date]
    reason: Mapped[str | None] = mapped_column(CleanText(200))

    principal: Mapped[Employee] = relationship(foreign_keys=[principal_id])
    delegate: Mapped[Employee] = relationship(foreign_keys=[delegate_id])
    department: Mapped[Department | None] = relationship()

    def __str__(self) -> str:
        return f"{self.principal} → {self.delegate}"
