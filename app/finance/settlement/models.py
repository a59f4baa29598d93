"""Settlement (تسویه): open items of a party, what was matched with what, and the money that came or went.

Everything that a party owes or is owed is an item of one side; any debit is matched with any
credit. Nothing is deleted: what is undone gets a counter item or a reversed match.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from flask_appbuilder import Model
from flask_babel import gettext as _
from sqlalchemy import JSON, Boolean, CheckConstraint, ForeignKey, Index, Integer, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.audit import Audited, Sealable
from app.core.db import CleanText, Identified, Rials, Stamped, UtcDateTime, Versioned, enum_type
from app.core.formats import register_labels
from app.core.scope import Scoped
from app.core.search import Searchable
from app.crm.customers.models import Customer
from app.finance.cheques.entry import ChequeEntry
from app.finance.cheques.models import Cheque
from app.finance.invoices.models import Invoice
from app.finance.settlement.states import (
    KIND_LABELS,
    MATCH_LABELS,
    METHOD_LABELS,
    OPENING_LABELS,
    SIDE_LABELS,
    STATE_LABELS,
    MatchKind,
    Method,
    OpeningState,
    PaymentKind,
    PaymentState,
    Side,
)
from app.org.branches.models import Branch
from app.org.departments.models import Department
from app.org.employees.models import Employee

SUBJECT = "finance.settlement"
for labels in (SIDE_LABELS, MATCH_LABELS, KIND_LABELS, METHOD_LABELS):
    register_labels(labels)
register_labels(STATE_LABELS, {PaymentState.POSTED: "ok", PaymentState.REVERSED: "bad"})
register_labels(OPENING_LABELS, {OpeningState.BOOKED: "ok", OpeningState.UNDONE: "bad"})
register_labels(SIDE_LABELS, {Side.DEBIT: "warn", Side.CREDIT: "info"})


def _where(condition: str) -> dict[str, Any]:
    """A partial index's condition, the same on both databases."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


class Payment(Audited, Sealable, Searchable, Scoped, Identified, Stamped, Versioned, Model):
    """A receipt or a payment; a draft until it is posted with a gapless number, frozen from then on.

    `chosen` is what it settles as pairs of item and rials; None means the oldest due first.
    `reference` is the number that another program or a paper gave it.
    """

    __tablename__ = "finance_payment"
    __subject__ = SUBJECT
    __scope_owner__ = "owner_id"
    __scope_party__ = "customer_id"
    __search_fields__ = ("number_text", "reference", "customer_name", "note")
    __audit_skip__ = ("search_text",)
    __sealed_states__ = frozenset({PaymentState.POSTED, PaymentState.REVERSED})
    __sealed_children__ = ("lines",)
    __table_args__ = (
        UniqueConstraint("kind", "branch_id", "fiscal_year", "number"),
        CheckConstraint("(state = 'draft') = (number IS NULL)", name="numbered_when_posted"),
        CheckConstraint("amount_rials >= 0", name="amount_rials"),
        Index("ix_finance_payment_list", "paid_on", "id"),
        Index("ix_finance_payment_kind", "kind", "paid_on", "id"),
        Index("ix_finance_payment_state", "state", "paid_on", "id"),
        Index("ix_finance_payment_customer", "customer_id", "paid_on"),
        Index("ix_finance_payment_department", "department_id", "paid_on"),
        Index("ix_finance_payment_number", "number", "id"),
        Index("uq_finance_payment_reference", "reference", unique=True, **_where("state <> 'reversed'")),
    )

    kind: Mapped[PaymentKind] = mapped_column(enum_type(PaymentKind))
    state: Mapped[PaymentState] = mapped_column(enum_type(PaymentState), default=PaymentState.DRAFT)
    branch_id: Mapped[int] = mapped_column(ForeignKey("org_branch.id"))
    fiscal_year: Mapped[int | None] = mapped_column(index=True)
    number: Mapped[int | None]
    reference: Mapped[str | None] = mapped_column(CleanText(60))
    customer_id: Mapped[int] = mapped_column(ForeignKey("crm_customer.id"))
    customer_name: Mapped[str] = mapped_column(CleanText(200))
    paid_on: Mapped[date]
    amount_rials: Mapped[Rials] = mapped_column(default=0, index=True)
    chosen: Mapped[list[list[int]] | None] = mapped_column(JSON)
    note: Mapped[str] = mapped_column(CleanText(500), default="")
    department_id: Mapped[int] = mapped_column(ForeignKey("org_department.id"))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"), index=True)
    posted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    posted_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))

    branch: Mapped[Branch] = relationship()
    customer: Mapped[Customer] = relationship()
    department: Mapped[Department] = relationship()
    owner: Mapped[Employee | None] = relationship(foreign_keys=[owner_id])
    lines: Mapped[list[PaymentLine]] = relationship(
        back_populates="payment", order_by="PaymentLine.position", cascade="all, delete-orphan"
    )
    matches: Mapped[list[Match]] = relationship(order_by="Match.id", viewonly=True)

    @property
    def settles(self) -> list[tuple[OpenItem | int, int]]:
        """What it settles as items and rials: chosen in a draft (ids of items), holding in a posted one."""
        if self.state is PaymentState.DRAFT:
            return [(key, amount) for key, amount in self.chosen or ()]
        is_receipt = self.kind is PaymentKind.RECEIPT
        return [
            (one.debit if is_receipt else one.credit, one.amount_rials)
            for one in self.matches
            if one.reversed_at is None and one.kind is not MatchKind.UNDONE
        ]

    @property
    def number_text(self) -> str:
        """The number as people quote it: Jalali year, dash, number; empty while a draft."""
        return f"{self.fiscal_year}-{self.number}" if self.number is not None else ""

    def __str__(self) -> str:
        return f"{KIND_LABELS[self.kind]} {self.number_text or _('Draft %(id)s', id=self.id)}"


