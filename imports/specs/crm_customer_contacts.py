"""What hangs on a customer as sheets: contacts, further numbers, further addresses."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.core.cells import EMAIL_ADDRESS, PHONE, POSTAL_CODE, YES_NO, Number, Reference
from app.core.sheets import Column, SheetSpec
from app.crm.customers.models import Customer, CustomerAddress, CustomerContact, CustomerPhone

SUBJECT = "crm.customers"
CUSTOMER = Column(
    "customer",
    _l("Customer code"),
    Reference(Customer, ("code", "national_id", "legal_id", "name_key")),
    ("کد مشتری", "مشتری", "نام مشتری", "کد طرف حساب", "طرف حساب", "customer", "customer code", "customer name"),
    attr="customer_id",
    required=True,
)

CONTACTS = SheetSpec(
    name="customer_contacts",
    subject=SUBJECT,
    label=_l("Contacts"),
    model=CustomerContact,
    parent="customer",
    keys=(("name", "customer"),),
    columns=(
        CUSTOMER,
        Column("name", _l("Contact name"), aliases=("نام رابط", "رابط", "نام", "نام و نام خانوادگی", "contact"),
               required=True, width=24),
        Column("post", _l("Post"), aliases=("سمت", "پست", "شغل", "job title", "position")),
        Column("mobile", _l("Mobile phone"), PHONE, ("موبایل", "همراه", "تلفن همراه", "mobile")),
        Column("phone", _l("Phone"), PHONE, ("تلفن", "تلفن ثابت", "شماره تماس", "phone", "tel")),
        Column("email", _l("E-mail"), EMAIL_ADDRESS, ("ایمیل", "رایانامه", "پست الکترونیک", "email")),
    ),
)  # fmt: skip

PHONES = SheetSpec(
    name="customer_phones",
    subject=SUBJECT,
    label=_l("Further numbers"),
    model=CustomerPhone,
    parent="customer",
    keys=(("number", "customer"),),
    columns=(
        CUSTOMER,
        Column("label", _l("Label"), aliases=("عنوان", "برچسب", "نوع", "label")),
        Column("number", _l("Phone number"), PHONE, ("شماره", "تلفن", "شماره تلفن", "number", "phone"), required=True),
        Column("do_not_call", _l("Do not call"), YES_NO, ("تماس نگیرید", "تماس ممنوع", "do not call")),
    ),
)

ADDRESSES = SheetSpec(
    name="customer_addresses",
    subject=SUBJECT,
    label=_l("Further addresses"),
    model=CustomerAddress,
    parent="customer",
    keys=(("address", "customer"),),
    columns=(
        CUSTOMER,
        Column("label", _l("Label"), aliases=("عنوان", "برچسب", "نوع", "label")),
        Column("province", _l("Province"), aliases=("استان", "province")),
        Column("city", _l("City"), aliases=("شهر", "شهرستان", "city")),
        Column("address", _l("Address"), aliases=("نشانی", "آدرس", "address"), required=True, width=40),
        Column("postal_code", _l("Postal code"), POSTAL_CODE, ("کد پستی", "کدپستی", "postal code")),
        Column("latitude", _l("Latitude"), Number(15, least=-90, most=90), ("عرض جغرافیایی", "latitude"), width=12),
        Column("longitude", _l("Longitude"), Number(15, least=-180, most=180), ("طول جغرافیایی", "longitude"),
               width=12),
    ),
)  # fmt: skip
