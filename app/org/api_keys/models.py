"""API keys (کلیدهای برنامه): what a program signs in with instead of a person's password."""

from __future__ import annotations

from datetime import datetime

from flask_appbuilder import Model
from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core import clock
from app.core.audit import Audited
from app.core.db import CleanText, Identified, UtcDateTime
from app.org.employees.models import Employee


class ApiKey(Audited, Identified, Model):
    """A key of one person, with whose rights its program works; only a digest of it is kept.

    `hint` are its last letters, to tell keys apart. `networks` are the addresses it works from,
    separated by spaces; empty means from everywhere.
    """

    __tablename__ = "org_api_key"
    __audit_parent__ = "employee_id"
    __audit_secret__ = ("digest",)
    __audit_skip__ = ("last_used_at", "last_address")

    employee_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(CleanText(80))
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    hint: Mapped[str] = mapped_column(String(8))
    networks: Mapped[str] = mapped_column(String(500), default="")
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_address: Mapped[str] = mapped_column(String(45), default="")

    employee: Mapped[Employee] = relationship()

    @property
    def is_alive(self) -> bool:
        """Whether it opens anything now."""
        return self.revoked_at is None and self.expires_at > clock.now()

    def __str__(self) -> str:
        return self.name
