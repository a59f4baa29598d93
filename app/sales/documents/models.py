"""What every document with lines stores: orders, proformas and invoices share these columns.

Figures are computed once by core.totals and stored, so that lists, prints and workbooks read them.
Each context adds its own head, states and database checks.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar, cast

from flask_appbuilder import Model
from flask_babel import gettext as _
from sqlalchemy import JSON, Boolean, CheckConstraint, ForeignKey, Integer, String, false
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from app.core.audit import Audited
from app.core.db import (
    CleanText,
    Identified,
    Quantity,
    Rate,
    Rials,
    ScaledDecimal,
    Sorted,
    SortKey,
    Stamped,
    UtcDateTime,
    enum_type,
)
from app.core.totals import DiscountOf, Policy, TaxBase
from app.org.branches.models import Branch
from app.org.departments.models import Department
from app.org.employees.models import Employee
from app.sales.catalog.models import Product, Unit


class DocumentFigures:
    """How a document is computed, and its sums in rials."""

    policy: Mapped[Policy] = mapped_column(enum_type(Policy), default=Policy.LINE_FLOOR)
    prices_include_tax: Mapped[bool] = mapped_column(default=False)
    gross_rials: Mapped[Rials] = mapped_column(default=0)
    discount_rials: Mapped[Rials] = mapped_column(default=0)
    net_rials: Mapped[Rials] = mapped_column(default=0)
    tax_rials: Mapped[Rials] = mapped_column(default=0)
    additions_rials: Mapped[Rials] = mapped_column(default=0)
    payable_rials: Mapped[Rials] = mapped_column(default=0, index=True)


class DocumentHead(DocumentFigures):
    """What stands over every document that is approved: its number, its party's name, whose it is; and its sums.

    Each `__kind__` is a class of its own over the one table.
    """

    __kind__: ClassVar[Any] = None

    branch_id: Mapped[int] = mapped_column(ForeignKey("org_branch.id"))
    fiscal_year: Mapped[int | None]
    number: Mapped[int | None]
    customer_name: Mapped[str] = mapped_column(CleanText(200), default="")
    note: Mapped[str] = mapped_column(CleanText(1000), default="")
    approved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    department_id: Mapped[int] = mapped_column(ForeignKey("org_department.id"))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))

    @declared_attr
    def branch(cls) -> Mapped[Branch]:
        return relationship(Branch)

    @declared_attr
    def department(cls) -> Mapped[Department]:
        return relationship(Department)

    @declared_attr
    def owner(cls) -> Mapped[Employee | None]:
        return relationship(Employee, foreign_keys=[cls.owner_id])  # type: ignore[list-item]

    @declared_attr
    def approved_by(cls) -> Mapped[Employee | None]:
        return relationship(Employee, foreign_keys=[cls.approved_by_id])  # type: ignore[list-item]

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:
        if cls.__kind__ is not None:
            return {"polymorphic_identity": cls.__kind__}
        columns = cast(Any, cls)
        return {"polymorphic_on": columns.kind, "polymorphic_abstract": True, "version_id_col": columns.version}

    @property
    def number_text(self) -> str:
        """The number as people quote it: Jalali year, dash, number; empty before there is one."""
        return f"{self.fiscal_year}-{self.number}" if self.number is not None else ""

    @property
    def inbox_title(self) -> str:
        """What an inbox calls it."""
        return " · ".join(part for part in (self.number_text, self.customer_name) if part) or str(self)

    @property
    def inbox_detail(self) -> str:
        """Its sum, for an inbox."""
        return _("%(amount)s rials", amount=f"{self.payable_rials:,}")

    def __str__(self) -> str:
        return self.number_text or self.reference or _("Draft %(id)s", id=self.id)  # type: ignore[attr-defined]


class LineFigures:
    """What one line is of, its terms, and the figures computed for it."""

    position: Mapped[int] = mapped_column(Integer)
    product_code: Mapped[str] = mapped_column(CleanText(60), default="")
    description: Mapped[str] = mapped_column(CleanText(300))
    quantity: Mapped[Quantity]
    unit_price: Mapped[Decimal] = mapped_column(ScaledDecimal(4))
    discounts: Mapped[list[dict[str, str]]] = mapped_column(JSON, default=list)
    is_free: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    gross_rials: Mapped[Rials]
    discount_rials: Mapped[Rials]
    document_discount_rials: Mapped[Rials] = mapped_column(default=0)
    net_rials: Mapped[Rials]
    tax_rials: Mapped[Rials]
    payable_rials: Mapped[Rials]
    product_id: Mapped[int | None] = mapped_column(ForeignKey("sales_product.id"), index=True)
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("sales_unit.id"))

    @declared_attr
    def product(cls) -> Mapped[Product | None]:
        return relationship()

    @declared_attr
    def unit(cls) -> Mapped[Unit | None]:
        return relationship()


class TaxFigures:
    """One tax or duty of one line: its rate, what it was taken of, and its amount."""

    position: Mapped[int] = mapped_column(Integer, default=0)
    name: Mapped[str] = mapped_column(String(40))
    percent: Mapped[Rate]
    included: Mapped[bool] = mapped_column(default=False)
    base: Mapped[TaxBase] = mapped_column(enum_type(TaxBase), default=TaxBase.NET)
    base_rials: Mapped[Rials]
    amount_rials: Mapped[Rials]


class AdjustmentFigures:
    """A discount of the whole document, an addition (freight) or a deduction, in order."""

    position: Mapped[int] = mapped_column(Integer)
    is_discount: Mapped[bool]
    name: Mapped[str] = mapped_column(CleanText(80), default="")
    percent: Mapped[Rate | None]
    amount_rials: Mapped[Rials | None]
    of: Mapped[DiscountOf] = mapped_column(enum_type(DiscountOf), default=DiscountOf.NET)
    sign: Mapped[int] = mapped_column(Integer, default=1)
    taxed: Mapped[bool] = mapped_column(default=False)


class AdditionKind(Audited, Sorted, Identified, Stamped, Model):
    """An addition or deduction (اضافات و کسورات) that the editors offer, in order.

    `name` is what documents store and stays; `title` is what people read.
    """

    __tablename__ = "sales_addition_kind"
    __sort_keys__: ClassVar[dict[str, str]] = {"title_sort": "title"}
    __table_args__ = (CheckConstraint("sign IN (-1, 1)", name="sign"),)

    name: Mapped[str] = mapped_column(String(80), unique=True)
    title: Mapped[str] = mapped_column(CleanText(80))
    title_sort: Mapped[str] = mapped_column(SortKey(320), default="", index=True)
    sign: Mapped[int] = mapped_column(Integer, default=1)
    is_taxed: Mapped[bool] = mapped_column(Boolean, default=False)
    position: Mapped[int] = mapped_column(Integer, default=0, index=True)
    is_active: Mapped[bool] = mapped_column(Boolean, default=True)

    def __str__(self) -> str:
        return self.title


Figures = dict[str, Any]
"""Columns of a row by name, as `filling` makes them."""
