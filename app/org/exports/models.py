"""Exports (خروجی‌ها): who took which rows out, when, how many; for the administrator to see."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask_appbuilder import Model
from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Identified, UtcDateTime
from app.core.sheets import UnknownSheet, sheet_named
from app.org.employees.models import Employee


class ExportRecord(Identified, Model):
    """One file of rows that left the system; written with the file, never changed.

    `sheet` is the name of the sheet, or the table of a list without one. `filters` is the query of
    the list by argument, `options` the format and columns that the person chose, which are offered
    again the next time.
    """

    __tablename__ = "org_export"
    __table_args__ = (Index("ix_org_export_employee", "employee_id", "id"),)

    exported_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    employee_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id", ondelete="SET NULL"))
    actor_name: Mapped[str] = mapped_column(String(200))
    subject: Mapped[str] = mapped_column(String(60))
    sheet: Mapped[str] = mapped_column(String(80), index=True)
    filters: Mapped[dict[str, list[str]]] = mapped_column(JSON, default=dict)
    options: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    row_count: Mapped[int]

    employee: Mapped[Employee | None] = relationship()

    @property
    def what(self) -> str:
        """What the rows were, in words."""
        try:
            return str(sheet_named(self.sheet).label)
        except UnknownSheet:
            return self.sheet

    @property
    def filter_words(self) -> str:
        """The filters as people read an address, without its marks."""
        pairs = ((name.removeprefix("f_"), value) for name, values in self.filters.items() for value in values)
        return "; ".join(f"{name}: {value}" for name, value in pairs if value)

    @property
    def file_format(self) -> str:
        return str(self.options.get("format", ""))

    def __str__(self) -> str:
        return f"{self.what} · {self.row_count}"
