"""Customers (مشتریان، طرف حساب): the people and companies that we sell to, buy from and work with.

One table holds every party; its roles say whether it is a customer, a supplier or a dealer. The
keys for sorting, searching and finding doubles are stored, so that a million rows stay fast.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from flask_appbuilder import Model
from flask_babel import lazy_pgettext
from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.audit import Audited
from app.core.db import (
    CleanText,
    Identified,
    Rials,
    Sorted,
    SortKey,
    Stamped,
    Versioned,
    enum_type,
    rare_index,
)
from app.core.scope import Scoped
from app.core.search import Searchable
from app.core.text import search_key, search_keys
from app.org.departments.models import Department
from app.org.employees.models import Employee

if TYPE_CHECKING:
    from collections.abc import Mapping


class CustomerKind(StrEnum):
    """Whether the party is a natural person (حقیقی) or a legal entity (حقوقی)."""

    PERSON = "person"
    COMPANY = "company"

    @property
    def label(self) -> Any:
        return lazy_pgettext("party", "Person") if self is CustomerKind.PERSON else lazy_pgettext("party", "Company")


def _known(column: str) -> Mapping[str, Any]:
    """A partial index's condition: only rows that have the value, on both databases."""
    condition = text(f"{column} IS NOT NULL")
    return {"sqlite_where": condition, "postgresql_where": condition}


class Customer(Audited, Searchable, Sorted, Scoped, Identified, Stamped, Versioned, Model):
    """A party (مشتری); lives from its first contact until it is deactivated, never deleted once used.

    `name` is the name it is called by: of a person the whole name, of a company the company's.
    `company_name` is the company or shop that a person stands for.
    """

    __tablename__ = "crm_customer"
    __subject__ = "crm.customers"
    __scope_owner__ = "owner_id"
    __scope_party__ = "id"
    __audit_skip__ = ("name_sort", "name_key", "search_text")
    __search_fields__ = ("name", "company_name", "code", "national_id", "legal_id", "mobile", "phone")
    __table_args__ = (
        CheckConstraint("latitude BETWEEN -90 AND 90", name="latitude"),
        CheckConstraint("longitude BETWEEN -180 AND 180", name="longitude"),
        CheckConstraint("credit_limit_rials >= 0", name="credit_limit"),
        Index("ix_crm_customer_name", "name_sort", "id"),
        Index("ix_crm_customer_department", "department_id", "name_sort", "id"),
        Index("ix_crm_customer_department_code", "department_id", "code"),
        Index("ix_crm_customer_owner", "owner_id", "name_sort", "id", **_known("owner_id")),
        Index("ix_crm_customer_owner_code", "owner_id", "code", **_known("owner_id")),
        Index("ix_crm_customer_name_key", "name_key"),
        Index("ix_crm_customer_mobile", "mobile", **_known("mobile")),
        Index("ix_crm_customer_phone", "phone", **_known("phone")),
        Index("ix_crm_customer_national_id", "national_id", **_known("national_id")),
        Index("ix_crm_customer_legal_id", "legal_id", **_known("legal_id")),
        Index(
            "ix_crm_customer_province",
            "province",
            postgresql_ops={"province": "text_pattern_ops"},
            **_known("province"),
        ),
        Index("ix_crm_customer_city", "city", postgresql_ops={"city": "text_pattern_ops"}, **_known("city")),
        Index("ix_crm_customer_registered", "registered_on", **_known("registered_on")),
        Index("ix_crm_customer_credit", "credit_limit_rials", **_known("credit_limit_rials")),
        *(rare_index("crm_customer", name, value=False) for name in ("is_customer", "is_active")),
        *(rare_index("crm_customer", name, value=True) for name in ("is_supplier", "is_dealer")),
    )

    code: Mapped[str] = mapped_column(String(30), unique=True)
    kind: Mapped[CustomerKind] = mapped_column(enum_type(CustomerKind), default=CustomerKind.PERSON)
    name: Mapped[str] = mapped_column(CleanText(200))
    name_sort: Mapped[str] = mapped_column(SortKey(800), default="")
    name_key: Mapped[str] = mapped_column(String(200), default="")
    first_name: Mapped[str | None] = mapped_column(CleanText(80))
    last_name: Mapped[str | None] = mapped_column(CleanText(120))
    company_name: Mapped[str | None] = mapped_column(CleanText(200))
    is_customer: Mapped[bool] = mapped_column(Boolean, default=True)
    is_supplier: Mapped[bool] = mapped_column(Boolean, default=False)
    is_dealer: Mapped[bool] = mapped_column(Boolean, default=False)
    is_active: Mapped[bool] = mapped_column(Boolean, default=True)

    national_id: Mapped[str | None] = mapped_column(String(10))
    legal_id: Mapped[str | None] = mapped_column(String(11))
    economic_code: Mapped[str | None] = mapped_column(String(20))
    registration_no: Mapped[str | None] = mapped_column(String(20))

    mobile: Mapped[str | None] = mapped_column(String(20))
    phone: Mapped[str | None] = mapped_column(String(20))
    email: Mapped[str | None] = mapped_column(String(200))
    province: Mapped[str | None] = mapped_column(CleanText(60))
    city: Mapped[str | None] = mapped_column(CleanText(60))
    postal_code: Mapped[str | None] = mapped_column(String(10))
    address: Mapped[str | None] = mapped_column(CleanText(500))
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]

    credit_limit_rials: Mapped[Rials | None]
    price_list_id: Mapped[int | None] = mapped_column(ForeignKey("sales_price_list.id"))
    registered_on: Mapped[date | None]
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    department_id: Mapped[int] = mapped_column(ForeignKey("org_department.id"))
    note: Mapped[str | None] = mapped_column(CleanText(1000))

    owner: Mapped[Employee | None] = relationship(foreign_keys=[owner_id])
    department: Mapped[Department] = relationship()
    # A price list belongs to the catalogue, a layer above: named, not imported.
    price_list: Mapped[Any] = relationship("PriceList")
    contacts: Mapped[list[CustomerContact]] = relationship(
        back_populates="customer", cascade="all, delete-orphan", order_by="CustomerContact.id"
    )
    phones: Mapped[list[CustomerPhone]] = relationship(
        back_populates="customer", cascade="all, delete-orphan", order_by="CustomerPhone.id"
    )
    addresses: Mapped[list[CustomerAddress]] = relationship(
        back_populates="customer", cascade="all, delete-orphan", order_by="CustomerAddress.id"
    )

    # Who works for this dealer. Employees lie below and do not know customers, so both ends are made here.
    people: Mapped[list[Employee]] = relationship(foreign_keys="Employee.customer_id", backref="customer")

    def fill_keys(self) -> None:
        """The sort key of the name, and the folded name by which doubles are found."""
        super().fill_keys()
        self.name_key = search_key(self.name or "")[:200]

    @staticmethod
    def derive_keys(columns: dict[str, list[Any]]) -> None:
        """As `fill_keys`, for the rows of a bulk road."""
        if "name" in columns:
            columns["name_key"] = [key[:200] for key in search_keys(columns["name"])]

    def __str__(self) -> str:
        return self.name


