"""Employees: the manifest."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.core.feature import Entry, Feature, Role
from app.org import account
from app.org.employees.models import Employee, Membership
from app.org.employees.views import EmployeeApi, EmployeeView

FEATURE = Feature(
    name="org.employees",
    label=_l("Employees"),
    category="org",
    entries=(Entry(EmployeeView, "Employees", _l("Employees"), "person-vcard"),),
    apis=(EmployeeApi,),
    models=(Employee, Membership),
    grants={Role.MANAGER: frozenset({"list", "show"})},
    setup=account.install,
)
