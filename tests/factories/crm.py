"""Customers and what hangs on them."""

from __future__ import annotations

import factory

from app.crm.customers.models import (
    Customer,
    CustomerAddress,
    CustomerContact,
    CustomerKind,
    CustomerPhone,
)
from tests.factories.base import RowFactory
from tests.factories.org import DepartmentFactory


class CustomerFactory(RowFactory):
    class Meta:
        model = Customer

    code = factory.Sequence(lambda n: f"T{n}")
    kind = CustomerKind.PERSON
    name = factory.Sequence(lambda n: f"مشتری {n}")
    mobile = factory.Sequence(lambda n: f"+98912{n:07d}")
    department = factory.SubFactory(DepartmentFactory)


class ContactFactory(RowFactory):
    class Meta:
        model = CustomerContact

    customer = factory.SubFactory(CustomerFactory)
    name = "نرگس خانی"
    mobile = factory.Sequence(lambda n: f"+98935{n:07d}")


class PhoneFactory(RowFactory):
    class Meta:
        model = CustomerPhone

    customer = factory.SubFactory(CustomerFactory)
    label = "دفتر"
    number = factory.Sequence(lambda n: f"+9821{n:08d}")


class AddressFactory(RowFactory):
    class Meta:
        model = CustomerAddress

    customer = factory.SubFactory(CustomerFactory)
    label = "انبار"
    address = "تهران، خیابان آزادی"
