"""Roles (نقش) as data: what they are called, and which fields they close.

A role is FAB's row with a title that people read (`core.db` adds it); its rights are FAB's too, so
that FAB's own screens keep working.
"""

from __future__ import annotations

from flask_appbuilder import Model
from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.actor import FieldLevel
from app.core.db import Identified, enum_type


class FieldRight(Identified, Model):
    """A field of a module that a role may only read or not see; what no row names is free."""

    __tablename__ = "org_field_right"
    __table_args__ = (UniqueConstraint("role_id", "model", "field"),)

    role_id: Mapped[int] = mapped_column(ForeignKey("ab_role.id", ondelete="CASCADE"))
    subject: Mapped[str] = mapped_column(String(60))
    model: Mapped[str] = mapped_column(String(64))
    field: Mapped[str] = mapped_column(String(64))
    level: Mapped[FieldLevel] = mapped_column(enum_type(FieldLevel))
