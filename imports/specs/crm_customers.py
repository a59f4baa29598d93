"""Customers as a sheet."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Any

from flask_babel import lazy_gettext as _l

from app.core import clock
from app.core.cells import (
    CODE,
    DATE,
    EMAIL_ADDRESS,
    LEGAL_ID,
    NATIONAL_ID,
    PHONE,
    POSTAL_CODE,
    RIALS,
    YES_NO,
    Choice,
    Number,
    Reference,
)
from app.core.raw_cells import Problem
from app.core.sheets import Column, NameParts, SheetSpec
from app.crm.customers.codes import next_codes
from app.crm.customers.models import Customer, CustomerKind
from app.org.departments.models import Department
from app.org.employees.models import Employee
from app.sales.catalog.models import PriceList

ECONOMIC_CODE = re.compile(r"[0-9]{11,14}")
BAD_ECONOMIC_CODE = Problem("malformed", _l("An economic code has 11 to 14 digits."))
NO_ROLE = Problem("required", _l("Say whether this is a customer, a supplier or a dealer."))
OFF_EARTH = Problem("incomplete", _l("Give both coordinates or neither."))

KINDS = {
    "person": ("حقیقی", "شخص", "شخص حقیقی", "فرد", "individual"),
    "company": ("حقوقی", "شرکت", "شخص حقوقی", "سازمان", "legal"),
}


def _check(values: Mapping[str, Sequence[Any]]) -> Iterator[tuple[int, str, Problem]]:
    for place, value in enumerate(values.get("economic_code", ())):
        if value is not None and not ECONOMIC_CODE.fullmatch(value):
            yield place, "economic_code", BAD_ECONOMIC_CODE
    roles = [values.get(name) for name in ("is_customer", "is_supplier", "is_dealer")]
    if all(column is not None for column in roles):
        for place, row in enumerate(zip(*(column or () for column in roles), strict=True)):
            if all(role is False for role in row):
                yield place, "is_customer", NO_ROLE
    north, east = values.get("latitude", ()), values.get("longitude", ())
    for place, pair in enumerate(zip_longest(north, east)):
        if (pair[0] is None) != (pair[1] is None):
            yield place, "longitude" if east else "latitude", OFF_EARTH


def complete_new(columns: dict[str, list[Any]]) -> None:
    """What the service fills of a new customer: a code from the series, the kind, the day."""
    blank = [None] * len(columns["name"])
    codes = columns.get("code", blank)
    missing = codes.count(None)
    fresh = iter(next_codes(missing) if missing else ())
    columns["code"] = [next(fresh) if code is None else code for code in codes]
    kinds = zip(columns.get("kind", blank), columns.get("legal_id", blank), strict=True)
    columns["kind"] = [kind or (CustomerKind.COMPANY if legal_id else CustomerKind.PERSON) for kind, legal_id in kinds]
    today = clock.today()
    columns["registered_on"] = [day or today for day in columns.get("registered_on", blank)]


CUSTOMERS = SheetSpec(
    name="customers",
    subject="crm.customers",
    label=_l("Customers"),
    model=Customer,
    keys=(("code",), ("national_id",), ("legal_id",), ("name", "mobile"), ("name", "phone")),
    further_keys=(("mobile",), ("phone",)),
    names=NameParts("name", "first_name", "last_name", ("نام", "name")),
    check=_check,
    unique=("code",),
    complete_new=complete_new,
    columns=(
        Column(
            "code",
            _l("Customer code"),
            CODE,
            ("کد مشتری", "کد", "شماره مشتری", "کد طرف حساب", "کد اشتراک", "شماره اشتراک", "کد حساب", "customer no",
             "customer id", "code"),
        ),
        Column(
            "name",
            _l("Customer name"),
            aliases=("نام مشتری", "نام", "نام و نام خانوادگی", "نام خانوادگی و نام", "نام طرف حساب", "مشتری",
                     "طرف حساب", "نام کامل", "عنوان", "نام حساب", "full name", "name", "customer"),
            required=True,
            width=28,
        ),
        Column(
            "kind", _l("Kind"), Choice(CustomerKind, KINDS),
            ("نوع", "نوع مشتری", "نوع شخص", "حقیقی/حقوقی", "شخصیت", "type", "person type"),
        ),
        Column("first_name", _l("First name"), aliases=("نام کوچک", "اسم", "first name")),
        Column("last_name", _l("Last name"), aliases=("نام خانوادگی", "فامیل", "فامیلی", "surname", "family name")),
        Column(
            "company_name", _l("Company name"),
            aliases=("نام شرکت", "شرکت", "نام فروشگاه", "فروشگاه", "نام موسسه", "سازمان", "نام سازمان", "company"),
            width=24,
        ),
        Column(
            "national_id", _l("National ID"), NATIONAL_ID,
            ("کد ملی", "شماره ملی", "کدملی", "national code", "national id"),
        ),
        Column(
            "legal_id", _l("Legal-entity ID"), LEGAL_ID,
            ("شناسه ملی", "شناسه ملی شرکت", "شناسه حقوقی", "legal id", "company id"),
        ),
        Column(
            "economic_code", _l("Economic code"), CODE,
            ("کد اقتصادی", "شماره اقتصادی", "شناسه اقتصادی", "economic code"),
        ),
        Column("registration_no", _l("Registration number"), CODE, ("شماره ثبت", "شماره ثبت شرکت", "registration no")),
        Column(
            "mobile", _l("Mobile phone"), PHONE,
            ("تلفن همراه", "همراه", "موبایل", "شماره همراه", "شماره موبایل", "mobile", "cell phone"),
        ),
        Column(
            "phone", _l("Phone"), PHONE,
            ("تلفن", "تلفن ثابت", "شماره تلفن", "شماره تماس", "تلفن تماس", "تماس", "tel", "telephone", "phone number"),
        ),
        Column(
            "email", _l("E-mail"), EMAIL_ADDRESS,
            ("ایمیل", "رایانامه", "پست الکترونیک", "پست الکترونیکی", "آدرس ایمیل", "email", "mail"),
        ),
        Column("province", _l("Province"), aliases=("استان", "province", "state")),
        Column("city", _l("City"), aliases=("شهر", "شهرستان", "city", "town")),
        Column("address", _l("Address"), aliases=("نشانی", "آدرس", "نشانی کامل", "محل", "address"), width=40),
        Column("postal_code", _l("Postal code"), POSTAL_CODE, ("کد پستی", "کدپستی", "postal code", "zip")),
        Column(
            "latitude", _l("Latitude"), Number(15, least=-90, most=90),
            ("عرض جغرافیایی", "latitude", "lat"), width=12,
        ),
        Column(
            "longitude", _l("Longitude"), Number(15, least=-180, most=180),
            ("طول جغرافیایی", "longitude", "lng", "lon"), width=12,
        ),
        Column(
            "credit_limit_rials", _l("Credit limit (rials)"), RIALS,
            ("اعتبار", "سقف اعتبار", "حد اعتبار", "اعتبار مشتری", "مبلغ اعتبار", "credit", "credit limit"),
        ),
        Column(
            "price_list", _l("Price list"), Reference(PriceList, ("code", "name_sort"), create=True),
            ("لیست قیمت", "فهرست قیمت", "price list"), attr="price_list_id",
        ),
        Column(
            "registered_on", _l("Registered on"), DATE,
            ("تاریخ ثبت", "تاریخ ثبت نام", "تاریخ عضویت", "تاریخ ایجاد", "تاریخ", "registered", "date", "created"),
        ),
        Column("is_customer", _l("Is a customer"), YES_NO, ("مشتری است", "خریدار است", "is customer")),
        Column("is_supplier", _l("Is a supplier"), YES_NO, ("تامین کننده است", "تامین کننده", "فروشنده است",
                                                            "supplier", "is supplier")),
        Column("is_dealer", _l("Is a dealer"), YES_NO, ("نماینده است", "نماینده", "dealer", "is dealer")),
        Column("is_active", _l("Active"), YES_NO, ("فعال", "فعال است", "active")),
        Column(
            "owner", _l("Owner (user name)"), Reference(Employee, ("username",), "username"),
            ("مسئول", "کارشناس", "کارشناس فروش", "بازاریاب", "owner", "sales expert"), attr="owner_id",
        ),
        Column(
            "department", _l("Department (code)"), Reference(Department, ("code", "name_sort")),
            ("واحد", "دپارتمان", "واحد سازمانی", "شعبه", "department"), attr="department_id",
        ),
        Column(
            "note", _l("Note"),
            aliases=("توضیحات", "توضیح", "یادداشت", "شرح", "ملاحظات", "notes", "remarks", "comment"), width=30,
        ),
    ),
)  # fmt: skip
