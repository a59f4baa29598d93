"""Batches of import (ورود گروهی): one uploaded file, what was chosen for it and what came of it."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from flask_appbuilder import Model
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import JSON, Boolean, ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Identified, Stamped, enum_type
from app.org.employees.models import Employee
from imports.plans import Mode


class Stage(StrEnum):
    """How far a batch is."""

    UPLOADED = "uploaded"
    CHECKED = "checked"
    REJECTED = "rejected"
    DONE = "done"
    UNDONE = "undone"

    @property
    def label(self) -> Any:
        return {
            "uploaded": _l("Uploaded"),
            "checked": _l("Checked"),
            "rejected": _l("Rejected"),
            "done": _l("Done"),
            "undone": _l("Undone"),
        }[self.value]

    @property
    def is_over(self) -> bool:
        """Whether the batch was carried out, so that nothing more is chosen or written for it."""
        return self in (Stage.DONE, Stage.UNDONE)


class ImportBatch(Identified, Stamped, Model):
    """One file on its way in; the rows themselves stay in the stored file until they are applied.

    `mapping` is a Choice and, under "at", the folded headers by their place; `counts` holds the
    numbers of the report and `errors` the first cells to repair, as in `import --json`; `unknown`
    counts, by column, the words whose meaning a person is asked for. Only its actor sees it.
    """

    __tablename__ = "imports_batch"

    spec: Mapped[str] = mapped_column(String(40))
    file_name: Mapped[str] = mapped_column(String(255))
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    mapping: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    mode: Mapped[Mode] = mapped_column(enum_type(Mode), default=Mode.BOTH)
    good_rows: Mapped[bool] = mapped_column(Boolean, default=False)
    stage: Mapped[Stage] = mapped_column(enum_type(Stage), default=Stage.UPLOADED)
    message: Mapped[str] = mapped_column(String(1000), default="")
    counts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    errors: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    unknown: Mapped[dict[str, dict[str, int]]] = mapped_column(JSON, default=dict, server_default="{}")
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"), index=True)
    job_id: Mapped[int | None] = mapped_column(Integer)

    actor: Mapped[Employee | None] = relationship(foreign_keys=[actor_id])

    @property
    def person(self) -> str:
        """Who brought it in."""
        return str(self.actor) if self.actor is not None else _("the system")


class ImportCorrection(Identified, Stamped, Model):
    """One act of correcting (اصلاح): cells of the batch's sheet and the texts that stand for them.

    `cells` is [[row, column, text], …], rows and columns from 0. A later act wins over an earlier
    one, and undoing is removing the last.
    """

    __tablename__ = "imports_correction"

    batch_id: Mapped[int] = mapped_column(ForeignKey("imports_batch.id", ondelete="CASCADE"), index=True)
    cells: Mapped[list[list[Any]]] = mapped_column(JSON, default=list)


class ImportedBefore(Identified, Model):
    """A draft as it was before a batch wrote over it (پیش از ورود), whole, as the editor opens it."""

    __tablename__ = "imports_before"

    batch_id: Mapped[int] = mapped_column(ForeignKey("imports_batch.id", ondelete="CASCADE"), index=True)
    record_id: Mapped[int] = mapped_column(Integer)
    entry: Mapped[dict[str, Any]] = mapped_column(JSON)
