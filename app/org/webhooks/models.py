"""Webhooks (فراخوان‌ها): addresses that are told of changes, and the outbox of what they are told."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from flask_appbuilder import Model
from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.audit import Audited
from app.core.db import CleanText, Identified, Stamped, UtcDateTime, enum_type


class DeliveryState(StrEnum):
    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"


class Webhook(Audited, Identified, Stamped, Model):
    """An address that is told of changes of a subject (empty: of all) by an event (empty: any).

    The secret signs what is sent; it is encrypted at rest.
    """

    __tablename__ = "org_webhook"
    __audit_secret__ = ("secret",)

    name: Mapped[str] = mapped_column(CleanText(80))
    url: Mapped[str] = mapped_column(String(500))
    secret: Mapped[str] = mapped_column(String(300))
    subject: Mapped[str] = mapped_column(String(60), default="")
    event: Mapped[str] = mapped_column(String(40), default="")
    is_active: Mapped[bool] = mapped_column(default=True, index=True)

    deliveries: Mapped[list[Delivery]] = relationship(
        back_populates="webhook", cascade="all, delete-orphan", passive_deletes=True
    )

    def __str__(self) -> str:
        return self.name


class Delivery(Identified, Model):
    """One message to one address, kept until it has arrived and a month longer."""

    __tablename__ = "org_webhook_delivery"
    __table_args__ = (Index("ix_org_webhook_delivery_due", "state", "next_at"),)

    webhook_id: Mapped[int] = mapped_column(ForeignKey("org_webhook.id", ondelete="CASCADE"), index=True)
    event_id: Mapped[str] = mapped_column(String(36))
    subject: Mapped[str] = mapped_column(String(60))
    event: Mapped[str] = mapped_column(String(40))
    body: Mapped[str] = mapped_column(Text)
    state: Mapped[DeliveryState] = mapped_column(enum_type(DeliveryState), default=DeliveryState.WAITING)
    tries: Mapped[int] = mapped_column(default=0)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    next_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    status: Mapped[int | None]
    error: Mapped[str] = mapped_column(String(300), default="")

    webhook: Mapped[Webhook] = relationship(back_populates="deliveries")

    def __str__(self) -> str:
        return f"{self.subject} · {self.event}"
