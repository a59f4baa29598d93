"""Departments: the manifest."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.core.feature import Entry, Feature, Role
from app.org.departments.models import Department
from app.org.departments.seed import seed
from app.org.departments.views import DepartmentView

FEATURE = Feature(
    name="org.departments",
    label=_l("Departments"),
    category="org",
    entries=(Entry(DepartmentView, "Departments", _l("Departments"), "diagram-3"),),
    models=(Department,),
    grants={Role.MANAGER: frozenset({"list", "show"})},
    seed=seed,
)
