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
}


DONE: dict[str, Any] = {
    "created": _l("created"),
    "exported": _l("exported"),
    "updated": _l("changed"),
    "deleted": _l("deleted"),
    "sealed": _l("sealed"),
    "imported": _l("imported"),
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
