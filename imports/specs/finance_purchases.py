"""Suppliers' invoices as a sheet: the columns of a sales invoice, with the supplier's own number as key."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from flask_babel import lazy_gettext as _l

from app.core.cells import CODE, Reference
from app.core.sheets import Column, SheetSpec
from app.crm.customers.models import Customer
from app.finance.invoices.models import PurchaseInvoice
from imports.specs.finance_sales_invoices import HEAD, LINES

SUPPLIER_NUMBER = Column(
    "supplier_number",
    _l("Supplier's number"),
    CODE,
    ("شماره فاکتور تامین کننده", "شماره فاکتور فروشنده", "شماره فاکتور خرید", "supplier number", "supplier invoice no"),
)
SUPPLIER = {
    "label": _l("Supplier code"),
    "kind": Reference(Customer, ("code", "national_id", "legal_id", "name_key")),
    "aliases": ("کد تامین کننده", "تامین کننده", "فروشنده", "کد فروشنده", "کد طرف حساب", "طرف حساب", "شناسه ملی",
                "شناسه ملی فروشنده", "کد ملی", "supplier", "supplier code", "vendor"),
}  # fmt: skip
SUPPLIER_NAME = {
    "label": _l("Supplier name"),
    "aliases": ("نام تامین کننده", "نام فروشنده", "نام طرف حساب", "supplier name", "vendor name"),
}
NUMBER = ("شماره", "شماره ثبت", "شماره سند", "شماره فاکتور", "invoice no", "invoice number", "number", "no")


def _columns() -> Iterator[Column]:
    for column in HEAD:
        if column.name == "customer":
            yield SUPPLIER_NUMBER
            yield replace(column, **SUPPLIER)
        elif column.name == "customer_name":
            yield replace(column, **SUPPLIER_NAME)
        elif column.name == "number":
            yield replace(column, aliases=NUMBER)
        else:
            yield column


PURCHASES = SheetSpec(
    name="purchases",
    subject="finance.purchases",
    label=_l("Purchase invoices"),
    model=PurchaseInvoice,
    keys=(("fiscal_year", "number"), ("customer", "supplier_number"), ("id",)),
    stands_for={"customer_name": "customer"},
    columns=tuple(_columns()),
    lines=LINES,
)
