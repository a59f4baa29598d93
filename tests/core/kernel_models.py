"""Models and an application for the kernel's own tests: a document, its lines, and a plain thing.

They have a registry of their own, so that the contract tests never meet them.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Any, ClassVar

from flask import Flask
from flask_appbuilder import Model
from flask_appbuilder.security.sqla.models import User  # noqa: F401 - jobs point to its table
from flask_babel import Babel
from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from app.core import jobs, ledger, numbering, schedule, workflow  # noqa: F401 - their tables
from app.core.audit import Audited, Sealable
from app.core.db import CleanText, Identified, Quantity, Rials, Sorted, SortKey, Stamped, Versioned, db, enum_type


class Base(DeclarativeBase):
    """The registry of these tests."""


class Person(Base):
    """Stands in for the table of users, that stamps and jobs point to."""

    __tablename__ = "ab_user"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40))

    def __str__(self) -> str:
        return self.name


class PaperState(StrEnum):
    DRAFT = "draft"
    ISSUED = "issued"
    VOID = "void"


class Paper(Audited, Sealable, Sorted, Identified, Stamped, Versioned, Base):
    """A document with a number, lines and states."""

    __tablename__ = "test_paper"
    __sealed_children__ = ("lines",)
    __sealed_skip__ = ("state", "remark")
    __sealed_states__ = frozenset({PaperState.ISSUED, PaperState.VOID})
    __audit_secret__: ClassVar[tuple[str, ...]] = ("secret",)
    __labels__: ClassVar[dict[str, Any]] = {"amount_rials": "Amount"}

    name: Mapped[str] = mapped_column(CleanText(80))
    weight: Mapped[Quantity | None]
    name_sort: Mapped[str] = mapped_column(SortKey(200), default="")
    state: Mapped[PaperState] = mapped_column(enum_type(PaperState), default=PaperState.DRAFT)
    number: Mapped[int | None] = mapped_column(unique=True)
    amount_rials: Mapped[Rials] = mapped_column(default=0)
    secret: Mapped[str | None] = mapped_column(String(40))
    remark: Mapped[str | None] = mapped_column(String(40))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    lines: Mapped[list[PaperLine]] = relationship(
        back_populates="paper", cascade="all, delete-orphan", order_by="PaperLine.id"
    )

    def __str__(self) -> str:
        return self.name


class PaperLine(Audited, Identified, Base):
    """A line whose history is filed with its paper."""

    __tablename__ = "test_paper_line"
    __audit_parent__ = "paper_id"

    paper_id: Mapped[int] = mapped_column(ForeignKey("test_paper.id", ondelete="CASCADE"))
    text: Mapped[str] = mapped_column(String(80))
    amount_rials: Mapped[Rials] = mapped_column(default=0)
    paper: Mapped[Paper] = relationship(back_populates="lines")


class Effect(Identified, Base):
    """What a job did: one row for each time its work was committed."""

    __tablename__ = "test_effect"

    number: Mapped[int]
    done_by: Mapped[str] = mapped_column(String(80), default="")


KERNEL_TABLES = (
    "core_counter",
    "core_heartbeat",
    "core_history",
    "core_history_batch",
    "core_job",
    "core_schedule",
    "core_transition_log",
)


def kernel_app(folder: Path, url: str | None = None) -> Flask:
    """A small application over the kernel alone."""
    app = Flask("kernel")
    app.config.update(
        DATA=folder,
        DATA_KEY="a key for tests that is long enough",
        SECRET_KEY="a key for tests that is long enough",
        SQLALCHEMY_DATABASE_URI=url or f"sqlite:///{folder / 'kernel.db'}",
        TESTING=True,
    )
    Babel(app)
    db.init_app(app)
    return app


def make_tables() -> None:
    """Make the tables of these tests; needs an app context."""
    Base.metadata.create_all(db.engine)
    for name in KERNEL_TABLES:
        Model.metadata.tables[name].create(db.engine, checkfirst=True)
