"""Departments: the manifest."""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext as _l

from app.core import scope
from app.core.fab import api_of
from app.core.feature import Entry, Feature, Role
from app.org.departments.models import Department
from app.org.departments.queries import home_department_id
from app.org.departments.seed import seed
from app.org.departments.views import DepartmentView


def _install(_app: Flask) -> None:
    scope.install_home(home_department_id)


FEATURE = Feature(
    name="org.departments",
    label=_l("Departments"),
    category="org",
    entries=(Entry(DepartmentView, "Departments", _l("Departments"), "diagram-3"),),
    apis=(api_of(DepartmentView),),
    models=(Department,),
    grants={Role.MANAGER: frozenset({"list", "show"})},
    seed=seed,
    setup=_install,
)
