"""Customers: the manifest."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.core.fab import api_of
from app.core.feature import Entry, Feature, Role, SearchSource
from app.crm.customers.models import Customer, CustomerAddress, CustomerContact, CustomerPhone
from app.crm.customers.views import AddressView, ContactView, CustomerApi, CustomerView, PhoneView

SEE = frozenset({"list", "show", "see_department"})
# Customers themselves have no delete anywhere; the right is for what hangs on them.
WORK = SEE | {"add", "edit", "delete"}
SHEETS = frozenset({"import", "export"})


def _detail(customer: Customer) -> str:
    """What tells two customers of one name apart, in a search hit."""
    return " · ".join(part for part in (customer.code, customer.company_name, customer.city, customer.mobile) if part)


FEATURE = Feature(
    name="crm.customers",
    label=_l("Customers"),
    category="crm",
    entries=(
        Entry(CustomerView, "Customers", _l("Customers"), "people"),
        Entry(ContactView),
        Entry(PhoneView),
        Entry(AddressView),
    ),
    apis=(CustomerApi, api_of(ContactView), api_of(PhoneView), api_of(AddressView)),
    models=(Customer, CustomerContact, CustomerPhone, CustomerAddress),
    actions=frozenset({"import", "export", "see_own", "see_department", "see_all"}),
    grants={
        Role.MANAGER: WORK | SHEETS | {"see_all"},
        Role.ACCOUNTANT: WORK | SHEETS | {"see_all"},
        Role.SALES: WORK | SHEETS,
        Role.TELEMARKETER: WORK,
        Role.SUPERVISOR: WORK | {"export"},
        Role.REP: frozenset({"list", "show", "add", "edit", "delete", "see_own"}),
        Role.COLLECTOR: SEE,
        Role.SECRETARY: SEE,
    },
    searches=(
        SearchSource(
            model=Customer,
            label=_l("Customers"),
            icon="people",
            title=str,
            detail=_detail,
            endpoint="CustomerView.show",
        ),
    ),
)
