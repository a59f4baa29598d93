"""Test data: one factory per model, each row plausible and valid by itself."""

from tests.factories.crm import AddressFactory, ContactFactory, CustomerFactory, PhoneFactory
from tests.factories.org import DelegationFactory, DepartmentFactory, EmployeeFactory, PostFactory
from tests.factories.sales import (
    PriceListFactory,
    PriceListItemFactory,
    ProductCategoryFactory,
    ProductFactory,
    TaxRateFactory,
    UnitFactory,
)

__all__ = [
    "AddressFactory",
    "ContactFactory",
    "CustomerFactory",
    "DelegationFactory",
    "DepartmentFactory",
    "EmployeeFactory",
    "PhoneFactory",
    "PostFactory",
    "PriceListFactory",
    "PriceListItemFactory",
    "ProductCategoryFactory",
    "ProductFactory",
    "TaxRateFactory",
    "UnitFactory",
]
