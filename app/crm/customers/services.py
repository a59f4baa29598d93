"""Making, changing and deactivating customers; finding doubles before they become two."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

from app.core import clock, digits, identity
from app.core.actor import current, require_current
from app.core.db import db
from app.core.errors import DomainError, FieldError, Invalid, StaleVersion
from app.core.text import clean
from app.crm.customers.codes import next_codes
from app.crm.customers.models import (
    Customer,
    CustomerAddress,
    CustomerContact,
    CustomerKind,
    CustomerPhone,
)
from app.crm.customers.queries import Double, doubles_of
from app.org.departments.queries import home_department_id

SUBJECT = "crm.customers"
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
POSTAL_CODE = re.compile(r"[0-9]{10}")
ECONOMIC_CODE = re.compile(r"[0-9]{11,14}")
NUMBERS = ("code", "national_id", "legal_id", "economic_code", "registration_no", "postal_code")
TEXTS = ("name", "first_name", "last_name", "company_name", "province", "city", "address", "note", "email")


@dataclass(frozen=True, slots=True)
class Saved:
    """A saved customer and the customers that look like the same one."""

    customer: Customer
    doubles: tuple[Double, ...]


def check_customer(customer: Customer) -> None:
    """Fold every value, fill name, code and department, and raise Invalid with all that is wrong."""
    _fold(customer)
    _fill_name(customer)
    errors = [*_identity_errors(customer), *_reach_errors(customer)]
    if not customer.name:
        errors.append(FieldError("name", "required", _l("A customer needs a name.")))
    if (
        _role(customer, "is_customer", default=True) + _role(customer, "is_supplier") + _role(customer, "is_dealer")
        == 0
    ):
        message = _l("Say whether this is a customer, a supplier or a dealer.")
        errors.append(FieldError("is_customer", "required", message))
    if customer.credit_limit_rials is not None and customer.credit_limit_rials < 0:
        errors.append(FieldError("credit_limit_rials", "negative", _l("This amount cannot be negative.")))
    if errors:
        raise Invalid(errors)
    if customer.department is None and customer.department_id is None:
        customer.department_id = home_department_id(current())
    if customer.registered_on is None and customer.id is None:
        customer.registered_on = clock.today()
    if not customer.code:
        customer.code = next_codes(1)[0]


def create_customer(*, name: str | None = None, **values: Any) -> Saved:
    """A new customer with the columns in `values`. Raises NotAllowed, Invalid, ScopeViolation."""
    require_current().require("add", SUBJECT)
    customer = Customer(name=name, **values)
    check_customer(customer)
    doubles = doubles_of(customer)
    db.session.add(customer)
    db.session.flush()
    return Saved(customer, doubles)


def update_customer(customer: Customer, *, version: int | None = None, **changes: Any) -> Saved:
    """Change columns of a customer that was read at `version`.

    Raises NotAllowed, Invalid, ScopeViolation, StaleVersion.
    """
    require_current().require("edit", SUBJECT)
    if version is not None and version != customer.version:
        raise StaleVersion(customer=customer)
    with db.session.no_autoflush:
        for name, value in changes.items():
            setattr(customer, name, value)
        check_customer(customer)
        doubles = doubles_of(customer)
    db.session.flush()
    return Saved(customer, doubles)


def deactivate_customer(customer: Customer) -> None:
    """Take a customer out of use; documents and history stay. Raises NotAllowed."""
    require_current().require("edit", SUBJECT)
    customer.is_active = False
    db.session.flush()


def reactivate_customer(customer: Customer) -> None:
    """Bring a customer back into use. Raises NotAllowed."""
    require_current().require("edit", SUBJECT)
    customer.is_active = True
    db.session.flush()


def check_contact(contact: CustomerContact) -> None:
    """Fold a contact person's values; raises Invalid."""
    contact.name = clean(contact.name or "")
    errors = [*_phone_errors(contact, "phone"), *_phone_errors(contact, "mobile"), *_email_errors(contact)]
    if not contact.name:
        errors.append(FieldError("name", "required", _l("A contact needs a name.")))
    if errors:
        raise Invalid(errors)


