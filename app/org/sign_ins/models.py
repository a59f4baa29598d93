"""What is kept of signing in (ورود): browsers, second factors, invitations, failed tries."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from flask_appbuilder import Model
from flask_appbuilder.security.sqla.models import Role
from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.audit import Audited
from app.core.db import Identified, UtcDateTime

if TYPE_CHECKING:
    from app.org.employees.models import Employee


class SignIn(Identified, Model):
    """One browser of one person; the row lives from sign-in to sign-out, or until a limit ends it.

    `completed_at` is empty while the second factor is waited for, `fresh_at` is when the password was
    last entered. The cookie holds the token, the row only its digest.
    """

    __tablename__ = "org_sign_in"
    __table_args__ = (Index("ix_org_sign_in_last_seen_at", "last_seen_at", "id"),)

    employee_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    begun_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    completed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    fresh_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    address: Mapped[str] = mapped_column(String(45), default="", server_default="")
    device: Mapped[str] = mapped_column(String(80), default="", server_default="")

    employee: Mapped[Employee] = relationship("Employee")

    def __str__(self) -> str:
        return self.device or self.address


class FailedTries(Model):
    """How often one guesser failed at one name lately, and until when no further try is looked at.

    `key` is a digest of the name and of the address or the known browser, so that the row tells
    nobody what was typed.
    """

    __tablename__ = "org_failed_tries"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    count: Mapped[int]
    last_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    until: Mapped[datetime] = mapped_column(UtcDateTime)


class SecondFactor(Audited, Identified, Model):
    """The authenticator app (برنامهٔ رمزساز) of a person; waits for its first code until `confirmed_at`."""

    __tablename__ = "org_second_factor"
    __audit_parent__ = "employee_id"
    __audit_secret__ = ("secret",)
    __audit_skip__ = ("last_step",)

    employee_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id", ondelete="CASCADE"), unique=True)
    secret: Mapped[str] = mapped_column(String(200))
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_step: Mapped[int | None]
    recovery_left: Mapped[int] = mapped_column(default=0, server_default="0")

    recovery_codes: Mapped[list[RecoveryCode]] = relationship(
        back_populates="factor", cascade="all, delete-orphan", order_by="RecoveryCode.id"
    )


class RecoveryCode(Identified, Model):
    """One of the codes (کد پشتیبان) that open the door once when the phone is lost; digest only."""

    __tablename__ = "org_recovery_code"

    factor_id: Mapped[int] = mapped_column(ForeignKey("org_second_factor.id", ondelete="CASCADE"), index=True)
    code_hash: Mapped[str] = mapped_column(String(64))
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    factor: Mapped[SecondFactor] = relationship(back_populates="recovery_codes")


class SecondFactorDemand(Audited, Identified, Model):
    """A role whose holders work only after they have set up a second factor."""

    __tablename__ = "org_second_factor_demand"

    role_id: Mapped[int] = mapped_column(ForeignKey("ab_role.id", ondelete="CASCADE"), unique=True)

    role: Mapped[Role] = relationship()

    def __str__(self) -> str:
        return str(self.role)


class Invitation(Audited, Identified, Model):
    """A link (دعوت‌نامه) by which a person sets a password of their own, once and for some days."""

    __tablename__ = "org_invitation"
    __audit_parent__ = "employee_id"
    __audit_secret__ = ("secret_hash",)

    employee_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id", ondelete="CASCADE"), index=True)
    secret_hash: Mapped[str] = mapped_column(String(64))
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    employee: Mapped[Employee] = relationship("Employee")
