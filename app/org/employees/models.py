"""Employees (کارمند): FAB's user with what an organisation knows of a person."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from flask_appbuilder import Model
from flask_appbuilder.security.sqla.models import User
from sqlalchemy import Boolean, ForeignKey, String, UniqueConstraint
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.audit import Audited
from app.core.db import Identified, Sorted, SortKey, UtcDateTime
from app.org.departments.models import Department


class Employee(Audited, Sorted, User):
    """A person who signs in. Shares FAB's table, so that its security views keep working.

    With a `customer` it is somebody of that dealer, who sees rows about that party alone.
    """

    __tablename__ = "ab_user"
    __audit_secret__ = ("password",)
    __audit_skip__ = (
        "full_name_sort",
        "last_login",
        "login_count",
        "fail_login_count",
        "created_on",
        "changed_on",
        "created_by_fk",
        "changed_by_fk",
        "password_set_at",
    )
    __sort_keys__: ClassVar[dict[str, str]] = {"full_name_sort": "name_by_family"}

    home_department_id: Mapped[int | None] = mapped_column(
        ForeignKey("org_department.id", use_alter=True, name="fk_ab_user_home_department_id")
    )
    customer_id: Mapped[int | None] = mapped_column(
        ForeignKey("crm_customer.id", use_alter=True, name="fk_ab_user_customer_id"), index=True
    )
    mobile: Mapped[str | None] = mapped_column(String(20))
    locale: Mapped[str] = mapped_column(String(5), default="fa", server_default="fa")
    full_name_sort: Mapped[str] = mapped_column(SortKey(520), default="", server_default="", index=True)
    must_change_password: Mapped[bool] = mapped_column(Boolean, default=False, server_default="0")
    password_set_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    home_department: Mapped[Department | None] = relationship(foreign_keys=[home_department_id])
    memberships: Mapped[list[Membership]] = relationship(back_populates="employee", cascade="all, delete-orphan")

    if TYPE_CHECKING:
        customer: Any  # the dealer's party; customers lie above and plug themselves in

    @hybrid_property
    def is_active(self) -> bool:
        """Whether the person still signs in; FAB's own property cannot be asked in a query."""
        return self.active

    @property
    def member_departments(self) -> list[Department]:
        """The further departments whose rows the person works with."""
        return [membership.department for membership in self.memberships]

    @property
    def full_name(self) -> str:
        """First and last name; sorted by the last."""
        return str(self)

    @property
    def name_by_family(self) -> str:
        """Family name first, as people are sorted."""
        return f"{self.last_name or ''} {self.first_name or ''}".strip()

    def __str__(self) -> str:
        return f"{self.first_name or ''} {self.last_name or ''}".strip() or self.username


class Membership(Audited, Identified, Model):
    """A further department whose rows an employee works with, its sub-departments included."""

    __tablename__ = "org_membership"
    __audit_parent__ = "employee_id"
    __table_args__ = (UniqueConstraint("employee_id", "department_id"),)

    employee_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id", ondelete="CASCADE"))
    department_id: Mapped[int] = mapped_column(ForeignKey("org_department.id"), index=True)

    employee: Mapped[Employee] = relationship(back_populates="memberships", foreign_keys=[employee_id])
    department: Mapped[Department] = relationship()

    def __str__(self) -> str:
        return f"{self.employee} · {self.department}"