class PaymentLine(Scoped, Identified, Model):
    """One part of a payment: how the money moved, and what tells it apart.

    `cheque_entry` is a cheque as it was typed, until posting makes it a row of the register.
    `item_id` is what an offset uses up.
    """

    __tablename__ = "finance_payment_line"
    __subject__ = SUBJECT
    __scope_parent__ = "payment_id"
    __table_args__ = (
        UniqueConstraint("payment_id", "position"),
        CheckConstraint("amount_rials > 0", name="amount_rials"),
    )

    payment_id: Mapped[int] = mapped_column(ForeignKey("finance_payment.id", ondelete="CASCADE"))
    position: Mapped[int] = mapped_column(Integer)
    method: Mapped[Method] = mapped_column(enum_type(Method))
    amount_rials: Mapped[Rials]
    account: Mapped[str] = mapped_column(CleanText(60), default="")
    tracking: Mapped[str] = mapped_column(CleanText(60), default="")
    cheque_id: Mapped[int | None] = mapped_column(ForeignKey("finance_cheque.id"), index=True)
    cheque_entry: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    item_id: Mapped[int | None]  # no foreign key: items point to lines already, and are never deleted

    payment: Mapped[Payment] = relationship(back_populates="lines")
    cheque: Mapped[Cheque | None] = relationship()

    @property
    def paper(self) -> Cheque | ChequeEntry | None:
        """Its cheque as the register has it, or as it was typed."""
        if self.cheque is None and self.cheque_entry is not None:
            return ChequeEntry.from_json(self.cheque_entry, amount=self.amount_rials)
        return self.cheque


class OpeningBalance(Audited, Scoped, Identified, Stamped, Versioned, Model):
    """What a party owed or was owed before the books were kept here (مانده اول دوره).

    With `cheque` it is what a cheque of that time brings back: it bounced, or was given back.
    """

    __tablename__ = "finance_opening_balance"
    __subject__ = SUBJECT
    __scope_owner__ = "owner_id"
    __scope_party__ = "customer_id"
    __table_args__ = (
        CheckConstraint("amount_rials > 0", name="amount_rials"),
        Index("ix_finance_opening_balance_list", "booked_on", "id"),
        Index("ix_finance_opening_balance_customer", "customer_id", "booked_on"),
        Index("ix_finance_opening_balance_department", "department_id", "booked_on"),
        Index("ix_finance_opening_balance_state", "state", "booked_on", "id"),
        Index("uq_finance_opening_balance_reference", "reference", unique=True, **_where("state = 'booked'")),
        Index("ix_finance_opening_balance_cheque", "cheque_id", **_where("cheque_id IS NOT NULL")),
    )

    state: Mapped[OpeningState] = mapped_column(enum_type(OpeningState), default=OpeningState.BOOKED)
    customer_id: Mapped[int] = mapped_column(ForeignKey("crm_customer.id"))
    side: Mapped[Side] = mapped_column(enum_type(Side), index=True)
    amount_rials: Mapped[Rials] = mapped_column(index=True)
    booked_on: Mapped[date]
    due_on: Mapped[date | None]
    reference: Mapped[str | None] = mapped_column(CleanText(60))
    cheque_id: Mapped[int | None] = mapped_column(ForeignKey("finance_cheque.id"))
    note: Mapped[str] = mapped_column(CleanText(300), default="")
    department_id: Mapped[int] = mapped_column(ForeignKey("org_department.id"))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"), index=True)

    customer: Mapped[Customer] = relationship()
    cheque: Mapped[Cheque | None] = relationship()
    department: Mapped[Department] = relationship()
    owner: Mapped[Employee | None] = relationship(foreign_keys=[owner_id])

    def __str__(self) -> str:
        return self.reference or _("Opening balance %(id)s", id=self.id)


