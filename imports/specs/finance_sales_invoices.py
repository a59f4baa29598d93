"""Sales invoices as a sheet: header and lines on the same rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l

from app.core.cells import CODE, DATE, PERCENT, RIALS, WHOLE, YES_NO, Choice, Number, Reference
from app.core.money import Unit as MoneyUnit
from app.core.raw_cells import Parsed
from app.core.sheets import Column, Lines, SheetSpec
from app.crm.customers.models import Customer
from app.finance.invoices.kinds import Terms
from app.finance.invoices.models import InvoiceLine, SalesInvoice
from app.finance.invoices.states import InvoiceState
from app.sales.catalog.models import Product, Unit
from imports.specs import invoice_terms as terms

TERM_WORDS = {
    "cash": ("نقدی", "نقد"),
    "credit": ("نسیه", "اعتباری", "on credit"),
    "instalments": ("اقساطی", "قسطی", "اقساط"),
}
STATE_WORDS = {
    "draft": ("پیش‌نویس", "پیش نویس"),
    "issued": ("صادرشده", "صادر شده", "قطعی"),
    "void": ("باطل", "ابطال", "ابطال‌شده", "باطل شده"),
}


@dataclass(frozen=True, slots=True)
class UnitPrice(Number):
    """A price of one unit: whole rials or tomans as money, or rials with decimals."""

    scale: int = 4
    least: Decimal | int | None = 0
    name = "rials"

    def parse(self, values: Sequence[Any], *, unit: str | None = None) -> Parsed:
        found = RIALS.parse(values, unit=unit)
        factor = 10 if unit == MoneyUnit.TOMAN else 1
        for place in list(found.problems):
            one = self._one(values[place])
            if isinstance(one, Decimal):
                found.values[place] = one * factor
                del found.problems[place]
        return found


HEAD: tuple[Column, ...] = (
    Column(
        "number", _l("Invoice number"), CODE,
        ("شماره", "شماره فاکتور", "شماره صورتحساب", "شماره سند", "شماره فاکتور فروش", "ش فاکتور", "invoice no",
         "invoice number", "number", "no"),
        writable=False,
    ),
    Column("fiscal_year", _l("Fiscal year"), WHOLE, ("سال مالی", "سال", "fiscal year"), writable=False),
    Column(
        "reference", _l("Reference"), CODE,
        ("مرجع", "شماره مرجع", "شماره سفارش", "عطف", "شماره عطف", "کد فاکتور", "reference", "ref", "order no"),
    ),
    Column("state", _l("State"), Choice(InvoiceState, STATE_WORDS), ("وضعیت", "status"), writable=False),
    Column(
        "invoice_on", _l("Invoice date"), DATE,
        ("تاریخ", "تاریخ فاکتور", "تاریخ صورتحساب", "تاریخ صدور", "تاریخ سند", "date", "invoice date"),
        required=True,
    ),
    Column("due_on", _l("Due date"), DATE, ("تاریخ سررسید", "سررسید", "مهلت پرداخت", "due", "due date")),
    Column(
        "customer", _l("Customer code"),
        Reference(Customer, ("code", "national_id", "legal_id", "name_key"), create=True),
        ("کد مشتری", "مشتری", "خریدار", "طرف حساب", "کد طرف حساب", "کد ملی مشتری", "کد ملی", "شناسه ملی",
         "کد ملی خریدار", "شناسه ملی خریدار", "customer", "customer code", "buyer"),
        attr="customer_id",
    ),
    Column(
        "customer_name", _l("Customer name"),
        aliases=("نام مشتری", "نام خریدار", "نام طرف حساب", "نام و نام خانوادگی خریدار", "buyer name"),
        writable=False, width=28,
    ),
    Column("terms", _l("Terms of payment"), Choice(Terms, TERM_WORDS),
           ("نحوه پرداخت", "شرایط پرداخت", "نوع تسویه", "روش تسویه", "terms", "payment")),
    Column("prices_include_tax", _l("Prices include tax"), YES_NO,
           ("قیمت با مالیات", "با احتساب مالیات", "prices include tax")),
    Column("note", _l("Note"), aliases=("توضیحات", "توضیح", "یادداشت", "ملاحظات", "notes", "remarks")),
    Column("document_discount_percent", _l("Invoice discount percent"), PERCENT,
           ("درصد تخفیف فاکتور", "درصد تخفیف کل", "invoice discount %"), attr="adjustments",
           pick=terms.document_percent),
    Column("document_discount_rials", _l("Invoice discount (rials)"), RIALS,
           ("تخفیف فاکتور", "تخفیف کل فاکتور", "مبلغ تخفیف فاکتور", "invoice discount"), attr="adjustments",
           pick=terms.document_amount),
    Column("freight_rials", _l("Freight (rials)"), RIALS,
           ("کرایه حمل", "هزینه حمل", "کرایه", "حمل", "حمل و نقل", "freight", "shipping"), attr="adjustments",
           pick=terms.addition_of("freight")),
    Column("packing_rials", _l("Packing (rials)"), RIALS, ("بسته بندی", "هزینه بسته بندی", "packing"),
           attr="adjustments", pick=terms.addition_of("packing")),
    Column("deduction_rials", _l("Deduction (rials)"), RIALS, ("کسورات", "کسر", "سایر کسورات", "deduction"),
           attr="adjustments", pick=terms.addition_of("deduction")),
    Column("adjustments", _l("Further discounts and additions"), terms.Adjustments(),
           ("سایر تخفیف ها و اضافات", "اضافات و کسورات", "سایر اضافات", "other adjustments"),
           pick=terms.document_more, width=24,
           help=_l("-5% and -1000 are discounts, name: 20000 an addition; separate them by ;")),
    Column("payable_rials", _l("Payable (rials)"), RIALS,
           ("قابل پرداخت", "مبلغ قابل پرداخت", "جمع فاکتور", "مبلغ فاکتور", "payable"), writable=False),
    Column("id", _l("System number"), WHOLE, ("شناسه سامانه", "system id"), writable=False),
)  # fmt: skip
LINES = Lines(
    InvoiceLine,
    (
        Column(
            "product", _l("Product code"), Reference(Product, ("code", "barcode")),
            ("کد کالا", "کد محصول", "کد خدمت", "کد کالا/خدمت", "کالا", "بارکد", "کد جنس", "sku", "product",
             "product code", "item", "item code"),
            attr="product_id",
        ),
        Column(
            "description", _l("Line description"),
            aliases=("شرح", "شرح کالا", "نام کالا", "شرح کالا یا خدمات", "شرح کالا/خدمات", "کالا/خدمت",
                     "نام محصول", "description", "product name", "item name"),
            width=32,
        ),
        Column("quantity", _l("Quantity"), Number(3, least=0),
               ("تعداد", "مقدار", "تعداد/مقدار", "quantity", "qty", "count"), required=True),
        Column("unit", _l("Unit"), Reference(Unit, ("code", "name_sort"), create=True),
               ("واحد", "واحد اندازه گیری", "واحد شمارش", "unit", "uom"), attr="unit_id"),
        Column("unit_price", _l("Unit price (rials)"), UnitPrice(),
               ("قیمت واحد", "فی", "مبلغ واحد", "بهای واحد", "نرخ", "قیمت", "price", "unit price", "rate"),
               required=True),
        Column("discount_percent", _l("Discount percent"), PERCENT,
               ("درصد تخفیف", "تخفیف%", "تخفیف٪", "%تخفیف", "٪تخفیف", "discount %", "discount percent"),
               attr="discounts", pick=terms.line_percent),
        Column("discount_amount", _l("Discount (rials)"), RIALS,
               ("مبلغ تخفیف", "تخفیف", "تخفیف مبلغ", "discount", "discount amount"),
               attr="discounts", pick=terms.line_amount),
        Column("more_discounts", _l("Further discounts"), terms.Steps(),
               ("سایر تخفیف ها", "تخفیف های بعدی", "further discounts"), attr="discounts", pick=terms.line_more,
               help=_l("Taken one after the other: 2% + 1000")),
        Column("is_free", _l("Free goods"), YES_NO,
               ("رایگان", "کالای رایگان", "اشانتیون", "جایزه", "free", "free goods")),
        Column("tax_percent", _l("VAT percent"), PERCENT,
               ("درصد مالیات", "نرخ مالیات", "درصد ارزش افزوده", "مالیات%", "مالیات٪", "درصد مالیات بر ارزش افزوده",
                "نرخ ارزش افزوده", "tax percent", "vat percent", "tax %", "vat %", "vat", "tax rate", "vat rate"),
               attr="taxes", pick=terms.vat_rate),
        Column("duty_percent", _l("Duty percent"), PERCENT,
               ("درصد عوارض", "عوارض%", "نرخ عوارض", "duty percent", "duty"), attr="taxes",
               pick=terms.duty_rate),
        Column("charge_percent", _l("Other charge percent"), PERCENT,
               ("درصد سایر وجوه", "سایر وجوه قانونی", "other charge percent"), attr="taxes",
               pick=terms.charge_rate),
        Column("tax_rials", _l("Line tax (rials)"), RIALS,
               ("مالیات", "مبلغ مالیات", "ارزش افزوده", "مالیات بر ارزش افزوده", "tax", "tax amount"),
               writable=False),
        Column("line_payable", _l("Line total (rials)"), RIALS,
               ("جمع کل", "جمع ردیف", "مبلغ کل", "جمع", "جمع سطر", "total", "line total", "amount"),
               attr="payable_rials", writable=False),
    ),
)  # fmt: skip
"""The columns of a document whose lines are entered: of its head, and of each line."""

SALES_INVOICES = SheetSpec(
    name="sales_invoices",
    subject="finance.invoices",
    label=_l("Sales invoices"),
    model=SalesInvoice,
    keys=(("fiscal_year", "number"), ("reference",), ("id",)),
    stands_for={"customer_name": "customer"},
    columns=HEAD,
    lines=LINES,
)