def check_phone(phone: CustomerPhone) -> None:
    """Fold a further number; raises Invalid."""
    errors = list(_phone_errors(phone, "number"))
    if not phone.number and not errors:
        errors.append(FieldError("number", "required", _l("This field is needed.")))
    if errors:
        raise Invalid(errors)


def check_address(address: CustomerAddress) -> None:
    """Fold a further address; raises Invalid."""
    address.address = clean(address.address or "")
    address.postal_code = _digits(address.postal_code)
    errors = [*_postal_errors(address), *_place_errors(address)]
    if not address.address:
        errors.append(FieldError("address", "required", _l("This field is needed.")))
    if errors:
        raise Invalid(errors)


def _fold(customer: Customer) -> None:
    for name in TEXTS:
        value = getattr(customer, name)
        setattr(customer, name, clean(value) or None if value else None)
    for name in NUMBERS:
        setattr(customer, name, _digits(getattr(customer, name)))
    if customer.national_id:
        customer.national_id = identity.normalize_national_id(customer.national_id)


def _digits(value: str | None) -> str | None:
    """ASCII digits without spaces and half-spaces; None for nothing."""
    if not value:
        return None
    return "".join(digits.to_ascii(clean(value)).split()) or None


def _role(customer: Customer, name: str, *, default: bool = False) -> bool:
    value: bool | None = getattr(customer, name)
    return default if value is None else value


def _fill_name(customer: Customer) -> None:
    if customer.kind is None:
        customer.kind = CustomerKind.COMPANY if customer.legal_id else CustomerKind.PERSON
    if customer.name:
        return
    parts = [customer.first_name, customer.last_name]
    whole = " ".join(part for part in parts if part)
    customer.name = (customer.company_name or whole) if customer.kind is CustomerKind.COMPANY else whole


def _identity_errors(customer: Customer) -> list[FieldError]:
    errors = []
    if customer.national_id and not identity.valid_national_id(customer.national_id):
        errors.append(FieldError("national_id", "national_id", _l("This national ID is not valid.")))
    if customer.legal_id and not identity.valid_legal_id(customer.legal_id):
        errors.append(FieldError("legal_id", "legal_id", _l("This legal-entity ID is not valid.")))
    if customer.economic_code and not ECONOMIC_CODE.fullmatch(customer.economic_code):
        message = _l("An economic code has 11 to 14 digits.")
        errors.append(FieldError("economic_code", "malformed", message))
    return errors


def _reach_errors(customer: Customer) -> list[FieldError]:
    return [
        *_phone_errors(customer, "mobile"),
        *_phone_errors(customer, "phone"),
        *_email_errors(customer),
        *_postal_errors(customer),
        *_place_errors(customer),
    ]


def _phone_errors(record: Any, name: str) -> list[FieldError]:
    value = getattr(record, name)
    if not value or not value.strip():
        setattr(record, name, None)
        return []
    try:
        setattr(record, name, identity.normalize_phone(value))
    except (DomainError, ValueError):
        return [FieldError(name, "phone", _l("This phone number is not valid."))]
    return []


def _email_errors(record: Any) -> list[FieldError]:
    record.email = (record.email or "").strip().lower() or None
    if record.email and not EMAIL.fullmatch(record.email):
        return [FieldError("email", "email", _l("This is not an e-mail address."))]
    return []


def _postal_errors(record: Any) -> list[FieldError]:
    if record.postal_code:
        record.postal_code = record.postal_code.replace("-", "")
        if not POSTAL_CODE.fullmatch(record.postal_code):
            return [FieldError("postal_code", "malformed", _l("This must have %(length)d digits.", length=10))]
    return []


def _place_errors(record: Any) -> list[FieldError]:
    errors = []
    for name, largest in (("latitude", 90), ("longitude", 180)):
        value = getattr(record, name)
        if value is not None and not -largest <= value <= largest:
            errors.append(FieldError(name, "out_of_range", _l("These coordinates are not on Earth.")))
    if (record.latitude is None) != (record.longitude is None):
        errors.append(FieldError("longitude", "incomplete", _l("Give both coordinates or neither.")))
    return errors
