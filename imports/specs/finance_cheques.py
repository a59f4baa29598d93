"""The register of cheques as a sheet; a cheque that comes in by it was given before the books began."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.core import identity
from app.core.cells import CODE, DATE, RIALS, WHOLE, Choice, Digits, Identity, Reference
from app.core.db import db
from app.core.raw_cells import Problem
from app.core.references import chunks
from app.core.sheets import Column, SheetSpec
from app.crm.customers.models import Customer
from app.finance.cheques.models import Cheque
from app.finance.cheques.services import SayadTaken, holders_of, take_over
from app.finance.cheques.states import ChequeState, Direction
from app.org.departments.models import Department
from app.org.employees.models import Employee

DIRECTION_WORDS = {
    "received": ("دریافتی", "دریافت", "دریافتنی", "اسناد دریافتنی"),
    "issued": ("پرداختی", "پرداخت", "پرداختنی", "صادره", "اسناد پرداختنی", "issued by us"),
}
STATE_WORDS = {
    "in_hand": ("نزد صندوق",), "deposited": ("در جریان وصول", "واگذارشده"), "cleared": ("وصولی", "پاس شده"),
    "bounced": ("برگشتی", "برگشت خورده"), "returned": ("عودتی", "مسترد"), "endorsed": ("خرج شده",),
}  # fmt: skip
NO_NUMBER = Problem("required", _l("Enter the Sayad number, or the serial number of an old cheque."))
TAKEN = Problem(SayadTaken.code, SayadTaken.default_message)


def _shebas(texts: Iterable[Any]) -> tuple[list[str | None], list[str | None]]:
    found = [identity.normalize_sheba(str(text or "")) or None for text in texts]
    return found, [None if one is None or identity.valid_sheba(one) else "sheba" for one in found]


SHEBA = Identity("sheba", _shebas, {"sheba": _l("This Sheba is not valid.")})
SAYAD = Digits(16)
PARTY = Reference(Customer, ("code", "national_id", "legal_id", "name_key"))
PARTY_WORDS = (
    "طرف حساب", "کد طرف حساب", "مشتری", "کد مشتری", "تامین کننده", "شخص", "party", "customer", "customer code",
)  # fmt: skip


def store_new(columns: dict[str, list[Any]]) -> None:
    """Each row into the register by the service."""
    for row in zip(*columns.values(), strict=True):
        cheque = Cheque(**{name: value for name, value in zip(columns, row, strict=True) if value is not None})
        take_over(cheque)


def _check(values: Mapping[str, Sequence[Any]]) -> Iterator[tuple[int, str, Problem]]:
    """A cheque has a number of some kind, and a Sayad number that no other cheque of its direction has."""
    count = len(next(iter(values.values()), ()))
    blank = [None] * count
    ids, sayads, numbers, ways = (values.get(name, blank) for name in ("id", "sayad_id", "number", "direction"))
    holders = holders_of({one for one in sayads if one is not None})
    seen = {key for part in chunks(sorted(holders.values())) for key in _seen(part)}
    for place, (record_id, sayad, number, way) in enumerate(zip(ids, sayads, numbers, ways, strict=True)):
        if sayad is None and number is None:
            yield place, "sayad_id" if "sayad_id" in values else "number", NO_NUMBER
        holder = holders.get((way, sayad))
        if holder is not None and (holder not in seen or record_id not in (None, holder)):
            yield place, "sayad_id", TAKEN


def _seen(ids: Sequence[int]) -> Iterable[int]:
    return db.session.scalars(select(Cheque.id).where(Cheque.id.in_(ids)))


CHEQUES = SheetSpec(
    name="cheques",
    subject="finance.cheques",
    label=_l("Cheques"),
    model=Cheque,
    keys=(("id",), ("direction", "sayad_id"), ("direction", "number", "bank", "due_on")),
    finds=Cheque.state != ChequeState.RETURNED,
    check=_check,
    store_new=store_new,
    stands_for={"customer_name": "customer"},
    columns=(
        Column("direction", _l("Direction"), Choice(Direction, DIRECTION_WORDS),
               ("نوع", "نوع چک", "جهت", "دریافتی/پرداختی", "direction", "type"), required=True, frozen=True),
        Column("sayad_id", _l("Sayad number"), SAYAD,
               ("شناسه صیاد", "صیاد", "شماره صیاد", "شماره صیادی", "شناسه صیادی", "sayad", "sayad id"), frozen=True,
               width=20),
        Column("number", _l("Serial number"), CODE,
               ("شماره چک", "سریال چک", "شماره سریال", "شماره", "سریال", "cheque no", "cheque number", "number")),
        Column("amount_rials", _l("Amount (rials)"), RIALS, ("مبلغ", "مبلغ چک", "amount"), required=True, frozen=True),
        Column("due_on", _l("Due date"), DATE, ("سررسید", "تاریخ سررسید", "تاریخ چک", "تاریخ", "due date", "due"),
               required=True, frozen=True),
        Column("customer", _l("Party code"), PARTY, PARTY_WORDS, attr="customer_id", required=True, frozen=True),
        Column("customer_name", _l("Party name"), aliases=("نام مشتری", "نام شخص", "party name"),
               attr="customer.name", writable=False, width=28),
        Column("bank", _l("Bank"), aliases=("بانک", "نام بانک", "bank name")),
        Column("bank_branch", _l("Bank branch"), aliases=("شعبه", "شعبه بانک", "branch")),
        Column("account", _l("Account"), CODE, ("شماره حساب", "حساب", "account no")),
        Column("sheba", _l("Sheba"), SHEBA, ("شبا", "شماره شبا", "iban"), width=28),
        Column("owner_name", _l("Account holder"), aliases=("صاحب حساب", "صاحب چک", "صادرکننده", "holder", "drawer"),
               width=24),
        Column("state", _l("State"), Choice(ChequeState, STATE_WORDS), ("وضعیت", "status"), writable=False),
        Column("state_on", _l("Since"), DATE, ("از تاریخ", "تاریخ وضعیت", "since"), writable=False),
        Column("endorsed_to", _l("Endorsed to"), aliases=("خرج شده به", "endorsed to"), attr="endorsed_to.name",
               writable=False),
        Column("bounce_reason", _l("Reason of bouncing"), aliases=("علت برگشت", "دلیل برگشت"), writable=False),
        Column("note", _l("Note"), aliases=("توضیحات", "توضیح", "یادداشت", "بابت", "شرح", "notes", "remarks")),
        Column("owner", _l("Owner (user name)"), Reference(Employee, ("username",), "username"),
               ("مسئول", "کارشناس", "owner"), attr="owner_id"),
        Column("department", _l("Department (code)"), Reference(Department, ("code", "name_sort")),
               ("واحد سازمانی", "دپارتمان", "department"), attr="department_id"),
        Column("id", _l("System number"), WHOLE, ("شناسه سامانه", "system id"), writable=False),
    ),
)  # fmt: skip
