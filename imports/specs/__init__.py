"""The sheets that come in and go out: columns, keys and the words people use for them."""

from __future__ import annotations

from app.core.formats import register_labels
from app.core.sheets import SheetSpec, register_sheet
from app.finance.invoices.kinds import CONDITION_LABELS, TERM_LABELS
from imports.specs.crm_customer_contacts import ADDRESSES, CONTACTS, PHONES
from imports.specs.crm_customers import CUSTOMERS
from imports.specs.finance_cheques import CHEQUES
from imports.specs.finance_openings import OPENINGS
from imports.specs.finance_payments import PAYMENTS
from imports.specs.finance_purchases import PURCHASES
from imports.specs.finance_returns import PURCHASE_RETURNS, SALES_RETURNS
from imports.specs.finance_sales_invoices import SALES_INVOICES
from imports.specs.sales_orders import (
    PRODUCTION_ORDERS,
    PURCHASE_ORDERS,
    PURCHASE_PROFORMAS,
    SALES_ORDERS,
    SALES_PROFORMAS,
)
from imports.specs.sales_products import PRODUCTS

SPECS: tuple[SheetSpec, ...] = (
    CUSTOMERS,
    CONTACTS,
    PHONES,
    ADDRESSES,
    PRODUCTS,
    SALES_ORDERS,
    PURCHASE_ORDERS,
    PRODUCTION_ORDERS,
    SALES_PROFORMAS,
    PURCHASE_PROFORMAS,
    SALES_INVOICES,
    PURCHASES,
    SALES_RETURNS,
    PURCHASE_RETURNS,
    PAYMENTS,
    CHEQUES,
    OPENINGS,
)


def register_all() -> None:
    """Make every sheet known to import, export and templates."""
    register_labels(TERM_LABELS)
    register_labels(CONDITION_LABELS)
    for spec in SPECS:
        register_sheet(spec)
