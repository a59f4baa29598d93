"""Production (فرآیند تولید): what the works make, stage by stage, with good and waste and the materials used.

Stages and bills of materials are data. A process has a line for each thing that is made; a line
goes through the stages of its product's family, and the good quantity of its last stage is what
comes back to the order.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from flask_appbuilder import Model
from flask_babel import lazy_gettext as _l
from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, Integer, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.audit import Audited
from app.core.db import (
    CleanText,
    Identified,
    Quantity,
    Rate,
    Sorted,
    SortKey,
    Stamped,
    UtcDateTime,
    Versioned,
    enum_type,
)
from app.core.formats import register_labels
from app.core.scope import Scoped
from app.core.search import Searchable
from app.org.branches.models import Branch
from app.org.departments.models import Department
from app.org.employees.models import Employee
from app.sales.catalog.models import Product, ProductCategory, Unit

SUBJECT = "sales.production"


class ProductionState(StrEnum):
    """برنامه‌ریزی‌شده، در حال تولید، پایان‌یافته، لغوشده."""

    PLANNED = "planned"
    RUNNING = "running"
    FINISHED = "finished"
    CANCELLED = "cancelled"


STATE_LABELS = {
    ProductionState.PLANNED: _l("Planned"),
    ProductionState.RUNNING: _l("Being made"),
    ProductionState.FINISHED: _l("Finished"),
    ProductionState.CANCELLED: _l("Cancelled"),
}
STATE_TONES = {ProductionState.RUNNING: "info", ProductionState.FINISHED: "ok", ProductionState.CANCELLED: "bad"}
register_labels(STATE_LABELS, STATE_TONES)


class Stage(Audited, Sorted, Identified, Stamped, Model):
    """A stage of production (مرحله تولید) of a product family; without one, of every family that has none."""

    __tablename__ = "sales_production_stage"
    __table_args__ = (
        UniqueConstraint("category_id", "name"),
        Index("ix_sales_production_stage_order", "position", "id"),
    )

    name: Mapped[str] = mapped_column(CleanText(80))
    name_sort: Mapped[str] = mapped_column(SortKey(320), default="", index=True)
    category_id: Mapped[int | None] = mapped_column(ForeignKey("sales_product_category.id"))
    position: Mapped[int] = mapped_column(Integer, default=1)
    is_active: Mapped[bool] = mapped_column(Boolean, default=True)

    category: Mapped[ProductCategory | None] = relationship()

    def __str__(self) -> str:
        return self.name


class Material(Audited, Identified, Stamped, Model):
    """A row of a bill of materials (فرمول ساخت): how much of a component one unit of a product needs."""

    __tablename__ = "sales_material"
    __table_args__ = (
        UniqueConstraint("product_id", "component_id"),
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("product_id <> component_id", name="not_itself"),
    )

    product_id: Mapped[int] = mapped_column(ForeignKey("sales_product.id"))
    component_id: Mapped[int] = mapped_column(ForeignKey("sales_product.id"), index=True)
    quantity: Mapped[Quantity]
    waste_percent: Mapped[Rate] = mapped_column(default=Decimal(0))

    product: Mapped[Product] = relationship(foreign_keys=[product_id])
    component: Mapped[Product] = relationship(foreign_keys=[component_id])

    def __str__(self) -> str:
        return f"{self.product} · {self.component}"


class Production(Audited, Searchable, Scoped, Identified, Stamped, Versioned, Model):
    """A process of production, from its plan to the finished goods."""

    __tablename__ = "sales_production"
    __subject__ = SUBJECT
    __scope_owner__ = "owner_id"
    __search_fields__ = ("number_text", "title")
    __audit_skip__ = ("search_text",)
    __table_args__ = (
        UniqueConstraint("branch_id", "fiscal_year", "number"),
        Index("ix_sales_production_list", "planned_on", "id"),
        Index("ix_sales_production_state", "state", "planned_on", "id"),
        Index("ix_sales_production_department", "department_id", "planned_on", "id"),
        Index("ix_sales_production_due", "due_on", "id", sqlite_where=text("due_on IS NOT NULL"),
              postgresql_where=text("due_on IS NOT NULL")),
    )  # fmt: skip

    state: Mapped[ProductionState] = mapped_column(enum_type(ProductionState), default=ProductionState.PLANNED)
    branch_id: Mapped[int] = mapped_column(ForeignKey("org_branch.id"))
    fiscal_year: Mapped[int]
    number: Mapped[int]
    title: Mapped[str] = mapped_column(CleanText(200), default="")
    planned_on: Mapped[date]
    due_on: Mapped[date | None]
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    note: Mapped[str] = mapped_column(CleanText(1000), default="")
    department_id: Mapped[int] = mapped_column(ForeignKey("org_department.id"))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"), index=True)

    branch: Mapped[Branch] = relationship()
    department: Mapped[Department] = relationship()
    owner: Mapped[Employee | None] = relationship(foreign_keys=[owner_id])
    lines: Mapped[list[ProductionLine]] = relationship(
        back_populates="production", order_by="ProductionLine.position", cascade="all, delete-orphan"
    )

    @property
    def number_text(self) -> str:
        """The number as people quote it: Jalali year, dash, number."""
        return f"{self.fiscal_year}-{self.number}"

    def __str__(self) -> str:
        return self.number_text


class ProductionLine(Scoped, Identified, Model):
    """One thing that is made, and how far it is.

    `stage` is where it stands, none before, between and after its stages. `is_done`: nothing more
    is made of it, and `good_quantity` is what came of it.
    """

    __tablename__ = "sales_production_line"
    __subject__ = SUBJECT
    __scope_parent__ = "production_id"
    __table_args__ = (
        Index("ix_sales_production_line_production", "production_id", "position"),
        # What the board shows: few of many lines.
        Index("ix_sales_production_line_open", "stage_id", "production_id", sqlite_where=text("NOT is_done"),
              postgresql_where=text("NOT is_done")),
        CheckConstraint("good_quantity >= 0 AND waste_quantity >= 0", name="quantities"),
    )  # fmt: skip

    production_id: Mapped[int] = mapped_column(ForeignKey("sales_production.id", ondelete="CASCADE"))
    position: Mapped[int] = mapped_column(Integer)
    product_id: Mapped[int | None] = mapped_column(ForeignKey("sales_product.id"), index=True)
    description: Mapped[str] = mapped_column(CleanText(300))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("sales_unit.id"))
    quantity: Mapped[Quantity]
    stage_id: Mapped[int | None] = mapped_column(ForeignKey("sales_production_stage.id"), index=True)
    good_quantity: Mapped[Quantity] = mapped_column(default=Decimal(0))
    waste_quantity: Mapped[Quantity] = mapped_column(default=Decimal(0))
    is_done: Mapped[bool] = mapped_column(Boolean, default=False)

    production: Mapped[Production] = relationship(back_populates="lines")
    product: Mapped[Product | None] = relationship()
    unit: Mapped[Unit | None] = relationship()
    stage: Mapped[Stage | None] = relationship()
    runs: Mapped[list[StageRun]] = relationship(
        back_populates="line", order_by="StageRun.id", cascade="all, delete-orphan"
    )
    uses: Mapped[list[MaterialUse]] = relationship(
        back_populates="line", order_by="MaterialUse.id", cascade="all, delete-orphan"
    )


class StageRun(Scoped, Identified, Model):
    """One line at one stage: from when to when, who worked, what came out good and what was lost."""

    __tablename__ = "sales_production_run"
    __subject__ = SUBJECT
    __scope_parent__ = "line_id"
    __table_args__ = (
        UniqueConstraint("line_id", "stage_id"),
        CheckConstraint("good_quantity >= 0 AND waste_quantity >= 0", name="quantities"),
    )

    line_id: Mapped[int] = mapped_column(ForeignKey("sales_production_line.id", ondelete="CASCADE"))
    stage_id: Mapped[int] = mapped_column(ForeignKey("sales_production_stage.id"), index=True)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    people: Mapped[str] = mapped_column(CleanText(300), default="")
    note: Mapped[str] = mapped_column(CleanText(300), default="")
    good_quantity: Mapped[Quantity] = mapped_column(default=Decimal(0))
    waste_quantity: Mapped[Quantity] = mapped_column(default=Decimal(0))

    line: Mapped[ProductionLine] = relationship(back_populates="runs")
    stage: Mapped[Stage] = relationship()


class MaterialUse(Scoped, Identified, Model):
    """What of a component a line really used, beside what its bill of materials foresaw."""

    __tablename__ = "sales_material_use"
    __subject__ = SUBJECT
    __scope_parent__ = "line_id"
    __table_args__ = (
        UniqueConstraint("line_id", "component_id"),
        CheckConstraint("quantity >= 0 AND planned_quantity >= 0", name="quantities"),
    )

    line_id: Mapped[int] = mapped_column(ForeignKey("sales_production_line.id", ondelete="CASCADE"))
    component_id: Mapped[int] = mapped_column(ForeignKey("sales_product.id"), index=True)
    planned_quantity: Mapped[Quantity] = mapped_column(default=Decimal(0))
    quantity: Mapped[Quantity] = mapped_column(default=Decimal(0))

    line: Mapped[ProductionLine] = relationship(back_populates="uses")
    component: Mapped[Product] = relationship()