class CustomerContact(Audited, Scoped, Identified, Stamped, Model):
    """A person at a customer (رابط) and how to reach them."""

    __tablename__ = "crm_customer_contact"
    __subject__ = "crm.customers"
    __scope_parent__ = "customer_id"
    __audit_parent__ = "customer_id"

    customer_id: Mapped[int] = mapped_column(ForeignKey("crm_customer.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(CleanText(160))
    post: Mapped[str | None] = mapped_column(CleanText(120))
    phone: Mapped[str | None] = mapped_column(String(20), index=True)
    mobile: Mapped[str | None] = mapped_column(String(20), index=True)
    email: Mapped[str | None] = mapped_column(String(200))

    customer: Mapped[Customer] = relationship(back_populates="contacts")

    def __str__(self) -> str:
        return self.name


class CustomerPhone(Audited, Scoped, Identified, Stamped, Model):
    """A further number of a customer (تلفن); one that asked not to be called is never dialled."""

    __tablename__ = "crm_customer_phone"
    __subject__ = "crm.customers"
    __scope_parent__ = "customer_id"
    __audit_parent__ = "customer_id"

    customer_id: Mapped[int] = mapped_column(ForeignKey("crm_customer.id", ondelete="CASCADE"), index=True)
    label: Mapped[str] = mapped_column(CleanText(60), default="")
    number: Mapped[str] = mapped_column(String(20), index=True)
    do_not_call: Mapped[bool] = mapped_column(Boolean, default=False)

    customer: Mapped[Customer] = relationship(back_populates="phones")

    def __str__(self) -> str:
        return self.number


class CustomerAddress(Audited, Scoped, Identified, Stamped, Model):
    """A further address of a customer (نشانی): a branch, a warehouse, a place of delivery."""

    __tablename__ = "crm_customer_address"
    __subject__ = "crm.customers"
    __scope_parent__ = "customer_id"
    __audit_parent__ = "customer_id"
    __table_args__ = (
        CheckConstraint("latitude BETWEEN -90 AND 90", name="latitude"),
        CheckConstraint("longitude BETWEEN -180 AND 180", name="longitude"),
    )

    customer_id: Mapped[int] = mapped_column(ForeignKey("crm_customer.id", ondelete="CASCADE"), index=True)
    label: Mapped[str] = mapped_column(CleanText(60), default="")
    province: Mapped[str | None] = mapped_column(CleanText(60))
    city: Mapped[str | None] = mapped_column(CleanText(60))
    postal_code: Mapped[str | None] = mapped_column(String(10))
    address: Mapped[str] = mapped_column(CleanText(500))
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]

    customer: Mapped[Customer] = relationship(back_populates="addresses")

    def __str__(self) -> str:
        return self.label or self.address
