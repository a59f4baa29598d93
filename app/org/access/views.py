"""The screens of roles: the list, the matrix, closed fields, people, history."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, ClassVar

from flask import current_app, flash, redirect, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_appbuilder.security.sqla.models import Role
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.exc import SQLAlchemyError

from app.core.actor import FieldLevel, Reach, require_current
from app.core.choices import options
from app.core.db import db
from app.core.errors import DomainError, Invalid, NotFound
from app.core.feature import headings_of
from app.core.history import Diff, HistoryEntry, history_of
from app.core.row_numbers import row_number
from app.core.saving import refusal_of
from app.org.access import matrix, queries, services
from app.org.employees.models import Employee
from app.org.employees.services import ADMIN

LEVEL_LABELS: dict[FieldLevel, Any] = {
    FieldLevel.FULL: _l("read and change"),
    FieldLevel.READ: _l("read only"),
    FieldLevel.HIDDEN: _l("hidden"),
}


class RolesView(BaseView):
    """Roles: what each may see and do, who has it, and what was changed."""

    route_base = "/access-roles"
    class_permission_name = services.SUBJECT
    base_permissions: ClassVar[list[str]] = ["can_list", "can_show", "can_edit"]
    default_view = "list"

    @expose("/")
    @has_access
    def list(self) -> str:
        may_change = require_current().is_unrestricted
        lines = queries.role_lines()
        return render_template("access/roles.html", title=_("Roles"), lines=lines, may_change=may_change)

    @expose("/<int:role_id>")
    @has_access
    def show(self, role_id: int) -> str:
        return self._page(services.open_role(role_id))

    def _page(self, role: Role, errors: Mapping[str, str] | None = None, choices: Any = None) -> str:
        headings = headings_of(current_app._get_current_object())  # type: ignore[attr-defined]
        return render_template(
            "access/role.html",
            title=str(role),
            role=role,
            is_admin=role.name == ADMIN,
            is_shipped=services.is_shipped(role),
            is_changed=queries.is_changed(role),
            may_change=require_current().is_unrestricted,
            columns=matrix.columns(),
            reach_labels=matrix.REACH_LABELS,
            groups=queries.matrix_of(role, headings),
            records=queries.fields_of(role),
            level_labels=LEVEL_LABELS,
            people=queries.people_of(role),
            history=[_readable(entry) for entry in history_of(role, limit=100)],
            seen=services.fingerprint(role),
            errors=errors or {},
            choices=choices,
            url=lambda name: url_for(f"RolesView.{name}", role_id=role.id),
        )

    # Making ------------------------------------------------------------------------------------

    @expose("/new", methods=["GET", "POST"])
    @has_access
    @permission_name("edit")
    def new(self) -> Any:
        """Make a role: empty, or like another."""
        like = row_number(request.values.get("like"))
        errors: dict[str, str] = {}
        if request.method == "POST":
            model = services.open_role(like) if like else None
            made: list[Role] = []
            errors = self._try(
                lambda: made.append(services.create_role(_typed("title"), purpose=_typed("purpose"), like=model))
            )
            if not errors:
                flash(_("The role is made. Say now what it may see and do."), "success")
                return redirect(url_for("RolesView.show", role_id=made[0].id))
        page = render_template(
            "access/new.html", title=_("New role"), roles=queries.roles_to_copy(), like=like, errors=errors
        )
        return (page, 422) if errors else page

    @expose("/<int:role_id>/rename", methods=["POST"])
    @has_access
    @permission_name("edit")
    def rename(self, role_id: int) -> Any:
        role = services.open_role(role_id)
        return self._answer(role, lambda: services.rename_role(role, _typed("title"), purpose=_typed("purpose")))

    @expose("/<int:role_id>/delete", methods=["POST"])
    @has_access
    @permission_name("edit")
    def delete(self, role_id: int) -> Any:
        role = services.open_role(role_id)
        errors = self._try(lambda: services.delete_role(role))
        if errors:
            flash(next(iter(errors.values())), "danger")
            return redirect(url_for("RolesView.show", role_id=role_id))
        flash(_("The role is deleted."), "success")
        return redirect(url_for("RolesView.list"))

    @expose("/<int:role_id>/restore", methods=["POST"])
    @has_access
    @permission_name("edit")
    def restore(self, role_id: int) -> Any:
        role = services.open_role(role_id)
        return self._answer(role, lambda: services.restore_role(role))

    # Rights and fields -------------------------------------------------------------------------

    @expose("/<int:role_id>/rights", methods=["POST"])
    @has_access
    @permission_name("edit")
    def rights(self, role_id: int) -> Any:
        role, choices = services.open_role(role_id), _sent_choices()
        return self._answer(
            role, lambda: services.set_rights(role, choices, seen=_typed("seen")), choices=choices, tab="rights"
        )

    @expose("/<int:role_id>/fields", methods=["POST"])
    @has_access
    @permission_name("edit")
    def fields(self, role_id: int) -> Any:
        role = services.open_role(role_id)
        return self._answer(
            role, lambda: services.set_fields(role, dict(_sent_levels()), seen=_typed("seen")), tab="fields"
        )

    # People ------------------------------------------------------------------------------------

    @expose("/people")
    @has_access
    @permission_name("show")
    def people(self) -> Any:
        """People to choose from, as one types."""
        page = row_number(request.args.get("page")) or 1
        return options(Employee, request.args.get("q", ""), page)

    @expose("/<int:role_id>/give", methods=["POST"])
    @has_access
    @permission_name("edit")
    def give(self, role_id: int) -> Any:
        role, person = services.open_role(role_id), _sent_person()
        return self._answer(role, lambda: services.give_role(role, person), tab="people")

    @expose("/<int:role_id>/take", methods=["POST"])
    @has_access
    @permission_name("edit")
    def take(self, role_id: int) -> Any:
        role, person = services.open_role(role_id), _sent_person()
        return self._answer(role, lambda: services.take_role(role, person), tab="people")

    # Saving ------------------------------------------------------------------------------------

    def _try(self, work: Callable[[], Any]) -> dict[str, str]:
        """Do `work` and commit; the refusals by path, after a rollback."""
        try:
            work()
            db.session.commit()
        except (DomainError, SQLAlchemyError) as error:
            db.session.rollback()
            refusal = refusal_of(error)
            if isinstance(refusal, Invalid):
                return {one.path: str(one.message) for one in refusal.errors}
            return {"": str(refusal)}
        return {}

    def _answer(self, role: Role, work: Callable[[], Any], *, choices: Any = None, tab: str = "") -> Any:
        """Back to the role's page, with what was refused."""
        number = role.id
        errors = self._try(work)
        if not errors:
            flash(_("Saved. It holds from each person's next click on."), "success")
            return redirect(url_for("RolesView.show", role_id=number, _anchor=f"pane-{tab}" if tab else None))
        return self._page(services.open_role(number), errors, choices), 422


