"""Receipts and payments as a sheet: the head, its lines of money on the same rows, what it settles."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.core.cells import CODE, DATE, RIALS, WHOLE, Choice
from app.core.sheets import Column, Lines, SheetSpec
from app.finance.settlement.models import SUBJECT, Payment, PaymentLine
from app.finance.settlement.states import Method, PaymentKind, PaymentState
from imports.specs.finance_cheques import PARTY, PARTY_WORDS, SAYAD, SHEBA
from imports.specs.settled import Settled

KIND_WORDS = {"receipt": ("دریافت", "دریافتی", "رسید", "رسید دریافت"), "payment": ("پرداخت", "پرداختی")}
STATE_WORDS = {
    "draft": ("پیش‌نویس", "پیش نویس"), "posted": ("ثبت‌شده", "قطعی"), "reversed": ("برگشت‌خورده", "برگشت خورده"),
}  # fmt: skip
METHOD_WORDS = {
    "cash": ("نقد", "نقدی", "وجه نقد"),
    "transfer": ("حواله", "واریز", "انتقال بانکی", "کارت به کارت", "ساتنا", "پایا", "bank transfer"),
    "card": ("کارتخوان", "کارت خوان", "پوز", "pos", "card terminal"),
    "cheque": ("چک", "check"),
    "barter": ("تهاتر کالا", "کالا"),
    "offset": ("تهاتر", "تهاتر حساب"),
    "write_off": ("تخفیف تسویه", "بخشودگی", "سوخت‌شده", "write-off"),
}
SETTLES_ITEMS = tuple(
    f"matches.{side}.{what}" for side in ("debit", "credit") for what in ("invoice", "payment", "opening.cheque")
)
OF_CHEQUE = ("cheque",)

HEAD: tuple[Column, ...] = (
    Column("number", _l("Number"), CODE, ("شماره", "شماره سند", "شماره رسید", "شماره دریافت", "receipt no", "number"),
           writable=False),
    Column("fiscal_year", _l("Fiscal year"), WHOLE, ("سال مالی", "سال", "fiscal year"), writable=False),
    Column("reference", _l("Reference"), CODE,
           ("مرجع", "شماره مرجع", "عطف", "شماره عطف", "کد رهگیری سند", "reference", "ref")),
    Column("kind", _l("Kind"), Choice(PaymentKind, KIND_WORDS), ("نوع", "نوع سند", "دریافت/پرداخت", "kind", "type"),
           required=True),
    Column("state", _l("State"), Choice(PaymentState, STATE_WORDS), ("وضعیت", "status"), writable=False),
    Column("paid_on", _l("Date"), DATE, ("تاریخ", "تاریخ دریافت", "تاریخ پرداخت", "تاریخ سند", "date"), required=True),
    Column("customer", _l("Party code"), PARTY, PARTY_WORDS, attr="customer_id", required=True),
    Column("customer_name", _l("Party name"), aliases=("نام مشتری", "نام شخص", "party name"),
           writable=False, width=28),
    Column("amount_rials", _l("Sum (rials)"), RIALS, ("جمع", "جمع سند", "جمع کل", "total", "sum"), writable=False),
    Column("settles", _l("What it settles"), Settled(),
           ("بابت فاکتور", "فاکتورها", "تسویه", "بابت", "فاکتورهای تسویه شده", "settles", "invoices"), width=36,
           loads=SETTLES_ITEMS,
           help=_l("Documents with rials, like 1405-12: 400000; 1405-15: 600000. Blank: the oldest due first.")),
    Column("note", _l("Note"), aliases=("توضیحات", "توضیح", "یادداشت", "شرح", "notes", "remarks"), width=24),
    Column("id", _l("System number"), WHOLE, ("شناسه سامانه", "system id"), writable=False),
)  # fmt: skip
LINES = Lines(
    PaymentLine,
    (
        Column("method", _l("Method"), Choice(Method, METHOD_WORDS),
               ("روش", "روش پرداخت", "نحوه دریافت", "نحوه پرداخت", "نوع وجه", "method"), required=True),
        Column("line_amount", _l("Amount (rials)"), RIALS, ("مبلغ", "مبلغ ردیف", "مبلغ دریافت", "amount"),
               attr="amount_rials", required=True),
        Column("account", _l("Account or terminal"), aliases=("حساب", "صندوق", "پایانه", "بانک مقصد", "account")),
        Column("tracking", _l("Tracking number"), CODE, ("شماره پیگیری", "پیگیری", "کد رهگیری", "tracking")),
        Column("sayad_id", _l("Sayad number"), SAYAD, ("شناسه صیاد", "صیاد", "شماره صیادی", "sayad"),
               attr="paper.sayad_id", loads=OF_CHEQUE, width=20),
        Column("cheque_number", _l("Cheque number"), CODE, ("شماره چک", "سریال چک", "شماره سریال", "cheque no"),
               attr="paper.number", loads=OF_CHEQUE, most=30),
        Column("cheque_due_on", _l("Due date of the cheque"), DATE,
               ("سررسید", "سررسید چک", "تاریخ سررسید", "تاریخ چک", "due date"), attr="paper.due_on", loads=OF_CHEQUE),
        Column("bank", _l("Bank"), aliases=("بانک", "نام بانک"), attr="paper.bank", loads=OF_CHEQUE, most=60),
        Column("bank_branch", _l("Bank branch"), aliases=("شعبه", "شعبه بانک"), attr="paper.bank_branch",
               loads=OF_CHEQUE, most=60),
        Column("cheque_account", _l("Account of the cheque"), CODE, ("شماره حساب", "شماره حساب چک"),
               attr="paper.account", loads=OF_CHEQUE, most=30),
        Column("sheba", _l("Sheba"), SHEBA, ("شبا", "شماره شبا", "iban"), attr="paper.sheba", loads=OF_CHEQUE,
               width=28),
        Column("holder", _l("Account holder"), aliases=("صاحب حساب", "صاحب چک", "holder"), attr="paper.owner_name",
               loads=OF_CHEQUE, most=200),
        Column("item", _l("Open item used (system number)"), WHOLE, ("قلم باز", "open item"), attr="item_id"),
    ),
)  # fmt: skip

PAYMENTS = SheetSpec(
    name="payments",
    subject=SUBJECT,
    label=_l("Receipts and payments"),
    model=Payment,
    keys=(("kind", "fiscal_year", "number"), ("reference",), ("id",)),
    stands_for={"customer_name": "customer"},
    columns=HEAD,
    lines=LINES,
)
