"""Dealers and their people."""

from __future__ import annotations

from typing import Any

from app.core.feature import Role
from app.org.employees.models import Employee
from tests.factories.crm import CustomerFactory
from tests.factories.org import EmployeeFactory


def dealer_person(customer: Any = None, **values: Any) -> Employee:
    """Somebody who works for a dealer, with the shipped role."""
    person: Employee = EmployeeFactory(role=Role.DEALER, **values)
    party = customer or CustomerFactory(is_dealer=True)
    person.customer_id = party.id
    return person
