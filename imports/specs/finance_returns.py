"""Returns as a sheet: which lines of which invoice came back; their figures follow from what was charged."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.core.cells import CODE, DATE, RIALS, WHOLE, Choice, Number, Reference
from app.core.sheets import Column, Lines, SheetSpec
from app.finance.invoices.kinds import Condition
from app.finance.invoices.models import Invoice, InvoiceLine, PurchaseReturn, SalesReturn
from app.finance.invoices.states import InvoiceState
from app.sales.catalog.models import Product
from imports.specs import invoice_terms as terms
from imports.specs.finance_sales_invoices import STATE_WORDS

CONDITION_WORDS = {
    "sound": ("سالم", "نو"),
    "damaged": ("آسیب دیده", "خراب", "معیوب"),
    "expired": ("تاریخ گذشته", "منقضی"),
    "wrong": ("مغایر سفارش", "اشتباه"),
}


HEAD: tuple[Column, ...] = (
    Column("number", _l("Return number"), CODE, ("شماره", "شماره برگشت", "return number", "number"),
           writable=False),
    Column("fiscal_year", _l("Fiscal year of the return"), WHOLE, ("سال مالی برگشت", "سال مالی"),
           writable=False),
    Column("state", _l("State"), Choice(InvoiceState, STATE_WORDS), ("وضعیت", "status"), writable=False),
    Column("original_year", _l("Fiscal year of the invoice"), WHOLE,
           ("سال مالی فاکتور", "سال فاکتور", "invoice year"), attr="original.fiscal_year", required=True),
    Column("original_number", _l("Number of the invoice"), WHOLE,
           ("شماره فاکتور", "شماره فاکتور اصلی", "invoice number", "invoice no"), attr="original.number",
           required=True),
    Column("invoice_on", _l("Date of the return"), DATE, ("تاریخ", "تاریخ برگشت", "date", "return date"),
           required=True),
    Column("customer_name", _l("Party"), aliases=("طرف حساب", "نام مشتری", "مشتری", "party"), writable=False,
           width=28),
    Column("reason", _l("Reason of the return"), aliases=("دلیل", "علت برگشت", "دلیل مرجوعی", "reason"),
           required=True, width=28),
    Column("freight_rials", _l("Freight (rials)"), RIALS, ("کرایه حمل", "هزینه حمل", "کرایه", "freight"),
           attr="adjustments", pick=terms.addition_of("freight")),
    Column("note", _l("Note"), aliases=("توضیحات", "توضیح", "یادداشت", "notes", "remarks")),
    Column("payable_rials", _l("Payable (rials)"), RIALS, ("قابل پرداخت", "مبلغ برگشت", "payable"),
           writable=False),
    Column("id", _l("System number"), WHOLE, ("شناسه سامانه", "system id"), writable=False),
)  # fmt: skip
LINES = Lines(
    InvoiceLine,
    (
        Column("original_line", _l("Row of the invoice"), WHOLE, ("ردیف", "ردیف فاکتور", "row", "line"),
               attr="original_line.position"),
        Column("product", _l("Product code"), Reference(Product, ("code", "barcode")),
               ("کد کالا", "کد محصول", "کالا", "بارکد", "product", "product code", "item code"),
               attr="product_id"),
        Column("description", _l("Line description"), aliases=("شرح", "شرح کالا", "نام کالا", "description"),
               writable=False, width=32),
        Column("quantity", _l("Quantity"), Number(3, least=0), ("تعداد", "مقدار", "quantity", "qty"),
               required=True),
        Column("condition", _l("Condition of goods"), Choice(Condition, CONDITION_WORDS),
               ("وضعیت کالا", "شرایط کالا", "condition")),
        Column("line_payable", _l("Line total (rials)"), RIALS, ("جمع ردیف", "مبلغ کل", "total", "line total"),
               attr="payable_rials", writable=False),
    ),
)  # fmt: skip


def return_spec(name: str, subject: str, model: type[Invoice], label: object) -> SheetSpec:
    """The sheet of one kind of return."""
    return SheetSpec(
        name=name,
        subject=subject,
        label=label,
        model=model,
        keys=(("fiscal_year", "number"), ("original_year", "original_number", "invoice_on"), ("id",)),
        columns=HEAD,
        lines=LINES,
    )


SALES_RETURNS = return_spec("sales_returns", "finance.sales_returns", SalesReturn, _l("Sales returns"))
PURCHASE_RETURNS = return_spec("purchase_returns", "finance.purchase_returns", PurchaseReturn, _l("Purchase returns"))
