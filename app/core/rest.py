"""REST over a model, by the same lists, fields and rules as its screens; bearer tokens only.

A list takes the arguments of the screen's (`search`, `sort`, `f_<column>`, `size`, `after`) or
FAB's Rison `q`. Nothing asked wrongly is ignored here: a program gets a 400 that names it. Amounts
are whole rials, other decimals strings, instants ISO in UTC, days ISO Gregorian (Jalali is read too).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from http import HTTPStatus
from typing import Any, ClassVar

from flask import Response, jsonify, request
from flask_appbuilder import ModelRestApi, expose
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_appbuilder.security.decorators import permission_name, protect
from flask_babel import gettext as _
from sqlalchemy import inspect, select
from sqlalchemy.orm import MANYTOONE

from app.core.db import Versioned, db
from app.core.errors import FieldError, NotFound
from app.core.field_rights import readable
from app.core.filters import filter_for
from app.core.forms import FormSpec, ModelForm, form_names, make_form
from app.core.labels import label_of
from app.core.listing import ListQuery, ListSpec, loads_for, sort_attribute
from app.core.rest_answer import answered
from app.core.rest_entry import read_form
from app.core.rest_query import BadQuery, read_arguments
from app.core.rest_values import component, filter_parameters, plain
from app.core.row_numbers import row_number

RIGHTS = ("can_list", "can_show", "can_add", "can_edit", "can_delete")
METHODS = ("get_list", "get", "post", "put", "delete")
FARTHEST = 50_000
"""Rows that may be skipped by a page number; a cursor goes anywhere."""


def api_of(screen: type[Any]) -> type[ModelApi]:
    """The interface of a screen: the fields of its form, its filters, rules and rights."""
    name = screen.__name__.removesuffix("View")
    return type(f"{name}Api", (ModelApi,), {"view": screen, "resource_name": screen.route_base.rpartition("/")[2]})


class ModelApi(ModelRestApi):
    """List, read, add, change and delete the rows of one model, by the rights of its screen.

    `view` takes columns, sorting, filters, services and rights from a ModelView; or they are stated here.
    """

    view: ClassVar[type[Any] | None] = None
    model: ClassVar[type[Any]]
    filter_columns: Sequence[str] | None = None
    optional_columns: frozenset[str] = frozenset()
    exclude_route_methods: ClassVar[set[str]] = {"info"}
    max_page_size = 200
    csrf_exempt = False  # core.web lets bearer tokens through and nothing else

    def __init__(self) -> None:
        if type(self).class_permission_name is None and self.view is None:
            raise TypeError(f"{type(self).__name__} needs a class_permission_name")
        self._screen = self.view() if self.view is not None else None
        if self._screen is not None:
            self._take_from(self._screen)
        if getattr(self, "datamodel", None) is None:
            self.datamodel = SQLAInterface(self.model, db.session)
        self.model = self.datamodel.obj
        if self.base_permissions is not None:  # what nobody may do here has no address either
            shut = {method for method, right in zip(METHODS, RIGHTS, strict=True) if right not in self.base_permissions}
            self.exclude_route_methods = self.exclude_route_methods | shut
        super().__init__()
        self.openapi_spec_tag = self.openapi_spec_tag or self.model.__name__

    def _take_from(self, screen: Any) -> None:
        self.model = screen.model
        self.class_permission_name = self.class_permission_name or screen.class_permission_name
        if self.base_permissions is None:
            self.base_permissions = [right for right in RIGHTS if right in screen.base_permissions]
        keys = ("id", "version") if issubclass(self.model, Versioned) else ("id",)
        fields = dict.fromkeys([*keys, *screen.add_columns, *screen.edit_columns])
        self.list_columns = self.list_columns or [*fields]
        self.show_columns = self.show_columns or self.list_columns
        self.add_columns = self.add_columns or screen.add_columns
        self.edit_columns = self.edit_columns or screen.edit_columns
        self.order_columns = self.order_columns or [*screen.spec.sorts]
        self.filter_columns = self.filter_columns if self.filter_columns is not None else [*screen.spec.filters]
        self.optional_columns = self.optional_columns or screen.optional_columns

    def _init_properties(self) -> None:
        model, mapper = self.model, inspect(self.model)
        names = form_names(model)
        relations = [r.key for r in mapper.relationships if r.direction is MANYTOONE]
        self.list_columns = list(self.list_columns or ["id", *names])
        self.show_columns = list(self.show_columns or self.list_columns)
        self.add_columns = list(self.add_columns or names)
        self.edit_columns = list(self.edit_columns or self.add_columns)
        wanted = self.order_columns or self.list_columns
        sorts = {n: a for n in wanted if n != "id" and (a := sort_attribute(model, n)) is not None}
        self.order_columns = ["id", *sorts]
        if self.filter_columns is None:
            self.filter_columns = [n for n in self.list_columns if n in mapper.column_attrs or n in relations]
        self.spec = ListSpec(
            model=model,
            subject=str(self.class_permission_name),
            columns=(),
            filters={name: filter_for(model, name) for name in self.filter_columns if name != "id"},
            sorts={**sorts, "id": model.id},
            default_sort="id",
            loads=loads_for(model, self.list_columns),
        )
        self.label_columns, self.search_columns = {}, []
        self._base_filters = self._filters = None

    def _init_titles(self) -> None:
        self.title = self.list_title = self.model.__name__

    def _init_model_schemas(self) -> None:
        self._add_form = self._make_form(self.add_columns)
        self._edit_form = self._make_form(self.edit_columns)

    def _make_form(self, names: Sequence[str]) -> type[ModelForm]:
        labels = {name: label_of(self.model, name) for name in names}
        spec = FormSpec(self.model, names, labels, lambda _name: "", optional=self.optional_columns)
        if self._screen is None:
            return make_form(spec)
        return make_form(
            FormSpec(
                self.model, names, labels, lambda _name: "", optional=self.optional_columns,
                validators=self._screen.validators_columns, allowed=self._screen.choice_filters,
            )
        )  # fmt: skip

    def operation_helper(self, *args: Any, **options: Any) -> None:
        """Also the filters of a list, each an argument of its own."""
        super().operation_helper(*args, **options)
        if options["func"].__name__ == "get_list" and "get" in options["operations"]:
            told = options["operations"]["get"]
            told["parameters"] = [*told.get("parameters", ()), *filter_parameters(self.spec.filters)]

    def add_apispec_components(self, api_spec: Any) -> None:
        """The schemas of what is sent and answered, from the columns."""
        super(ModelRestApi, self).add_apispec_components(api_spec)
        for name, columns in (
            (self.list_model_schema_name, self.list_columns),
            (self.show_model_schema_name, self.show_columns),
            (self.add_model_schema_name, self.add_columns),
            (self.edit_model_schema_name, self.edit_columns),
        ):
            api_spec.components.schema(name, component(self.model, columns))

    # Rows --------------------------------------------------------------------------------------

    def list_conditions(self) -> Iterable[Any]:
        """Conditions of every row of this resource; the row scope is the protection."""
        return self._screen.list_conditions() if self._screen is not None else ()

    def find(self, pk: str, *loads: Any) -> Any:
        """The record of an address. Raises NotFound."""
        number = row_number(pk)
        if number is None:
            raise NotFound
        statement = select(self.model).where(self.model.id == number, *self.list_conditions()).options(*loads)
        record = db.session.scalars(statement).unique().first()
        if record is None:
            raise NotFound(record_id=pk)
        return record

    @expose("/", methods=["GET"])
    @protect()
    @permission_name("list")
    @answered
    def get_list(self) -> Response:
        """Rows of the resource.

        ---
        get:
          parameters:
          - {in: query, name: search, schema: {type: string}, description: words that must all be found}
          - {in: query, name: sort, schema: {type: string}, description: 'a sortable column, with - for descending'}
          - {in: query, name: size, schema: {type: integer, minimum: 1, maximum: 200}}
          - {in: query, name: after, schema: {type: string}, description: the cursor `next` of the page before}
          - {in: query, name: q, schema: {type: string}, description: 'Rison of filters, order_column, page, page_size'}
          responses:
            200:
              description: The rows, their count up to 1000, and the cursor of the next page
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      count: {type: integer}
                      is_count_capped: {type: boolean}
                      ids: {type: array, items: {type: integer}}
                      result: {type: array, items: {$ref: '#/components/schemas/{{self.__class__.__name__}}.get_list'}}
                      next: {type: string, nullable: true}
            400: {$ref: '#/components/responses/400'}
            401: {$ref: '#/components/responses/401'}
            403: {$ref: '#/components/responses/403'}
        """
        values, number = read_arguments(self.spec.as_seen(), request.args)
        query = ListQuery.read(self.spec, values, db.session(), *self.list_conditions())
        bad = tuple(FieldError(n, "bad_filter", b.message) for n, b in query.filters.items() if b.message)
        if bad:
            raise BadQuery(_("Some filters cannot be read."), bad)
        if number:
            if number * query.size > FARTHEST:
                raise BadQuery(_("That page is too far; use the cursor of the page before."))
            statement = query.statement(self.model.id).offset(number * query.size).limit(query.size)
            ids, count, following = list(db.session.scalars(statement)), query.count(), None
            rows = query.rows(ids)
        else:
            page = query.page()
            rows, count, following = list(page.rows), page.count, page.after or None
        return jsonify(
            {
                "count": count.number,
                "is_count_capped": count.is_capped,
                "ids": [row.id for row in rows],
                "result": [self._dump(row, self.list_columns) for row in rows],
                "next": following,
            }
        )

    @expose("/<pk>", methods=["GET"])
    @protect()
    @permission_name("show")
    @answered
    def get(self, pk: str) -> Response:
        """One row.

        ---
        get:
          parameters:
          - {in: path, name: pk, schema: {type: integer}}
          responses:
            200:
              description: The row
              content:
                application/json:
                  schema:
                    type: object
                    properties:
                      id: {type: integer}
                      result: {$ref: '#/components/schemas/{{self.__class__.__name__}}.get'}
            401: {$ref: '#/components/responses/401'}
            403: {$ref: '#/components/responses/403'}
            404: {$ref: '#/components/responses/404'}
        """
        record = self.find(pk, *loads_for(self.model, self.show_columns))
        return jsonify({"id": record.id, "result": self._dump(record, self.show_columns)})

    @expose("/", methods=["POST"])
    @protect()
    @permission_name("add")
    @answered
    def post(self) -> Response:
        """Add a row.

        ---
        post:
          requestBody:
            required: true
            content:
              application/json:
                schema: {$ref: '#/components/schemas/{{self.__class__.__name__}}.post'}
          responses:
            201: {description: Added}
            400: {$ref: '#/components/responses/400'}
            401: {$ref: '#/components/responses/401'}
            403: {$ref: '#/components/responses/403'}
            422: {$ref: '#/components/responses/422'}
        """
        form = read_form(request.get_json(silent=True), self._add_form, None)
        record = self.model()
        with db.session.no_autoflush:
            form.write_to(record)
            self.pre_add(record)
            self.service_add(record, form)
        db.session.commit()
        self.post_add(record)
        answer = jsonify({"id": record.id, "result": self._dump(record, self.show_columns)})
        answer.status_code = HTTPStatus.CREATED
        return answer

    @expose("/<pk>", methods=["PUT"])
    @protect()
    @permission_name("edit")
    @answered
    def put(self, pk: str) -> Response:
        """Change a row; what is not sent stays. With `version`, only if nobody changed it since.

        ---
        put:
          parameters:
          - {in: path, name: pk, schema: {type: integer}}
          requestBody:
            required: true
            content:
              application/json:
                schema: {$ref: '#/components/schemas/{{self.__class__.__name__}}.put'}
          responses:
            200: {description: Changed}
            400: {$ref: '#/components/responses/400'}
            401: {$ref: '#/components/responses/401'}
            403: {$ref: '#/components/responses/403'}
            404: {$ref: '#/components/responses/404'}
            409: {description: Somebody changed it since}
            422: {$ref: '#/components/responses/422'}
        """
        record = self.find(pk)
        form = read_form(request.get_json(silent=True), self._edit_form, record)
        with db.session.no_autoflush:
            form.write_to(record)
            self.pre_update(record)
            self.service_edit(record, form)
        db.session.commit()
        self.post_update(record)
        return jsonify({"id": record.id, "result": self._dump(record, self.show_columns)})

    @expose("/<pk>", methods=["DELETE"])
    @protect()
    @permission_name("delete")
    @answered
    def delete(self, pk: str) -> Response:
        """Delete a row.

        ---
        delete:
          parameters:
          - {in: path, name: pk, schema: {type: integer}}
          responses:
            200: {description: Deleted}
            401: {$ref: '#/components/responses/401'}
            403: {$ref: '#/components/responses/403'}
            404: {$ref: '#/components/responses/404'}
            422: {$ref: '#/components/responses/422'}
        """
        record = self.find(pk)
        self.pre_delete(record)
        self.service_delete(record)
        db.session.commit()
        self.post_delete(record)
        return jsonify({"message": "OK"})

    # Services ----------------------------------------------------------------------------------

    def service_add(self, record: Any, form: ModelForm) -> None:
        """Make the record as the screen does; flushes or leaves it to the commit."""
        if self._screen is None:
            db.session.add(record)
            return
        self._screen.pre_add(record)
        self._screen.service_add(record, form)

    def service_edit(self, record: Any, form: ModelForm) -> None:
        """Change the record as the screen does."""
        if self._screen is not None:
            self._screen.pre_update(record)
            self._screen.service_edit(record, form)

    def service_delete(self, record: Any) -> None:
        """Delete the record as the screen does."""
        if self._screen is None:
            db.session.delete(record)
            return
        self._screen.pre_delete(record)
        self._screen.service_delete(record)

    def _dump(self, record: Any, names: Sequence[str]) -> dict[str, Any]:
        return {name: plain(record, name) for name in readable(self.model, names)}
