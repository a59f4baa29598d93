"""Opening balances of parties as a sheet; each becomes an open item, and is undone by a counter item."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.core.cells import CODE, DATE, RIALS, WHOLE, Choice, Reference
from app.core.db import db
from app.core.references import chunks
from app.core.sheets import Column, SheetSpec, Undoing
from app.finance.settlement import ledger, openings
from app.finance.settlement.models import SUBJECT, OpeningBalance, OpenItem
from app.finance.settlement.states import OpeningState, Side
from app.org.departments.models import Department
from imports.specs.finance_cheques import PARTY, PARTY_WORDS

SIDE_WORDS = {
    "debit": ("بدهکار", "بد", "مانده بدهکار", "بدهی", "debtor", "dr"),
    "credit": ("بستانکار", "بس", "مانده بستانکار", "طلب", "creditor", "cr"),
}
STATE_WORDS = {"booked": ("ثبت‌شده",), "undone": ("برگشت‌خورده",)}


def store_new(columns: dict[str, list[Any]]) -> None:
    """Each row booked with its open item."""
    for row in zip(*columns.values(), strict=True):
        values = {name: value for name, value in zip(columns, row, strict=True) if value is not None}
        openings.book_opening(OpeningBalance(**values))


def take_back(ids: Sequence[int]) -> None:
    """A counter item of today for each that is still booked. Raises OpeningTouched, YearClosed."""
    for part in chunks(ids):
        booked = OpeningBalance.state == OpeningState.BOOKED
        for opening in db.session.scalars(select(OpeningBalance).where(OpeningBalance.id.in_(part), booked)):
            openings.undo_opening(opening, reason=_("The import is undone"))


def prevents(ids: Sequence[int]) -> Mapping[int, Any]:
    """Those against which something is settled."""
    found: dict[int, Any] = {}
    with ledger.bookkeeping():
        for part in chunks(ids):
            query = select(OpenItem.opening_id).where(
                OpenItem.opening_id.in_(part),
                OpenItem.undoes_id.is_(None),
                OpenItem.settled_rials + OpenItem.covered_rials > 0,
            )
            touched = query.join(OpeningBalance).where(OpeningBalance.state == OpeningState.BOOKED)
            found |= dict.fromkeys(db.session.scalars(touched), openings.OpeningTouched.default_message)
    return found


OPENINGS = SheetSpec(
    name="opening_balances",
    subject=SUBJECT,
    label=_l("Opening balances"),
    model=OpeningBalance,
    keys=(("id",), ("reference",), ("customer", "side", "amount_rials", "booked_on")),
    finds=OpeningBalance.state == OpeningState.BOOKED,
    store_new=store_new,
    undoing=Undoing(take_back, prevents, follows=(OpenItem,)),
    stands_for={"customer_name": "customer"},
    columns=(
        Column("customer", _l("Party code"), PARTY, PARTY_WORDS, attr="customer_id", required=True, frozen=True),
        Column("customer_name", _l("Party name"), aliases=("نام مشتری", "نام شخص", "party name"),
               attr="customer.name", writable=False, width=28),
        Column("side", _l("Side"), Choice(Side, SIDE_WORDS), ("ماهیت", "تشخیص", "بدهکار/بستانکار", "طرف", "side"),
               required=True, frozen=True),
        Column("amount_rials", _l("Amount (rials)"), RIALS, ("مبلغ", "مانده", "مانده اول دوره", "amount", "balance"),
               required=True, frozen=True),
        Column("booked_on", _l("Date"), DATE, ("تاریخ", "تاریخ سند", "date"), required=True, frozen=True),
        Column("due_on", _l("Due date"), DATE, ("سررسید", "تاریخ سررسید", "due date", "due"), frozen=True),
        Column("reference", _l("Reference"), CODE, ("مرجع", "شماره مرجع", "شماره فاکتور", "عطف", "reference", "ref"),
               frozen=True),
        Column("note", _l("Note"), aliases=("توضیحات", "توضیح", "یادداشت", "شرح", "notes", "remarks"), width=28),
        Column("state", _l("State"), Choice(OpeningState, STATE_WORDS), ("وضعیت", "status"), writable=False),
        Column("department", _l("Department (code)"), Reference(Department, ("code", "name_sort")),
               ("واحد سازمانی", "واحد", "دپارتمان", "department"), attr="department_id"),
        Column("id", _l("System number"), WHOLE, ("شناسه سامانه", "system id"), writable=False),
    ),
)  # fmt: skip
