"""What the rows of most modules are: found by words, seen by department and owner, kept with history."""

from __future__ import annotations

from typing import Any, ClassVar

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from app.core.audit import Audited
from app.core.db import Identified, Stamped, Versioned
from app.core.scope import Scoped
from app.core.search import Searchable


class Record(Audited, Searchable, Scoped, Identified, Stamped, Versioned):
    """A row of a department, owned by an employee; both are filled with the actor's when left empty.

    The model beside it states `__tablename__`, `__subject__` and `__search_fields__`.
    """

    __scope_owner__ = "owner_id"
    __audit_skip__: ClassVar[tuple[str, ...]] = ("search_text",)

    @declared_attr
    def department_id(cls) -> Mapped[int]:
        return mapped_column(ForeignKey("org_department.id"), index=True)

    @declared_attr
    def owner_id(cls) -> Mapped[int | None]:
        return mapped_column(ForeignKey("ab_user.id"), index=True)

    # Both belong to a layer above: named, not imported.
    @declared_attr
    def department(cls) -> Mapped[Any]:
        return relationship("Department")

    @declared_attr
    def owner(cls) -> Mapped[Any]:
        return relationship("Employee", foreign_keys=[cls.owner_id])  # type: ignore[list-item]
