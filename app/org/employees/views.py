"""The screen of employees: who works here, where, and with which roles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from flask import flash, g, url_for
from flask_appbuilder.security.sqla.models import Role
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.core.actor import require_current
from app.core.fab import ModelView, action
from app.core.fields import RemoteMultipleField
from app.org.departments.models import Department
from app.org.employees import services
from app.org.employees.models import Employee
from app.org.posts.views import PostHolderView


class MembershipsField(RemoteMultipleField):
    """Further departments of a person; each is a row of its own, with its history."""

    def process_data(self, value: Any) -> None:
        self.data = [department.id for department in value or ()]

    def populate_obj(self, obj: Employee, name: str) -> None:
        services.join_departments(obj, self.records or self._load(self.data or []))


def _grantable() -> Any:
    return Role.id.in_([role.id for role in services.grantable_roles(require_current())])


class EmployeeView(ModelView):
    """Employees; never deleted, since their names stand in the history."""

    model = Employee
    class_permission_name = services.SUBJECT
    route_base = "/employees"
    list_title = _l("Employees")
    item_title = _l("Employee")
    icon = "person-vcard"
    base_permissions: ClassVar[list[str]] = ["can_list", "can_show", "can_add", "can_edit"]
    method_permission_name: ClassVar[dict[str, str]] = {"renew_password": "edit", "dismiss": "edit"}
    default_sort = "full_name"
    list_columns = ("full_name", "username", "home_department", "roles", "mobile", "active")
    sort_columns = ("full_name", "username")
    filter_columns = ("home_department", "active")
    form_sections = (
        (_l("Person"), ("first_name", "last_name", "mobile", "email")),
        (_l("Sign-in"), ("username", "active")),
        (_l("Work"), ("roles", "home_department", "member_departments")),
    )
    show_sections = (
        (_l("Person"), ("first_name", "last_name", "mobile", "email")),
        (_l("Sign-in"), ("username", "active", "last_login", "must_change_password")),
        (_l("Work"), ("roles", "home_department", "member_departments")),
    )
    related_views: ClassVar[list[Any]] = [PostHolderView]
    add_form_extra_fields: ClassVar[dict[str, Any]] = {
        "member_departments": MembershipsField(
            _l("Further departments"),
            target=Department,
            options_url=lambda: url_for("EmployeeView.choices", field="home_department"),
        )
    }
    edit_form_extra_fields = add_form_extra_fields
    labels: ClassVar[dict[str, Any]] = {
        "full_name": _l("Name"),
        "home_department": _l("Home department"),
        "member_departments": _l("Further departments"),
        "roles": _l("Roles"),
        "active": _l("Signs in"),
        "last_login": _l("Last sign-in"),
        "must_change_password": _l("Must change the password"),
    }
    description_columns: ClassVar[dict[str, Any]] = {
        "home_department": _l("New rows of this person belong here; its rows and those below it are seen."),
    }
    choice_filters: ClassVar[dict[str, Any]] = {"roles": _grantable}

    def pre_add(self, item: Employee) -> None:
        g.kartabl_first_password = services.welcome(item)

    def pre_update(self, item: Employee) -> None:
        services.check_employee(item)

    def post_add(self, item: Employee) -> None:
        _show_password(item, g.pop("kartabl_first_password"))

    @action(
        "renew_password",
        _l("New password"),
        _l("Give this person a new random password? The present one stops working."),
        "key",
        multiple=False,
    )
    def renew_password(self, employees: Sequence[Employee]) -> None:
        for employee in employees:
            _show_password(employee, services.renew_password(employee))

    @action("dismiss", _l("Close the account"), _l("The chosen people will no longer be able to sign in."), "person-x")
    def dismiss(self, employees: Sequence[Employee]) -> None:
        for employee in employees:
            services.dismiss(employee)
        flash(_("The accounts are closed."), "success")


def _show_password(employee: Employee, password: str) -> None:
    message = _(
        "Password of %(name)s (user name %(username)s), shown only now: %(password)s",
        name=str(employee),
        username=employee.username,
        password=password,
    )
    flash(message, "warning")
