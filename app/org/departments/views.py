"""The screen of departments, shown as an indented tree."""

from __future__ import annotations

from typing import Any, ClassVar

from flask_babel import lazy_gettext as _l

from app.core.fab import ModelView
from app.org.departments.models import Department
from app.org.departments.services import SUBJECT, check_department


class DepartmentView(ModelView):
    """Departments; never deleted, but closed."""

    model = Department
    class_permission_name = SUBJECT
    route_base = "/departments"
    list_title = _l("Departments")
    item_title = _l("Department")
    icon = "diagram-3"
    base_permissions: ClassVar[list[str]] = ["can_list", "can_show", "can_add", "can_edit"]
    default_sort = "tree_order"
    page_size = 100
    list_columns = ("indented", "code", "is_active")
    sort_columns = ("code",)
    filter_columns = ("is_active",)
    form_columns = ("code", "name", "parent", "position", "is_active")
    labels: ClassVar[dict[str, Any]] = {"indented": _l("Department"), "parent": _l("Below")}

    def pre_add(self, item: Department) -> None:
        check_department(item)

    pre_update = pre_add
