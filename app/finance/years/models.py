"""Fiscal years (سال مالی): the Jalali year in which documents are numbered, until it is closed."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from flask_appbuilder import Model
from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, Integer
from sqlalchemy.orm import Mapped, mapped_column

from app.core.audit import Audited
from app.core.db import Identified, Stamped, Versioned, enum_type


class YearState(StrEnum):
    """باز، بسته."""

    OPEN = "open"
    CLOSED = "closed"


STATE_LABELS = {YearState.OPEN: _l("Open for booking"), YearState.CLOSED: _l("Closed")}


class FiscalYear(Audited, Identified, Stamped, Versioned, Model):
    """A fiscal year; documents dated up to `locked_until` stand as they are, in a closed one all do."""

    __tablename__ = "finance_fiscal_year"
    __table_args__ = (
        CheckConstraint("ends_on > starts_on", name="order"),
        CheckConstraint("locked_until BETWEEN starts_on AND ends_on", name="locked_until"),
    )

    year: Mapped[int] = mapped_column(Integer, unique=True)
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    state: Mapped[YearState] = mapped_column(enum_type(YearState), default=YearState.OPEN)
    locked_until: Mapped[date | None]

    def __str__(self) -> str:
        return str(self.year)
