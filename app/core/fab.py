"""The base class of every screen over a model.

FAB gives routes, permissions and menu; lists, forms and saving are ours: keyset pages, typed
filters of one request, remote selects, Jalali dates, refusals at their fields, and rows taken
through the scope on every road, bulk actions included.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, ClassVar

from flask import abort, flash, redirect, request, url_for
from flask_appbuilder import action, expose, has_access
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, inspect

from app.core import choices, record_page
from app.core.board_view import BoardRoutes
from app.core.db import db
from app.core.field_rights import may_read
from app.core.filters import Filter, filter_for
from app.core.forms import FormSpec, ModelForm, bound_form, form_names, make_form
from app.core.labels import label_of
from app.core.listing import Column, ListQuery, ListSpec, loads_for, register_spec, sort_attribute
from app.core.rest import ModelApi, api_of
from app.core.row_numbers import row_number
from app.core.saving import attempt, changes_since, is_stale, save
from app.core.sheet_view import SheetRoutes

__all__ = ["ModelApi", "ModelView", "SQLAInterface", "action", "api_of", "expose", "has_access", "permission_name"]

Sections = Sequence[tuple[Any, Sequence[str]]]


class ModelView(BoardRoutes, SheetRoutes):
    """List, sheet, board, calendar, page, forms, bulk actions and remote choices of one model.

    A view states `model`, `class_permission_name`, `route_base` and its columns; all else has a
    default. Sections are `((heading, (names…)), …)`.
    """

    model: ClassVar[type[Any]]
    item_title: Any = ""
    list_columns: Any = None
    sort_columns: Sequence[str] | None = None  # what may be sorted; default: listed columns with an index
    default_sort: str = ""  # "name", "-id"
    filter_columns: Sequence[str] = ()
    form_columns: Sequence[str] | None = None
    form_sections: Sections = ()
    show_sections: Sections = ()
    optional_columns: frozenset[str] = frozenset()
    choice_filters: Mapping[str, Callable[[], Any]] = {}
    labels: Mapping[str, Any] = {}
    icon: str = "inbox"

    list_template = "kartabl/model/list.html"
    show_template = "kartabl/model/show.html"
    add_template = "kartabl/model/form.html"
    edit_template = "kartabl/model/form.html"

    spec: ListSpec
    add_row_message = _l("Saved.")
    edit_row_message = _l("Saved.")
    delete_row_message = _l("Deleted.")

    def __init__(self, **options: Any) -> None:
        if type(self).class_permission_name is None:
            raise TypeError(f"{type(self).__name__} needs a class_permission_name")
        if self.datamodel is None:
            self.datamodel = SQLAInterface(self.model, db.session)
        self.model = self.datamodel.obj
        super().__init__(**options)
        self._name_actions()
        register_spec(self.spec)

    # What FAB works out at start, our way ------------------------------------------------------

    def _init_properties(self) -> None:
        model = self.model
        mapper = inspect(model)
        names = [*mapper.column_attrs.keys(), *mapper.relationships.keys()]
        labels = {**(self.label_columns or {}), **self.labels}
        self.label_columns = {name: labels.get(name) or label_of(model, name) for name in [*names, *labels]}
        form_columns = self.form_columns or _names_of(self.form_sections) or form_names(model)
        self.add_columns = list(self.add_columns or form_columns)
        self.edit_columns = list(self.edit_columns or form_columns)
        self.show_columns = list(self.show_columns or _names_of(self.show_sections) or form_columns)
        self.list_columns = list(self.list_columns or self.show_columns[:5])
        for name in (*self.list_columns, *self.show_columns, *self.add_columns, *self.edit_columns):
            self.label_columns.setdefault(name, label_of(model, name))
        self.search_columns, self.order_columns = [], []
        self.related_views, self._related_views = self.related_views or [], self._related_views or []
        self.description_columns = self.description_columns or {}
        self.validators_columns = self.validators_columns or {}
        self.formatters_columns = self.formatters_columns or {}
        self.base_filters, self.search_form = [], None
        self._base_filters = self._filters = None
        self.spec = self._make_spec()

    def _make_spec(self) -> ListSpec:
        wanted = self.sort_columns or self.list_columns
        found = {name: sort_attribute(self.model, name) for name in wanted}
        unindexed = [name for name, attribute in found.items() if attribute is None]
        if self.sort_columns and unindexed:
            raise TypeError(f"{type(self).__name__}: no index serves sorting by {', '.join(unindexed)}")
        sorts = {name: attribute for name, attribute in found.items() if attribute is not None}
        columns = tuple(
            Column(name, self.label_columns[name], name if name in sorts else "", self.formatters_columns.get(name))
            for name in self.list_columns
        )
        default = self.default_sort or ("name" if "name" in sorts else "-id")
        key = default.removeprefix("-")
        if key != "id" and key not in sorts:
            attribute = sort_attribute(self.model, key)
            if attribute is None:
                raise TypeError(f"{type(self).__name__}: no index serves sorting by {key}")
            sorts[key] = attribute
        return ListSpec(
            model=self.model,
            subject=str(type(self).class_permission_name),
            columns=columns,
            filters=self._make_filters(),
            sorts=sorts,
            default_sort=default,
            size=self.page_size,
            loads=(*loads_for(self.model, self.list_columns), *self.list_loads()),
        )

    def _make_filters(self) -> dict[str, Filter]:
        return {name: filter_for(self.model, name, self.label_columns.get(name)) for name in self.filter_columns}

    def list_loads(self) -> Iterable[Any]:
        """Further loading options of the list, for columns that are properties."""
        return ()

    def _init_forms(self) -> None:
        self.add_form = self.add_form or self._make_form(self.add_columns, self.add_form_extra_fields)
        self.edit_form = self.edit_form or self._make_form(self.edit_columns, self.edit_form_extra_fields)

    def _make_form(self, names: Sequence[str], extra: Mapping[str, Any] | None) -> type[ModelForm]:
        return make_form(
            FormSpec(
                model=self.model,
                names=names,
                labels=self.label_columns,
                options_url=lambda name: url_for(f"{self.endpoint}.choices", field=name),
                descriptions=self.description_columns,
                validators=self.validators_columns,
                extra=extra or {},
                allowed=self.choice_filters,
                optional=self.optional_columns,
            )
        )

    def _init_titles(self) -> None:
        name = self._prettify_name(self.model.__name__)
        self.item_title = self.item_title or name
        self.list_title = self.list_title or name
        self.title = self.list_title

    # Reading -----------------------------------------------------------------------------------

    def query(self, values: Any = None, *conditions: ColumnElement[bool]) -> ListQuery:
        """The list as the address (or `values`) asks for it."""
        values = request.args.to_dict(flat=False) if values is None else values
        return ListQuery.read(self.spec, values, db.session(), *self.list_conditions(), *conditions)

    @expose("/list/")
    @has_access
    def list(self) -> Any:
        page = self.query().page()
        return self.render_template(self.list_template, title=self.list_title, page=page, view=self, rows=page.rows)

    @expose("/show/<pk>", methods=["GET"])
    @has_access
    def show(self, pk: str) -> Any:
        record = self.find(pk, *loads_for(self.model, self.show_columns))
        return self.render_template(
            self.show_template, **record_page.context(self, record), **self.show_context(record)
        )

    def show_context(self, record: Any) -> dict[str, Any]:
        """What the page's own template needs besides."""
        return {}

    @expose("/choices/<field>")
    @has_access
    @permission_name("list")
    def choices(self, field: str) -> Any:
        """Options of a relation of the form or of a filter, as one types."""
        relation = inspect(self.model).relationships.get(field)
        offered = {*self.add_columns, *self.edit_columns, *self.spec.filters}
        if relation is None or field not in offered or not may_read(self.model, field):
            abort(404)
        typed, page = request.args.get("q", ""), row_number(request.args.get("page")) or 1
        return choices.options(relation.mapper.class_, typed, page or 1, self.choice_filters.get(field))

    # Writing -----------------------------------------------------------------------------------

    def is_editable(self, record: Any) -> bool:
        """Whether the record can be changed in its present state; rights are checked besides."""
        return True

    def service_add(self, record: Any, form: ModelForm) -> None:
        """Override to let a service make the record; it flushes, the view commits."""
        db.session.add(record)

    def service_edit(self, record: Any, form: ModelForm) -> None:
        """Override to let a service change the record; it flushes, the view commits."""

    def service_delete(self, record: Any) -> None:
        """Override to let a service delete the record."""
        db.session.delete(record)

    def write_new(self, record: Any, form: ModelForm) -> None:
        """Make a record from a checked form; the form's page and the sheet come by here."""
        with db.session.no_autoflush:
            form.write_to(record)
            self.pre_add(record)
            self.service_add(record, form)

    def write_changes(self, record: Any, form: ModelForm) -> None:
        """Change a record by a checked form; the form's page and the sheet come by here."""
        with db.session.no_autoflush:
            form.write_to(record)
            self.pre_update(record)
            self.service_edit(record, form)

    @expose("/add", methods=["GET", "POST"])
    @has_access
    def add(self) -> Any:
        form = bound_form(self.add_form, None, preset=self._preset())
        if request.method == "POST" and form.validate():
            record = self.model()
            if save(form, lambda: self.write_new(record, form)):
                self.post_add(record)
                flash(str(self.add_row_message), "success")
                return redirect(self.url_after(record))
        title = self.add_title or _("New: %(item)s", item=str(self.item_title))
        return self._form_page(self.add_template, form, title, None)

    @expose("/edit/<pk>", methods=["GET", "POST"])
    @has_access
    def edit(self, pk: str) -> Any:
        record = self.find(pk)
        form = bound_form(self.edit_form, record)
        if request.method == "POST":
            if is_stale(form, record):
                return self._stale_page(form, record)
            if form.validate() and save(form, lambda: self.write_changes(record, form)):
                self.post_update(record)
                flash(str(self.edit_row_message), "success")
                return redirect(self.url_after(record))
            record = self.find(pk)
        form.version.data = getattr(record, "version", "")
        title = self.edit_title or _("Edit: %(name)s", name=str(record))
        return self._form_page(self.edit_template, form, title, record)

    def _form_page(self, template: str, form: ModelForm, title: str, record: Any, **more: Any) -> Any:
        page = self.render_template(
            template, title=title, form=form, record=record, view=self,
            sections=self._sections(form), cancel_url=self.url_after(record), **more,
        )  # fmt: skip
        return (page, 422) if form.errors and not more else page

    def _stale_page(self, form: ModelForm, record: Any) -> Any:
        changes = changes_since(record, form.version.data)
        form.version.data = form.version.raw_data = record.version
        title = _("Edit: %(name)s", name=str(record))
        return self._form_page(self.edit_template, form, title, record, stale_changes=changes), 409

    def _sections(self, form: ModelForm) -> Sections:
        """The form's headings with the names under them."""
        present = [name for name in form.names if name in form or name in form.shown]
        if not self.form_sections:
            return (("", present),)
        known = {name for _heading, names in self.form_sections for name in names}
        rest = [name for name in present if name not in known]
        kept = tuple((h, tuple(n for n in names if n in present)) for h, names in self.form_sections)
        return (*kept, ("", rest)) if rest else kept

    def _preset(self) -> dict[str, Any]:
        """Values that the address of a new form names: /add?customer=5."""
        names = set(self.add_columns)
        relations = {name for name in names if name in inspect(self.model).relationships}
        given = {name: value for name, value in request.args.items() if name in names}
        return {name: row_number(value) if name in relations else value for name, value in given.items()}

    @expose("/delete/<pk>", methods=["POST"])
    @has_access
    def delete(self, pk: str) -> Any:
        record = self.find(pk)

        def delete() -> None:
            self.pre_delete(record)
            self.service_delete(record)

        words = attempt(delete)
        if words is None:
            flash(str(self.delete_row_message), "success")
            return redirect(url_for(f"{self.endpoint}.list"))
        flash(words, "danger")
        return redirect(self.url_after(record))


def _names_of(sections: Sections) -> list[str]:
    return [name for _heading, names in sections for name in names]
