"""Orders and proformas as sheets: the columns of an invoice with the dates and states of their own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from flask_babel import lazy_gettext as _l

from app.core.cells import CODE, DATE, WHOLE, Choice, Reference
from app.core.sheets import Column, Lines, SheetSpec
from app.crm.customers.models import Customer
from app.sales.catalog.models import Unit
from app.sales.orders.kinds import OrderSource, OrderState
from app.sales.orders.models import OrderLine, ProductionOrder, PurchaseOrder, SalesOrder
from app.sales.proformas.kinds import ProformaState
from app.sales.proformas.models import ProformaLine, PurchaseProforma, SalesProforma
from imports.specs import finance_sales_invoices as invoices
from imports.specs.finance_purchases import SUPPLIER, SUPPLIER_NAME

SOURCE_WORDS = {
    "office": ("دفتر",), "dealer": ("پنل نماینده", "نماینده"), "rep": ("بازاریاب",), "excel": ("اکسل",),
    "automation": ("خودکار",),
}  # fmt: skip
ORDER_STATES = {
    "draft": ("پیش‌نویس",), "submitted": ("ثبت‌شده",), "approved": ("تأییدشده", "تایید شده"),
    "in_progress": ("در جریان",), "done": ("انجام‌شده",), "on_hold": ("معلق",), "cancelled": ("لغوشده",),
    "closed_short": ("بسته با کسری",),
}  # fmt: skip
PROFORMA_STATES = {
    "draft": ("پیش‌نویس",), "approved": ("تأییدشده", "تایید شده"), "sent": ("ارسال‌شده",), "accepted": ("پذیرفته",),
    "rejected": ("ردشده",), "expired": ("منقضی",), "partly_invoiced": ("بخشی فاکتورشده",), "invoiced": ("فاکتورشده",),
    "cancelled": ("لغوشده",), "superseded": ("جایگزین‌شده",),
}  # fmt: skip
PARTY = Reference(Customer, ("code", "national_id", "legal_id", "name_key"))
ORDERS: Mapping[str, Column] = {
    "number": Column("number", _l("Order number"), CODE,
                     ("شماره", "شماره سفارش", "ش سفارش", "order no", "order number", "number", "no"), writable=False),
    "reference": Column("reference", _l("Reference"), CODE,
                        ("مرجع", "شماره مرجع", "عطف", "شماره عطف", "شماره درخواست", "reference", "ref")),
    "state": Column("state", _l("State"), Choice(OrderState, ORDER_STATES), ("وضعیت", "status"), writable=False),
    "invoice_on": Column("order_on", _l("Order date"), DATE, ("تاریخ", "تاریخ سفارش", "date", "order date"),
                         required=True),
    "due_on": Column("deliver_on", _l("Delivery date"), DATE,
                     ("تاریخ تحویل", "موعد تحویل", "تحویل", "delivery date", "deliver on")),
    "terms": Column("source", _l("Source"), Choice(OrderSource, SOURCE_WORDS), ("منبع", "منبع سفارش", "source"),
                    writable=False),
}  # fmt: skip
"""What stands in an order's head instead of an invoice's column."""
PROFORMAS: Mapping[str, Column] = {
    "number": Column("number", _l("Proforma number"), CODE,
                     ("شماره", "شماره پیش فاکتور", "proforma no", "proforma number", "number", "no"), writable=False),
    "state": Column("state", _l("State"), Choice(ProformaState, PROFORMA_STATES), ("وضعیت", "status"),
                    writable=False),
    "invoice_on": Column("proforma_on", _l("Proforma date"), DATE,
                         ("تاریخ", "تاریخ پیش فاکتور", "date", "proforma date"), required=True),
    "due_on": Column("valid_until", _l("Valid until"), DATE,
                     ("معتبر تا", "اعتبار تا", "تاریخ اعتبار", "valid until", "expiry date")),
    "terms": Column("revision", _l("Revision"), WHOLE, ("نسخه", "بازنگری", "revision"), writable=False),
}  # fmt: skip
"""The same of a proforma."""
LABELS = {
    "document_discount_percent": _l("Document discount percent"),
    "document_discount_rials": _l("Document discount (rials)"),
}


def _head(own: Mapping[str, Column], *, is_bought: bool) -> Iterator[Column]:
    for column in invoices.HEAD:
        if column.name in own:
            yield own[column.name]
        elif column.name == "customer":
            words: dict[str, Any] = SUPPLIER if is_bought else {"kind": PARTY}
            yield replace(column, **words)
        elif column.name == "customer_name" and is_bought:
            yield replace(column, **SUPPLIER_NAME)
        else:
            yield replace(column, label=LABELS.get(column.name, column.label))


def _below(model: type[Any]) -> Lines:
    unit = Reference(Unit, ("code", "name_sort"))
    return Lines(model, tuple(replace(c, kind=unit) if c.name == "unit" else c for c in invoices.LINES.columns))


ORDER = (ORDERS, OrderLine, (("fiscal_year", "number"), ("reference",), ("id",)))
PROFORMA = (PROFORMAS, ProformaLine, (("fiscal_year", "number", "revision"), ("reference",), ("id",)))
"""Own columns of the head, the model of a line, and by what a stored document is found."""


def _sheet(name: str, label: Any, model: type[Any], family: Any, *, is_bought: bool = False) -> SheetSpec:
    own, line, keys = family
    return SheetSpec(
        name=name,
        subject=model.__subject__,
        label=label,
        model=model,
        keys=keys,
        stands_for={"customer_name": "customer"},
        columns=tuple(_head(own, is_bought=is_bought)),
        lines=_below(line),
    )


SALES_ORDERS = _sheet("sales_orders", _l("Sales orders"), SalesOrder, ORDER)
PURCHASE_ORDERS = _sheet("purchase_orders", _l("Purchase orders"), PurchaseOrder, ORDER, is_bought=True)
PRODUCTION_ORDERS = _sheet("production_orders", _l("Production orders"), ProductionOrder, ORDER)
SALES_PROFORMAS = _sheet("sales_proformas", _l("Sales proformas"), SalesProforma, PROFORMA)
PURCHASE_PROFORMAS = _sheet("purchase_proformas", _l("Purchase proformas"), PurchaseProforma, PROFORMA, is_bought=True)