def _typed(name: str) -> str:
    return request.form.get(name, "")


def _sent_person() -> Employee:
    number = row_number(request.form.get("person"))
    person = None if number is None else db.session.get(Employee, number)
    if person is None:
        raise NotFound
    return person


def _sent_choices() -> dict[str, services.Choice]:
    """What the matrix sent: `see:<subject>` and several `do=<subject>:<ability>`."""
    chosen: dict[str, set[str]] = {}
    for sent in request.form.getlist("do"):
        subject, _sign, key = sent.rpartition(":")
        chosen.setdefault(subject, set()).add(key)
    found = {}
    for module in matrix.modules():
        typed = request.form.get(f"see:{module.subject}", "")
        reach = Reach(typed) if typed in (*module.reaches, Reach.NONE, Reach.ALL) else Reach.NONE
        found[module.subject] = services.Choice(reach, frozenset(chosen.get(module.subject, ())))
    return found


def _sent_levels() -> Iterator[tuple[tuple[str, str], FieldLevel]]:
    for name, value in request.form.items():
        table, _sign, field = name.removeprefix("field:").partition(".")
        if name.startswith("field:") and value in {one.value for one in FieldLevel}:
            yield (table, field), FieldLevel(value)


def _readable(entry: HistoryEntry) -> HistoryEntry:
    """An entry with levels of fields in words."""
    known = {one.value: str(LEVEL_LABELS[one]) for one in FieldLevel}

    def shown(diff: Diff) -> Diff:
        is_level = "." in diff.field and ":" not in diff.field
        return replace(diff, old=known.get(diff.old, diff.old), new=known.get(diff.new, diff.new)) if is_level else diff

    return replace(entry, diffs=tuple(shown(diff) for diff in entry.diffs))