class OpenItem(Audited, Scoped, Identified, Model):
    """One thing that a party owes (debit) or is owed (credit), and how much of it is done with.

    It comes of an invoice or one of its instalments, of a line of a payment, or of an opening
    balance; `undoes_id` makes it the counter item that undoes another. While `is_pending` a cheque
    stands behind it that is not cleared: what it is matched with is covered and not paid.
    """

    __tablename__ = "finance_open_item"
    __audit_skip__ = ("settled_rials", "covered_rials")  # the matches have a history, and sums.py compares
    __subject__ = SUBJECT
    __scope_owner__ = "owner_id"
    __scope_party__ = "customer_id"
    __table_args__ = (
        CheckConstraint("amount_rials > 0", name="amount_rials"),
        CheckConstraint(
            "settled_rials >= 0 AND covered_rials >= 0 AND settled_rials + covered_rials <= amount_rials",
            name="never_over",
        ),
        Index(
            "ix_finance_open_item_open", "customer_id", "side", "due_on", "id",
            **_where("settled_rials + covered_rials < amount_rials"),
        ),
        Index("ix_finance_open_item_statement", "customer_id", "booked_on", "id"),
        Index("ix_finance_open_item_department", "department_id", "booked_on"),
        Index("ix_finance_open_item_list", "due_on", "id"),
        Index("ix_finance_open_item_invoice", "invoice_id", **_where("invoice_id IS NOT NULL")),
        Index("ix_finance_open_item_payment", "payment_id", **_where("payment_id IS NOT NULL")),
        Index("ix_finance_open_item_line", "line_id", **_where("line_id IS NOT NULL")),
        Index("ix_finance_open_item_opening", "opening_id", **_where("opening_id IS NOT NULL")),
        Index("uq_finance_open_item_undoes", "undoes_id", unique=True, **_where("undoes_id IS NOT NULL")),
    )  # fmt: skip

    customer_id: Mapped[int] = mapped_column(ForeignKey("crm_customer.id"))
    side: Mapped[Side] = mapped_column(enum_type(Side))
    amount_rials: Mapped[Rials]
    settled_rials: Mapped[Rials] = mapped_column(default=0)
    covered_rials: Mapped[Rials] = mapped_column(default=0)
    is_pending: Mapped[bool] = mapped_column(Boolean, default=False)
    booked_on: Mapped[date]
    due_on: Mapped[date]
    position: Mapped[int] = mapped_column(Integer, default=0)
    invoice_id: Mapped[int | None] = mapped_column(ForeignKey("finance_invoice.id"))
    payment_id: Mapped[int | None] = mapped_column(ForeignKey("finance_payment.id"))
    line_id: Mapped[int | None] = mapped_column(ForeignKey("finance_payment_line.id"))
    opening_id: Mapped[int | None] = mapped_column(ForeignKey("finance_opening_balance.id"))
    undoes_id: Mapped[int | None] = mapped_column(ForeignKey("finance_open_item.id"))
    department_id: Mapped[int] = mapped_column(ForeignKey("org_department.id"))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"), index=True)

    customer: Mapped[Customer] = relationship()
    department: Mapped[Department] = relationship()
    owner: Mapped[Employee | None] = relationship(foreign_keys=[owner_id])
    invoice: Mapped[Invoice | None] = relationship()
    payment: Mapped[Payment | None] = relationship()
    line: Mapped[PaymentLine | None] = relationship(foreign_keys=[line_id])
    opening: Mapped[OpeningBalance | None] = relationship()

    @property
    def open_rials(self) -> int:
        """What is neither settled nor covered."""
        return self.amount_rials - self.settled_rials - self.covered_rials

    def __str__(self) -> str:
        return str(self.invoice or self.payment or self.opening)


class Match(Audited, Scoped, Identified, Model):
    """So many rials of a debit done with by a credit. Never deleted: what is taken back is reversed.

    `payment_id` is the payment that made it, which takes it back when it is reversed.
    """

    __tablename__ = "finance_match"
    __subject__ = SUBJECT
    __scope_parent__ = "debit_id"
    __table_args__ = (
        CheckConstraint("amount_rials > 0", name="amount_rials"),
        CheckConstraint("debit_id <> credit_id", name="two_items"),
        Index("ix_finance_match_debit", "debit_id"),
        Index("ix_finance_match_credit", "credit_id"),
        Index("ix_finance_match_payment", "payment_id", **_where("payment_id IS NOT NULL")),
    )

    debit_id: Mapped[int] = mapped_column(ForeignKey("finance_open_item.id"))
    credit_id: Mapped[int] = mapped_column(ForeignKey("finance_open_item.id"))
    amount_rials: Mapped[Rials]
    kind: Mapped[MatchKind] = mapped_column(enum_type(MatchKind))
    payment_id: Mapped[int | None] = mapped_column(ForeignKey("finance_payment.id"))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    reversed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reversed_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    reason: Mapped[str] = mapped_column(CleanText(300), default="")

    debit: Mapped[OpenItem] = relationship(foreign_keys=[debit_id])
    credit: Mapped[OpenItem] = relationship(foreign_keys=[credit_id])


class SettlementRules(Audited, Identified, Stamped, Versioned, Model):
    """The one row of what the company allows a cashier."""

    __tablename__ = "finance_settlement_rules"
    __table_args__ = (
        CheckConstraint("id = 1", name="only_one"),
        CheckConstraint("write_off_limit_rials >= 0", name="write_off_limit_rials"),
    )

    write_off_limit_rials: Mapped[Rials] = mapped_column(default=0)

    def __str__(self) -> str:
        return _("Rules of settlement")
