"""The words of columns that nearly every module has, so that a new module writes only its own."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

from app.core.history import label_of as readable_name
from app.core.history import resolve_labels

COMMON: dict[str, Any] = {
    "id": _l("Number in the database"),
    "code": _l("Code"),
    "name": _l("Name"),
    "title": _l("Title"),
    "kind": _l("Kind"),
    "state": _l("State"),
    "number": _l("Number"),
    "number_text": _l("Number"),
    "reference": _l("Reference"),
    "note": _l("Note"),
    "description": _l("Description"),
    "position": _l("Position"),
    "parent": _l("Parent"),
    "is_active": _l("Active"),
    "owner": _l("Owner"),
    "department": _l("Department"),
    "customer": _l("Customer"),
    "product": _l("Product"),
    "unit": _l("Unit"),
    "quantity": _l("Quantity"),
    "branch": _l("Branch"),
    "mobile": _l("Mobile"),
    "phone": _l("Phone"),
    "email": _l("E-mail"),
    "province": _l("Province"),
    "city": _l("City"),
    "address": _l("Address"),
    "postal_code": _l("Postal code"),
    "national_id": _l("National ID"),
    "legal_id": _l("Legal ID"),
    "economic_code": _l("Economic code"),
    "registration_no": _l("Registration number"),
    "first_name": _l("First name"),
    "last_name": _l("Last name"),
    "company_name": _l("Company name"),
    "username": _l("User name"),
    "price_rials": _l("Price (rials)"),
    "due_on": _l("Due date"),
    "from_on": _l("From date"),
    "until_on": _l("Until date"),
    "created_at": _l("Created at"),
    "created_by": _l("Created by"),
    "updated_at": _l("Changed at"),
    "updated_by": _l("Changed by"),
    "active": _l("Active"),
    "locale": _l("Language"),
    "last_login": _l("Last sign-in"),
    "must_change_password": _l("Must change the password"),
    "password": _l("Password"),
    "password_set_at": _l("Password set at"),
    "roles": _l("Roles"),
    "home_department": _l("Home department"),
    "employee": _l("Employee"),
    "post": _l("Post"),
    "seats": _l("Seats"),
    "principal": _l("Who is away"),
    "delegate": _l("Delegate"),
    "reason": _l("Reason"),
    "print_note": _l("Note on prints"),
    "label": _l("Label"),
    "latitude": _l("Latitude"),
    "longitude": _l("Longitude"),
    "do_not_call": _l("Do not call"),
    "is_customer": _l("Is a customer"),
    "is_supplier": _l("Is a supplier"),
    "is_dealer": _l("Is a dealer"),
    "credit_limit_rials": _l("Credit limit (rials)"),
    "registered_on": _l("Registered on"),
    "price_list": _l("Price list"),
    "is_base": _l("Base list"),
    "category": _l("Product group"),
    "barcode": _l("Barcode"),
    "picture": _l("Picture"),
    "factor": _l("Base units in one"),
    "decimals": _l("Decimals"),
    "percent": _l("Percent"),
    "tax_class": _l("Tax class"),
    "tax_code": _l("Tax system's identifier"),
    "duty_code": _l("Code of the other duty"),
    "charge_code": _l("Code of the other legal charge"),
    "moadian_code": _l("Code in the tax system"),
    "fiscal_year": _l("Fiscal year"),
    "invoice": _l("Invoice"),
    "invoice_on": _l("Invoice date"),
    "line": _l("Line"),
    "lines": _l("Lines"),
    "product_code": _l("Product code"),
    "customer_name": _l("Customer name"),
    "buyer": _l("Buyer as printed"),
    "terms": _l("Terms of payment"),
    "prices_include_tax": _l("Prices include tax"),
    "policy": _l("Rules of computation"),
    "source": _l("Came from"),
    "issued_at": _l("Issued at"),
    "issued_by": _l("Issued by"),
    "unit_price": _l("Unit price (rials)"),
    "discounts": _l("Discounts"),
    "discount_rials": _l("Discount (rials)"),
    "document_discount_rials": _l("Share of the invoice discount (rials)"),
    "gross_rials": _l("Before discount (rials)"),
    "net_rials": _l("After discount (rials)"),
    "tax_rials": _l("Taxes and duties (rials)"),
    "additions_rials": _l("Additions (rials)"),
    "payable_rials": _l("Payable (rials)"),
    "amount_rials": _l("Amount (rials)"),
    "base_rials": _l("Taxed amount (rials)"),
    "base": _l("Taken from"),
    "included": _l("In the price"),
    "is_discount": _l("Is a discount"),
    "taxed": _l("Is taxed"),
    "sign": _l("Plus or minus"),
    "depth": _l("Level"),
    "tree_order": _l("Place in the tree"),
}


DONE: dict[str, Any] = {
    "created": _l("created"),
    "exported": _l("exported"),
    "updated": _l("changed"),
    "deleted": _l("deleted"),
    "sealed": _l("sealed"),
    "imported": _l("imported"),
    "removed": _l("removed"),
}


def words_of(action: str) -> str:
    """The words of what was done, as the history tells it."""
    return str(DONE.get(action, action.replace("_", " ")))


def _common(_model: type[Any], name: str) -> Any:
    return COMMON.get(name) or COMMON.get(name.removesuffix("_id"))


resolve_labels(_common)


def label_of(model: type[Any], name: str) -> Any:
    """The words of a column or relation; of a dotted path those of its last part."""
    return readable_name(model, name.rpartition(".")[2])
