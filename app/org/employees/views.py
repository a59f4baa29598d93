"""The screen of employees: who works here, where, and with which roles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from flask import flash, make_response, render_template, url_for
from flask_appbuilder.security.sqla.models import Role
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.core.actor import require_current
from app.core.fab import ModelApi, ModelView, action
from app.core.fields import RemoteMultipleField
from app.core.fresh import require_fresh_password
from app.org.departments.models import Department
from app.org.employees import services
from app.org.employees.models import Employee
from app.org.posts.views import PostHolderView
from app.org.sign_ins.invitations import make_link
from app.org.sign_ins.views.lists import SignInView


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
    method_permission_name: ClassVar[dict[str, str]] = dict.fromkeys(
        ("renew_password", "dismiss", "invite", "reset_second_factor"), "edit"
    )
    default_sort = "full_name"
    list_columns = ("full_name", "username", "home_department", "roles", "mobile", "active")
    sort_columns = ("full_name", "username")
    filter_columns = ("home_department", "active")
    form_sections = (
        (_l("Person"), ("first_name", "last_name", "mobile", "email")),
        (_l("Sign-in"), ("username", "active")),
        (_l("Work"), ("roles", "home_department", "member_departments", "customer")),
    )
    show_sections = (
        (_l("Person"), ("first_name", "last_name", "mobile", "email")),
        (_l("Sign-in"), ("username", "active", "last_login", "must_change_password")),
        (_l("Work"), ("roles", "home_department", "member_departments", "customer")),
    )
    related_views: ClassVar[list[Any]] = [PostHolderView, SignInView]
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
        "customer": _l("Works for the dealer"),
        "active": _l("Signs in"),
        "last_login": _l("Last sign-in"),
        "must_change_password": _l("Must change the password"),
    }
    description_columns: ClassVar[dict[str, Any]] = {
        "home_department": _l("New rows of this person belong here; its rows and those below it are seen."),
        "customer": _l("Only for people outside the company: they see what is about this party and nothing else."),
    }
    choice_filters: ClassVar[dict[str, Any]] = {"roles": _grantable}

    def pre_add(self, item: Employee) -> None:
        services.welcome(item)  # nobody learns the password: the person sets one by an invitation

    def pre_update(self, item: Employee) -> None:
        services.check_employee(item)

    def post_add(self, item: Employee) -> None:
        flash(_("%(name)s signs in after an invitation: choose “Invitation link”.", name=str(item)), "info")

    @action(
        "invite",
        _l("Invitation link"),
        _l("Make a link by which this person sets a password? An earlier link stops working."),
        "send",
        multiple=False,
    )
    @require_fresh_password
    def invite(self, employees: Sequence[Employee]) -> Any:
        employee = employees[0]
        services.check_invitable(employee)
        link = make_link(employee)
        sentence = _("Send this link to %(name)s by a way that only this person reads.", name=str(employee))
        advice = _("It works once and for seven days, and is shown only now. A password is never sent.")
        return self._shown_once(employee, link, _("Invitation link"), sentence, advice)

    @action(
        "renew_password",
        _l("New password"),
        _l("Give this person a new random password? The present one stops working."),
        "key",
        multiple=False,
    )
    @require_fresh_password
    def renew_password(self, employees: Sequence[Employee]) -> Any:
        employee = employees[0]
        password = services.renew_password(employee)
        sentence = _(
            "Password of %(name)s (user name %(username)s), shown only now:",
            name=str(employee),
            username=employee.username,
        )
        advice = _("Say it to the person; it must be changed at the first sign-in.")
        return self._shown_once(employee, password, _("New password"), sentence, advice)

    @action(
        "reset_second_factor",
        _l("Reset the second factor"),
        _l("This person then signs in by the password alone, and is signed out everywhere. Are you sure who asks?"),
        "phone",
        multiple=False,
    )
    @require_fresh_password
    def reset_second_factor(self, employees: Sequence[Employee]) -> None:
        was_on = services.reset_second_factor(employees[0])
        flash(_("The second factor is reset.") if was_on else _("This person had no second factor."), "success")

    def _shown_once(self, employee: Employee, secret: str, title: str, sentence: str, advice: str) -> Any:
        page = render_template(
            "kartabl/shown_once.html", title=title, secret=secret, sentence=sentence, advice=advice,
            back=self.url_after(employee),
        )  # fmt: skip
        answer = make_response(page)
        answer.headers["Cache-Control"] = "no-store"
        return answer

    @action("dismiss", _l("Close the account"), _l("The chosen people will no longer be able to sign in."), "person-x")
    def dismiss(self, employees: Sequence[Employee]) -> None:
        for employee in employees:
            services.dismiss(employee)
        flash(_("The accounts are closed."), "success")


class EmployeeApi(ModelApi):
    """Employees for programs, read only: a first password is shown to a person, on the screen."""

    view = EmployeeView
    resource_name = "employees"
    base_permissions: ClassVar[list[str]] = ["can_list", "can_show"]
    list_columns: ClassVar[list[str]] = [
        *("id", "username", "first_name", "last_name", "mobile", "email", "home_department", "active"),
    ]
    show_columns: ClassVar[list[str]] = [*list_columns, "member_departments"]
    add_columns: ClassVar[list[str]] = ["first_name"]
    edit_columns = add_columns
