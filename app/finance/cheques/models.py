"""Cheques (چک): the register of those we received and those we wrote."""

from __future__ import annotations

from datetime import date

from flask_appbuilder import Model
from flask_babel import gettext as _
from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.audit import Audited
from app.core.db import CleanText, Identified, Rials, Stamped, Versioned, enum_type
from app.core.formats import register_labels
from app.core.scope import Scoped
from app.core.search import Searchable
from app.crm.customers.models import Customer
from app.finance.cheques.states import DIRECTION_LABELS, STATE_LABELS, STATE_TONES, ChequeState, Direction
from app.org.departments.models import Department
from app.org.employees.models import Employee

register_labels(DIRECTION_LABELS, {Direction.RECEIVED: "info", Direction.ISSUED: "muted"})
register_labels(STATE_LABELS, STATE_TONES)
_UNIQUE = text("sayad_id IS NOT NULL AND state <> 'returned'")


class Cheque(Audited, Searchable, Scoped, Identified, Stamped, Versioned, Model):
    """One cheque. `customer` gave it to us, or got it from us; `endorsed_to` got it from us later.

    `state_on` is the day of its last step. The Sayad number is 16 digits and unique per direction;
    a cheque that was given back may come a second time.
    """

    __tablename__ = "finance_cheque"
    __subject__ = "finance.cheques"
    __scope_owner__ = "owner_id"
    __scope_party__ = "customer_id"
    __search_fields__ = ("sayad_id", "number", "bank", "owner_name")
    __audit_skip__ = ("search_text",)
    __table_args__ = (
        CheckConstraint("amount_rials > 0", name="amount_rials"),
        Index(
            "uq_finance_cheque_sayad", "direction", "sayad_id", unique=True,
            sqlite_where=_UNIQUE, postgresql_where=_UNIQUE,
        ),
        Index("ix_finance_cheque_due", "due_on", "id"),
        Index("ix_finance_cheque_direction", "direction", "due_on", "id"),
        Index("ix_finance_cheque_state", "state", "due_on", "id"),
        Index("ix_finance_cheque_customer", "customer_id", "due_on"),
        Index("ix_finance_cheque_department", "department_id", "due_on"),
    )  # fmt: skip

    direction: Mapped[Direction] = mapped_column(enum_type(Direction))
    state: Mapped[ChequeState] = mapped_column(enum_type(ChequeState), default=ChequeState.IN_HAND)
    state_on: Mapped[date]
    sayad_id: Mapped[str | None] = mapped_column(String(16))
    number: Mapped[str] = mapped_column(CleanText(30), default="", index=True)
    bank: Mapped[str] = mapped_column(CleanText(60), default="", index=True)
    bank_branch: Mapped[str] = mapped_column(CleanText(60), default="")
    account: Mapped[str] = mapped_column(String(30), default="")
    sheba: Mapped[str | None] = mapped_column(String(26))
    owner_name: Mapped[str] = mapped_column(CleanText(200), default="")
    amount_rials: Mapped[Rials] = mapped_column(index=True)
    due_on: Mapped[date]
    customer_id: Mapped[int] = mapped_column(ForeignKey("crm_customer.id"))
    endorsed_to_id: Mapped[int | None] = mapped_column(ForeignKey("crm_customer.id"), index=True)
    bounce_reason: Mapped[str] = mapped_column(CleanText(300), default="")
    note: Mapped[str] = mapped_column(CleanText(300), default="")
    department_id: Mapped[int] = mapped_column(ForeignKey("org_department.id"))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"), index=True)

    customer: Mapped[Customer] = relationship(foreign_keys=[customer_id])
    endorsed_to: Mapped[Customer | None] = relationship(foreign_keys=[endorsed_to_id])
    department: Mapped[Department] = relationship()
    owner: Mapped[Employee | None] = relationship(foreign_keys=[owner_id])

    def __str__(self) -> str:
        return _("Cheque %(number)s", number=self.number or self.sayad_id or self.id)
